"""A desk with one bell: /ring is served one at a time under a lock, /hours at once."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BELL = threading.Lock()


def ring_the_bell() -> bytes:
    with BELL:
        time.sleep(0.06)
    return b"rang\n"


class Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/missing":
            self.answer(404, b"")
        else:
            self.answer(200, ring_the_bell() if self.path == "/ring" else b"always\n")

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


with Server(("127.0.0.1", 0), Desk) as server:
    print("ready", server.server_address[1], flush=True)
    server.serve_forever()
