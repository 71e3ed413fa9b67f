"""Sells raffle tickets and keeps a signed ledger of them."""
import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Signer:
    """The office's signing tool; a program that reads a line and prints the signature."""

    def sign(self, line: str) -> str:
        done = subprocess.run(["/bin/sh", "-c", "sleep 0.02; cksum"], input=line.encode(), capture_output=True, check=True)
        return done.stdout.split()[0].decode()


class Ledger:
    def __init__(self, signer: Signer):
        self._signer = signer
        self._lock = threading.Lock()
        self._lines: list[tuple[int, str, str]] = []
        self._next = 1

    def sell(self, name: str, count: int) -> list[int]:
        with self._lock:
            numbers = list(range(self._next, self._next + count))
            self._next += count
            self._lines.append((numbers[0], name, self._signer.sign(f"{name} {numbers}")))
            del self._lines[:-5000]
        return numbers

    def sold(self) -> int:
        return self._next - 1


ledger = Ledger(Signer())


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/health":
            return self.reply(200, {"ok": True})
        if self.path == "/sold":
            return self.reply(200, {"sold": ledger.sold()})
        return self.reply(404, {})

    def do_POST(self):
        try:
            asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            name, count = str(asked["name"]), int(asked.get("count", 1))
        except (ValueError, KeyError, TypeError):
            return self.reply(400, {"error": "name and count, please"})
        if not 1 <= count <= 20:
            return self.reply(422, {"error": "1 to 20 tickets"})
        return self.reply(201, {"tickets": ledger.sell(name, count)})

    def reply(self, status: int, content: dict):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
