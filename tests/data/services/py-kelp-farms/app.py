"""Kelp farms: growth of the lines of a farm from the divers' measurements and the buoys' water."""
import asyncio
import hashlib
import json
import math
import os
import random
import time
from collections import OrderedDict
from dataclasses import dataclass

import aiohttp
from aiohttp import web

SPECIES = ("sugar kelp", "winged kelp", "oarweed")
FARMS = {"skye": 110, "islay": 60, "orkney": 40}
BUOYS_VALID = 2.0


@dataclass(slots=True)
class Measurement:
    day: int
    centimetres: float


@dataclass
class Line:
    number: int
    species: str
    depth: float
    measured: list[Measurement]


def load_lines(farm: str, count: int) -> list[Line]:
    rng = random.Random(farm)
    lines = []
    for number in range(1, count + 1):
        rate, length, measured = rng.uniform(0.4, 1.3), rng.uniform(4, 12), []
        for day in range(0, 1800):
            length += max(0.0, rng.gauss(rate, 0.4))
            measured.append(Measurement(day, round(length, 1)))
        lines.append(Line(number, SPECIES[number % 3], round(rng.uniform(1, 6), 1), measured))
    return lines


class Buoys:
    """Asks once in two seconds for each farm; callers meanwhile share the answer."""

    def __init__(self, base: str):
        self._base = base
        self._known: dict[str, tuple[float, dict]] = {}
        self._lock = asyncio.Lock()
        self.http: aiohttp.ClientSession | None = None

    async def water(self, farm: str) -> dict:
        async with self._lock:
            at, found = self._known.get(farm, (0.0, {}))
            if time.monotonic() - at > BUOYS_VALID:
                async with self.http.get(f"{self._base}/buoys/{farm}") as answer:
                    found = await answer.json()
                self._known[farm] = (time.monotonic(), found)
            return found


class Slopes:
    """Slope of a line's last measurements; kept for the lines that were looked at last."""

    def __init__(self, limit: int):
        self._limit = limit
        self._kept: OrderedDict[tuple, tuple[float, float]] = OrderedDict()

    def of(self, farm: str, line: Line, days: int) -> tuple[float, float]:
        key = (farm, line.number, days, len(line.measured))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        found = self._kept[key] = regression(line.measured[-days:])
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        return found


def regression(points: list[Measurement]) -> tuple[float, float]:
    n = len(points)
    mean_x, mean_y = sum(p.day for p in points) / n, sum(p.centimetres for p in points) / n
    spread = sum((p.day - mean_x) ** 2 for p in points)
    slope = sum((p.day - mean_x) * (p.centimetres - mean_y) for p in points) / spread
    rest = math.sqrt(sum((p.centimetres - mean_y - slope * (p.day - mean_x)) ** 2 for p in points) / n)
    return slope, rest


def line_json(farm: str, line: Line, slopes: Slopes, water: dict) -> dict:
    slope, rest = slopes.of(farm, line, 120)
    season = slope * (1 + 0.04 * (11 - water["water"])) * math.exp(-0.08 * line.depth) * (0.5 + water["light"])
    return {
        "line": line.number,
        "species": line.species,
        "depth": line.depth,
        "length": line.measured[-1].centimetres,
        "per_day": round(slope, 3),
        "spread": round(rest, 2),
        "expected_30": round(line.measured[-1].centimetres + 30 * season, 1),
        "history": [p.centimetres for p in line.measured[-48::2]],
    }


FARM_LINES = web.AppKey("lines", dict)
BUOYS = web.AppKey("buoys", Buoys)
SLOPES = web.AppKey("slopes", Slopes)


def farm_of(request: web.Request) -> tuple[str, list[Line]]:
    name = request.match_info["farm"]
    lines = request.app[FARM_LINES].get(name)
    if lines is None:
        raise web.HTTPNotFound(text="no such farm")
    return name, lines


async def growth(request: web.Request) -> web.Response:
    farm, lines = farm_of(request)
    water = await request.app[BUOYS].water(farm)
    content = [line_json(farm, line, request.app[SLOPES], water) for line in lines]
    body = json.dumps({"farm": farm, "water": water, "lines": content}).encode()
    tag = hashlib.sha1(body).hexdigest()
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304)
    return web.Response(body=body, content_type="application/json", headers={"ETag": tag})


async def harvest(request: web.Request) -> web.Response:
    farm, lines = farm_of(request)
    ready = [line.number for line in lines if line.measured[-1].centimetres > 900]
    return web.json_response({"farm": farm, "ready": ready})


async def healthz(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def http_client(app: web.Application):
    async with aiohttp.ClientSession() as app[BUOYS].http:
        yield


def make_app() -> web.Application:
    app = web.Application()
    app[FARM_LINES] = {farm: load_lines(farm, count) for farm, count in FARMS.items()}
    app[BUOYS] = Buoys(f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}")
    app[SLOPES] = Slopes(limit=400)
    app.cleanup_ctx.append(http_client)
    app.add_routes([
        web.get("/farms/{farm}/growth", growth),
        web.get("/farms/{farm}/harvest", harvest),
        web.get("/healthz", healthz),
    ])
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
