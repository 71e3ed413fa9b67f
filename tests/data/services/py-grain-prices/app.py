"""Grain prices: the quotes of the exchanges over the last weeks, with means and spreads, for traders' screens."""
import hashlib
import os
import threading
import time
from datetime import date, timedelta
from decimal import Decimal

import orjson
from flask import Flask, Response, abort, request
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

SEASONS = [(3, "spring"), (6, "summer"), (9, "autumn"), (12, "winter")]
QUOTES = """
    SELECT q.day, e.id AS exchange, e.name, e.country, e.fee, q.low, q.high, q.tons
    FROM quotes q JOIN exchanges e ON e.id = q.exchange_id
    WHERE q.grain = %s AND q.day BETWEEN %s AND %s
    ORDER BY q.day DESC, e.id
"""

pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=2, max_size=8, open=False,
                      kwargs={"row_factory": dict_row, "autocommit": True})
app = Flask(__name__)


class Grains:
    """The grains by code, read again once a minute."""

    def __init__(self, seconds: float = 60.0):
        self._seconds = seconds
        self._lock = threading.Lock()
        self._read_at = -seconds
        self._grains: dict[str, dict] = {}

    def get(self, code: str) -> dict | None:
        with self._lock:
            if time.monotonic() - self._read_at >= self._seconds:
                with pool.connection() as conn:
                    self._grains = {row["code"]: row for row in conn.execute("SELECT code, name, unit FROM grains")}
                self._read_at = time.monotonic()
            return self._grains.get(code)


class SeasonTable:
    """Mean price of each grain for every day of a year, from all quotes there are."""

    def __init__(self):
        self.means: dict[tuple[str, int], float] = {}

    def build(self) -> None:
        sums: dict[tuple[str, int], list[float]] = {}
        with pool.connection() as conn, conn.cursor() as cursor:
            for row in cursor.stream("SELECT grain, day, low, high, tons FROM quotes"):
                total = sums.setdefault((row["grain"], row["day"].timetuple().tm_yday), [0.0, 0])
                total[0] += float(row["low"] + row["high"]) / 2 * row["tons"]
                total[1] += row["tons"]
        self.means = {key: price / tons for key, (price, tons) in sums.items()}

    def usual(self, grain: str, day: date) -> float | None:
        found = self.means.get((grain, day.timetuple().tm_yday))
        return round(found, 2) if found else None


class Readers:
    def __init__(self):
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}

    def count(self, grain: str) -> int:
        with self._lock:
            self._counts[grain] = self._counts.get(grain, 0) + 1
            return self._counts[grain]


grains, seasons, readers = Grains(), SeasonTable(), Readers()


def plain(value):
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def day_summary(grain: str, day: date, rows: list[dict]) -> dict:
    tons = sum(row["tons"] for row in rows)
    mean = sum(float(row["low"] + row["high"]) / 2 * row["tons"] for row in rows) / tons
    return {
        "day": day, "mean": round(mean, 2), "tons": tons, "usual": seasons.usual(grain, day),
        "spread": max(row["high"] for row in rows) - min(row["low"] for row in rows),
        "quotes": [{"exchange": r["name"], "country": r["country"], "low": r["low"], "high": r["high"],
                    "net": round(float(r["low"]) - float(r["fee"]), 2), "tons": r["tons"]} for r in rows],
    }


def asked_days() -> tuple[date, date]:
    try:
        until = date.fromisoformat(request.args.get("until", "2025-06-30"))
        days = int(request.args.get("days", 14))
    except ValueError:
        abort(400)
    return until - timedelta(days=max(1, min(days, 60)) - 1), until


@app.get("/grains/<code>/board")
def board(code: str):
    grain = grains.get(code) or abort(404)
    first, last = asked_days()
    with pool.connection() as conn:
        rows = conn.execute(QUOTES, (code, first, last)).fetchall()
    by_day: dict[date, list[dict]] = {}
    for row in rows:
        by_day.setdefault(row["day"], []).append(row)
    days = [day_summary(code, day, found) for day, found in by_day.items()]
    body = orjson.dumps({"grain": grain, "days": days}, default=plain)
    answer = Response(body, mimetype="application/json")
    answer.set_etag(hashlib.sha256(body).hexdigest()[:20])
    answer.headers["X-Readers"] = str(readers.count(code))
    return answer


@app.get("/exchanges/<int:exchange>/last")
def last_quotes(exchange: int):
    with pool.connection() as conn:
        rows = conn.execute("SELECT grain, day, low, high, tons FROM quotes WHERE exchange_id = %s ORDER BY day DESC LIMIT 20",
                            (exchange,)).fetchall()
    return Response(orjson.dumps(rows, default=plain), mimetype="application/json")


@app.get("/seasons/<int:month>")
def season(month: int):
    return {"season": next((name for first, name in reversed(SEASONS) if month >= first), "winter")}


@app.get("/healthz")
def healthz():
    return "ok"


pool.open(wait=True)
seasons.build()
