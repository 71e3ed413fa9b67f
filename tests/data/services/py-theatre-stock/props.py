"""Lends the props of a theatre; slips are written by a few background workers."""
import itertools
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, request
from waitress import serve

app = Flask(__name__)
workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="slip")
numbers = itertools.count(1)
PRICES = {"sword": 4, "crown": 6, "throne": 25, "lantern": 2}


class Room:
    def __init__(self, name: str, props: dict[str, int]):
        self.name = name
        self.props = props
        self.lock = threading.Lock()


STORE = Room("store", {"sword": 40, "crown": 5, "throne": 2})
STAGE = Room("stage", {"lantern": 12})


def move(source: Room, target: Room, prop: str, count: int) -> None:
    with source.lock:
        time.sleep(0.05)        # someone walks over with it
        with target.lock:
            source.props[prop] = source.props.get(prop, 0) - count
            target.props[prop] = target.props.get(prop, 0) + count


def recount(rooms: list[Room]) -> int:
    total = 0
    for room in rooms:
        with room.lock:
            total += sum(room.props.values())
    return total


def write_slip(prop: str, days: int) -> dict:
    time.sleep(0.025)           # the printer
    return {"slip": next(numbers), "prop": prop, "cents": 100 * PRICES.get(prop, 3) * days}


def evening() -> None:
    """What is always done before a show: swap props and count."""
    workers.submit(move, STORE, STAGE, "crown", 1)
    workers.submit(move, STAGE, STORE, "lantern", 2)
    workers.submit(recount, [STORE, STAGE])


@app.post("/loans")
def loans():
    sent = request.get_json()
    prop, days = str(sent.get("prop")), int(sent.get("days", 1))
    if not 1 <= days <= 30:
        return {"error": "days"}, 422
    return workers.submit(write_slip, prop, days).result(timeout=60), 201


@app.get("/prices")
def prices():
    return PRICES


@app.get("/healthz")
def healthz():
    return {"ok": True}


if __name__ == "__main__":
    evening()
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=16, _quiet=True)
