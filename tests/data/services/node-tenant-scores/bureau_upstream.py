"""The credit bureau."""
import json, os, random, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Bureau(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        time.sleep(random.uniform(0.24, 0.33))
        seed = sum(map(ord, asked["name"] + asked["born"]))
        body = json.dumps({"score": 300 + seed * 37 % 550, "entries": seed % 3, "since": 2004 + seed % 15}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Bureau).serve_forever()
