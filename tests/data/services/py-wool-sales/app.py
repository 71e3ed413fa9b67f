"""Catalogues of a wool broker's auctions: what is on sale, how it was tested and where it should end."""
import gzip
import hashlib
import html
import json
import logging
import os
import random
import re
import textwrap
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO

from flask import Flask, Response, abort, g, jsonify, request
from waitress import serve

CENT = Decimal("0.01")
RATES = {"AUD": Decimal("1"), "NZD": Decimal("1.087"), "EUR": Decimal("0.604"), "GBP": Decimal("0.518")}
BRAND = re.compile(r"^(?P<station>[A-Z]{2,4})[/ ](?P<mob>[A-Z0-9]+)(?:-(?P<year>\d{2}))?$")
UNSAFE = re.compile(r"[^\w\s.,;:()/-]+")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "lots.woolbroker.example")
REMARKS = ("Sound staple & bright, a little dust at the tip; skirted well",
           "Some vegetable matter (burr), otherwise <free> of stain; long in the staple",
           "Tender in parts, colour fair. Rolled, classed and pressed on the station")

logging.basicConfig(stream=StringIO(), level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
log = logging.getLogger("catalogue")
journal = logging.getLogger("catalogue.lots")


@dataclass(frozen=True)
class Lot:
    number: int
    brand: str
    bales: int
    kilos: str
    micron: str
    yield_: str
    tested: str
    remark: str
    reserve: str


@dataclass
class Sale:
    code: str
    opens: date
    lots: list[Lot]


def sample_sales() -> dict[str, Sale]:
    rnd = random.Random(1907)
    sales = {}
    for n in range(1, 13):
        opens = date(2024, 1, 9) + timedelta(days=7 * n)
        lots = [Lot(number=100 + k, brand=f"{rnd.choice(['GLN', 'MT', 'KRO', 'WYN'])}/{rnd.choice(['AAAM', 'AAM', 'BLS'])}-{rnd.randint(21, 24)}",
                    bales=rnd.randint(2, 24), kilos=f"{rnd.uniform(340, 4100):.1f}", micron=f"{rnd.uniform(15.8, 24):.2f}",
                    yield_=f"{rnd.uniform(55, 74):.1f}", tested=(opens - timedelta(days=rnd.randint(8, 60))).strftime("%d.%m.%Y"),
                    remark=rnd.choice(REMARKS), reserve=f"{rnd.uniform(6, 19):.2f}") for k in range(230)]
        sales[f"S-{n:02}"] = Sale(f"S-{n:02}", opens, lots)
    return sales


SALES = sample_sales()
app = Flask(__name__)


def sale_or_404(code: str) -> Sale:
    return SALES.get(code) or abort(404)


def brand_parts(brand: str) -> dict:
    found = BRAND.match(brand)
    return {k: v for k, v in found.groupdict().items() if v} if found else {"station": brand}


def clean_remark(text: str) -> list[str]:
    return textwrap.wrap(html.escape(UNSAFE.sub("", text)), 44)


def money(amount: Decimal, currency: str) -> str:
    return f"{(amount * RATES[currency]).quantize(CENT, ROUND_HALF_UP):,} {currency}"


def clean_kilos(lot: Lot) -> Decimal:
    return (Decimal(lot.kilos) * Decimal(lot.yield_) / 100).quantize(Decimal("0.1"))


def fineness(micron: Decimal) -> str:
    for limit, name in ((Decimal("17.5"), "ultrafine"), (Decimal("19.5"), "fine"), (Decimal("22.5"), "medium")):
        if micron <= limit:
            return name
    return "strong"


def test_age(lot: Lot, opens: date) -> dict:
    tested = datetime.strptime(lot.tested, "%d.%m.%Y").date()
    return {"tested": tested.isoformat(), "days": (opens - tested).days, "valid": (opens - tested) < timedelta(days=45)}


def reserve_for(lot: Lot, kilos: Decimal, currency: str) -> dict:
    a_kilo = Decimal(lot.reserve)
    return {"per_kg": money(a_kilo, currency), "lot": money(a_kilo * kilos, currency)}


def lot_key(sale: Sale, lot: Lot) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{sale.code}/{lot.number}"))


def seal(entry: dict) -> str:
    return hashlib.sha1(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:12]


def lot_entry(sale: Sale, lot: Lot, currency: str) -> dict:
    kilos, micron = clean_kilos(lot), Decimal(lot.micron)
    entry = {**asdict(lot), "key": lot_key(sale, lot), "brand": brand_parts(lot.brand), "clean_kg": str(kilos),
             "class": fineness(micron), "test": test_age(lot, sale.opens), "remark": clean_remark(lot.remark),
             "reserve": reserve_for(lot, kilos, currency)}
    entry["seal"] = seal(entry)
    journal.info("lot %s/%d shown at %s", sale.code, lot.number, entry["reserve"]["lot"])
    return entry


def totals(sale: Sale) -> dict:
    groups: dict[str, list[Lot]] = {}
    for lot in sale.lots:
        groups.setdefault(fineness(Decimal(lot.micron)), []).append(lot)
    return {name: {"lots": len(lots), "bales": sum(x.bales for x in lots), "clean_kg": str(sum(map(clean_kilos, lots)))}
            for name, lots in sorted(groups.items())}


ORDERS = {"lot": lambda e: e["number"], "micron": lambda e: Decimal(e["micron"]), "brand": lambda e: sorted(e["brand"].items())}


@app.before_request
def begin():
    g.begun = time.perf_counter()
    g.trace = request.headers.get("x-trace") or uuid.uuid4().hex


@app.after_request
def packed(response: Response) -> Response:
    if "gzip" in request.headers.get("accept-encoding", "") and response.content_length and response.content_length > 2000:
        response.set_data(gzip.compress(response.get_data(), 4))
        response.headers["content-encoding"] = "gzip"
    response.headers["x-trace"] = g.trace
    log.info("%s %s in %.1f ms", request.path, response.status, (time.perf_counter() - g.begun) * 1000)
    logging.root.handlers[0].stream.truncate(0)
    return response


@app.get("/sales/<code>/catalogue")
def catalogue(code):
    sale = sale_or_404(code)
    currency, order = request.args.get("currency", "AUD"), request.args.get("order", "lot")
    if currency not in RATES or order not in ORDERS:
        abort(400)
    entries = sorted((lot_entry(sale, lot, currency) for lot in sale.lots), key=ORDERS[order])
    return jsonify(sale=sale.code, opens=sale.opens.isoformat(), totals=totals(sale), lots=entries)


@app.get("/sales/<code>/lots/<int:number>")
def one_lot(code, number):
    sale = sale_or_404(code)
    for lot in sale.lots:
        if lot.number == number:
            return jsonify(lot_entry(sale, lot, "AUD"))
    abort(404)


@app.get("/sales")
def sales():
    return jsonify([{"code": s.code, "opens": s.opens.isoformat(), "lots": len(s.lots)} for s in SALES.values()])


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=6, _quiet=True)
