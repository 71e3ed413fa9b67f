"""Tax-free shopping: what a traveller gets back at the airport desk."""
import os
from decimal import Decimal, InvalidOperation

import requests
from flask import Flask, abort, jsonify, request
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry
from waitress import serve

CUSTOMS = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
EXCLUDED = {"DE", "FR", "IT", "ES", "AT", "NL", "BE", "PL"}
MINIMUM = Decimal("50.01")
SERVICE_SHARE = {"cash": Decimal("0.22"), "card": Decimal("0.16")}
CENT = Decimal("0.01")


class CustomsError(Exception):
    pass


def http_session() -> requests.Session:
    """One for the process: keeps connections, tries again when customs restarts its servers."""
    session = requests.Session()
    retries = Retry(total=2, backoff_factor=0.2, status_forcelist=(502, 503), allowed_methods=("GET",))
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=2, pool_block=True, max_retries=retries)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.headers["User-Agent"] = "refund-desk/2.3"
    return session


class Customs:
    def __init__(self, base: str, session: requests.Session):
        self._base = base
        self._session = session

    def _get(self, path: str, **params) -> dict:
        answer = self._session.get(self._base + path, params=params, timeout=(2, 8))
        if answer.status_code == 404:
            raise CustomsError(f"{path} is not known")
        answer.raise_for_status()
        return answer.json()

    def traveller(self, country: str, passport: str) -> dict:
        return self._get(f"/travellers/{passport}", country=country)

    def shop(self, number: int) -> dict:
        return self._get(f"/shops/{number}")


customs = Customs(CUSTOMS, http_session())
app = Flask(__name__)


def parse_claim(claim) -> tuple[str, str, list[tuple[int, Decimal]]]:
    try:
        receipts = [(int(r["shop"]), Decimal(r["amount"])) for r in claim["receipts"]]
        country, passport = claim["country"].upper(), claim["passport"].strip()
    except (KeyError, TypeError, ValueError, InvalidOperation, AttributeError):
        abort(400, "incomplete claim")
    if not receipts or len(receipts) > 20:
        abort(422, "between 1 and 20 receipts")
    if country in EXCLUDED:
        abort(422, "only for travellers from outside the union")
    return country, passport, receipts


def vat_in(amount: Decimal, rate: Decimal) -> Decimal:
    return (amount * rate / (1 + rate)).quantize(CENT)


def refund_line(shop: dict, amount: Decimal, way: str) -> dict:
    if not shop["licensed"] or amount < MINIMUM:
        return {"shop": shop["shop"], "amount": str(amount), "refund": "0.00", "reason": "below minimum or no licence"}
    vat = vat_in(amount, Decimal(shop["rate"]))
    refund = (vat * (1 - SERVICE_SHARE[way])).quantize(CENT)
    return {"shop": shop["shop"], "amount": str(amount), "vat": str(vat), "refund": str(refund)}


@app.post("/refunds")
def refunds():
    country, passport, receipts = parse_claim(request.get_json(silent=True))
    way = request.args.get("pay", "card")
    if way not in SERVICE_SHARE:
        abort(400, "pay is cash or card")
    traveller = customs.traveller(country, passport)
    if traveller["resident"]:
        abort(422, "residents have no claim")
    lines = [refund_line(customs.shop(shop), amount, way) for shop, amount in receipts]
    total = sum((Decimal(line["refund"]) for line in lines), Decimal(0))
    return jsonify(card=traveller["card"], total=str(total), lines=lines), 201


@app.get("/estimate")
def estimate():
    try:
        amount = Decimal(request.args["amount"])
    except (KeyError, InvalidOperation):
        abort(400, "amount?")
    vat = vat_in(amount, Decimal("0.19"))
    return jsonify({way: str((vat * (1 - share)).quantize(CENT)) for way, share in SERVICE_SHARE.items()})


@app.errorhandler(CustomsError)
@app.errorhandler(requests.RequestException)
def customs_failed(error):
    return jsonify(error=str(error)), 502


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=16, _quiet=True)
