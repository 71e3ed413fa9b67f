"""A small service: /items/N in some ms, /orders with a 503 now and then, /broken that hangs up."""
import random, sys, time, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
rng = random.Random(7)
count = 0
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        global count
        count += 1
        path = self.path.split("?")[0]
        if path == "/broken":
            self.close_connection = True
            return
        time.sleep(rng.lognormvariate(-5.3, 0.5))
        status = 503 if path == "/orders" and count % 7 == 0 else 404 if path == "/missing" else 200
        body = b'{"page": "%s"}' % path.encode()
        if path == "/page":
            body = b'<html><body><img src="/items/1.png"><img src="/items/2.png"></body></html>'
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/html" if path == "/page" else "application/json")
        self.end_headers()
        self.wfile.write(body)
    do_POST = do_GET
    def log_message(self, *a): pass
class S(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
S(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
