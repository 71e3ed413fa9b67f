"""Says whether a badge opens a door."""
import json
import os
import urllib.request

import bottle

REGISTRY = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
DOORS = {"north": {4711, 4712}, "south": {4712}, "lab": set()}
app = bottle.Bottle()


def badge(number: int) -> dict:
    with urllib.request.urlopen(f"{REGISTRY}/badges/{number}", timeout=5) as answer:
        return json.load(answer)


@app.get("/doors/<door>/badges/<number:int>")
def opens(door, number):
    allowed = DOORS.get(door)
    if allowed is None:
        bottle.abort(404)
    known = badge(number)
    return {"door": door, "opens": known["valid"] and number in allowed, "until": known["until"]}


@app.get("/doors")
def doors():
    return {"doors": sorted(DOORS)}


@app.get("/healthz")
def healthz():
    return {}


if __name__ == "__main__":
    # two are plenty, there is little to compute here
    bottle.run(app, server="waitress", host="127.0.0.1", port=int(os.environ["PORT"]), threads=2, quiet=True)
