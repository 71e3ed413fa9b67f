"""A skipper's morning brief: tide, wind, notices and berths of a harbour."""

import os

import httpx
import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

OFFICE = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
client = httpx.AsyncClient(base_url=OFFICE, timeout=10)


async def tide(harbour):
    answer = await client.get(f"/tides/{harbour}")
    return answer.json()["height"]


async def wind(harbour):
    answer = await client.get("/winds", params={"at": harbour})
    return answer.json()["knots"]


async def notices(harbour):
    answer = await client.get(f"/notices/{harbour}/latest")
    return answer.json()["items"]


async def berths(harbour):
    answer = await client.get(f"/berths/{harbour}")
    return answer.json()["free"]


async def healthz(request):
    return JSONResponse({"ok": True})


async def brief(request):
    harbour = request.path_params["harbour"]
    body = {"harbour": harbour}
    body["tide"] = await tide(harbour)
    body["wind"] = await wind(harbour)
    body["notices"] = await notices(harbour)
    body["berths"] = await berths(harbour)
    return JSONResponse(body)


app = Starlette(routes=[Route("/healthz", healthz), Route("/briefs/{harbour}", brief)])
config = Config()
config.bind = [f"127.0.0.1:{os.environ['PORT']}"]
trio.run(serve, app, config)
