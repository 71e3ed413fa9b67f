"""Premiums of marine cargo insurance."""
import asyncio
import os
import time
from dataclasses import dataclass
from itertools import count

import httpx
from sanic import Sanic
from sanic.exceptions import BadRequest, NotFound, SanicException
from sanic.response import json

DATA_HOUSE = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
RATES = {"machinery": 0.0021, "textiles": 0.0014, "fruit": 0.0048, "chemicals": 0.0061}
MIN_PREMIUM = 75.0
PORT_LIFE = 600.0


@dataclass
class Enquiry:
    vessel: str
    goods: str
    value: float
    origin: str
    destination: str

    @classmethod
    def parse(cls, body: dict | None) -> "Enquiry":
        try:
            found = cls(str(body["vessel"]), body["goods"], float(body["value"]), body["from"], body["to"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadRequest(f"bad enquiry: {error}") from None
        if found.goods not in RATES:
            raise BadRequest("unknown goods")
        return found


class DataHouse:
    def __init__(self):
        self._http = httpx.AsyncClient(base_url=DATA_HOUSE, timeout=5.0, limits=httpx.Limits(max_connections=100))
        self._ports: dict[str, tuple[float, int]] = {}

    async def _get(self, path: str) -> dict:
        answer = await self._http.get(path)
        if answer.status_code == 404:
            raise NotFound(path)
        if answer.is_error:
            raise SanicException("data house failed", status_code=502)
        return answer.json()

    async def vessel(self, imo: str) -> dict:
        return await self._get(f"/vessels/{imo}")

    async def port_risk(self, port: str) -> int:
        known = self._ports.get(port)
        if known and known[0] > time.monotonic():
            return known[1]
        risk = (await self._get(f"/ports/{port}"))["risk"]
        self._ports[port] = (time.monotonic() + PORT_LIFE, risk)
        return risk

    async def screen_vessel(self, imo: str) -> list[str]:
        return (await self._get(f"/screening/{imo}"))["hits"]


def age_factor(built: int) -> float:
    return 1.0 + max(0, 2024 - built - 15) * 0.02


def premium(enquiry: Enquiry, vessel: dict, risks: list[int]) -> float:
    base = enquiry.value * RATES[enquiry.goods]
    return round(max(MIN_PREMIUM, base * age_factor(vessel["built"]) * (1 + 0.05 * max(risks))), 2)


app = Sanic("cargo")
offers: dict[int, dict] = {}
numbers = count(7001)


@app.before_server_start
async def open_clients(app, _):
    app.ctx.house = DataHouse()


@app.post("/premiums")
async def quote(request):
    enquiry = Enquiry.parse(request.json)
    house: DataHouse = app.ctx.house
    vessel, hits, *risks = await asyncio.gather(
        house.vessel(enquiry.vessel), house.screen_vessel(enquiry.vessel),
        house.port_risk(enquiry.origin), house.port_risk(enquiry.destination))
    if hits:
        raise SanicException("vessel is listed", status_code=451)
    number = next(numbers)
    offers[number] = {"offer": number, "premium": premium(enquiry, vessel, risks), "flag": vessel["flag"]}
    if len(offers) > 500:
        del offers[min(offers)]
    return json(offers[number], status=201)


@app.get("/premiums/<number:int>")
async def offer(request, number: int):
    if number not in offers:
        raise NotFound("no such offer")
    return json(offers[number])


@app.get("/goods")
async def goods(request):
    return json(RATES)


@app.get("/healthz")
async def healthz(request):
    return json({"status": "ok"})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), single_process=True, access_log=False, motd=False)
