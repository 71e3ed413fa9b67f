"""Claims for stolen and damaged bicycles, as the shop sees them: the shop's own file and the insurer's word."""
import os
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadGateway, HTTPBadRequest, HTTPNotFound
from pyramid.request import Request
from pyramid.view import exception_view_config, view_config
from waitress import serve

from insurer_api import Insurer, InsurerError

LIFETIME_YEARS = 8
PARTS = {"frame": 480, "wheel": 140, "fork": 190, "drivetrain": 260, "lights": 55, "saddle": 60}
STAGES = ("reported", "assessed", "approved", "paid")


@dataclass
class Claim:
    number: str
    policy: str
    bicycle: str
    bought_on: date
    price: Decimal
    happened_on: date
    kind: str
    parts: tuple[str, ...]

    @property
    def age_years(self) -> float:
        return (self.happened_on - self.bought_on).days / 365.25


def shop_files() -> dict[str, Claim]:
    names = list(PARTS)
    files = {}
    for n in range(1000, 1120):
        bought = date(2021, 1, 1) + timedelta(days=n * 13 % 1500)
        parts = tuple(names[(n + k) % len(names)] for k in range(n % 4))
        files[f"BK-{n}"] = Claim(f"BK-{n}", f"P{700000 + n * 17}", ("city", "trekking", "cargo", "race")[n % 4], bought,
                                 Decimal(700 + n * 31 % 2400), bought + timedelta(days=200 + n % 500),
                                 "damage" if parts else "theft", parts)
    return files


FILES = shop_files()


def present_value(claim: Claim) -> Decimal:
    left = max(Decimal("0.15"), 1 - Decimal(str(round(claim.age_years, 2))) / LIFETIME_YEARS)
    return (claim.price * left).quantize(Decimal("0.05"))


def damage(claim: Claim) -> Decimal:
    if claim.kind == "theft":
        return present_value(claim)
    repair = Decimal(sum(PARTS[part] for part in claim.parts)) + 45
    return min(repair, present_value(claim))


def expected_payment(claim: Claim, cover: dict) -> Decimal:
    if claim.kind not in cover["covers"]:
        return Decimal(0)
    return max(Decimal(0), min(damage(claim), Decimal(cover["limit"])) - Decimal(cover["excess"]))


def claim_of(request: Request) -> Claim:
    try:
        return FILES[request.matchdict["number"]]
    except KeyError:
        raise HTTPNotFound("no such claim") from None


def shop_view(claim: Claim) -> dict:
    return {"claim": claim.number, "bicycle": claim.bicycle, "kind": claim.kind, "happened": claim.happened_on.isoformat(),
            "damage": str(damage(claim)), "value": str(present_value(claim)), "parts": list(claim.parts)}


@view_config(route_name="claim", renderer="json", request_method="GET")
def claim(request: Request) -> dict:
    found = claim_of(request)
    detail = request.params.get("detail", "short")
    if detail not in ("short", "full"):
        raise HTTPBadRequest("detail is short or full")
    view = shop_view(found)
    if detail == "full":
        cover = request.registry.insurer.cover(found.policy)
        view["insurer"] = {"excess": cover["excess"], "limit": cover["limit"],
                           "expected": str(expected_payment(found, cover)), "handler": cover["handler"]}
    return view


@view_config(route_name="progress", renderer="json", request_method="GET")
def progress(request: Request) -> dict:
    found = claim_of(request)
    stage = request.registry.insurer.stage(found.policy, found.number)
    return {"claim": found.number, "stage": stage, "step": STAGES.index(stage) + 1, "steps": len(STAGES)}


@view_config(route_name="claims", renderer="json", request_method="GET")
def claims(request: Request) -> list[dict]:
    kind = request.params.get("kind")
    return [{"claim": c.number, "kind": c.kind, "damage": str(damage(c))}
            for c in FILES.values() if kind in (None, c.kind)][:50]


@view_config(route_name="healthz", renderer="json")
def healthz(request: Request) -> dict:
    return {"status": "ok"}


@exception_view_config(InsurerError, renderer="json")
def insurer_trouble(error: InsurerError, request: Request) -> dict:
    request.response.status = HTTPBadGateway.code
    return {"error": str(error)}


def make_app():
    with Configurator() as config:
        config.add_route("claims", "/claims")
        config.add_route("claim", "/claims/{number}")
        config.add_route("progress", "/claims/{number}/progress")
        config.add_route("healthz", "/healthz")
        config.registry.insurer = Insurer(
            f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}",
            client_id=os.environ.get("INSURER_CLIENT", "bikeshop-21"),
            secret=os.environ.get("INSURER_SECRET", "not-so-secret"))
        config.scan(ignore=["insurer_api"])
        return config.make_wsgi_app()


if __name__ == "__main__":
    serve(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=12, _quiet=True)
