"""The stamping office."""

import hashlib
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Office(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(0.06)
        answer = b'{"signature": "%s"}' % hashlib.sha256(body).hexdigest().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Office).serve_forever()
