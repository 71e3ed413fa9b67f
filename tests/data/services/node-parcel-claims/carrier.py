"""The carrier's tracking service."""
import os
import random
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json


class Tracking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        code = self.path.split("/")[2]
        time.sleep(0.056 + random.random() * 0.008)
        n = sum(map(ord, code))
        scans = [{"event": event, "place": f"depot {(n + k) % 40}"} for k, event in enumerate(["accepted", "sorted", "loaded"])]
        body = json.dumps({"scans": scans}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


Server(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Tracking).serve_forever()
