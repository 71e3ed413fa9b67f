"""Logbooks of rowing clubs: outings, boats and their damages, tables of kilometres."""
import hashlib
import json
import math
import os
import threading
import time
from collections import OrderedDict, defaultdict
from datetime import datetime

from flask import Flask, Response, abort, jsonify, request
from psycopg.rows import namedtuple_row
from psycopg_pool import ConnectionPool

pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=6, open=True,
                      kwargs={"row_factory": namedtuple_row, "autocommit": True})
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def current_table(points: int) -> list[float]:
    """The river's current by the hour of the year, from its tidal constituents."""
    parts = ((0.42, 28.98, 1.1), (0.17, 30.0, 0.4), (0.09, 28.44, 2.2), (0.06, 15.04, 0.7), (0.05, 13.94, 1.9))
    return [round(sum(a * math.cos(math.radians(speed * hour) + phase) for a, speed, phase in parts), 3) for hour in range(points)]


CURRENT = current_table(366 * 24 * 12)


class Names:
    """Boats by number; read again now and then, as clubs rename them."""

    def __init__(self, seconds: float, size: int):
        self._seconds = seconds
        self._size = size
        self._lock = threading.Lock()
        self._entries: OrderedDict[int, tuple[float, tuple]] = OrderedDict()
        self.misses = 0

    def of(self, conn, numbers: set[int]) -> dict[int, tuple]:
        now = time.monotonic()
        with self._lock:
            known = {n: self._entries[n][1] for n in numbers if n in self._entries and self._entries[n][0] > now}
        missing = list(numbers - known.keys())
        if missing:
            rows = conn.execute("SELECT id, name, seats FROM boats WHERE id = ANY(%s)", (missing,)).fetchall()
            with self._lock:
                self.misses += len(missing)
                for row in rows:
                    known[row.id] = (row.name, row.seats)
                    self._entries[row.id] = (now + self._seconds, known[row.id])
                while len(self._entries) > self._size:
                    self._entries.popitem(last=False)
        return known


class Visits:
    def __init__(self):
        self._lock = threading.Lock()
        self._counts: dict[str, int] = defaultdict(int)

    def count(self, path: str) -> None:
        with self._lock:
            self._counts[path] += 1

    def top(self) -> dict[str, int]:
        with self._lock:
            return dict(sorted(self._counts.items(), key=lambda item: -item[1])[:20])


names = Names(seconds=20, size=300)
visits = Visits()
application = app = Flask(__name__)


def season() -> tuple[datetime, datetime]:
    year = request.args.get("season", 2024, type=int)
    if not 2021 <= year <= 2024:
        abort(404)
    return datetime(year, 1, 1), datetime(year + 1, 1, 1)


def outings_of(conn, club: int, begin: datetime, end: datetime) -> list:
    return conn.execute("SELECT id, boat_id, began, minutes, km, crew, damage FROM outings "
                        "WHERE club_id = %s AND began >= %s AND began < %s ORDER BY began DESC LIMIT 250",
                        (club, begin, end)).fetchall()


def current_at(moment: datetime) -> float:
    return CURRENT[((moment.timetuple().tm_yday - 1) * 24 + moment.hour) * 12 + moment.minute // 5]


def effort(row, seats: int) -> float:
    speed = float(row.km) / row.minutes * 60
    return round((speed + current_at(row.began)) ** 2 * row.minutes / 60 / math.sqrt(seats), 1)


def line(row, boat: tuple[str, int]) -> dict:
    return {"id": row.id, "boat": boat[0], "seats": boat[1], "began": row.began.isoformat(" ", "minutes"), "minutes": row.minutes,
            "km": float(row.km), "crew": row.crew, "effort": effort(row, boat[1]), "damage": row.damage}


def monthly(rows: list) -> dict[str, float]:
    km: dict[str, float] = defaultdict(float)
    for row in rows:
        km[MONTHS[row.began.month - 1]] += float(row.km)
    return {month: round(km[month], 1) for month in MONTHS if month in km}


@app.before_request
def counted():
    visits.count(request.path)


@app.get("/clubs/<int:club>/outings")
def outings(club):
    begin, end = season()
    with pool.connection() as conn:
        rows = outings_of(conn, club, begin, end)
        boats = names.of(conn, {row.boat_id for row in rows})
    body = json.dumps({"club": club, "months": monthly(rows), "outings": [line(row, boats[row.boat_id]) for row in rows]})
    tag = hashlib.sha256(body.encode()).hexdigest()[:20]
    if request.if_none_match.contains(tag):
        return "", 304
    response = Response(body, mimetype="application/json")
    response.set_etag(tag)
    return response


@app.get("/clubs/<int:club>/damages")
def damages(club):
    with pool.connection() as conn:
        rows = conn.execute("SELECT boat_id, began, damage FROM outings WHERE club_id = %s AND damage IS NOT NULL "
                            "ORDER BY began DESC LIMIT 40", (club,)).fetchall()
    return jsonify([{"boat": r.boat_id, "on": r.began.date().isoformat(), "damage": r.damage} for r in rows])


@app.get("/routes")
def routes():
    with pool.connection() as conn:
        return jsonify([r._asdict() | {"km": float(r.km)} for r in conn.execute("SELECT code, name, km FROM routes ORDER BY code")])


@app.get("/visits")
def most_visited():
    return jsonify(visits.top())


@app.get("/healthz")
def healthz():
    return jsonify(status="ok", misses=names.misses)
