"""Recipes for mixing paint, and what is like a colour."""
import gc
import os

from flask import Flask, abort
from waitress import serve

app = Flask(__name__)
NAMES = ["ochre", "umber", "cobalt", "viridian", "carmine"]


class Swatch:
    def __init__(self, name, red, green, blue):
        self.name, self.colour, self.like = name, [red, green, blue], []


def catalogue(count):
    swatches = [Swatch(f"{NAMES[n % 5]} {n}", n * 7 % 256, n * 13 % 256, n * 29 % 256) for n in range(count)]
    for n, swatch in enumerate(swatches):
        swatch.like = [swatches[(n * 3 + k) % count] for k in (1, 5)]
    return swatches


SWATCHES = catalogue(70_000)


class Step:
    __slots__ = ("recipe", "swatch", "parts")

    def __init__(self, recipe, swatch, parts):
        self.recipe, self.swatch, self.parts = recipe, swatch, parts


class Recipe:
    def __init__(self, target):
        self.target = target
        self.steps = []

    def add(self, swatch, parts):
        self.steps.append(Step(self, swatch, parts))

    def off(self):
        total = sum(step.parts for step in self.steps)
        return sum(abs(self.target[c] - sum(s.swatch.colour[c] * s.parts for s in self.steps) / total) for c in range(3))


def recipes(target, start):
    found = []
    for n in range(2000):
        recipe = Recipe(target)
        for k in range(3):
            recipe.add(SWATCHES[(start + n * 17 + k * 31) % len(SWATCHES)], 1 + (n + k) % 4)
        found.append(recipe)
        if n % 500 == 499:
            gc.collect()            # steps and recipes refer to each other
    return found


@app.get("/mixes/<name>")
def mixes(name):
    if name not in NAMES:
        abort(404)
    start = NAMES.index(name)
    best = min(recipes(SWATCHES[start].colour, start), key=Recipe.off)
    return {"off": round(best.off(), 1), "steps": [{"swatch": s.swatch.name, "parts": s.parts} for s in best.steps]}


@app.get("/healthz")
def healthz():
    return {"ok": True}


serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=4, _quiet=True)
