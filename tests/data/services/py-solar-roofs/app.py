"""Output of the municipal solar roofs, for the display in each entrance hall."""
import os
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
import uvicorn
from litestar import Litestar, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException

GATEWAY = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
PATIENCE = 4.0
GRAMS_PER_KWH = 380
TARIFF = {"feed_in": 0.081, "own_use": 0.274}


@dataclass(frozen=True)
class Inverter:
    number: str
    strings: int
    rated_watts: int


@dataclass(frozen=True)
class Roof:
    key: str
    name: str
    own_use: float
    inverters: tuple[Inverter, ...]


@dataclass
class Reading:
    inverter: str
    watts: int
    today_wh: int
    celsius: int
    status: str


def fit(prefix: str, count: int, rated: int) -> tuple[Inverter, ...]:
    return tuple(Inverter(f"{prefix}-{n:02}", 2 + n % 2, rated) for n in range(1, count + 1))


ROOFS = {roof.key: roof for roof in (
    Roof("town-hall", "Town hall", 0.62, fit("th", 4, 8200)),
    Roof("school-north", "School North", 0.48, fit("sn", 11, 8200)),
    Roof("pool", "Indoor pool", 0.91, fit("po", 7, 10000)),
    Roof("depot", "Tram depot", 0.35, fit("td", 16, 12500)),
)}


class Gateway:
    def __init__(self, base: str):
        self._http = httpx.AsyncClient(base_url=base, timeout=PATIENCE, trust_env=False,
                                       limits=httpx.Limits(max_connections=120, max_keepalive_connections=120))

    async def close(self) -> None:
        await self._http.aclose()

    async def _json(self, path: str) -> dict[str, Any]:
        answer = await self._http.get(path)
        answer.raise_for_status()
        return answer.json()

    async def sun(self) -> dict[str, Any]:
        return await self._json("/sun/now")

    async def reading(self, inverter: Inverter) -> Reading:
        found = await self._json(f"/inverters/{inverter.number}/reading")
        return Reading(inverter.number, found["watts"], found["today_wh"], found["celsius"], found["status"])


class Collector:
    """Asks the gateway for all inverters of a roof; one that does not answer is left out."""

    def __init__(self, gateway: Gateway):
        self._gateway = gateway

    async def _one(self, inverter: Inverter, found: dict[str, Reading]) -> None:
        try:
            found[inverter.number] = await self._gateway.reading(inverter)
        except httpx.HTTPError:
            pass

    async def latest(self, roof: Roof) -> dict[str, Reading]:
        found: dict[str, Reading] = {}
        with anyio.move_on_after(PATIENCE):
            for inverter in roof.inverters:
                async with anyio.create_task_group() as group:
                    group.start_soon(self._one, inverter, found)
        return found


def load_factor(inverter: Inverter, reading: Reading) -> float:
    return round(reading.watts / inverter.rated_watts, 3)


def savings(roof: Roof, wh: int) -> dict[str, float]:
    kwh = wh / 1000
    own = kwh * roof.own_use
    return {"euro": round(own * TARIFF["own_use"] + (kwh - own) * TARIFF["feed_in"], 2),
            "co2_kg": round(kwh * GRAMS_PER_KWH / 1000, 1)}


def rows_of(roof: Roof, readings: dict[str, Reading]) -> list[dict[str, Any]]:
    rows = []
    for inverter in roof.inverters:
        reading = readings.get(inverter.number)
        if reading is None:
            rows.append({"inverter": inverter.number, "status": "silent"})
            continue
        rows.append({"inverter": inverter.number, "status": reading.status, "watts": reading.watts,
                     "celsius": reading.celsius, "load": load_factor(inverter, reading)})
    return rows


def roof_or_404(key: str) -> Roof:
    if key not in ROOFS:
        raise NotFoundException(f"no roof {key}")
    return ROOFS[key]


@get("/roofs")
async def roofs() -> list[dict[str, Any]]:
    return [{"key": roof.key, "name": roof.name, "inverters": len(roof.inverters)} for roof in ROOFS.values()]


@get("/roofs/{key:str}/output")
async def output(key: str, state: State) -> dict[str, Any]:
    roof = roof_or_404(key)
    readings = await state.collector.latest(roof)
    today = sum(reading.today_wh for reading in readings.values())
    return {"roof": roof.name, "watts": sum(reading.watts for reading in readings.values()),
            "today_kwh": round(today / 1000, 1), **savings(roof, today), "inverters": rows_of(roof, readings)}


@get("/roofs/{key:str}/inverters/{number:str}")
async def inverter(key: str, number: str, state: State) -> dict[str, Any]:
    for candidate in roof_or_404(key).inverters:
        if candidate.number == number:
            reading = await state.gateway.reading(candidate)
            return {**vars(reading), "load": load_factor(candidate, reading)}
    raise NotFoundException(f"no inverter {number}")


@get("/sun")
async def sun(state: State) -> dict[str, Any]:
    return await state.gateway.sun()


@get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


async def open_gateway(app: Litestar) -> None:
    app.state.gateway = Gateway(GATEWAY)
    app.state.collector = Collector(app.state.gateway)


async def close_gateway(app: Litestar) -> None:
    await app.state.gateway.close()


app = Litestar([roofs, output, inverter, sun, healthz], on_startup=[open_gateway], on_shutdown=[close_gateway],
               openapi_config=None)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
