"""Trade accounts of a builders' merchant: what a firm that applies for one would get."""
import itertools
import os
import re
import threading
import xmlrpc.client
from decimal import ROUND_HALF_UP, Decimal

import bottle
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

REGISTER = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}/RPC2"
VAT_FORMATS = {"DK": r"\d{8}", "DE": r"\d{9}", "SE": r"\d{12}", "NL": r"\d{9}B\d{2}", "FI": r"\d{8}"}
DISCOUNTS = {
    "timber": ((1000, "0.03"), (4000, "0.06"), (12000, "0.09")),
    "fixings": ((200, "0.05"), (1000, "0.10")),
    "paint": ((300, "0.04"), (1500, "0.07")),
    "tools": ((500, "0.02"),),
}
CREDIT_MONTHS = {"DK": 2, "SE": 2, "DE": 1, "NL": 1, "FI": 1}
CENT = Decimal("0.01")


class VatRegister:
    """The tax office's register. A ServerProxy keeps one connection, so each thread has its own."""

    def __init__(self, url: str):
        self._url = url
        self._local = threading.local()

    def _proxy(self) -> xmlrpc.client.ServerProxy:
        if not hasattr(self._local, "proxy"):
            self._local.proxy = xmlrpc.client.ServerProxy(self._url, use_builtin_types=True)
        return self._local.proxy

    def check_vat(self, country: str, number: str) -> bool:
        return bool(self._proxy().vat.check(country, number)["valid"])


register = VatRegister(REGISTER)


class ContactSchema(Schema):
    name = fields.String(required=True, validate=validate.Length(min=2, max=80))
    email = fields.Email(required=True)
    phone = fields.String(load_default="")


class LineSchema(Schema):
    group = fields.String(required=True, validate=validate.OneOf(DISCOUNTS))
    monthly = fields.Decimal(required=True, places=2, validate=validate.Range(min=0))


class ApplicationSchema(Schema):
    class Meta:
        unknown = RAISE

    company = fields.String(required=True, validate=validate.Length(min=2, max=120))
    country = fields.String(required=True, validate=validate.OneOf(VAT_FORMATS))
    vat_id = fields.String(required=True)
    contact = fields.Nested(ContactSchema, required=True)
    lines = fields.List(fields.Nested(LineSchema), required=True, validate=validate.Length(min=1, max=20))

    @validates_schema
    def vat_id_is_known(self, data: dict, **kwargs) -> None:
        country, number = data["country"], data["vat_id"].replace(" ", "").removeprefix(data["country"])
        if not re.fullmatch(VAT_FORMATS[country], number):
            raise ValidationError(f"not a number of {country}", "vat_id")
        if not register.check_vat(country, number):
            raise ValidationError("not in the register", "vat_id")

    @validates_schema
    def groups_once(self, data: dict, **kwargs) -> None:
        groups = [line["group"] for line in data["lines"]]
        if len(groups) != len(set(groups)):
            raise ValidationError("a group is named twice", "lines")


application_schema = ApplicationSchema()


def discount(group: str, monthly: Decimal) -> Decimal:
    steps = [Decimal(rate) for least, rate in DISCOUNTS[group] if monthly >= least]
    return steps[-1] if steps else Decimal(0)


def terms(application: dict) -> dict:
    rows, total, saved = [], Decimal(0), Decimal(0)
    for line in application["lines"]:
        rate = discount(line["group"], line["monthly"])
        total += line["monthly"]
        saved += line["monthly"] * rate
        rows.append({"group": line["group"], "monthly": str(line["monthly"]), "discount": f"{rate:.0%}"})
    limit = (total - saved) * CREDIT_MONTHS[application["country"]]
    return {"company": application["company"], "lines": rows, "saves": str(saved.quantize(CENT, ROUND_HALF_UP)),
            "credit_limit": str(limit.quantize(CENT, ROUND_HALF_UP)),
            "days_to_pay": 30 if total > 2000 else 14}


class Accounts:
    def __init__(self):
        self._numbers = itertools.count(70001)
        self._accounts: dict[int, dict] = {}

    def open(self, application: dict) -> dict:
        number = next(self._numbers)
        account = {"account": number, **terms(application), "contact": application["contact"]["name"]}
        self._accounts[number] = account
        return account

    def find(self, number: int) -> dict | None:
        return self._accounts.get(number)


accounts = Accounts()
app = bottle.Bottle()


def loaded_application() -> dict:
    try:
        return application_schema.load(bottle.request.json or {})
    except ValidationError as error:
        raise bottle.HTTPResponse({"errors": error.normalized_messages()}, 422) from None
    except xmlrpc.client.Error:
        raise bottle.HTTPResponse({"errors": {"vat_id": ["cannot be checked now"]}}, 503) from None


@app.post("/accounts/preview")
def preview():
    return terms(loaded_application())


@app.post("/accounts")
def open_account():
    bottle.response.status = 201
    return accounts.open(loaded_application())


@app.get("/accounts/<number:int>")
def account(number):
    return accounts.find(number) or bottle.abort(404, "no such account")


@app.get("/groups")
def groups():
    return {group: [{"from": least, "rate": rate} for least, rate in steps] for group, steps in DISCOUNTS.items()}


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    bottle.run(app, server="waitress", host="127.0.0.1", port=int(os.environ["PORT"]), threads=16, quiet=True)
