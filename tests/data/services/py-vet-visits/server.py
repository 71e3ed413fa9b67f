"""Visits of a veterinary practice."""
import contextlib
import os
import threading

import psycopg2
import psycopg2.extras
from bottle import Bottle, abort, run

app = Bottle()
local = threading.local()


@contextlib.contextmanager
def cursor():
    """One connection a thread, kept open."""
    if getattr(local, "connection", None) is None:
        local.connection = psycopg2.connect(os.environ["DATABASE_URL"], cursor_factory=psycopg2.extras.RealDictCursor)
        local.connection.autocommit = True
    with local.connection.cursor() as cur:
        yield cur


def animal_by_chip(cur, chip: str):
    cur.execute("SELECT a.id, a.name, a.species, o.name AS owner FROM animals a JOIN owners o ON o.id = a.owner_id WHERE a.chip = %s",
                (chip,))
    return cur.fetchone()


def visits_of(cur, animal: int) -> list[dict]:
    cur.execute("SELECT on_day, reason, fee FROM visits WHERE animal_id = %s ORDER BY on_day DESC LIMIT 20", (animal,))
    return [{"day": v["on_day"].isoformat(), "reason": v["reason"], "fee": float(v["fee"])} for v in cur]


@app.get("/animals/chip/<chip:re:[0-9]{15}>/visits")
def visits(chip):
    with cursor() as cur:
        animal = animal_by_chip(cur, chip)
        if not animal:
            abort(404, "no such chip")
        return {"animal": dict(animal), "visits": visits_of(cur, animal["id"])}


@app.get("/owners/<owner:int>/animals")
def animals(owner):
    with cursor() as cur:
        cur.execute("SELECT id, name, species, chip FROM animals WHERE owner_id = %s ORDER BY name", (owner,))
        return {"animals": [dict(a) for a in cur]}


@app.get("/up")
def up():
    return {"up": True}


run(app, server="cheroot", host="127.0.0.1", port=int(os.environ["PORT"]), quiet=True)
