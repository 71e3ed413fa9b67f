"""The road service: driving times between points, as a matrix."""
import json
import math
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Roads(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self):
        points = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["points"]
        time.sleep(0.045)
        minutes = [[round(math.dist(a, b) / 420, 1) for b in points] for a in points]
        body = json.dumps({"minutes": minutes}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


Server(("127.0.0.1", int(os.environ["PORT"])), Roads).serve_forever()
