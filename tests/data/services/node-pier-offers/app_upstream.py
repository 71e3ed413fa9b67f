"""Harbour office: when the sill of a marina can be crossed."""
import json
import os
import random
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Office(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        marina = int(self.path.rsplit("/", 1)[-1].split("?")[0])
        time.sleep(0.075 + random.random() * 0.02)
        body = json.dumps({"marina": marina, "gates": [{"opens": f"0{4 + marina % 4}:10", "closes": "09:40"},
                                                       {"opens": f"1{6 + marina % 3}:25", "closes": "21:50"}]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Office).serve_forever()
