"""Quotes for the baskets of trade customers."""
import datetime as dt
import os

from flask import Flask, abort, jsonify
from marshmallow import Schema, fields
from waitress import serve

from pricing import money, quote_line

TITLES = ["Kräutertee lose", "Bücherstütze Eiche", "Wäschekorb groß", "Holzeisenbahn", "Crème brûlée Set", "Kinderbuch Fuchs"]


class LineSchema(Schema):
    sku = fields.Str()
    slug = fields.Str()
    net = fields.Str()
    freight = fields.Str()
    due = fields.Decimal(as_string=True)
    arrives = fields.Date()


def load_baskets() -> dict:
    baskets = {}
    for n in range(1, 31):
        lines = [{"sku": f"{'abcdef'[(n + i) % 6]}-{i}-{n * 7 % 90}", "title": f"{TITLES[(n + i) % 6]} {i}",
                  "price": f"{1 + (i * 37 + n) % 90}.{(i * 13) % 100:02d}", "quantity": 1 + (i * 7 + n) % 60,
                  "grams": 80 + (i * 91) % 2400, "size": [20 + i % 50, 15 + i % 70, 5 + i % 40],
                  "group": ("food", "book", "home", "toys")[(i + n) % 4], "lead_days": 1 + i % 4} for i in range(1000)]
        baskets[f"B-{n}"] = {"customer": {"name": f"Trader {n}", "since": 2008 + n % 12}, "lines": lines}
    return baskets


BASKETS = load_baskets()
SCHEMA = LineSchema(many=True)
app = Flask(__name__)


def quote_basket(basket: dict, start: dt.date) -> dict:
    lines = [quote_line(line, basket["customer"], start) for line in basket["lines"]]
    return {"customer": basket["customer"]["name"], "total": money(sum(line["due"] for line in lines)),
            "latest": max(line["arrives"] for line in lines).isoformat(), "lines": SCHEMA.dump(lines)}


@app.get("/baskets/<number>/quote")
def basket_quote(number):
    basket = BASKETS.get(number) or abort(404)
    return jsonify(quote_basket(basket, dt.date(2024, 4, 29)))


@app.get("/baskets/<number>")
def basket(number):
    found = BASKETS.get(number) or abort(404)
    return jsonify(customer=found["customer"]["name"], lines=len(found["lines"]))


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8)
