"""Rounds of the chimney sweeps: who goes where on a day, and in what order."""
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from datetime import date

import cherrypy
import urllib3
from psycopg.rows import namedtuple_row
from psycopg_pool import ConnectionPool
from waitress import serve

ROADS = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}/matrix"
MINUTES = {"sweep": 25, "inspect": 15, "measure": 20, "repair": 50}
STOPS_PER_MATRIX = 9
DAY_STARTS = 7 * 60 + 30

http = urllib3.PoolManager(maxsize=32, timeout=10.0)
pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=2, max_size=3, timeout=30, open=False,
                      kwargs={"row_factory": namedtuple_row, "autocommit": True})


class Visits:
    """What the database knows of sweeps and their visits."""

    def __init__(self, source: ConnectionPool):
        self._pool = source

    def sweep(self, number: int):
        with self._pool.connection() as conn:
            return conn.execute("SELECT id, name, home_x, home_y FROM sweeps WHERE id = %s", (number,)).fetchone()

    def visits_of(self, sweep: int, day: date) -> Iterator:
        with self._pool.connection() as conn:
            yield from conn.execute(
                "SELECT v.id, v.work, v.done, h.street, h.town, h.x, h.y, h.flues FROM visits v "
                "JOIN houses h ON h.id = v.house_id WHERE v.sweep_id = %s AND v.day = %s ORDER BY h.town, h.street, v.id",
                (sweep, day))

    def history(self, house: int) -> list:
        with self._pool.connection() as conn:
            return conn.execute("SELECT v.day, v.work, v.done, s.name FROM visits v JOIN sweeps s ON s.id = v.sweep_id "
                                "WHERE v.house_id = %s ORDER BY v.day DESC LIMIT 20", (house,)).fetchall()

    def load_of(self, day: date) -> list:
        with self._pool.connection() as conn:
            return conn.execute("SELECT sweep_id, count(*) AS visits FROM visits WHERE sweep_id BETWEEN 1 AND 24 "
                                "AND day = %s GROUP BY sweep_id ORDER BY sweep_id", (day,)).fetchall()


class Roads:
    def __init__(self, url: str):
        self._url = url

    def minutes(self, points: list[tuple[int, int]]) -> list[list[float]]:
        answer = http.request("POST", self._url, body=json.dumps({"points": points}),
                              headers={"Content-Type": "application/json"})
        if answer.status != 200:
            raise cherrypy.HTTPError(502, "the road service does not answer")
        return answer.json()["minutes"]


def nearest_first(matrix: list[list[float]]) -> list[tuple[int, float]]:
    """Order of the stops (0 is where the tour starts) and the minutes of driving to each."""
    here, left, order = 0, set(range(1, len(matrix))), []
    while left:
        there = min(left, key=lambda stop: (matrix[here][stop], stop))
        order.append((there, matrix[here][there]))
        left.remove(there)
        here = there
    return order


def clock(minutes: float) -> str:
    return f"{int(minutes) // 60:02}:{int(minutes) % 60:02}"


class Planner:
    def __init__(self, roads: Roads):
        self._roads = roads

    def _ordered(self, start: tuple[int, int], stops: list) -> Iterator[tuple]:
        matrix = self._roads.minutes([start, *((stop.x, stop.y) for stop in stops)])
        for index, driving in nearest_first(matrix):
            yield stops[index - 1], driving

    def plan_round(self, sweep, visits: Iterable) -> list[dict]:
        now, place, plan = float(DAY_STARTS), (sweep.home_x, sweep.home_y), []
        open_visits = (visit for visit in visits if not visit.done)
        while stops := list(itertools.islice(open_visits, STOPS_PER_MATRIX)):
            for stop, driving in self._ordered(place, stops):
                now += driving
                plan.append({"visit": stop.id, "at": clock(now), "drive": driving, "work": stop.work,
                             "address": f"{stop.street}, {stop.town}"})
                now += MINUTES[stop.work] * stop.flues
                place = (stop.x, stop.y)
        return plan


def day_of(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise cherrypy.HTTPError(400, "day is not a date") from None


@cherrypy.popargs("number", "what")
class Sweeps:
    def __init__(self, visits: Visits, planner: Planner):
        self._visits = visits
        self._planner = planner

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def index(self, number=None, what="round", day=None):
        when = day_of(day)
        if number is None:
            return [row._asdict() for row in self._visits.load_of(when)]
        sweep = self._visits.sweep(int(number))
        if sweep is None or what != "round":
            raise cherrypy.NotFound()
        plan = self._planner.plan_round(sweep, self._visits.visits_of(sweep.id, when))
        return {"sweep": sweep.name, "day": when.isoformat(), "stops": plan,
                "driving": round(sum(stop["drive"] for stop in plan), 1)}


@cherrypy.popargs("number")
class Houses:
    def __init__(self, visits: Visits):
        self._visits = visits

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def index(self, number):
        return [{"day": row.day.isoformat(), "work": row.work, "done": row.done, "by": row.name}
                for row in self._visits.history(int(number))]


class Root:
    def __init__(self):
        visits = Visits(pool)
        self.sweeps = Sweeps(visits, Planner(Roads(ROADS)))
        self.houses = Houses(visits)

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def health(self):
        return {"status": "ok"}


if __name__ == "__main__":
    pool.open(wait=True)
    cherrypy.config.update({"environment": "embedded", "tools.trailing_slash.on": False})
    cherrypy.server.unsubscribe()
    cherrypy.engine.start()
    serve(cherrypy.tree.mount(Root(), "/"), host="127.0.0.1", port=int(os.environ["PORT"]), threads=24)
