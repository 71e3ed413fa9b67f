import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer



class Insurer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        time.sleep(0.09)
        body = json.dumps({"policy": self.path.rsplit("/", 1)[1], "share": 0.8}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


Server(("127.0.0.1", int(os.environ["PORT"])), Insurer).serve_forever()
