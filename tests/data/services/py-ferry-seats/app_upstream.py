"""Harbour master: is the quay free, how high are the waves."""
import http.server
import os
import time


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.03)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"waves": 0.4, "sailing": true}')

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 100
    daemon_threads = True


Server(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Handler).serve_forever()
