"""Quotes for firing pottery: by kiln, clay and the day's price of fuel."""
import itertools
import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

import requests
from flask import Flask, abort, g, jsonify, request
from waitress import serve

app = Flask(__name__)
session = requests.Session()
PRICES = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
CLAYS = {f"clay-{n}": (1010 + 17 * n, 0.6 + 0.05 * n) for n in range(1, 20)}
KILNS = [("small", 24, 38.0), ("round", 60, 71.0), ("long", 180, 166.0)]
numbers = itertools.count(1)


@dataclass
class Line:
    number: int
    path: str
    began: float
    took_ms: float = 0.0
    status: int = 0


class Journal:
    """The last requests, for the page that the workshop looks at in the morning."""

    def __init__(self, size):
        self.size = size
        self.lines = OrderedDict()
        self.open = {}
        self.lock = threading.Lock()

    def began(self, path):
        line = Line(next(numbers), path, time.monotonic())
        with self.lock:
            self.open[line.number] = line
        return line

    def ended(self, line, status):
        line.took_ms = 1000 * (time.monotonic() - line.began)
        line.status = status
        with self.lock:
            self.open.pop(line.number, None)
            self.lines[line.number] = line
            while len(self.lines) > self.size:
                self.lines.popitem(last=False)

    def last(self, count):
        with self.lock:
            return list(self.lines.values())[-count:]


journal = Journal(40)


@app.before_request
def note_begin():
    g.line = journal.began(request.path)


@app.after_request
def note_end(response):
    journal.ended(g.line, response.status_code)
    return response


def fuel_price(kind):
    answer = session.get(f"{PRICES}/today", timeout=5)
    answer.raise_for_status()
    return answer.json()[kind]


def kiln_for(pieces):
    for name, room, volume in KILNS:
        if pieces <= room:
            return name, volume
    return KILNS[-1][0], KILNS[-1][2]


def hours(degrees, thickness):
    rise = degrees / 110
    return rise + 1.5 * thickness + 6


@app.get("/healthz")
def healthz():
    return "ok"


@app.get("/journal")
def recent():
    return jsonify([vars(line) for line in journal.last(20)])


@app.get("/quotes/<clay>")
def quote(clay):
    if clay not in CLAYS:
        abort(404)
    degrees, thickness = CLAYS[clay]
    pieces = int(request.args.get("pieces", 10))
    kiln, volume = kiln_for(pieces)
    length = hours(degrees, thickness)
    fuel = fuel_price("gas") * volume * length * 1.9
    return jsonify(kiln=kiln, hours=round(length, 1), fuel=round(fuel, 2), each=round((fuel + 14) / pieces, 2))


serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=12)
