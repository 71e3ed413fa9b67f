"""The records office's archive: keeps a copy of every ticket and answers with its receipt."""
import hashlib
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_PUT(self):
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(0.022)
        body = json.dumps({"receipt": hashlib.sha1(content).hexdigest()[:12]}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


Server(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Handler).serve_forever()
