"""What a stamp album is worth, by what such stamps fetched at auction lately."""
import asyncio
import contextlib
import os
import statistics
from dataclasses import dataclass

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

RESULTS = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
CONDITIONS = {"mint": 1.0, "hinged": 0.62, "used": 0.35, "damaged": 0.08}
COMMISSION = 0.18


@dataclass(frozen=True)
class Stamp:
    number: str
    country: str
    year: int
    perforated: bool = True


ALBUMS = {
    "heritage": [Stamp(f"Mi-{1870 + 7 * n}", ("Bavaria", "Saxony", "Baden")[n % 3], 1870 + n, n > 2) for n in range(5)],
    "airmail": [Stamp(f"Sc-C{n}", "United States", 1918 + n) for n in range(1, 7)],
    "ships": [Stamp(f"SG-{400 + n}", "Bermuda", 1922 + n) for n in range(4)],
}


class AuctionHouse:
    """Results of past auctions. The house asks its partners to keep few connections open."""

    def __init__(self, base: str):
        self._client = httpx.AsyncClient(
            base_url=base,
            timeout=httpx.Timeout(10.0, pool=30.0),
            limits=httpx.Limits(max_connections=2, max_keepalive_connections=2, keepalive_expiry=60),
            headers={"user-agent": "valuer/2.3"},
            trust_env=False,
        )

    async def prices(self, stamp: Stamp) -> list[float]:
        answer = await self._client.get(f"/results/{stamp.country}/{stamp.number}")
        if answer.status_code == 404:
            return []
        answer.raise_for_status()
        return answer.json()["prices"]

    async def close(self) -> None:
        await self._client.aclose()


def fair_price(prices: list[float]) -> float:
    """The median of what is left without the highest and the lowest."""
    ordered = sorted(prices)
    return statistics.median(ordered[1:-1] if len(ordered) > 3 else ordered) if ordered else 0.0


def appraised(stamp: Stamp, prices: list[float], condition: str) -> dict:
    value = fair_price(prices) * CONDITIONS[condition] * (1.0 if stamp.perforated else 1.4)
    return {"stamp": stamp.number, "country": stamp.country, "year": stamp.year, "sales": len(prices), "value": round(value, 2)}


def album_or_404(name: str) -> list[Stamp]:
    if name not in ALBUMS:
        raise HTTPException(404, "no such album")
    return ALBUMS[name]


def asked_condition(request: Request) -> str:
    condition = request.query_params.get("condition", "used")
    if condition not in CONDITIONS:
        raise HTTPException(400, "no such condition")
    return condition


async def album_value(request: Request) -> JSONResponse:
    stamps, condition = album_or_404(request.path_params["album"]), asked_condition(request)
    house: AuctionHouse = request.state.house
    results = await asyncio.gather(*(house.prices(stamp) for stamp in stamps))
    lines = [appraised(stamp, prices, condition) for stamp, prices in zip(stamps, results)]
    total = sum(line["value"] for line in lines)
    return JSONResponse({"album": request.path_params["album"], "condition": condition, "value": round(total, 2),
                         "after_commission": round(total * (1 - COMMISSION), 2),
                         "best": max(lines, key=lambda line: line["value"])["stamp"], "stamps": lines})


async def album(request: Request) -> JSONResponse:
    return JSONResponse([stamp.number for stamp in album_or_404(request.path_params["album"])])


async def albums(request: Request) -> JSONResponse:
    return JSONResponse({name: len(stamps) for name, stamps in ALBUMS.items()})


async def conditions(request: Request) -> JSONResponse:
    return JSONResponse(CONDITIONS)


async def ping(request: Request) -> PlainTextResponse:
    return PlainTextResponse("pong")


async def bad_gateway(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": f"auction results: {type(error).__name__}"}, status_code=502)


@contextlib.asynccontextmanager
async def lifespan(app: Starlette):
    house = AuctionHouse(RESULTS)
    try:
        yield {"house": house}
    finally:
        await house.close()


app = Starlette(
    routes=[Route("/albums", albums), Route("/albums/{album}", album), Route("/albums/{album}/value", album_value),
            Route("/conditions", conditions), Route("/ping", ping)],
    exception_handlers={httpx.HTTPError: bad_gateway},
    lifespan=lifespan,
)
