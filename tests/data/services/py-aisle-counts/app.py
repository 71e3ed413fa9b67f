"""Stock counts in the warehouse: closing an aisle writes what was counted in each bin."""
import datetime as dt
import os
from dataclasses import dataclass

from flask import Flask, abort, jsonify, request
from waitress import serve

from journal import Journal

AISLES, BINS = 12, 260
SHIFTS = ("early", "late", "night")


@dataclass
class Bin:
    place: str
    article: str
    booked: int
    counted: int

    @property
    def difference(self) -> int:
        return self.counted - self.booked


def load_bins() -> dict[int, list[Bin]]:
    return {aisle: [Bin(f"{aisle:02d}-{n // 20:02d}-{n % 20:02d}", f"A{(n * 37 + aisle) % 9000:05d}", 10 + n % 50,
                        10 + n % 50 - (n % 17 == 0) + (n % 41 == 0)) for n in range(BINS)] for aisle in range(1, AISLES + 1)}


STOCK = load_bins()
app = Flask(__name__)


def aisle_or_404(aisle: int) -> list[Bin]:
    return STOCK.get(aisle) or abort(404)


def entry(found: Bin, counter: str, shift: str) -> dict:
    return {"at": dt.datetime.now().isoformat(timespec="milliseconds"), "bin": found.place, "article": found.article,
            "booked": found.booked, "counted": found.counted, "by": counter, "shift": shift}


@app.post("/aisles/<int:aisle>/close")
def close_aisle(aisle):
    body = request.get_json()
    if body.get("shift") not in SHIFTS or not body.get("counter"):
        abort(422)
    bins = aisle_or_404(aisle)
    journal = Journal(aisle)
    try:
        for found in bins:
            journal.append(entry(found, body["counter"], body["shift"]))
    finally:
        journal.close()
    wrong = [found for found in bins if found.difference]
    return jsonify(aisle=aisle, count=journal.number, bins=len(bins), recount=[found.place for found in wrong],
                   difference=sum(found.difference for found in wrong))


@app.get("/aisles/<int:aisle>")
def aisle(aisle):
    return jsonify(bins=[{"place": b.place, "article": b.article, "booked": b.booked} for b in aisle_or_404(aisle)])


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8)
