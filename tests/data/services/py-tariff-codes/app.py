"""Classifies goods for customs: finds the tariff code and what duty falls due on it."""
import http.client
import json
import os
import threading
import time
from decimal import ROUND_HALF_UP, Decimal

from aiohttp import web
from asgiref.sync import sync_to_async

BUREAU_PORT = int(os.environ["UPSTREAM_PORT"])
RATES = {"61": Decimal("0.12"), "64": Decimal("0.08"), "85": Decimal("0.00"), "94": Decimal("0.027")}
CENT = Decimal("0.01")
KNOWN_FOR = 30.0


class BureauError(Exception):
    pass


class TariffBureau:
    """The bureau's client as it is delivered: blocking, one connection for each thread."""

    def __init__(self, host: str, port: int):
        self._address = (host, port)
        self._local = threading.local()

    def _connection(self) -> http.client.HTTPConnection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection(*self._address, timeout=10)
        return connection

    def _call(self, path: str, content: dict) -> dict:
        connection = self._connection()
        try:
            connection.request("POST", path, json.dumps(content), {"Content-Type": "application/json"})
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise BureauError(str(error)) from error
        if response.status != 200:
            raise BureauError(f"{path}: {response.status}")
        return json.loads(body)

    def classify(self, description: str, material: str) -> dict:
        return self._call("/classify", {"description": description, "material": material})

    def measures(self, code: str, origin: str) -> dict:
        return self._call("/measures", {"code": code, "origin": origin})

    def countries(self) -> dict:
        return self._call("/countries", {})


class Desk:
    def __init__(self, bureau: TariffBureau):
        self._classify = sync_to_async(bureau.classify)
        self._measures = sync_to_async(bureau.measures)
        self._countries = sync_to_async(bureau.countries)
        self._known: tuple[float, set[str]] = (0.0, set())

    async def origins(self) -> set[str]:
        until, known = self._known
        if time.monotonic() > until:
            known = set((await self._countries())["countries"])
            self._known = (time.monotonic() + KNOWN_FOR, known)
        return known

    async def assess(self, item: dict) -> dict:
        found = await self._classify(item["description"], item.get("material", ""))
        measures = await self._measures(found["code"], item["origin"])
        value = Decimal(str(item["value"]))
        duty = duty_on(found["code"], value, measures)
        return {"code": found["code"], "confidence": found["confidence"], "measures": measures["names"],
                "value": str(value), "duty": str(duty)}


def duty_on(code: str, value: Decimal, measures: dict) -> Decimal:
    rate = RATES.get(code[:2], Decimal("0.05"))
    if measures["preferential"]:
        rate /= 2
    rate += Decimal(measures["extra_percent"]) / 100
    return (value * rate).quantize(CENT, ROUND_HALF_UP)


async def read_item(request: web.Request) -> dict:
    try:
        item = await request.json()
        if float(item["value"]) <= 0 or not item["description"].strip():
            raise ValueError
        item["origin"] = item["origin"].upper()
    except (ValueError, KeyError, TypeError, AttributeError):
        raise web.HTTPUnprocessableEntity(text="description, origin and value are needed") from None
    return item


@web.middleware
async def bureau_errors(request: web.Request, handler):
    try:
        return await handler(request)
    except BureauError as error:
        return web.json_response({"error": str(error)}, status=502)


routes = web.RouteTableDef()
desk = web.AppKey("desk", Desk)


@routes.post("/assessments")
async def assess(request: web.Request) -> web.Response:
    item = await read_item(request)
    if item["origin"] not in await request.app[desk].origins():
        raise web.HTTPUnprocessableEntity(text="no such origin")
    return web.json_response(await request.app[desk].assess(item), status=201)


@routes.get("/rates/{chapter:\\d\\d}")
async def rate(request: web.Request) -> web.Response:
    chapter = request.match_info["chapter"]
    if chapter not in RATES:
        raise web.HTTPNotFound
    return web.json_response({"chapter": chapter, "rate": str(RATES[chapter])})


@routes.get("/origins")
async def origins(request: web.Request) -> web.Response:
    return web.json_response(sorted(await request.app[desk].origins()))


@routes.get("/livez")
async def livez(request: web.Request) -> web.Response:
    return web.json_response({"live": True})


def make_app() -> web.Application:
    app = web.Application(middlewares=[bureau_errors])
    app[desk] = Desk(TariffBureau("127.0.0.1", BUREAU_PORT))
    app.add_routes(routes)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)
