"""Hands out plots of the forest inventory to the surveyors in the field."""
import itertools
import threading
from collections import Counter
from dataclasses import asdict

from flask import Flask, abort, jsonify, request

from registers import PLOT_SIDE, Register, Tree, archive, open_register

SAMPLE = 12
CREWS = {"north": 0.2, "valley": 0.5, "ridge": 0.8}


class Rota:
    """Every plot is surveyed in its turn, whichever crew asks."""

    def __init__(self, plots: list[str]):
        self._turns = itertools.cycle(plots)
        self._lock = threading.Lock()
        self._handed_out: Counter[str] = Counter()

    def next_plot(self) -> str:
        with self._lock:
            plot = next(self._turns)
            self._handed_out[plot] += 1
            return plot

    def rounds(self) -> dict[str, int]:
        with self._lock:
            return dict(self._handed_out)


app = Flask(__name__)
rota = Rota(archive.names())


def choose_sample(register: Register, lean: float) -> list[Tree]:
    """The trees whose measure is oldest, near a line across the plot."""
    found: list[Tree] = []
    steps = 5
    for step in range(steps):
        x = PLOT_SIDE * (step + 0.5) / steps
        found.extend(register.around(x, x * lean)[:40])
    found.sort(key=lambda t: (t.measured, -t.girth, t.tag))
    return found[:SAMPLE]


def describe(tree: Tree) -> dict:
    return asdict(tree) | {"volume": round(tree.volume, 3)}


@app.post("/handouts")
def hand_out():
    order = request.get_json(silent=True) or {}
    crew = order.get("crew")
    if crew not in CREWS:
        abort(422)
    register = open_register(rota.next_plot())
    sample = choose_sample(register, CREWS[crew])
    return jsonify(plot=register.plot, crew=crew, standing=len(register.trees),
                   sample=[describe(t) for t in sample]), 201


@app.get("/plots/<plot>/species")
def species(plot: str):
    if plot not in archive.names():
        abort(404)
    register = open_register(plot)
    return jsonify(plot=plot, species=Counter(t.species for t in register.trees))


@app.get("/rounds")
def rounds():
    return jsonify(rota.rounds())


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")
