"""The samples of a seed bank and their lines of descent."""
import gc
import os

import bottle
from waitress import serve

SAMPLES = 130_000
app = bottle.Bottle()


class Sample:
    __slots__ = ("number", "species", "parents", "children", "tests")

    def __init__(self, number: int, species: str):
        self.number = number
        self.species = species
        self.parents: list[Sample] = []
        self.children: list[Sample] = []
        self.tests: dict[str, float] = {}


def load(count: int) -> list[Sample]:
    samples = [Sample(n, ("rye", "oat", "pea", "flax")[n % 4]) for n in range(count)]
    for n in range(count // 2, count):
        for parent in (samples[n // 3], samples[n // 5]):
            samples[n].parents.append(parent)
            parent.children.append(samples[n])
        samples[n].tests["germination"] = (n * 37 % 100) / 100
    return samples


BANK = load(SAMPLES)


class Node:
    """A line of descent, readable in both directions."""

    def __init__(self, sample: Sample, above: "Node | None" = None):
        self.sample = sample
        self.above = above
        self.below = [Node(child, self) for child in sample.children[:6]] if above is None or above.above is None else []

    def as_dict(self) -> dict:
        return {"sample": self.sample.number, "species": self.sample.species, "below": [n.as_dict() for n in self.below]}


@app.hook("after_request")
def tidy():
    # trees refer to themselves; without this the memory crept up until the box was restarted
    gc.collect()


@app.get("/samples/tree/<number:int>")
def tree(number):
    if not 0 <= number < SAMPLES:
        bottle.abort(404)
    return Node(BANK[SAMPLES // 6 + number]).as_dict()


@app.get("/samples/<number:int>")
def sample(number):
    found = BANK[number]
    return {"number": found.number, "species": found.species, "tests": found.tests}


def healthz(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def root(environ, start_response):
    return (healthz if environ["PATH_INFO"] == "/healthz" else app)(environ, start_response)


if __name__ == "__main__":
    serve(root, host="127.0.0.1", port=int(os.environ["PORT"]), threads=6, _quiet=True)
