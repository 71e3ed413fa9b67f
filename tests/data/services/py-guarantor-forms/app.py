"""Guarantors of student flats: takes their forms, weighs their means and says what deposit remains."""
import os
import re
from dataclasses import asdict, dataclass
from datetime import date
from decimal import ROUND_UP, Decimal

import requests
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadGateway, HTTPNotFound, HTTPUnprocessableEntity
from pyramid.view import view_config
from waitress import serve

BUREAU = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
INCOME_FACTOR = {"employee": Decimal("0.30"), "civil servant": Decimal("0.36"), "self-employed": Decimal("0.22"),
                 "pensioner": Decimal("0.28")}
MONTHS_BY_BAND = {"A": 0, "B": 1, "C": 2, "D": 3}


@dataclass(frozen=True)
class Flat:
    number: str
    rent: Decimal
    floor: int
    free_from: date


@dataclass
class Guarantor:
    name: str
    born: date
    work: str
    income: Decimal
    iban: str

    @property
    def means(self) -> Decimal:
        return self.income * INCOME_FACTOR[self.work]


FLATS = {
    f"F{n}": Flat(f"F{n}", Decimal(390 + n * 7 % 260), n % 6, date(2026, 1 + n % 12, 1)) for n in range(1, 181)
}


def iban_is_sound(iban: str) -> bool:
    iban = iban.replace(" ", "")
    if not IBAN.fullmatch(iban):
        return False
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def read_form(body: dict) -> Guarantor:
    problems = {}
    try:
        born = date.fromisoformat(body.get("born", ""))
    except (TypeError, ValueError):
        problems["born"] = "a date is needed"
    if body.get("work") not in INCOME_FACTOR:
        problems["work"] = "unknown"
    if not iban_is_sound(str(body.get("iban", ""))):
        problems["iban"] = "does not check out"
    try:
        income = Decimal(str(body.get("income")))
    except ArithmeticError:
        problems["income"] = "an amount is needed"
    if problems:
        raise HTTPUnprocessableEntity(json_body={"problems": problems})
    return Guarantor(" ".join(str(body.get("name", "")).split()), born, body["work"], income, body["iban"].replace(" ", ""))


class Bureau:
    """The credit bureau's web service."""

    def __init__(self, base: str):
        self.base = base
        self.session = requests.Session()
        self.session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=16))
        self.session.headers["X-Member"] = "student-flats-41"

    def _get(self, path: str, **params) -> dict:
        try:
            answer = self.session.get(self.base + path, params=params, timeout=5)
            answer.raise_for_status()
        except requests.RequestException as error:
            raise HTTPBadGateway(json_body={"error": str(error)}) from error
        return answer.json()

    def bank_of(self, iban: str) -> str:
        return self._get("/banks", code=iban[4:12])["name"]

    def solvency(self, guarantor: Guarantor) -> dict:
        return self._get("/solvency", name=guarantor.name, born=guarantor.born.isoformat())


def bureau(request) -> Bureau:
    return request.registry.settings["bureau"]


def deposit_for(flat: Flat, guarantor: Guarantor, band: str) -> Decimal:
    months = MONTHS_BY_BAND.get(band, 3)
    gap = max(Decimal(0), flat.rent - guarantor.means)
    return (flat.rent * months + gap * 12).quantize(Decimal("1"), ROUND_UP)


@view_config(route_name="guarantor", request_method="POST", renderer="json")
def check_guarantor(request):
    flat = FLATS.get(request.matchdict["flat"])
    if flat is None:
        raise HTTPNotFound()
    guarantor = read_form(request.json_body)
    bank = bureau(request).bank_of(guarantor.iban)
    report = bureau(request).solvency(guarantor)
    deposit = deposit_for(flat, guarantor, report["band"])
    return {"flat": flat.number, "accepted": deposit <= flat.rent * 3, "deposit": str(deposit), "bank": bank,
            "band": report["band"], "open_claims": report["claims"]}


@view_config(route_name="flats", request_method="GET", renderer="json")
def flats(request):
    most = Decimal(request.params.get("most", "9999"))
    found = sorted((f for f in FLATS.values() if f.rent <= most), key=lambda f: f.rent)
    return [{k: str(v) for k, v in asdict(flat).items()} for flat in found[:40]]


@view_config(route_name="bank", request_method="GET", renderer="json")
def bank(request):
    iban = request.matchdict["iban"]
    if not iban_is_sound(iban):
        raise HTTPUnprocessableEntity()
    return {"bank": bureau(request).bank_of(iban)}


@view_config(route_name="alive", request_method="GET", renderer="string")
def alive(request):
    return "alive"


def main():
    with Configurator(settings={"bureau": Bureau(BUREAU)}) as config:
        config.add_route("guarantor", "/flats/{flat}/guarantor")
        config.add_route("flats", "/flats")
        config.add_route("bank", "/banks/{iban}")
        config.add_route("alive", "/alive")
        config.scan("__main__")
        app = config.make_wsgi_app()
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=16, _quiet=True)


if __name__ == "__main__":
    main()
