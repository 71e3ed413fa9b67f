"""Frost watch for orchards: reads the probes of an orchard and says which rows to sprinkle."""
import math
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from pydantic import BaseModel

CRITICAL = {"bud": -3.5, "blossom": -1.8, "fruit": -1.0}


@dataclass(frozen=True)
class Row:
    name: str
    probe: str
    sprinkler: str
    hectares: float


ORCHARDS = {
    "south": [Row(f"S{i}", f"p-{100 + i}", f"v{i // 3}", 0.4 + i % 4 * 0.15) for i in range(14)],
    "hill": [Row(f"H{i}", f"p-{200 + i}", f"v{i // 2}", 0.6) for i in range(6)],
    "brook": [Row(f"B{i}", f"p-{300 + i}", f"v{i}", 0.9) for i in range(4)],
}


class Reading(BaseModel):
    probe: str
    air: float
    humidity: int

    @property
    def wet_bulb(self) -> float:
        t, rh = self.air, self.humidity
        return (t * math.atan(0.151977 * math.sqrt(rh + 8.313659)) + math.atan(t + rh) - math.atan(rh - 1.676331)
                + 0.00391838 * rh ** 1.5 * math.atan(0.023101 * rh) - 4.686035)


class RowState(BaseModel):
    row: str
    air: float
    wet_bulb: float
    margin: float
    sprinkle: bool


class FrostReport(BaseModel):
    orchard: str
    stage: str
    coldest: float
    valves: list[str]
    water_m3_per_hour: float
    rows: list[RowState]


class Gateway:
    def __init__(self, base: str):
        self._http = httpx.AsyncClient(base_url=base, timeout=5)

    async def reading(self, probe: str) -> Reading:
        answer = await self._http.get(f"/probes/{probe}")
        if answer.status_code != 200:
            raise HTTPException(502, f"probe {probe} does not answer")
        return Reading.model_validate_json(answer.content)

    async def readings(self, rows: list[Row]) -> dict[str, Reading]:
        found = {}
        for row in rows:
            found[row.name] = await self.reading(row.probe)
        return found

    async def close(self) -> None:
        await self._http.aclose()


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.gateway = Gateway(f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}")
    yield
    await app.state.gateway.close()


app = FastAPI(lifespan=lifespan)


def gateway(request: Request) -> Gateway:
    return request.app.state.gateway


async def rows_of(name: str) -> list[Row]:
    if name not in ORCHARDS:
        raise HTTPException(404, "no such orchard")
    return ORCHARDS[name]


Gate = Annotated[Gateway, Depends(gateway)]
Rows = Annotated[list[Row], Depends(rows_of)]


def state_of(row: Row, reading: Reading, limit: float) -> RowState:
    wet = round(reading.wet_bulb, 2)
    margin = round(wet - limit, 2)
    return RowState(row=row.name, air=reading.air, wet_bulb=wet, margin=margin, sprinkle=margin < 0.6)


def valves_to_open(rows: list[Row], states: list[RowState]) -> list[str]:
    cold = {state.row for state in states if state.sprinkle}
    return sorted({row.sprinkler for row in rows if row.name in cold})


@app.get("/orchards/{name}/frost")
async def frost(name: str, rows: Rows, gate: Gate, stage: Annotated[str, Query()] = "blossom") -> FrostReport:
    if stage not in CRITICAL:
        raise HTTPException(422, "stage is bud, blossom or fruit")
    readings = await gate.readings(rows)
    states = [state_of(row, readings[row.name], CRITICAL[stage]) for row in rows]
    valves = valves_to_open(rows, states)
    return FrostReport(
        orchard=name,
        stage=stage,
        coldest=min(state.air for state in states),
        valves=valves,
        water_m3_per_hour=round(sum(row.hectares * 35 for row in rows if row.sprinkler in valves), 1),
        rows=states,
    )


@app.get("/probes/{probe}")
async def one_probe(probe: str, gate: Gate) -> Reading:
    return await gate.reading(probe)


@app.get("/orchards")
async def orchards():
    return {name: {"rows": len(rows), "hectares": round(sum(r.hectares for r in rows), 2)} for name, rows in ORCHARDS.items()}


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
