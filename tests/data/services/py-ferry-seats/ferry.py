"""Free seats on the ferries."""
import http.client
import json
import os

from flask import Flask, abort, g
from sqlalchemy import create_engine, text
from waitress import serve

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"),
                       pool_size=2, max_overflow=0, pool_timeout=20, pool_pre_ping=True)
app = Flask(__name__)


def db():
    if "db" not in g:
        g.db = engine.connect()
    return g.db


@app.teardown_appcontext
def hand_back(_error):
    connection = g.pop("db", None)
    if connection is not None:
        connection.close()


def weather() -> dict:
    harbour = http.client.HTTPConnection("127.0.0.1", int(os.environ["UPSTREAM_PORT"]), timeout=5)
    try:
        harbour.request("GET", "/quay/1")
        return json.loads(harbour.getresponse().read())
    finally:
        harbour.close()


def crossing(number: int):
    return db().execute(text("SELECT id, route, leaves, seats FROM crossings WHERE id = :n"), {"n": number}).mappings().first()


def booked(number: int) -> int:
    return db().execute(text("SELECT coalesce(sum(people), 0) FROM bookings WHERE crossing_id = :n"), {"n": number}).scalar_one()


@app.get("/crossings/<int:number>/seats")
def seats(number):
    found = crossing(number)
    if found is None:
        abort(404)
    taken = booked(number)
    outlook = weather()
    return {"route": found["route"], "leaves": found["leaves"].isoformat(), "free": max(0, found["seats"] - taken),
            "sailing": outlook["sailing"]}


@app.get("/routes")
def routes():
    return {"routes": db().execute(text("SELECT DISTINCT route FROM crossings ORDER BY 1")).scalars().all()}


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=16, _quiet=True)
