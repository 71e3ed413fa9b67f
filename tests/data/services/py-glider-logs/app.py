"""Flights of a gliding club: traces, barograms and the club's table."""
import asyncio
import hashlib
import math
import os
import random
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import asyncpg
import orjson
from aiohttp import web

EARTH = 6371.0
TERRAIN_CELLS = 700


@dataclass(frozen=True, slots=True)
class Fix:
    second: int
    lat: float
    lon: float
    height: int


class Terrain:
    """Heights of the ground in a grid; worked out once at the start."""

    def __init__(self, cells: int):
        hills = random.Random(11)
        tops = [(hills.random() * cells, hills.random() * cells, hills.randint(80, 700)) for _ in range(6)]
        self._cells = cells
        self._rows = [[int(sum(height / (1 + ((x - a) ** 2 + (y - b) ** 2) / 9000) for a, b, height in tops))
                       for x in range(cells)] for y in range(cells)]

    def at(self, lat: float, lon: float) -> int:
        x, y = int((lon - 8) * 300) % self._cells, int((lat - 47) * 300) % self._cells
        return self._rows[y][x]


class Recent:
    """Finished answers, the newest few."""

    def __init__(self, size: int):
        self._size = size
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._guard = asyncio.Lock()
        self.hits = self.misses = 0

    async def get(self, key: int, make) -> bytes:
        if key in self._kept:
            self.hits += 1
            self._kept.move_to_end(key)
            return self._kept[key]
        async with self._guard:
            self.misses += 1
            value = self._kept[key] = await make()
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
            return value


def unpack(number: int, trace: bytes) -> list[Fix]:
    lat, lon, height, fixes = 47.2, 8.4, 430, []
    for second, (turn, climb) in enumerate(zip(trace[::2], trace[1::2])):
        bearing = turn / 255 * math.tau
        lat += math.cos(bearing) * 0.0004
        lon += math.sin(bearing) * 0.0006
        height = max(400, height + climb - 126)
        fixes.append(Fix(second * 4, lat, lon, height))
    return fixes


def distance(a: Fix, b: Fix) -> float:
    x = math.radians(b.lon - a.lon) * math.cos(math.radians((a.lat + b.lat) / 2))
    return EARTH * math.hypot(x, math.radians(b.lat - a.lat))


def barogram(fixes: list[Fix], terrain: Terrain) -> dict:
    track = sum(distance(a, b) for a, b in zip(fixes, fixes[1:]))
    points = [[fix.second, fix.height, fix.height - terrain.at(fix.lat, fix.lon)] for fix in fixes]
    climbs = [b.height - a.height for a, b in zip(fixes, fixes[15:])]
    return {"points": points, "track_km": round(track, 2), "highest": max(fix.height for fix in fixes),
            "best_climb": round(max(climbs, default=0) / 60, 2)}


routes = web.RouteTableDef()
database = web.AppKey("database", asyncpg.Pool)
ground = web.AppKey("ground", Terrain)
recent = web.AppKey("recent", Recent)


def reply(content: dict | bytes) -> web.Response:
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return web.Response(body=body, content_type="application/json",
                        headers={"ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"'})


@routes.get(r"/flights/{number:\d+}/barogram")
async def flight_barogram(request: web.Request) -> web.Response:
    number = int(request.match_info["number"])
    async with request.app[database].acquire() as conn:
        flight = await conn.fetchrow("SELECT f.id, f.started, f.trace, p.name, g.kind FROM flights f JOIN pilots p ON "
                                     "p.id = f.pilot_id JOIN gliders g ON g.id = f.glider_id WHERE f.id = $1", number)
        if flight is None:
            raise web.HTTPNotFound
        rank = await conn.fetchval("SELECT count(*) + 1 FROM flights WHERE day = $1 AND points > "
                                   "(SELECT points FROM flights WHERE id = $2)", flight["started"].date(), number)
    fixes = unpack(number, flight["trace"])
    ended: datetime = flight["started"] + timedelta(seconds=fixes[-1].second)
    return reply({"flight": number, "pilot": flight["name"], "glider": flight["kind"], "rank": rank,
                  "started": flight["started"], "ended": ended, **barogram(fixes, request.app[ground])})


@routes.get("/days/{day}/table")
async def day_table(request: web.Request) -> web.Response:
    try:
        day = date.fromisoformat(request.match_info["day"])
    except ValueError:
        raise web.HTTPBadRequest from None

    async def make() -> bytes:
        rows = await request.app[database].fetch(
            "SELECT f.id, p.name, f.points FROM flights f JOIN pilots p ON p.id = f.pilot_id WHERE f.day = $1 "
            "ORDER BY f.points DESC LIMIT 50", day)
        return orjson.dumps([dict(row) for row in rows])

    return reply(await request.app[recent].get(day.toordinal(), make))


@routes.get("/status")
async def status(request: web.Request) -> web.Response:
    kept = request.app[recent]
    return web.json_response({"status": "ok", "hits": kept.hits, "misses": kept.misses})


async def resources(app: web.Application):
    app[ground] = Terrain(TERRAIN_CELLS)
    app[recent] = Recent(40)
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=6) as pool:
        app[database] = pool
        yield


def make_app() -> web.Application:
    app = web.Application()
    app.cleanup_ctx.append(resources)
    app.add_routes(routes)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)
