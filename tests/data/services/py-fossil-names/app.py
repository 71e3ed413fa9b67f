"""Reads the typed drawer labels of a fossil collection and finds the accepted names."""
import itertools
import os
import re
from collections import Counter

from flask import Flask, abort, jsonify, request
from gunicorn.app.base import BaseApplication

STEMS = ["Calamo", "Spirifer", "Pseudo", "Orthi", "Productu", "Belemni", "Trigoni", "Rhyncho", "Gryphae", "Ammoni"]
ENDINGS = ["ceras", "pora", "rina", "tella", "crinus", "nella"]
EPITHETS = ["lineata", "rostrata", "undulatum", "grandis", "costata", "minor", "elegans", "obtusa", "plana", "striata",
            "gigantea", "arcuata", "tenuis", "nodosa"]
PERIODS = ["Ordovician", "Silurian", "Devonian", "Carboniferous", "Jurassic", "Cretaceous"]
MAX_LINES = 12


class Taxon:
    __slots__ = ("number", "name", "genus", "period")

    def __init__(self, number: int, genus: str, epithet: str):
        self.number = number
        self.genus = genus
        self.name = f"{genus} {epithet}"
        self.period = PERIODS[number % len(PERIODS)]

    def as_dict(self) -> dict:
        return {"number": self.number, "name": self.name, "period": self.period}


def load_checklist() -> dict[str, Taxon]:
    pairs = itertools.product(STEMS, ENDINGS, EPITHETS)
    taxa = (Taxon(number, stem + ending, epithet) for number, (stem, ending, epithet) in enumerate(pairs, 1))
    return {taxon.name.lower(): taxon for taxon in taxa}


CHECKLIST = load_checklist()
SEEN = Counter()


def clean(line: str) -> str:
    line = re.sub(r"\b(cf|aff|sp)\.", "", line)
    return re.sub(r"\s+", " ", re.sub(r"[^A-Za-z ]", "", line)).strip().lower()


def edit_distance(left: str, right: str) -> int:
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            cost = 0 if a == b else 1
            current.append(min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost))
        previous = current
    return previous[-1]


def candidates(text: str) -> list[Taxon]:
    """Names that are as long as the text, give or take two letters."""
    return [taxon for name, taxon in CHECKLIST.items() if abs(len(name) - len(text)) <= 2]


def resolve(line: str) -> dict:
    text = clean(line)
    exact = CHECKLIST.get(text)
    if exact:
        SEEN["exact"] += 1
        return {"line": line, "match": exact.as_dict(), "distance": 0}
    best, best_distance = None, 5
    for taxon in candidates(text):
        distance = edit_distance(text, taxon.name.lower())
        if distance < best_distance:
            best, best_distance = taxon, distance
    SEEN["near" if best else "none"] += 1
    return {"line": line, "match": best.as_dict() if best else None, "distance": best_distance if best else None}


app = Flask(__name__)


@app.post("/labels/resolve")
def resolve_labels():
    sheet = request.get_json()
    lines = sheet.get("lines") or abort(400, "no lines")
    if len(lines) > MAX_LINES:
        abort(413, "too many lines")
    found = [resolve(line) for line in lines]
    periods = Counter(item["match"]["period"] for item in found if item["match"])
    return jsonify(drawer=sheet.get("drawer"), lines=found, periods=periods)


@app.get("/taxa/<int:number>")
def taxon(number: int):
    for one in CHECKLIST.values():
        if one.number == number:
            return one.as_dict()
    abort(404)


@app.get("/genera/<genus>")
def genus(genus: str):
    members = [t.as_dict() for t in CHECKLIST.values() if t.genus.lower() == genus.lower()]
    return jsonify(members or abort(404))


@app.get("/statistics")
def statistics():
    return jsonify(SEEN)


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


class Server(BaseApplication):
    def load_config(self):
        self.cfg.set("bind", f"127.0.0.1:{os.environ['PORT']}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("threads", 8)
        self.cfg.set("loglevel", "warning")

    def load(self):
        return app


if __name__ == "__main__":
    Server().run()
