"""Ledger of an allotment association: rent, water and what is still owed, plot by plot."""
import hashlib
import os
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from datetime import date
from functools import lru_cache

from flask import Flask, Response, abort, g, jsonify, request
from psycopg import Connection, OperationalError
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from waitress import serve

pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=8, open=False,
                      kwargs={"row_factory": dict_row, "autocommit": True})
app = Flask(__name__)
app.json.sort_keys = False

BUCKETS = [5, 10, 20, 50, 100, 200, 500, 1000]
RENT_PER_M2 = {"A": 31, "B": 27, "C": 22}
WATER_STEPS = [(10, 180), (30, 240), (80, 310), (10**6, 420)]


class Timings:
    """How long the endpoints take, kept for the monthly report."""

    def __init__(self):
        self._lock = threading.Lock()
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))

    def note(self, endpoint: str, milliseconds: float) -> None:
        with self._lock:
            self._counts[endpoint][bisect_left(BUCKETS, milliseconds)] += 1

    def report(self) -> dict:
        with self._lock:
            return {endpoint: dict(zip([*map(str, BUCKETS), "more"], counts)) for endpoint, counts in self._counts.items()}


class WaterPrices:
    """Price of every tenth of a cubic metre, worked out once when the service starts."""

    def __init__(self, most_m3: int = 60000):
        self._cents: list[int] = []
        for tenth in range(most_m3 * 10):
            self._cents.append(self._worked_out(tenth / 10))

    @staticmethod
    def _worked_out(m3: float) -> int:
        total, below = 0.0, 0
        for upto, cents in WATER_STEPS:
            if m3 <= below:
                break
            total += (min(m3, upto) - below) * cents
            below = upto
        return round(total)

    def cents(self, m3: float) -> int:
        return self._cents[min(int(m3 * 10), len(self._cents) - 1)]


timings = Timings()
water: WaterPrices | None = None


@lru_cache(maxsize=64)
def fees(year: int, kind: str) -> tuple[tuple[str, int], ...]:
    """Fees are seldom changed; a new year brings new ones."""
    with pool.connection() as conn:
        rows = conn.execute("SELECT name, cents FROM fees WHERE year = %s AND kind = %s ORDER BY name", (year, kind)).fetchall()
    return tuple((row["name"], row["cents"]) for row in rows)


def with_retry(work, attempts: int = 3):
    for attempt in range(1, attempts + 1):
        try:
            with pool.connection() as conn:
                return work(conn)
        except OperationalError:
            if attempt == attempts:
                raise
            time.sleep(0.1 * attempt)


def read_site(conn: Connection, site: int, year: int) -> tuple[list[dict], dict, dict]:
    plots = conn.execute("SELECT p.id, p.number, p.kind, p.square_metres, t.name AS tenant FROM plots p "
                         "LEFT JOIN tenants t ON t.id = p.tenant_id WHERE p.site_id = %s ORDER BY p.number", (site,)).fetchall()
    ids = [plot["id"] for plot in plots]
    payments = defaultdict(list)
    for row in conn.execute("SELECT plot_id, paid_on, cents FROM payments WHERE plot_id = ANY(%s) AND paid_on >= %s "
                            "AND paid_on < %s ORDER BY paid_on", (ids, date(year, 1, 1), date(year + 1, 1, 1))):
        payments[row["plot_id"]].append(row)
    used = {row["plot_id"]: float(row["m3"]) for row in conn.execute(
        "SELECT plot_id, max(m3) - min(m3) AS m3 FROM readings WHERE plot_id = ANY(%s) AND year = %s GROUP BY plot_id",
        (ids, year))}
    return plots, payments, used


def account(plot: dict, payments: list[dict], m3: float, year: int) -> dict:
    lines = [("rent", RENT_PER_M2[plot["kind"]] * plot["square_metres"]), ("water", water.cents(m3))]
    lines += fees(year, plot["kind"])
    due = sum(cents for _, cents in lines)
    paid = sum(payment["cents"] for payment in payments)
    return {
        "plot": plot["number"],
        "tenant": plot["tenant"],
        "lines": [{"for": name, "amount": f"{cents / 100:.2f}"} for name, cents in lines],
        "payments": [{"on": payment["paid_on"].isoformat(), "amount": f"{payment['cents'] / 100:.2f}"} for payment in payments],
        "due": f"{due / 100:.2f}",
        "owed": f"{max(0, due - paid) / 100:.2f}",
    }


@app.before_request
def begin():
    g.begun = time.perf_counter()


@app.after_request
def end(response: Response) -> Response:
    if response.is_json and response.status_code == 200:
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:20])
        response.make_conditional(request)
    timings.note(request.endpoint or "none", (time.perf_counter() - g.begun) * 1000)
    return response


@app.get("/sites/<int:site>/ledger")
def ledger(site: int):
    year = request.args.get("year", date.today().year, int)
    plots, payments, used = with_retry(lambda conn: read_site(conn, site, year))
    if not plots:
        abort(404)
    accounts = [account(plot, payments.get(plot["id"], []), used.get(plot["id"], 0.0), year) for plot in plots]
    return jsonify({"site": site, "year": year, "accounts": accounts})


@app.post("/plots/<int:plot>/payments")
def pay(plot: int):
    cents = int(request.get_json()["cents"])
    with_retry(lambda conn: conn.execute("INSERT INTO payments (plot_id, paid_on, cents) VALUES (%s, %s, %s)",
                                         (plot, date.today(), cents)))
    return "", 201


@app.get("/timings")
def report():
    return jsonify(timings.report())


@app.get("/healthz")
def healthz():
    return jsonify({"status": "ok"})


if __name__ == "__main__":
    pool.open(wait=True)
    water = WaterPrices()
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8, _quiet=True)
