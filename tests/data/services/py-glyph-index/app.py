"""Looks letters up in the foundry's index and says which faces have them."""

import os

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

FOUNDRY = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"


class Index:
    def __init__(self):
        self.client = httpx.Client(base_url=FOUNDRY, timeout=10)

    def faces(self, letter):
        return self.client.get("/faces", params={"letter": letter}).json()["faces"]


index = Index()


async def healthz(request):
    return JSONResponse({"ok": True})


async def glyph(request):
    letter = request.path_params["letter"]
    faces = index.faces(letter)
    return JSONResponse({"letter": letter, "code": ord(letter), "faces": faces})


app = Starlette(routes=[Route("/healthz", healthz), Route("/glyphs/{letter}", glyph)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
