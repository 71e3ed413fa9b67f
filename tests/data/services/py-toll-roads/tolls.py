"""Toll for a route, from the prices of its segments."""
import functools
import os

from flask import Flask, abort
from waitress import serve

app = Flask(__name__)
ROUTES = {f"R{n}": [f"S{(n * 31 + k) % 900}" for k in range(40 + n)] for n in range(1, 21)}
YEARS = 70


def curve(segment: str) -> list[float]:
    """Price per month since the segment was opened: base, index, maintenance."""
    number = int(segment[1:])
    price, out = 18 + number % 23, []
    for month in range(12 * YEARS):
        price *= 1 + ((number * 7 + month * 13) % 11 - 4) / 4000
        out.append(round(price, 3))
    return out


@functools.lru_cache(maxsize=32)
def segment_price(segment: str) -> float:
    prices = curve(segment)
    smooth = [sum(prices[max(0, i - 11):i + 1]) / min(i + 1, 12) for i in range(len(prices))]
    return round(smooth[-1], 2)


@app.get("/routes/<name>/toll")
def toll(name):
    segments = ROUTES.get(name) or abort(404)
    prices = [segment_price(s) for s in segments]
    return {"route": name, "segments": len(segments), "toll": round(sum(prices) / 100, 2)}


@app.get("/segments/<name>")
def segment(name):
    if not name.startswith("S") or not name[1:].isdigit():
        abort(404)
    return {"segment": name, "price": segment_price(name)}


@app.get("/healthz")
def healthz():
    return {"ok": True}


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8, _quiet=True)
