"""What is on loan at each branch of a library, with the titles' cards."""

import json
import os
import sqlite3
import tempfile
import threading
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = os.path.join(tempfile.mkdtemp(prefix="cards-", dir=os.getcwd()), "cards.db")
local = threading.local()


def marks(n):
    return [[n, k, k * n % 71] for k in range(250)]


def fill():
    with sqlite3.connect(PATH) as base:
        base.execute("CREATE TABLE card (id INTEGER PRIMARY KEY, body TEXT)")
        rows = ((n, json.dumps({"title": f"Title {n}", "marks": marks(n)})) for n in range(240))
        base.executemany("INSERT INTO card VALUES (?, ?)", rows)


def base():
    if not hasattr(local, "base"):
        local.base = sqlite3.connect(PATH)
    return local.base


@lru_cache(maxsize=128)
def card(number):
    (body,) = base().execute("SELECT body FROM card WHERE id = ?", (number,)).fetchone()
    read = json.loads(body)
    return {"title": read["title"], "marks": sum(mark[2] for mark in read["marks"])}


def shelf(branch):
    cards = [card(number) for number in range(240)]
    return {"branch": branch, "titles": len(cards), "marks": sum(each["marks"] for each in cards)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = {"ok": True} if self.path == "/healthz" else shelf(self.path.rsplit("/", 1)[-1])
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


fill()
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
