"""The foundry's index."""

import asyncio
import os

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


async def faces(request):
    await asyncio.sleep(0.03)
    return JSONResponse({"faces": ["Garamond", "Caslon", "Bodoni"]})


app = Starlette(routes=[Route("/faces", faces)])
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["UPSTREAM_PORT"]), log_level="warning")
