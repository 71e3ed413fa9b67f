"""High and low water, from harmonic constants."""
import asyncio
import datetime as dt
import math
import os

from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

# amplitude in m, degrees an hour, phase
PORTS = {
    "leith": [(1.84, 28.984, 57.0), (0.62, 30.0, 96.0), (0.35, 28.44, 33.0), (0.12, 15.041, 241.0)],
    "dover": [(2.24, 28.984, 331.0), (0.71, 30.0, 22.0), (0.42, 28.44, 309.0), (0.05, 15.041, 56.0)],
}
EPOCH = dt.datetime(2024, 1, 1)


def level(constants, hours: float) -> float:
    return sum(a * math.cos(math.radians(speed * hours - phase)) for a, speed, phase in constants)


def turning_points(constants, day: dt.date) -> list[dict]:
    start = (dt.datetime.combine(day, dt.time()) - EPOCH).total_seconds() / 3600
    levels = [level(constants, start + k / 4) for k in range(-1, 98)]
    out = []
    for k in range(1, 98):
        if (levels[k] - levels[k - 1]) * (levels[k + 1] - levels[k]) < 0:
            at = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=15 * (k - 1))
            out.append({"at": at.strftime("%H:%M"), "m": round(levels[k] + 3, 2), "kind": "high" if levels[k] > levels[k - 1] else "low"})
    return out


async def tides(request: Request) -> JSONResponse:
    constants = PORTS.get(request.path_params["port"])
    if constants is None:
        raise HTTPException(404)
    try:
        day = dt.date.fromisoformat(request.query_params.get("day", dt.date.today().isoformat()))
    except ValueError:
        raise HTTPException(400, "day") from None
    return JSONResponse({"day": day.isoformat(), "tides": turning_points(constants, day)})


async def ports(_: Request) -> JSONResponse:
    return JSONResponse(sorted(PORTS))


async def health(_: Request) -> JSONResponse:
    return JSONResponse({"ok": True})


app = Starlette(routes=[Route("/ports/{port}/tides", tides), Route("/ports", ports), Route("/health", health)])

if __name__ == "__main__":
    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['PORT']}"]
    config.accesslog = config.errorlog = None
    asyncio.run(serve(app, config))
