"""Shipping labels: checks the parcel, orders the label from the carrier and keeps the last ones for the packing desk."""
import collections
import datetime as dt
import os
import threading

import bottle
import requests

CARRIER = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
SERVICES = {"standard": 31500, "express": 20000, "letter": 1000}
RECENT = collections.deque(maxlen=200)
session = threading.local()

app = application = bottle.Bottle()


class BadParcel(ValueError):
    pass


def carrier() -> requests.Session:
    if not hasattr(session, "http"):
        session.http = requests.Session()
        session.http.trust_env = False
    return session.http


def check_parcel(parcel: dict) -> dict:
    try:
        weight, service, code = int(parcel["weight"]), parcel["service"], str(parcel["zip"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadParcel(f"incomplete parcel: {error}") from None
    if service not in SERVICES:
        raise BadParcel(f"no service {service}")
    if not 0 < weight <= SERVICES[service]:
        raise BadParcel(f"{weight} g is not possible with {service}")
    if len(code) != 5 or not code.isdigit():
        raise BadParcel(f"bad postal code {code}")
    return {"weight": weight, "service": service, "zip": code, "zone": 1 if code[0] in "6789" else 2}


def order_label(parcel: dict) -> dict:
    answer = carrier().post(f"{CARRIER}/orders", json=parcel, timeout=(2, 10))
    answer.raise_for_status()
    return answer.json()


@app.post("/labels")
def create_label():
    try:
        parcel = check_parcel(bottle.request.json or {})
    except BadParcel as error:
        bottle.response.status = 422
        return {"error": str(error)}
    label = order_label(parcel)
    RECENT.append({"tracking": label["tracking"], "zone": parcel["zone"], "at": dt.datetime.now().isoformat(timespec="seconds")})
    return {"tracking": label["tracking"], "sort": f"{parcel['zone']}-{parcel['zip'][:2]}", "price": label["price"]}


@app.get("/labels/recent")
def recent():
    return {"labels": list(RECENT)[-20:]}


@app.get("/services")
def services():
    return {"services": [{"name": name, "max_grams": grams} for name, grams in SERVICES.items()]}


@app.get("/ping")
def ping():
    return {"pong": True}
