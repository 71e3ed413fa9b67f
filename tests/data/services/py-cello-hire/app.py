"""Hire of string instruments for music schools: stock, reservations that lapse, and pupils who wait."""
import itertools
import os
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass, field

from flask import Flask, abort, jsonify, request

RESERVED_SECONDS = 0.8
SWEEP_SECONDS = 0.05


@dataclass
class Model:
    code: str
    name: str
    size: str
    total: int
    free: int = 0
    waiting: deque = field(default_factory=lambda: deque(maxlen=50))

    def __post_init__(self):
        self.free = self.total


@dataclass(frozen=True)
class Reservation:
    number: int
    model: str
    pupil: str
    lapses_at: float


class Daybook:
    """One line for each thing that happens, for the school's books."""

    def __init__(self, folder: str):
        self._file = open(os.path.join(folder, "daybook.txt"), "a", encoding="utf-8")

    def note(self, what: str, model: str, pupil: str = "") -> None:
        self._file.write(f"{time.strftime('%H:%M:%S')}\t{what}\t{model}\t{pupil}\n")
        self._file.flush()


class Stock:
    """How many instruments of each model lie in the store."""

    def __init__(self, models: list[Model], daybook: Daybook):
        self._daybook = daybook
        self._models = {model.code: model for model in models}
        self._lock = threading.RLock()
        self.reservations: "Reservations | None" = None

    def reserve(self, code: str, pupil: str) -> Reservation | None:
        with self._lock:
            model = self._models[code]
            if not model.free:
                if pupil not in model.waiting:
                    model.waiting.append(pupil)
                return None
            model.free -= 1
            self._daybook.note("reserved", code, pupil)
            return self.reservations.open(model.code, pupil)

    def put_back(self, code: str) -> str | None:
        """One more is free again; tells who waits for it."""
        with self._lock:
            model = self._models[code]
            model.free = min(model.total, model.free + 1)
            return model.waiting.popleft() if model.waiting else None

    def knows(self, code: str) -> bool:
        return code in self._models

    def overview(self) -> list[dict]:
        with self._lock:
            return [{"model": m.code, "name": m.name, "size": m.size, "free": m.free, "waiting": len(m.waiting)}
                    for m in self._models.values()]


class Reservations:
    """Reservations that were not yet collected."""

    def __init__(self, stock: Stock, daybook: Daybook):
        self._daybook = daybook
        self._stock = stock
        self._open: dict[int, Reservation] = {}
        self._numbers = itertools.count(1001)
        self._lock = threading.RLock()
        self.called: deque = deque(maxlen=200)

    def open(self, model: str, pupil: str) -> Reservation:
        with self._lock:
            found = Reservation(next(self._numbers), model, pupil, time.monotonic() + RESERVED_SECONDS)
            self._open[found.number] = found
            return found

    def collect(self, number: int) -> Reservation | None:
        with self._lock:
            return self._open.pop(number, None)

    def count(self) -> int:
        return len(self._open)

    def drop_lapsed(self) -> int:
        now = time.monotonic()
        with self._lock:
            lapsed = [r for r in self._open.values() if r.lapses_at <= now]
            for reservation in lapsed:
                del self._open[reservation.number]
                self._daybook.note("lapsed", reservation.model, reservation.pupil)
                pupil = self._stock.put_back(reservation.model)
                if pupil:
                    self.called.append((pupil, reservation.model))
        return len(lapsed)


def sweep(reservations: Reservations) -> None:
    while True:
        time.sleep(SWEEP_SECONDS)
        reservations.drop_lapsed()


def load_models() -> list[Model]:
    sizes = {"cello": ["1/4", "1/2", "3/4", "4/4"], "viola": ["13in", "14in", "15in"], "violin": ["1/8", "1/4", "1/2", "4/4"]}
    return [Model(f"{kind[:3]}-{n}", kind, size, total=1600 + 400 * n)
            for kind, found in sizes.items() for n, size in enumerate(found, 1)]


daybook = Daybook(tempfile.mkdtemp(prefix="hire-"))
stock = Stock(load_models(), daybook)
reservations = Reservations(stock, daybook)
stock.reservations = reservations
app = Flask(__name__)


@app.post("/models/<code>/reservations")
def reserve(code: str):
    if not stock.knows(code):
        abort(404)
    pupil = str((request.get_json(silent=True) or {}).get("pupil", "")).strip()
    if not pupil:
        abort(422)
    made = stock.reserve(code, pupil)
    if made is None:
        return jsonify(waiting=True, model=code), 202
    return jsonify(reservation=made.number, model=made.model, minutes=30), 201


@app.post("/reservations/<int:number>/collect")
def collect(number: int):
    found = reservations.collect(number) or abort(404)
    return jsonify(model=found.model, pupil=found.pupil)


@app.get("/models")
def models():
    return jsonify(stock.overview())


@app.get("/called")
def called():
    return jsonify([{"pupil": pupil, "model": model} for pupil, model in list(reservations.called)])


@app.get("/status")
def status():
    return jsonify(status="ok", open=reservations.count())


if __name__ == "__main__":
    threading.Thread(target=sweep, args=(reservations,), name="sweep", daemon=True).start()
    app.run("127.0.0.1", int(os.environ["PORT"]), threaded=True)
