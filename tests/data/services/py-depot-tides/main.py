"""Tide levels and berths of the harbours."""
import asyncio
import http.client
import json
import os
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web

import listener

GAUGES = ("127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
HARBOURS = {1: ("North quay", 2.1), 2: ("Old port", 1.7), 3: ("Container basin", 3.4), 4: ("Yacht harbour", 1.2)}
BERTHS: dict[int, dict] = {n: {"harbour": n, "ship": None} for n in HARBOURS}


def read_gauge(harbour: int) -> list[dict]:
    connection = http.client.HTTPConnection(*GAUGES, timeout=10)
    try:
        connection.request("GET", f"/gauge/{harbour}")
        return json.load(connection.getresponse())
    finally:
        connection.close()


def tide_table(levels: list[dict], draught: float) -> list[dict]:
    table = []
    for before, level in zip(levels, levels[1:]):
        rising = level["metres"] > before["metres"]
        table.append({"hour": level["hour"], "metres": level["metres"], "trend": "flood" if rising else "ebb",
                      "passable": level["metres"] >= draught})
    return table


async def tides(request: web.Request) -> web.Response:
    number = int(request.match_info["number"])
    if number not in HARBOURS:
        raise web.HTTPNotFound()
    name, draught = HARBOURS[number]
    levels = await asyncio.to_thread(read_gauge, number)
    return web.json_response({"harbour": name, "berth": BERTHS[number], "tides": tide_table(levels, draught)})


async def berth(request: web.Request) -> web.Response:
    number, body = int(request.match_info["number"]), await request.json()
    if number not in BERTHS:
        raise web.HTTPNotFound()
    BERTHS[number] = {"harbour": number, "ship": body.get("ship")}
    listener.announce(dict(BERTHS[number]))
    return web.json_response(BERTHS[number])


async def health(request: web.Request) -> web.Response:
    return web.json_response({"ok": True, "delivered": listener.DELIVERED})


async def background(app: web.Application):
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=6, thread_name_prefix="harbour"))
    desks = [loop.run_in_executor(None, listener.listen, desk) for desk in listener.DESKS]
    yield
    for box in listener.BOXES.values():
        box.put(None)
    await asyncio.gather(*desks)


def make_app() -> web.Application:
    app = web.Application()
    app.cleanup_ctx.append(background)
    app.add_routes([web.get("/harbours/{number:\\d+}/tides", tides), web.put("/harbours/{number:\\d+}/berth", berth),
                    web.get("/health", health)])
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
