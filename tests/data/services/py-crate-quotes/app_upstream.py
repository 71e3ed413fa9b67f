"""The toll office: what the way from one postcode to another costs."""
import json
import os
import random
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Toll(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        way = abs(int(query.get("origin", "0")) - int(query.get("target", "0")))
        time.sleep(0.045 + random.random() * 0.02)
        body = json.dumps({"amount": round(0.4 + way / 4000, 2), "days": 1 + way // 5000,
                           "tags": ["alpine"] if query.get("target", "").startswith("7") else []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Toll).serve_forever()
