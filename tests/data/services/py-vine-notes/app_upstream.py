"""The vineyard's ratings."""

import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Ratings(BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.02)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"rating": 87}')

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Ratings).serve_forever()
