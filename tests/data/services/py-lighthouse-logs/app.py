"""The logs of a coast's lighthouses: when the lamps burned, how strong the wind blew."""
import asyncio
import hashlib
import os
import random
from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from itertools import groupby

from aiohttp import web

BEGIN = datetime(2024, 1, 1, tzinfo=timezone.utc)
LIGHTS = [f"LH-{n}" for n in range(1, 41)]
DAYS = 240
PER_DAY = 12
MAX_DAYS = 120
PAGES_KEPT = 64


class Watch:
    """What the keeper or the sensor wrote down every other hour."""

    __slots__ = ("at", "lamp", "wind", "visibility")

    def __init__(self, at: int, lamp: bool, wind: float, visibility: int):
        self.at = at
        self.lamp = lamp
        self.wind = wind
        self.visibility = visibility


class Logbook:
    def __init__(self, light: str, dice: random.Random):
        self.light = light
        self.range = dice.randint(8, 24)
        wind = 6.0
        self.watches: list[Watch] = []
        for at in range(DAYS * PER_DAY):
            wind = max(0.0, min(32.0, wind + dice.uniform(-2, 2)))
            hour = at % PER_DAY * 2
            self.watches.append(Watch(at, hour < 8 or hour >= 18, round(wind, 1), dice.randint(1, self.range)))

    def last(self, days: int) -> list[Watch]:
        return self.watches[-days * PER_DAY:]


class Coast:
    def __init__(self):
        dice = random.Random(2024)
        self.books = {light: Logbook(light, dice) for light in LIGHTS}
        self.remarks: OrderedDict[str, list[str]] = OrderedDict()
        self._lock = asyncio.Lock()

    def book(self, light: str) -> Logbook:
        if light not in self.books:
            raise web.HTTPNotFound(text="no such light")
        return self.books[light]

    async def remark(self, light: str, text: str) -> int:
        async with self._lock:
            found = self.remarks.setdefault(light, [])
            found.append(text[:200])
            self.remarks.move_to_end(light)
            del found[:-20]
            while len(self.remarks) > PAGES_KEPT:
                self.remarks.popitem(last=False)
            return len(found)


def beaufort(wind: float) -> int:
    limits = (0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7)
    return next((force for force, limit in enumerate(limits) if wind < limit), 12)


def day_of(watch: Watch) -> int:
    return watch.at // PER_DAY


def day_page(day: int, watches: list[Watch], light_range: int) -> dict:
    winds = [watch.wind for watch in watches]
    poor = sum(watch.visibility < light_range // 3 for watch in watches)
    return {
        "day": (BEGIN + timedelta(days=day)).date().isoformat(),
        "lamp_hours": 2 * sum(watch.lamp for watch in watches),
        "mean_wind": round(sum(winds) / len(winds), 1),
        "strongest": beaufort(max(winds)),
        "poor_visibility": poor,
        "watches": [[watch.at % PER_DAY * 2, watch.wind, watch.visibility] for watch in watches],
    }


def log_pages(book: Logbook, days: int) -> list[dict]:
    return [day_page(day, list(watches), book.range) for day, watches in groupby(book.last(days), day_of)]


def days_wanted(request: web.Request) -> int:
    try:
        return max(1, min(MAX_DAYS, int(request.query.get("days", "14"))))
    except ValueError:
        raise web.HTTPBadRequest(text="bad days") from None


COAST = web.AppKey("coast", Coast)
routes = web.RouteTableDef()


@routes.get("/lights/{light}/log")
async def log(request: web.Request) -> web.Response:
    coast = request.app[COAST]
    book = coast.book(request.match_info["light"])
    pages = log_pages(book, days_wanted(request))
    answer = web.json_response({"light": book.light, "range": book.range, "days": pages,
                                "remarks": coast.remarks.get(book.light, [])})
    answer.headers["ETag"] = '"' + hashlib.sha256(answer.body).hexdigest()[:20] + '"'
    return answer


@routes.post("/lights/{light}/remarks")
async def remark(request: web.Request) -> web.Response:
    coast = request.app[COAST]
    book = coast.book(request.match_info["light"])
    return web.json_response({"remarks": await coast.remark(book.light, await request.text())}, status=201)


@routes.get("/storms")
async def storms(request: web.Request) -> web.Response:
    days = days_wanted(request)
    found = {light: sum(watch.wind >= 20.8 for watch in book.last(days))
             for light, book in request.app[COAST].books.items()}
    return web.json_response(dict(sorted(found.items(), key=lambda pair: -pair[1])[:10]))


@routes.get("/healthz")
async def healthz(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def make_app() -> web.Application:
    app = web.Application()
    app[COAST] = Coast()
    app.add_routes(routes)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
