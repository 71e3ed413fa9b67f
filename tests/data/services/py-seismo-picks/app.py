"""Phase picks of a seismological network, kept in one file of fixed records per station."""
import itertools
import os
import struct
import tempfile
import threading
import zlib
from pathlib import Path

import bottle
from waitress import serve

RECORD = struct.Struct("<IIdd2sHI")
STATIONS = ["KBS", "TRO", "BER", "OSL", "STV"]
PHASES = {"P": 6.1, "S": 3.5, "Pn": 8.0}
CAPACITY = 20_000
MAX_PICKS = 200


class PickFile:
    """A ring of CAPACITY records; a pick is safe once put() has returned."""

    def __init__(self, path: Path):
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT)
        os.ftruncate(self._fd, CAPACITY * RECORD.size)
        self._slots = itertools.count()
        self._used = 0

    def put(self, event: int, trace: int, arrival: float, weight: float, phase: str) -> int:
        slot = next(self._slots) % CAPACITY
        content = RECORD.pack(event, trace, arrival, weight, phase.encode().ljust(2), slot % 65536, 0)
        check = zlib.crc32(content[:-4])
        os.pwrite(self._fd, content[:-4] + struct.pack("<I", check), slot * RECORD.size)
        os.fdatasync(self._fd)
        self._used = max(self._used, slot + 1)
        return slot

    def get(self, slot: int) -> dict | None:
        content = os.pread(self._fd, RECORD.size, slot * RECORD.size)
        event, trace, arrival, weight, phase, _, check = RECORD.unpack(content)
        if check != zlib.crc32(content[:-4]):
            return None
        return {"slot": slot, "event": event, "trace": trace, "arrival": arrival, "weight": weight,
                "phase": phase.decode().strip()}

    def latest(self, limit: int) -> list[dict]:
        slots = range(max(0, self._used - limit), self._used)
        return [pick for pick in map(self.get, slots) if pick]

    def __len__(self) -> int:
        return self._used


class Archive:
    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self._files = {station: PickFile(folder / f"{station}.picks") for station in STATIONS}
        self._lock = threading.Lock()
        self._per_event: dict[int, int] = {}

    def file_of(self, station: str) -> PickFile:
        if station not in self._files:
            bottle.abort(404, f"no station {station}")
        return self._files[station]

    def count(self, event: int, picks: int) -> int:
        with self._lock:
            self._per_event[event] = self._per_event.get(event, 0) + picks
            return self._per_event[event]


def event_number(name: str) -> int:
    year, _, number = name.partition("-")
    return int(year) * 1000 + int(number)


def travel_time(trace: int, phase: str) -> float:
    distance = 40.0 + (trace * 37 % 800)
    return round(distance / PHASES[phase], 3)


archive = Archive(Path(tempfile.mkdtemp(prefix="picks-", dir=os.getcwd())))
app = bottle.Bottle()


@app.post("/stations/<station>/picks")
def add_picks(station: str):
    picks = archive.file_of(station)
    batch = bottle.request.json or bottle.abort(400, "no batch")
    try:
        event, phase = event_number(batch["event"]), batch["phase"]
        first, count = int(batch["first"]), int(batch["count"])
    except (KeyError, ValueError, TypeError):
        bottle.abort(400, "bad batch")
    if phase not in PHASES or not 0 < count <= MAX_PICKS:
        bottle.abort(422, "unknown phase or too many picks")
    slots = []
    for trace in range(first, first + count):
        arrival = travel_time(trace, phase)
        slots.append(picks.put(event, trace, arrival, round(1 / (1 + arrival / 60), 3), phase))
    bottle.response.status = 201
    return {"station": station, "event": batch["event"], "stored": len(slots), "last": slots[-1],
            "of_event": archive.count(event, len(slots))}


@app.get("/stations/<station>/picks")
def latest(station: str):
    limit = min(100, int(bottle.request.query.limit or 20))
    return {"picks": archive.file_of(station).latest(limit)}


@app.get("/stations")
def stations():
    return {station: len(archive.file_of(station)) for station in STATIONS}


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=12, _quiet=True)
