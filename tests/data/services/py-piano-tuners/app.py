"""Appointments of piano tuners: who is free when, and what a visit costs."""
import asyncio
import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

from aiohttp import web

CALENDAR = ("127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
WORK_HOURS = range(8, 19)
VISIT_HOURS = {"upright": 2, "grand": 3, "harpsichord": 4}
FEES = {"upright": 110.0, "grand": 165.0, "harpsichord": 190.0}
PER_KM = 0.62


@dataclass(frozen=True)
class Tuner:
    id: str
    name: str
    town: str
    instruments: tuple[str, ...]
    km: int


TUNERS = {t.id: t for t in (
    Tuner("T-1", "Ines Kolb", "Passau", ("upright", "grand"), 12),
    Tuner("T-2", "Marek Dvorak", "Linz", ("upright",), 55),
    Tuner("T-3", "Ruth Amsel", "Deggendorf", ("upright", "grand", "harpsichord"), 31),
    Tuner("T-4", "Jon Weiss", "Straubing", ("grand",), 64),
)}


class CalendarError(Exception):
    pass


class CalendarClient:
    """Talks the calendar server's line protocol; blocking, made for the desktop program."""

    def __init__(self, address: tuple[str, int], timeout: float = 4.0):
        self._address = address
        self._timeout = timeout

    def _ask(self, line: str) -> dict:
        try:
            with socket.create_connection(self._address, self._timeout) as connection:
                connection.sendall(line.encode() + b"\n")
                with connection.makefile("r", encoding="utf-8") as answers:
                    return json.loads(answers.readline())
        except (OSError, ValueError) as error:
            raise CalendarError(str(error)) from None

    def busy_hours(self, who: str, day: date) -> set[int]:
        return set(self._ask(f"BUSY {who} {day.isoformat()}")["busy"])


class Diary:
    def __init__(self, client: CalendarClient):
        self._client = client
        self._executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="calendar")

    async def busy_hours(self, who: str, day: date) -> set[int]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._client.busy_hours, who, day)

    async def days(self, who: str, days: list[date]) -> dict[date, set[int]]:
        return dict(zip(days, await asyncio.gather(*(self.busy_hours(who, day) for day in days))))

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


DIARY = web.AppKey("diary", Diary)


def tuner_or_404(request: web.Request) -> Tuner:
    try:
        return TUNERS[request.match_info["tuner"]]
    except KeyError:
        raise web.HTTPNotFound() from None


def asked_days(request: web.Request) -> list[date]:
    try:
        first = date.fromisoformat(request.query["from"])
        count = int(request.query.get("days", "5"))
    except (KeyError, ValueError):
        raise web.HTTPBadRequest(text="from and days are wanted") from None
    if not 1 <= count <= 10:
        raise web.HTTPBadRequest(text="between one and ten days")
    days = (first + timedelta(days=n) for n in range(count * 2))
    return [day for day in days if day.weekday() < 5][:count]


def slots(busy: set[int], hours: int) -> list[str]:
    """Starts from which the tuner has so many hours in a row."""
    return [f"{start:02}:00" for start in WORK_HOURS
            if start + hours <= WORK_HOURS.stop and not busy.intersection(range(start, start + hours))]


def fee(tuner: Tuner, instrument: str) -> float:
    return round(FEES[instrument] + 2 * tuner.km * PER_KM, 2)


async def free(request: web.Request) -> web.Response:
    tuner = tuner_or_404(request)
    busy = await request.app[DIARY].days(tuner.id, asked_days(request))
    return web.json_response({
        "tuner": tuner.name,
        "days": [{"day": day.isoformat(), "slots": {kind: slots(hours, VISIT_HOURS[kind]) for kind in tuner.instruments}}
                 for day, hours in busy.items()],
        "fees": {kind: fee(tuner, kind) for kind in tuner.instruments},
    })


async def tuner(request: web.Request) -> web.Response:
    found = tuner_or_404(request)
    return web.json_response({"id": found.id, "name": found.name, "town": found.town, "plays": found.instruments})


async def tuners(request: web.Request) -> web.Response:
    wanted = request.query.get("instrument")
    return web.json_response([t.id for t in TUNERS.values() if wanted is None or wanted in t.instruments])


async def healthz(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@web.middleware
async def troubles(request: web.Request, handler):
    try:
        return await handler(request)
    except CalendarError as error:
        return web.json_response({"error": f"calendar: {error}"}, status=502)


async def diary(app: web.Application):
    app[DIARY] = Diary(CalendarClient(CALENDAR))
    yield
    app[DIARY].close()


def make_app() -> web.Application:
    app = web.Application(middlewares=[troubles])
    app.cleanup_ctx.append(diary)
    app.add_routes([web.get("/tuners", tuners), web.get("/tuners/{tuner}", tuner), web.get("/tuners/{tuner}/free", free),
                    web.get("/healthz", healthz)])
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
