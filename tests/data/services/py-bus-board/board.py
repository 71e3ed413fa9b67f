"""The departure board of a bus stop."""
import datetime as dt
import os

import asyncpg
from aiohttp import web

routes = web.RouteTableDef()
POOL = web.AppKey("pool", asyncpg.Pool)


async def delay_of(connection, departure: int) -> int:
    found = await connection.fetchval(
        "SELECT minutes FROM delays WHERE departure_id = $1 ORDER BY noted_at DESC LIMIT 1", departure)
    return found or 0


async def vehicle_of(connection, vehicle: int) -> str:
    row = await connection.fetchrow("SELECT plate, low_floor FROM vehicles WHERE id = $1", vehicle)
    return f"{row['plate']}{' *' if row['low_floor'] else ''}"


async def departure_line(connection, row) -> dict:
    delay = await delay_of(connection, row["id"])
    expected = dt.datetime.combine(dt.date.min, row["leaves"]) + dt.timedelta(minutes=delay)
    return {"line": row["name"], "to": row["terminus"], "planned": row["leaves"].strftime("%H:%M"),
            "expected": expected.strftime("%H:%M"), "bus": await vehicle_of(connection, row["vehicle_id"])}


@routes.get(r"/stops/{stop:\d+}/board")
async def board(request: web.Request) -> web.Response:
    at = dt.time.fromisoformat(request.query.get("at", "06:00"))
    until = (dt.datetime.combine(dt.date.today(), at) + dt.timedelta(hours=2)).time()
    async with request.app[POOL].acquire() as connection:
        rows = await connection.fetch(
            "SELECT d.id, d.leaves, d.vehicle_id, l.name, l.terminus FROM departures d JOIN lines l ON l.id = d.line_id "
            "WHERE d.stop_id = $1 AND d.leaves BETWEEN $2 AND $3 ORDER BY d.leaves", int(request.match_info["stop"]), at, until)
        return web.json_response([await departure_line(connection, row) for row in rows])


@routes.get("/lines")
async def lines(request: web.Request) -> web.Response:
    rows = await request.app[POOL].fetch("SELECT name, terminus FROM lines ORDER BY id")
    return web.json_response([dict(row) for row in rows])


@routes.get("/alive")
async def alive(_: web.Request) -> web.Response:
    return web.Response(text="yes")


async def database(app: web.Application):
    app[POOL] = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=4, max_size=12)
    yield
    await app[POOL].close()


app = web.Application()
app.add_routes(routes)
app.cleanup_ctx.append(database)
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
