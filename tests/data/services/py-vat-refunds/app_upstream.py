"""Customs: travellers' cards and shops' licences."""
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Customs(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        kind, _, key = urlsplit(self.path).path.strip("/").partition("/")
        time.sleep({"travellers": 0.024, "shops": 0.018}.get(kind, 0))
        content = {"travellers": {"card": f"C-{key}", "resident": False},
                   "shops": {"shop": key, "licensed": True, "rate": "0.19"}}.get(kind, {})
        body = json.dumps(content).encode()
        self.send_response(200 if content else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


ThreadingHTTPServer.request_queue_size = 64
ThreadingHTTPServer(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Customs).serve_forever()
