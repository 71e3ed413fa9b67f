"""Mosaic workshop: layouts of panels, glass needed and prices."""
import contextlib
import multiprocessing
import os
from collections import Counter

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from mosaic import MOTIFS, lay_out

GLASS_PRICE = {"smalti": 0.31, "sheet": 0.12, "mirror": 0.22}
WORKERS = 2
asked = Counter()


def int_param(request: Request, name: str, default: int, low: int, high: int) -> int:
    try:
        value = int(request.query_params.get(name, default))
    except ValueError:
        raise HTTPException(400, f"{name} is no number") from None
    if not low <= value <= high:
        raise HTTPException(422, f"{name} is from {low} to {high}")
    return value


def motif_of(request: Request) -> str:
    motif = request.path_params["motif"]
    if motif not in MOTIFS:
        raise HTTPException(404, "no such motif")
    return motif


def glass_of(request: Request) -> str:
    glass = request.query_params.get("glass", "smalti")
    if glass not in GLASS_PRICE:
        raise HTTPException(422, "no such glass")
    return glass


class Studio:
    """Layouts are heavy work, so they are made in other processes and the server stays free for everyone else."""

    def __init__(self, workers: int):
        self._pool = multiprocessing.get_context("spawn").Pool(workers)

    async def layout(self, motif: str, width: int, colours: int) -> dict:
        return self._pool.apply(lay_out, (motif, width, colours))

    def close(self) -> None:
        self._pool.terminate()
        self._pool.join()


def glass_list(found: dict, glass: str) -> list[dict]:
    spare = 1.08
    return [{"colour": colour, "pieces": round(count * spare), "price": round(count * spare * GLASS_PRICE[glass], 2)}
            for colour, count in zip(found["palette"], found["counts"]) if count]


async def panel_layout(request: Request) -> JSONResponse:
    motif, glass = motif_of(request), glass_of(request)
    width = int_param(request, "width", 30, 10, 60)
    colours = int_param(request, "colours", 8, 2, 16)
    asked[motif] += 1
    found = await request.app.state.studio.layout(motif, width, colours)
    glass_needed = glass_list(found, glass)
    return JSONResponse({
        "motif": motif,
        "rows": found["rows"],
        "glass": glass_needed,
        "total": round(sum(line["price"] for line in glass_needed), 2),
    })


async def panel_price(request: Request) -> JSONResponse:
    motif, glass = motif_of(request), glass_of(request)
    width = int_param(request, "width", 30, 10, 60)
    pieces = width * (width * 3 // 4)
    return JSONResponse({"motif": motif, "pieces": pieces, "about": round(pieces * GLASS_PRICE[glass] * 1.08, 2)})


async def motifs(request: Request) -> JSONResponse:
    return JSONResponse([{"motif": motif, "asked": asked[motif]} for motif in MOTIFS])


async def healthz(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


@contextlib.asynccontextmanager
async def lifespan(app: Starlette):
    app.state.studio = Studio(WORKERS)
    yield
    app.state.studio.close()


app = Starlette(lifespan=lifespan, routes=[
    Route("/motifs", motifs),
    Route("/panels/{motif}/layout", panel_layout),
    Route("/panels/{motif}/price", panel_price),
    Route("/healthz", healthz),
])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
