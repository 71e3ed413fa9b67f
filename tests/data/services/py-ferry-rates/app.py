"""Exchange rates, asked of a slow bank; memory is tidied beside."""
import gc, json, os, threading, time, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEPT = [{"n": n, "rates": [n, n + 1]} for n in range(120_000)]

def tidy():
    while True:
        gc.collect()
        time.sleep(0.02)

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/status":
            return self.answer({"ok": True})
        with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}/bank", timeout=10) as got:
            self.answer(json.load(got))
    def answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass

threading.Thread(target=tidy, daemon=True).start()
class Server(ThreadingHTTPServer):
    request_queue_size = 64
Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
