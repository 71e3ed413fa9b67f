"""The stock system: a line asked, a line answered."""

import os
import socketserver
import time


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline():
            time.sleep(0.04)
            self.wfile.write(b"42\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 64


Server(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Handler).serve_forever()
