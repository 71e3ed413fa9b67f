"""Moves toll credit between the boats of two canals."""

import itertools
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Account:
    def __init__(self, name, balance):
        self.name = name
        self.balance = balance
        self.lock = threading.Lock()


accounts = {name: Account(name, 1_000_000) for name in ("north", "south", "east", "west")}
turns = itertools.cycle(["north south", "south north"])


def write_entry(source, target, amount):
    with open("ledger.txt", "a") as ledger:
        ledger.write(f"{source.name}>{target.name}:{amount}\n")


def transfer(source, target, amount):
    with source.lock:
        source.balance -= amount
        write_entry(source, target, amount)
        with target.lock:
            target.balance += amount
    return {"from": source.balance, "to": target.balance}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.answer({"ok": True})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        first, second = next(turns).split()
        self.answer(transfer(accounts[first], accounts[second], asked["amount"]))

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
