"""Hive scales: how much honey comes in, hive by hive and day by day."""
import os
import threading
import time
from datetime import datetime, timedelta
from statistics import fmean

import falcon
from cheroot import wsgi
from psycopg.rows import namedtuple_row
from psycopg_pool import ConnectionPool

from season import Blossom

pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=8, open=False,
                      kwargs={"row_factory": namedtuple_row, "autocommit": True})
blossom = Blossom(samples=40_000)
SWARM_DROP = -1.4


class HiveNames:
    """The hives of a yard; they change a few times a year, so a minute's delay does no harm."""

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[float, object, list]] = {}

    def of(self, conn, yard: int):
        with self._lock:
            kept = self._kept.get(yard)
        if kept and kept[0] > time.monotonic():
            return kept[1:]
        about = conn.execute("SELECT id, name, height FROM yards WHERE id = %s", (yard,)).fetchone()
        hives = conn.execute("SELECT id, queen, empty_kg FROM hives WHERE yard_id = %s ORDER BY id", (yard,)).fetchall()
        with self._lock:
            self._kept[yard] = (time.monotonic() + self._seconds, about, hives)
        return about, hives


class Tally:
    def __init__(self):
        self._lock = threading.Lock()
        self._count: dict[int, int] = {}

    def add(self, yard: int) -> int:
        with self._lock:
            self._count[yard] = self._count.get(yard, 0) + 1
            return self._count[yard]


hive_names = HiveNames(seconds=60)
tally = Tally()


def daily_weights(conn, hives: list[int], first: datetime, days: int) -> dict[int, list]:
    rows = conn.execute(
        "SELECT hive_id, at::date AS day, min(kg) AS low, max(kg) AS high, avg(celsius)::real AS celsius FROM readings "
        "WHERE hive_id = ANY(%s) AND at >= %s AND at < %s GROUP BY hive_id, at::date ORDER BY hive_id, at::date",
        (hives, first, first + timedelta(days=days)),
    ).fetchall()
    found: dict[int, list] = {hive: [] for hive in hives}
    for row in rows:
        found[row.hive_id].append(row)
    return found


def gains(days: list) -> list[float]:
    return [round(later.high - earlier.high, 2) for earlier, later in zip(days, days[1:])]


def smoothed(values: list[float], span: int = 3) -> list[float]:
    return [round(fmean(values[max(0, i - span + 1):i + 1]), 2) for i in range(len(values))]


def hive_sheet(hive, days: list, height: int) -> dict:
    gained = gains(days)
    return {
        "hive": hive.id,
        "queen": hive.queen,
        "honey": round(days[-1].high - hive.empty_kg, 1) if days else None,
        "gains": gained,
        "trend": smoothed(gained),
        "swarmed": [d.day.isoformat() for d, gain in zip(days[1:], gained) if gain < SWARM_DROP],
        "warmest": max((d.celsius for d in days), default=None),
        "flowers": [blossom.on(d.day, height) for d in days],
    }


class Yard:
    def on_get(self, req: falcon.Request, resp: falcon.Response, yard: int) -> None:
        first = req.get_param_as_datetime("from", format_string="%Y-%m-%d", required=True)
        days = req.get_param_as_int("days", default=14, min_value=2, max_value=40)
        with pool.connection() as conn:
            about, hives = hive_names.of(conn, yard)
            if about is None:
                raise falcon.HTTPNotFound()
            weights = daily_weights(conn, [h.id for h in hives], first.replace(tzinfo=None), days)
        resp.media = {"yard": about.name, "height": about.height, "asked": tally.add(yard),
                      "hives": [hive_sheet(h, weights[h.id], about.height) for h in hives]}


class Latest:
    def on_get(self, req: falcon.Request, resp: falcon.Response, hive: int) -> None:
        with pool.connection() as conn:
            row = conn.execute("SELECT at::text, kg, celsius FROM readings WHERE hive_id = %s ORDER BY at DESC LIMIT 1",
                               (hive,)).fetchone()
        if row is None:
            raise falcon.HTTPNotFound()
        resp.media = row._asdict()


class Health:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"status": "ok"}


def make_app() -> falcon.App:
    app = falcon.App()
    app.add_route("/yards/{yard:int}", Yard())
    app.add_route("/hives/{hive:int}/latest", Latest())
    app.add_route("/healthz", Health())
    return app


if __name__ == "__main__":
    pool.open(wait=True)
    server = wsgi.Server(("127.0.0.1", int(os.environ["PORT"])), make_app(), numthreads=10)
    server.safe_start()
