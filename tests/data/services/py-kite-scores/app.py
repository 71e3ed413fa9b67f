"""Scores of a kite festival: the tree of heats is built for each question and walked once."""

import gc
import os

import uvicorn
from fastapi import FastAPI

app = FastAPI()


class Flight:
    def __init__(self, pilot, points):
        self.pilot = pilot
        self.points = points
        self.heat = None


class Heat:
    def __init__(self, number, parent):
        self.number = number
        self.parent = parent
        self.flights = []
        self.heats = []


ARCHIVE = [
    {"year": 1960 + n % 60, "pilot": [n], "points": {"total": n % 97}} for n in range(300_000)
]


def tree(depth, parent=None, number=0):
    heat = Heat(number, parent)
    for n in range(4):
        flight = Flight(n, (n * 7 + number) % 50)
        flight.heat = heat
        heat.flights.append(flight)
    if depth:
        heat.heats = [tree(depth - 1, heat, number * 3 + n) for n in range(3)]
    return heat


def best(heat):
    own = max(flight.points for flight in heat.flights)
    return max([own, *(best(each) for each in heat.heats)])


@app.get("/healthz")
async def healthz():
    return {"ok": True}


@app.get("/scores")
def scores():
    result = best(tree(4))
    gc.collect()
    return {"best": result, "archive": len(ARCHIVE)}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
