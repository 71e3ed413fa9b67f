"""All the banks, behind one broker."""
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DELAYS = {"aster": 0.05, "birch": 0.06, "cedar": 0.04, "dahlia": 0.07}


class H(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        bank = self.path.strip("/").split("/")[0]
        time.sleep(DELAYS.get(bank, 0.05))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"rate": 4 + len(bank) / 10}).encode())

    def log_message(self, *a):
        pass


class S(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


S(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), H).serve_forever()
