"""Sets the type of a label: a print shop's service, some tens of milliseconds for a page, many pages at a time."""
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SETTING_SECONDS = 0.05


class Typesetter(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        time.sleep(SETTING_SECONDS)
        lines = "".join(f'<text y="{20 * n + 20}">{line}</text>' for n, line in enumerate(text.splitlines()))
        body = f"<svg xmlns='http://www.w3.org/2000/svg'>{lines}</svg>".encode()
        head = (f"HTTP/1.1 200 OK\r\nContent-Type: image/svg+xml\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        self.wfile.write(head + body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


Server(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Typesetter).serve_forever()
