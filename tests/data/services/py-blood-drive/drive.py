"""Registers donors for a blood drive; each gets a slot and a letter."""
import os

import asyncpg
from aiohttp import ClientSession, web

LETTERS = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
DB = web.AppKey("db", asyncpg.Pool)
HTTP = web.AppKey("http", ClientSession)
GROUPS = {"0+", "0-", "A+", "A-", "B+", "B-", "AB+", "AB-"}


async def letter(http: ClientSession, name: str, slot: int) -> str:
    async with http.post(f"{LETTERS}/letters", json={"name": name, "slot": slot}) as answer:
        answer.raise_for_status()
        return (await answer.json())["letter"]


async def register(app: web.Application, drive: int, name: str, group: str) -> dict:
    async with app[DB].acquire() as connection, connection.transaction():
        slot = await connection.fetchval("UPDATE drives SET registered = registered + 1 WHERE id = $1 RETURNING registered", drive)
        if slot is None:
            raise web.HTTPNotFound
        url = await letter(app[HTTP], name, slot)
        number = await connection.fetchval(
            "INSERT INTO donors (drive_id, slot, name, blood, letter) VALUES ($1, $2, $3, $4, $5) RETURNING id",
            drive, slot, name, group, url)
    return {"donor": number, "slot": slot, "letter": url}


async def donors(request: web.Request) -> web.Response:
    try:
        sent = await request.json()
        name, group = str(sent["name"]), sent["group"]
    except (ValueError, KeyError, TypeError):
        raise web.HTTPBadRequest from None
    if group not in GROUPS:
        raise web.HTTPUnprocessableEntity
    return web.json_response(await register(request.app, int(request.match_info["drive"]), name, group), status=201)


async def ok(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def resources(app: web.Application):
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=20) as pool, ClientSession() as session:
        app[DB], app[HTTP] = pool, session
        yield


app = web.Application()
app.cleanup_ctx.append(resources)
app.add_routes([web.post(r"/drives/{drive:\d+}/donors", donors), web.get("/ok", ok)])
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
