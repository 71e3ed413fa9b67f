"""Credit bureau: names of banks, and how solvent people are."""
import json
import os
import random
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Bureau(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if url.path == "/banks":
            time.sleep(0.004)
            answer = {"name": "Bank " + query.get("code", ["?"])[0][:4]}
        else:
            time.sleep(0.21 + random.random() * 0.09)
            answer = {"band": "ABCD"[len(query.get("name", [""])[0]) % 4], "claims": 0}
        body = json.dumps(answer).encode()
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


Server(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Bureau).serve_forever()
