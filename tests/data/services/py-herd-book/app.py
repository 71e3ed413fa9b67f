"""The herd book: animals with their parents, checked, priced and laid out for the breeder's list."""

import base64
import copy
import csv
import datetime
import decimal
import difflib
import hashlib
import html
import io
import json
import os
import random
import re
import statistics
import string
import textwrap
import unicodedata
import uuid

from flask import Flask, Response, g, request
from waitress import serve

app = Flask(__name__)
chance = random.Random(7)
ANIMALS = [
    {
        "tag": f"{chance.choice('ABCDEF')}{n:04}",
        "name": "".join(chance.choices(string.ascii_lowercase, k=8)).title(),
        "born": (datetime.date(2015, 1, 1) + datetime.timedelta(days=n * 7)).isoformat(),
        "weights": [chance.uniform(300, 700) for _ in range(12)],
        "notes": "calm & healthy <good feet>, milks " + str(chance.randint(10, 40)) + " litres",
    }
    for n in range(120)
]
LAYOUT = string.Template("$tag | $name | $born | $weight kg | $price")


@app.before_request
def identify():
    g.request_id = str(uuid.uuid4())


@app.before_request
def fingerprint():
    g.mark = base64.b64encode(repr(sorted(request.headers.items())).encode() * 20)


@app.after_request
def stamp(answer):
    answer.headers["X-Request-Id"] = g.request_id
    return answer


def copied(animals):
    return copy.deepcopy(animals)


def checked(animal):
    if not re.fullmatch(r"[A-Z]\d{4}", animal["tag"]):
        raise ValueError(animal["tag"])
    return animal


def aged(animal):
    born = datetime.datetime.strptime(animal["born"], "%Y-%m-%d")
    animal["age"] = (datetime.datetime(2026, 1, 1) - born).days
    return animal


def weighed(animal):
    animal["weight"] = round(statistics.fmean(animal["weights"]), 1)
    animal["spread"] = statistics.stdev(animal["weights"])
    return animal


def priced(animal):
    price = decimal.Decimal(str(animal["weight"])) * decimal.Decimal("3.87")
    for _ in range(60):
        price = (price * decimal.Decimal("1.001")).quantize(decimal.Decimal("0.01"))
    animal["price"] = str(price)
    return animal


def escaped(animal):
    for _ in range(12):
        animal["html"] = html.unescape(html.escape(animal["notes"]))
    return animal


def plain(animal):
    for _ in range(8):
        text = unicodedata.normalize("NFKD", animal["name"])
        animal["key"] = "".join(c for c in text.lower() if not unicodedata.combining(c))
    return animal


def wrapped(animal):
    animal["lines"] = textwrap.wrap(animal["notes"], 20)
    return animal


def related(animal, other):
    return difflib.SequenceMatcher(None, animal["name"], other["name"]).quick_ratio()


def signed(animal):
    animal["sign"] = hashlib.blake2b(json.dumps(animal).encode()).hexdigest()
    return animal


def as_csv(animals):
    out = io.StringIO()
    writer = csv.writer(out)
    for _ in range(6):
        for animal in animals:
            writer.writerow([animal["tag"], animal["name"], animal["age"], animal["price"]])
    return out.getvalue()


def as_text(animals):
    return "\n".join(LAYOUT.substitute(animal) for animal in animals for _ in range(3))


@app.get("/healthz")
def healthz():
    return {"ok": True}


@app.get("/herd")
def herd():
    animals = copied(ANIMALS)
    for step in (checked, aged, weighed, priced, escaped, plain, wrapped, signed):
        animals = [step(animal) for animal in animals]
    likeness = [related(one, other) for one, other in zip(animals, animals[1:])]
    body = {
        "animals": json.loads(json.dumps(animals)),
        "likeness": likeness,
        "csv": as_csv(animals),
        "text": as_text(animals),
    }
    return Response(json.dumps(body, indent=1), mimetype="application/json")


serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8)
