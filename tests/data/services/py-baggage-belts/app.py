"""Arrivals hall of an airport: which bags came off which flight, on which belt, and when."""
import json
import os
import tempfile
import threading
import time
import zlib
from pathlib import Path

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

LEDGERS = Path(tempfile.mkdtemp(prefix="arrivals-"))
BELTS = {1: "A", 2: "A", 3: "B", 4: "B", 5: "B", 6: "oversize"}
AIRLINES = {"LX": "724", "OS": "257", "LH": "220", "TP": "047", "AF": "057"}


class Offload(BaseModel):
    belt: int = Field(ge=1, le=6)
    seconds: float = Field(gt=0, lt=3600)
    bags: int = Field(ge=1, le=300)


class BagEvent(BaseModel):
    tag: str
    flight: str
    belt: int
    hall: str
    at: float
    kind: str = "on_belt"


class BagLedger:
    """What happened to the bags of one unloading; a claim for a lost bag is settled by it."""

    def __init__(self, path: Path):
        self.path = path
        self.entries = 0
        self._file = open(path, "ab")

    def __enter__(self) -> "BagLedger":
        return self

    def __exit__(self, *exc) -> None:
        self._file.close()

    def append(self, event: BagEvent) -> int:
        line = event.model_dump_json().encode()
        self._file.write(b"%08x %s\n" % (zlib.crc32(line), line))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.entries += 1
        return self.entries

    @staticmethod
    def read(path: Path) -> list[dict]:
        events = []
        for line in path.read_bytes().splitlines():
            check, _, text = line.partition(b" ")
            if int(check, 16) == zlib.crc32(text):
                events.append(json.loads(text))
        return events


class Hall:
    def __init__(self, folder: Path):
        self._folder = folder
        self._lock = threading.Lock()
        self._number = 0
        self.last: dict[str, Path] = {}
        self.on_belt = dict.fromkeys(BELTS, 0)

    def open_ledger(self, flight: str) -> BagLedger:
        with self._lock:
            self._number += 1
            number = self._number
        return BagLedger(self._folder / f"{flight}-{number:06}.ledger")

    def closed(self, flight: str, ledger: BagLedger, belt: int) -> None:
        with self._lock:
            before, self.last[flight] = self.last.get(flight), ledger.path
            self.on_belt[belt] += ledger.entries
        if before is not None:
            before.unlink(missing_ok=True)

    def events(self, flight: str) -> list[dict]:
        path = self.last.get(flight)
        return BagLedger.read(path) if path else []


hall = Hall(LEDGERS)
app = FastAPI(title="Arrivals")


def airline(flight: str) -> str:
    code = AIRLINES.get(flight[:2])
    if code is None or not flight[2:].isdigit():
        raise HTTPException(404, "no such flight")
    return code


def tag_of(code: str, flight: str, number: int) -> str:
    return f"0{code}{(zlib.crc32(flight.encode()) + number * 37) % 1_000_000:06}"


def bag_events(flight: str, offload: Offload):
    code, begun = airline(flight), time.time()
    pace = offload.seconds / offload.bags
    for number in range(offload.bags):
        yield BagEvent(tag=tag_of(code, flight, number), flight=flight, belt=offload.belt, hall=BELTS[offload.belt],
                       at=round(begun + number * pace, 2), kind="oversize" if offload.belt == 6 else "on_belt")


@app.post("/flights/{flight}/offload", status_code=201)
def offload_flight(flight: str, offload: Offload):
    first = last = None
    with hall.open_ledger(flight) as ledger:
        for event in bag_events(flight, offload):
            ledger.append(event)
            first, last = first or event.at, event.at
    hall.closed(flight, ledger, offload.belt)
    return {"flight": flight, "belt": offload.belt, "hall": BELTS[offload.belt], "bags": ledger.entries,
            "first": first, "last": last}


@app.get("/flights/{flight}/bags")
def bags_of(flight: str):
    airline(flight)
    return {"flight": flight, "bags": [{"tag": e["tag"], "belt": e["belt"], "at": e["at"]} for e in hall.events(flight)]}


@app.get("/bags/{tag}")
def bag(tag: str):
    for flight in list(hall.last):
        for event in hall.events(flight):
            if event["tag"] == tag:
                return event
    raise HTTPException(404, "no such bag")


@app.get("/belts")
def belts():
    return [{"belt": belt, "hall": name, "bags": hall.on_belt[belt]} for belt, name in BELTS.items()]


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
