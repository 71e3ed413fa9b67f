"""Alarm desk of the waterworks: what pumps and stations have reported."""
import asyncio
import contextlib
import os
from collections import Counter
from datetime import datetime

from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from store import Store

LEVELS = ("info", "notice", "warning", "alarm")
WORN_AMPS = 20.0


def level_param(request: Request) -> int:
    name = request.query_params.get("level", "notice")
    if name not in LEVELS:
        raise HTTPException(422, "level")
    return LEVELS.index(name)


def int_param(request: Request, name: str, default: int, most: int) -> int:
    try:
        value = int(request.query_params.get(name, default))
    except ValueError:
        raise HTTPException(422, name) from None
    return max(1, min(value, most))


def message(row) -> dict:
    body = row["body"]
    return {"id": row["id"], "station": row["station"], "received": row["received"].isoformat(),
            "level": LEVELS[row["level"]], "pump": body["pump"], "code": body["code"], "amps": body["amps"]}


def wear(messages: list[dict]) -> dict:
    """A pump that often draws much current is due for an overhaul."""
    high = [m for m in messages if m["amps"] > WORN_AMPS]
    share = len(high) / len(messages) if messages else 0.0
    return {"share_high": round(share, 3), "last_high": high[-1]["received"] if high else None,
            "advice": "overhaul" if share > 0.25 else "watch" if share > 0.1 else "none"}


async def pump_history(request: Request) -> JSONResponse:
    store: Store = request.app.state.store
    pump = request.path_params["pump"]
    messages = [message(row) for row in await store.of_pump(pump, level_param(request))]
    if not messages:
        raise HTTPException(404)
    codes = Counter(m["code"] for m in messages)
    return JSONResponse({"pump": pump, "wear": wear(messages), "codes": dict(codes.most_common(5)),
                         "messages": messages[-50:]})


async def station_messages(request: Request) -> JSONResponse:
    store: Store = request.app.state.store
    station = await store.station(request.path_params["code"])
    if station is None:
        raise HTTPException(404)
    try:
        since = datetime.fromisoformat(request.query_params.get("since", "2025-07-01"))
    except ValueError:
        raise HTTPException(422, "since") from None
    rows = await store.of_station(station["id"], since, int_param(request, "limit", 50, 200))
    return JSONResponse({"station": dict(station), "messages": [message(row) for row in rows]})


async def newest(request: Request) -> JSONResponse:
    rows = await request.app.state.store.newest(int_param(request, "limit", 20, 100))
    return JSONResponse([message(row) for row in rows])


async def health(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


@contextlib.asynccontextmanager
async def lifespan(app: Starlette):
    app.state.store = await Store.connect(os.environ["DATABASE_URL"])
    yield
    await app.state.store.close()


app = Starlette(lifespan=lifespan, routes=[
    Route("/pumps/{pump}/history", pump_history),
    Route("/stations/{code}/messages", station_messages),
    Route("/messages", newest),
    Route("/health", health),
])

if __name__ == "__main__":
    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['PORT']}"]
    config.accesslog = None
    asyncio.run(serve(app, config))
