"""The carrier."""

import asyncio
import os

from aiohttp import web


async def tariff(request):
    await asyncio.sleep(0.045)
    return web.json_response({"base": 4.2, "per_kilo": 0.85, "zone": request.query["z"]})


app = web.Application()
app.add_routes([web.get("/tariff", tariff)])
web.run_app(
    app, host="127.0.0.1", port=int(os.environ["UPSTREAM_PORT"]), print=None, access_log=None
)
