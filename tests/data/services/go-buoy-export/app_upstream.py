"""The workshop's list of sensor offsets."""
import json
import os
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Offsets(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        n = zlib.crc32(self.path.encode())
        time.sleep(0.02)
        body = json.dumps({"wave": n % 9 / 100, "water": n % 31 / 100 - 0.15}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Offsets).serve_forever()
