"""Snow depths of the mountain ranges' automatic stakes, with the avalanche office's danger levels."""
import asyncio
import json
import os
import threading
import time
from collections import OrderedDict

import numpy as np
import orjson
from sanic import Sanic, response
from sanic.exceptions import NotFound, SanicException

RANGES = {"west": 36, "east": 22}
STEPS_A_DAY = 24
KEEP_DAYS = 400
LEVEL_SECONDS = 3.0

app = Sanic("snow_stakes")


class Offices:
    """Connection to the avalanche office; a range's levels are good for a few seconds."""

    def __init__(self, port: int):
        self._port = port
        self._levels: dict[str, tuple[float, list[int]]] = {}
        self._asking: dict[str, asyncio.Task] = {}

    async def levels(self, name: str) -> list[int]:
        known = self._levels.get(name)
        if known and time.monotonic() - known[0] < LEVEL_SECONDS:
            return known[1]
        task = self._asking.get(name)
        if task is None:
            task = self._asking[name] = asyncio.create_task(self._ask(name))
            task.add_done_callback(lambda _: self._asking.pop(name, None))
        return await task

    async def _ask(self, name: str) -> list[int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(f"GET /levels/{name} HTTP/1.1\r\nHost: office\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            levels = json.loads(await reader.readexactly(length))["levels"]
        finally:
            writer.close()
        self._levels[name] = (time.monotonic(), levels)
        return levels


class Mountains:
    """Hourly depths in centimetres, one row a stake; smoothed once at the start and then kept up by the feed."""

    def __init__(self):
        self._lock = threading.Lock()
        self._depths = {name: self._winter(number, count) for number, (name, count) in enumerate(RANGES.items())}
        self._profiles: OrderedDict[tuple, dict] = OrderedDict()
        self.altered = 0

    @staticmethod
    def _winter(seed: int, stakes: int) -> np.ndarray:
        rnd = np.random.default_rng(seed)
        hours = KEEP_DAYS * STEPS_A_DAY
        fall = rnd.gamma(0.08, 2.4, (stakes, hours))
        melt = rnd.uniform(0.0, 0.006, (stakes, 1))
        depths = np.zeros((stakes, hours))
        for hour in range(1, hours):
            depths[:, hour] = (depths[:, hour - 1] + fall[:, hour]) * (1 - melt[:, 0])
        for row in range(stakes):
            depths[row] = np.convolve(np.pad(depths[row], 6, mode="edge"), np.ones(13) / 13, mode="valid")
        return depths

    def has(self, name: str) -> bool:
        return name in self._depths

    def feed(self, name: str) -> None:
        """A new hour comes in from the stakes."""
        with self._lock:
            depths = self._depths[name]
            newest = depths[:, -1] * 0.998 + 0.4
            depths[:, :-1] = depths[:, 1:]
            depths[:, -1] = newest
            self.altered += 1

    def window(self, name: str, days: int) -> np.ndarray:
        with self._lock:
            return self._depths[name][:, -days * STEPS_A_DAY:].copy()

    def normal(self, name: str, days: int) -> dict:
        """What the season so far would let one expect; changes little, so a few of them are kept."""
        key = (name, days, self.altered // 40)
        found = self._profiles.get(key)
        if found is None:
            with self._lock:
                share = np.percentile(self._depths[name], (10, 50, 90), axis=1)
            found = {"low": share[0].round(1), "median": share[1].round(1), "high": share[2].round(1)}
            self._profiles[key] = found
            while len(self._profiles) > 16:
                self._profiles.popitem(last=False)
        return found


def load_on_slope(window: np.ndarray) -> np.ndarray:
    """Kilograms on a square metre: younger snow is lighter, older snow has settled."""
    gained = np.diff(window, axis=1, prepend=window[:, :1])
    age = np.arange(window.shape[1])[::-1] / STEPS_A_DAY
    density = 80 + 240 * (1 - np.exp(-age / 9.0))
    return np.cumsum(np.clip(gained, 0, None) * density / 100, axis=1)


def profile(window: np.ndarray, normal: dict) -> list[dict]:
    load = load_on_slope(window)
    fresh = window[:, -1] - window[:, -1 - STEPS_A_DAY]
    return [
        {
            "stake": stake,
            "depth_cm": window[stake].round(1),
            "load_kg": load[stake, ::6].round(1),
            "fresh_24h": round(float(fresh[stake]), 1),
            "normal": [float(normal[k][stake]) for k in ("low", "median", "high")],
        }
        for stake in range(window.shape[0])
    ]


def packed(content: dict) -> response.HTTPResponse:
    return response.raw(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), content_type="application/json")


def known_range(name: str) -> str:
    if not app.ctx.mountains.has(name):
        raise NotFound("no such range")
    return name


@app.get("/ranges/<name:str>/profile")
async def range_profile(request, name: str):
    days = int(request.args.get("days", "10"))
    if not 2 <= days <= 90:
        raise SanicException("2 to 90 days", status_code=422)
    mountains = app.ctx.mountains
    name = known_range(name)
    levels = asyncio.ensure_future(app.ctx.offices.levels(name))
    stakes = profile(mountains.window(name, days), mountains.normal(name, days))
    return packed({"range": name, "levels": await levels, "stakes": stakes})


@app.get("/ranges/<name:str>/fresh")
async def fresh_snow(request, name: str):
    window = app.ctx.mountains.window(known_range(name), 2)
    return packed({"range": name, "fresh_24h": (window[:, -1] - window[:, -1 - STEPS_A_DAY]).round(1)})


@app.get("/health")
async def health(request):
    return response.json({"status": "ok", "hours": app.ctx.mountains.altered})


@app.before_server_start
async def prepare(app, _):
    app.ctx.mountains = Mountains()
    app.ctx.offices = Offices(int(os.environ["UPSTREAM_PORT"]))
    app.add_task(receive(app))


async def receive(app):
    while True:
        await asyncio.sleep(1.5)
        for name in RANGES:
            app.ctx.mountains.feed(name)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), single_process=True, access_log=False, motd=False)
