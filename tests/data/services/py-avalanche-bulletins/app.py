"""Avalanche bulletins: danger by height, made from the snow stations of a region."""
import asyncio
import logging
import math
import os
import time
from collections import Counter
from datetime import date, datetime, timedelta

import asyncpg
import falcon
import falcon.asgi
import orjson
import uvicorn
from cachetools import TTLCache

LEVELS = ("low", "moderate", "considerable", "high", "very high")
BANDS = ((0, 1600), (1600, 2200), (2200, 4000))
SHEET = 48

logging.basicConfig(filename="bulletins.log", level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
log = logging.getLogger("bulletins")


class Slopes:
    """A terrain model per region: what share of the ground is steep, in a grid of cells."""

    def __init__(self, regions: int, size: int = SHEET):
        self._sheets = {number: self._sheet(number, size) for number in range(1, regions + 1)}

    @staticmethod
    def _height(number: int, x: float, y: float) -> float:
        return (1500 + 600 * math.sin(x / 7 + number) * math.cos(y / 9 - number) + 240 * math.sin((x + y) / 3)
                + 90 * math.cos(x * y / 50 + number))

    def _sheet(self, number: int, size: int) -> list[tuple[int, int]]:
        cells = []
        for x in range(size):
            for y in range(size):
                here = self._height(number, x, y)
                slope = math.hypot(self._height(number, x + 1, y) - here, self._height(number, x, y + 1) - here)
                cells.append((round(here), min(60, round(math.degrees(math.atan(slope / 110))))))
        return cells

    def sheet(self, number: int) -> list[tuple[int, int]]:
        return self._sheets[number]


class Store:
    def __init__(self, pool: asyncpg.Pool):
        self._pool = pool
        self._names: TTLCache = TTLCache(maxsize=64, ttl=2.5)
        self._lock = asyncio.Lock()

    async def region(self, number: int):
        async with self._lock:
            if number in self._names:
                return self._names[number]
            found = await self._pool.fetchrow("SELECT id, name, massif, base_m FROM regions WHERE id = $1", number)
            if found:
                self._names[number] = found
            return found

    async def snow(self, region: int, day: date) -> list[asyncpg.Record]:
        until = datetime.combine(day, datetime.min.time()) + timedelta(days=1)
        return await self._pool.fetch(
            "SELECT s.id, s.name, s.height_m, w.at, w.depth_cm, w.fresh_cm, w.wind_kmh, w.air::float8 AS air "
            "FROM stations s JOIN snow w ON w.station_id = s.id WHERE s.region_id = $1 AND w.at >= $2 AND w.at < $3 "
            "ORDER BY s.height_m, w.at", region, until - timedelta(days=2), until)


class Tally:
    """Counts what is asked, and writes it down now and then."""

    def __init__(self):
        self._asked: Counter = Counter()
        self._lock = asyncio.Lock()

    async def add(self, region: int) -> int:
        async with self._lock:
            self._asked[region] += 1
            return self._asked[region]

    async def run(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            async with self._lock:
                asked, self._asked = self._asked, Counter()
            if asked:
                log.info("asked %s", dict(asked))


def by_station(rows: list) -> dict[int, list]:
    found: dict[int, list] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(row)
    return found


def danger(fresh: int, wind: int, air: float) -> int:
    score = fresh / 22 + max(0, wind - 25) / 30 + (1.1 if air > 1 else 0.2)
    return max(1, min(5, round(score)))


def bands(stations: dict[int, list]) -> list[dict]:
    found = []
    for low, high in BANDS:
        inside = [rows for rows in stations.values() if low <= rows[0]["height_m"] < high]
        if not inside:
            continue
        fresh = max(sum(row["fresh_cm"] for row in rows[-24:]) // 6 for rows in inside)
        level = danger(fresh, max(rows[-1]["wind_kmh"] for rows in inside), max(rows[-1]["air"] for rows in inside))
        found.append({"from": low, "to": high, "danger": level, "word": LEVELS[level - 1], "fresh_cm": fresh})
    return found


def series(rows: list) -> dict:
    return {"station": rows[0]["name"], "height": rows[0]["height_m"],
            "hours": [{"at": row["at"], "depth": row["depth_cm"], "fresh": row["fresh_cm"], "wind": row["wind_kmh"],
                       "air": row["air"]} for row in rows]}


class Bulletin:
    def __init__(self, store: Store, slopes: Slopes, tally: Tally):
        self._store, self._slopes, self._tally = store, slopes, tally

    async def on_get(self, req, resp, region: int):
        day = req.get_param_as_date("day") or date.today()
        found = await self._store.region(region)
        if found is None:
            raise falcon.HTTPNotFound()
        asked = await self._tally.add(region)
        stations = by_station(await self._store.snow(region, day))
        bulletin = {"region": found["name"], "massif": found["massif"], "day": day, "bands": bands(stations), "asked": asked}
        if req.get_param("detail") == "full":
            bulletin["stations"] = [series(rows) for rows in stations.values()]
            bulletin["terrain"] = self._slopes.sheet(region)
        resp.content_type = falcon.MEDIA_JSON
        resp.data = orjson.dumps(bulletin)


class Regions:
    def __init__(self, pool: asyncpg.Pool):
        self._pool = pool

    async def on_get(self, req, resp):
        rows = await self._pool.fetch("SELECT id, name, massif FROM regions ORDER BY name")
        resp.media = [dict(row) for row in rows]


class Health:
    async def on_get(self, req, resp):
        resp.media = {"status": "ok"}


async def main() -> None:
    begun = time.monotonic()
    slopes = Slopes(40)
    log.info("terrain of 40 regions in %.1f s", time.monotonic() - begun)
    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=8)
    tally = Tally()
    app = falcon.asgi.App()
    app.add_route("/regions", Regions(pool))
    app.add_route("/regions/{region:int}/bulletin", Bulletin(Store(pool), slopes, tally))
    app.add_route("/healthz", Health())
    config = uvicorn.Config(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
    counting = asyncio.create_task(tally.run())
    try:
        await uvicorn.Server(config).serve()
    finally:
        counting.cancel()
        await pool.close()


if __name__ == "__main__":
    asyncio.run(main())
