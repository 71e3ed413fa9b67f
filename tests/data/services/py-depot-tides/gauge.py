import json
import math
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Gauge(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        time.sleep(0.07)
        harbour = int(self.path.rsplit("/", 1)[1])
        body = json.dumps([{"hour": h, "metres": round(3 + 2 * math.sin(h / 2 + harbour), 2)} for h in range(25)]).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

Server(("127.0.0.1", int(os.environ["PORT"])), Gauge).serve_forever()
