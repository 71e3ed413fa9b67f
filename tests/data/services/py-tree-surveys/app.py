"""Tree surveys: packs the trees that are due for a crew's tablet, which works without a network."""
import hashlib
import json
import os
import sqlite3
import tempfile
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flask import Flask, abort, jsonify, request, send_file
from waitress import serve

PACKS = Path(os.environ.get("PACK_DIR") or tempfile.mkdtemp(prefix="packs-", dir=os.getcwd()))
DISTRICTS = ("riverside", "old-town", "hillside", "station")
SPECIES = ("Tilia cordata", "Acer platanoides", "Quercus robur", "Platanus hispanica", "Aesculus hippocastanum",
           "Betula pendula", "Carpinus betulus")
CHECKS = {"crown": ("dead wood", "crown cleaning"), "trunk": ("cavity", "bark damage"), "root": ("root plate", "soil cracks")}
KEEP_PACKS = 40

SCHEMA = """
CREATE TABLE pack (id TEXT PRIMARY KEY, crew TEXT NOT NULL, district TEXT NOT NULL, made_on TEXT NOT NULL);
CREATE TABLE tree (number INTEGER PRIMARY KEY, species TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL,
                   girth_cm INTEGER NOT NULL, last_seen TEXT NOT NULL);
CREATE TABLE task (id INTEGER PRIMARY KEY, tree INTEGER NOT NULL REFERENCES tree, part TEXT NOT NULL, look_for TEXT NOT NULL);
CREATE INDEX task_tree ON task (tree);
"""


@dataclass(frozen=True)
class Tree:
    number: int
    district: str
    species: str
    lat: float
    lon: float
    girth_cm: int
    last_seen: date
    parts: tuple[str, ...]

    @property
    def due(self) -> date:
        return self.last_seen + timedelta(days=365 if self.girth_cm > 180 else 730)


def load_register() -> list[Tree]:
    parts = tuple(CHECKS)
    trees = []
    for n in range(1, 2401):
        trees.append(Tree(n, DISTRICTS[n % 4], SPECIES[n * 5 % 7], round(51.3 + n * 37 % 900 / 9000, 5),
                          round(12.3 + n * 53 % 900 / 9000, 5), 40 + n * 29 % 260,
                          date(2023, 1, 1) + timedelta(days=n * 131 % 880), parts[: 1 + n % 2]))
    return trees


REGISTER = load_register()


def due_trees(district: str, before: date, limit: int = 20) -> list[Tree]:
    found = [tree for tree in REGISTER if tree.district == district and tree.due < before]
    return sorted(found, key=lambda tree: (tree.due, tree.number))[:limit]


class PackWriter:
    """One pack is one SQLite file, as the tablet's app opens it."""

    def __init__(self, path: Path):
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(SCHEMA)

    def __enter__(self) -> "PackWriter":
        return self

    def __exit__(self, *exc) -> None:
        self._db.close()
        if exc[0] is not None:
            self.path.unlink(missing_ok=True)

    def add_header(self, pack: str, crew: str, district: str) -> None:
        self._db.execute("INSERT INTO pack VALUES (?, ?, ?, ?)", (pack, crew, district, date.today().isoformat()))

    def add_tree(self, tree: Tree) -> None:
        self._db.execute("INSERT INTO tree VALUES (?, ?, ?, ?, ?, ?)",
                         (tree.number, tree.species, tree.lat, tree.lon, tree.girth_cm, tree.last_seen.isoformat()))
        for part in tree.parts:
            self._db.executemany("INSERT INTO task (tree, part, look_for) VALUES (?, ?, ?)",
                                 [(tree.number, part, sign) for sign in CHECKS[part]])


def drop_old_packs() -> None:
    packs = sorted(PACKS.glob("*.sqlite"), key=lambda path: path.stat().st_mtime_ns)
    for path in packs[:-KEEP_PACKS]:
        path.unlink(missing_ok=True)


def make_pack(district: str, crew: str, before: date) -> dict:
    trees = due_trees(district, before)
    pack = uuid.uuid4().hex[:12]
    with PackWriter(PACKS / f"{pack}.sqlite") as writer:
        writer.add_header(pack, crew, district)
        for tree in trees:
            writer.add_tree(tree)
    content = writer.path.read_bytes()
    return {"pack": pack, "crew": crew, "trees": len(trees), "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest()}


app = Flask(__name__)


@app.post("/packs")
def new_pack():
    wanted = request.get_json()
    try:
        district, crew = wanted["district"], str(wanted["crew"])
        before = date.fromisoformat(wanted.get("due_before") or date.today().isoformat())
    except (KeyError, TypeError, ValueError):
        abort(400)
    if district not in DISTRICTS:
        abort(422)
    made = make_pack(district, crew, before)
    drop_old_packs()
    return jsonify(made), 201


@app.get("/packs/<pack>")
def download(pack):
    path = PACKS / f"{pack}.sqlite"
    if not pack.isalnum() or not path.exists():
        abort(404)
    return send_file(path, mimetype="application/vnd.sqlite3")


@app.get("/districts/<district>/due")
def due(district):
    if district not in DISTRICTS:
        abort(404)
    trees = due_trees(district, date.fromisoformat(request.args.get("before", "2025-06-30")), limit=200)
    return jsonify([{"number": tree.number, "species": tree.species, "due": tree.due.isoformat()} for tree in trees])


@app.get("/trees/<int:number>")
def tree(number):
    if not 1 <= number <= len(REGISTER):
        abort(404)
    found = REGISTER[number - 1]
    return app.response_class(json.dumps({**vars(found), "due": found.due}, default=str), mimetype="application/json")


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")


if __name__ == "__main__":
    PACKS.mkdir(parents=True, exist_ok=True)
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=10)
