"""Sales of an orchard: each crate with its apples, and the pattern on its label."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import psycopg

local = threading.local()


def connection():
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    return local.connection


def crates_of(day):
    with connection().cursor() as cursor:
        rows = cursor.execute("SELECT id, label FROM crate WHERE day = %s ORDER BY id", (day,)).fetchall()
        crates = []
        for crate, label in rows:
            cursor.execute("SELECT sort, weight FROM apple WHERE crate_id = %s", (crate,))
            crates.append({"label": label, "apples": cursor.fetchall()})
    return crates


def pattern_of(labels):
    value = 7
    for turn in range(3000):
        for label in labels:
            for letter in label:
                value = (value * 31 + ord(letter) + turn) % 1000003
    return value


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/healthz":
            body, status = b"ok", 200
        elif path == "/sales":
            crates = crates_of(3)
            pattern = pattern_of([c["label"] for c in crates[:20]])
            body, status = json.dumps({"pattern": pattern, "crates": crates}).encode(), 200
        else:
            body, status = b"no such page", 404
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
