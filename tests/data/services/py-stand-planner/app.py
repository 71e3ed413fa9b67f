"""Trade fair stands: works out the floor, the lights and the price of a stand that an exhibitor describes."""
import os
from dataclasses import dataclass, field

import numpy as np
from blinker import Namespace
from flask import Flask, abort, jsonify, request
from waitress import serve

CELL = 0.25
GRAIN = 0.05
RATES = {"row": 148.0, "corner": 171.0, "head": 189.0, "island": 204.0}
LAMP_WATTS = 35
FITTINGS = {"counter": (2.0, 0.75, 180.0), "wall": (1.0, 0.25, 64.0), "table": (1.0, 1.0, 45.0), "screen": (1.5, 0.5, 310.0)}

signals = Namespace()
fitting_placed = signals.signal("fitting-placed")
lamp_hung = signals.signal("lamp-hung")

app = Flask(__name__)


class DoesNotFit(Exception):
    pass


@dataclass
class Stand:
    exhibitor: str
    kind: str
    width: float
    depth: float
    fittings: list[str] = field(default_factory=list)

    @property
    def columns(self) -> int:
        return round(self.width / CELL)

    @property
    def rows(self) -> int:
        return round(self.depth / CELL)


class Floor:
    """The cells of a stand's floor, and what stands on them."""

    def __init__(self, stand: Stand):
        self.stand = stand
        self.cells = [[None] * stand.columns for _ in range(stand.rows)]

    def _is_free(self, row: int, column: int, high: int, wide: int) -> bool:
        return all(cell is None for line in self.cells[row:row + high] for cell in line[column:column + wide])

    def place(self, name: str) -> tuple[int, int]:
        width, depth, _ = FITTINGS[name]
        wide, high = round(width / CELL), round(depth / CELL)
        for row in range(self.stand.rows - high + 1):
            for column in range(self.stand.columns - wide + 1):
                if self._is_free(row, column, high, wide):
                    for line in range(row, row + high):
                        self.cells[line][column:column + wide] = [name] * wide
                    fitting_placed.send(self.stand, fitting=name, row=row, column=column)
                    return row, column
        raise DoesNotFit(name)

    def light(self, lamps: list[tuple[float, float]]) -> np.ndarray:
        ys = np.arange(0, self.stand.depth, GRAIN, dtype=np.float32)[:, None]
        xs = np.arange(0, self.stand.width, GRAIN, dtype=np.float32)[None, :]
        found = np.zeros((ys.size, xs.size), dtype=np.float32)
        for x, y in lamps:
            found += 1 / (0.6 + (ys - y) ** 2 + (xs - x) ** 2)
        return found


class Bill:
    """Adds up what is placed on a stand while it is planned."""

    def __init__(self, stand: Stand):
        self.stand = stand
        self.lines = [("floor", round(stand.width * stand.depth * RATES[stand.kind], 2))]
        self.watts = 0

        def on_fitting(sender: Stand, fitting: str, **_):
            if sender is self.stand:
                self.lines.append((fitting, FITTINGS[fitting][2]))

        def on_lamp(sender: Stand, watts: int, **_):
            if sender is self.stand:
                self.watts += watts

        fitting_placed.connect(on_fitting, weak=False)
        lamp_hung.connect(on_lamp, weak=False)

    @property
    def total(self) -> float:
        return round(sum(amount for _, amount in self.lines) + self.watts * 0.9, 2)


class Plan:
    def __init__(self, stand: Stand):
        self.stand = stand
        self.floor = Floor(stand)
        self.bill = Bill(stand)
        stand.plan = self

    def work_out(self) -> "Plan":
        self.places = [(name, *self.floor.place(name)) for name in self.stand.fittings]
        self.lamps = self._hang_lamps()
        self.brightness = self.floor.light(self.lamps)
        return self

    def _hang_lamps(self) -> list[tuple[float, float]]:
        lamps = []
        for row in range(int(self.stand.depth // 2)):
            for column in range(int(self.stand.width // 2)):
                lamps.append((1.0 + column * 2, 1.0 + row * 2))
                lamp_hung.send(self.stand, watts=LAMP_WATTS)
        return lamps

    def dim_share(self) -> float:
        return round(float((self.brightness < self.brightness.mean() * 0.7).mean()), 3)

    def view(self) -> dict:
        return {
            "exhibitor": self.stand.exhibitor,
            "area": self.stand.width * self.stand.depth,
            "places": [{"fitting": n, "x": c * CELL, "y": r * CELL} for n, r, c in self.places],
            "lamps": len(self.lamps), "watts": self.bill.watts, "dim": self.dim_share(),
            "lines": self.bill.lines, "total": self.bill.total,
        }


def read_stand(body: dict) -> Stand:
    try:
        stand = Stand(str(body["exhibitor"]), body["kind"], float(body["width"]), float(body["depth"]), list(body["fittings"]))
    except (KeyError, TypeError, ValueError):
        abort(400)
    if stand.kind not in RATES or not all(name in FITTINGS for name in stand.fittings) or not 4 <= stand.width * stand.depth <= 200:
        abort(422)
    return stand


@app.post("/stands/plan")
def plan_stand():
    stand = read_stand(request.get_json())
    try:
        return jsonify(Plan(stand).work_out().view()), 201
    except DoesNotFit as error:
        return jsonify(error=f"no room for a {error}"), 409


@app.get("/rates")
def rates():
    return jsonify(RATES)


@app.get("/fittings")
def fittings():
    return jsonify({name: {"width": w, "depth": d, "price": p} for name, (w, d, p) in FITTINGS.items()})


@app.get("/healthz")
def healthz():
    return "ok"


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=10, _quiet=True)
