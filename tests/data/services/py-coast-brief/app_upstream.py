"""The harbour office."""

import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = {
    "tides": ({"height": 3.1}, 0.05),
    "winds": ({"knots": 14}, 0.06),
    "notices": ({"items": ["dredging"]}, 0.045),
    "berths": ({"free": 12}, 0.055),
}


class Office(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body, wait = ANSWERS[self.path.split("/")[1].partition("?")[0]]
        time.sleep(wait)
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Office).serve_forever()
