"""The bell tower's news: a listener is told what came after the last that he heard."""

import asyncio
import os

from aiohttp import web

STATE = web.AppKey("state", dict)


async def healthz(request):
    return web.json_response({"ok": True})


async def ring(app):
    state = app[STATE]

    async def keep_ringing():
        while True:
            await asyncio.sleep(0.7)
            async with state["changed"]:
                state["number"] += 1
                state["changed"].notify_all()

    task = asyncio.create_task(keep_ringing())
    yield
    task.cancel()


async def updates(request):
    state = request.app[STATE]
    since = int(request.query.get("since", "-1"))
    seen = state["number"] if since < 0 else since
    try:
        async with state["changed"]:
            await asyncio.wait_for(state["changed"].wait_for(lambda: state["number"] > seen), 10)
    except asyncio.TimeoutError:
        return web.Response(status=204)
    return web.json_response({"number": state["number"]})


async def made():
    app = web.Application()
    app[STATE] = {"number": 0, "changed": asyncio.Condition()}
    app.cleanup_ctx.append(ring)
    app.add_routes([web.get("/healthz", healthz), web.get("/updates", updates)])
    return app


web.run_app(made(), host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
