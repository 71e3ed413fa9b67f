"""Customs broker's gateway: tariff rates and the screening of parties."""
import json
import os
import random
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RATES = {"NO": 0.049, "CH": 0.031, "GB": 0.062, "US": 0.088}


class Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *args):
        pass

    def reply(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        country = self.path.rsplit("/", 1)[1]
        time.sleep(0.004)
        self.reply({"country": country, "base": RATES.get(country, 0.1), "vat": 0.25 if country == "NO" else 0.2})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        time.sleep(0.21 + random.random() * 0.09)
        self.reply({"hits": [], "reference": f"SC-{abs(hash(asked['consignee'])) % 100000}", "list": "2024-11"})


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


Server(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Gateway).serve_forever()
