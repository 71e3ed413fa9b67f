"""Register of notarial acts: records, numbers and seals them."""
import hashlib
import json
import os
from datetime import date
from decimal import Decimal, InvalidOperation

import urllib3
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadGateway, HTTPBadRequest, HTTPNotFound
from pyramid.view import view_config
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker
from waitress import serve

from models import Act, Office, Party

AUTHORITY = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}/seals"
FEES = {"sale": Decimal("0.0042"), "loan": Decimal("0.0021"), "company": Decimal("0.0030"), "will": Decimal("0.0010")}
LEAST_FEE = Decimal("60")

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"),
                       pool_size=20, max_overflow=4)
sessions = sessionmaker(engine, expire_on_commit=False)
http = urllib3.PoolManager(maxsize=24, timeout=8.0)


def fee_for(kind: str, value: Decimal) -> Decimal:
    return max(LEAST_FEE, (value * FEES[kind]).quantize(Decimal("0.01")))


def digest_of(kind: str, value: Decimal, signed_on: date, parties: list[str]) -> str:
    text = "|".join([kind, f"{value:.2f}", signed_on.isoformat(), *sorted(parties)])
    return hashlib.sha256(text.encode()).hexdigest()


def ask_seal(act: Act) -> str:
    answer = http.request("POST", AUTHORITY, body=json.dumps({"reference": act.reference, "digest": act.digest}),
                          headers={"Content-Type": "application/json"})
    if answer.status != 201:
        raise HTTPBadGateway("the authority does not seal")
    return answer.json()["seal"]


def parse_act(body: dict) -> tuple[str, Decimal, date, list[str]]:
    try:
        kind, value = body["kind"], Decimal(str(body["value"]))
        signed_on, parties = date.fromisoformat(body["signed_on"]), [str(name) for name in body["parties"]]
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise HTTPBadRequest() from None
    if kind not in FEES or not parties:
        raise HTTPBadRequest()
    return kind, value, signed_on, parties


def record_act(session: Session, office: Office, kind: str, value: Decimal, signed_on: date, parties: list[str]) -> Act:
    act = Act(office_id=office.id, year=signed_on.year, kind=kind, value=value, fee=fee_for(kind, value),
              signed_on=signed_on, digest=digest_of(kind, value, signed_on, parties),
              parties=[Party(name=name) for name in parties])
    session.add(act)
    session.flush()
    act.seal = ask_seal(act)
    return act


def office_of(session: Session, request) -> Office:
    office = session.get(Office, int(request.matchdict["office"]))
    if office is None:
        raise HTTPNotFound()
    return office


def act_view(act: Act) -> dict:
    return {"reference": act.reference, "kind": act.kind, "fee": str(act.fee), "signed_on": act.signed_on.isoformat(),
            "seal": act.seal, "parties": [party.name for party in act.parties]}


@view_config(route_name="acts", request_method="POST", renderer="json")
def new_act(request):
    wanted = parse_act(request.json_body)
    with sessions.begin() as session:
        act = record_act(session, office_of(session, request), *wanted)
    request.response.status_int = 201
    return act_view(act)


@view_config(route_name="acts", request_method="GET", renderer="json")
def acts(request):
    year = int(request.params.get("year", date.today().year))
    with sessions() as session:
        found = session.scalars(select(Act).where(Act.office_id == int(request.matchdict["office"]), Act.year == year)
                                .order_by(Act.number.desc()).limit(25)).all()
        return {"year": year, "acts": [act_view(act) for act in found]}


@view_config(route_name="act", request_method="GET", renderer="json")
def act(request):
    where = {name: int(request.matchdict[name]) for name in ("office", "year", "number")}
    with sessions() as session:
        found = session.scalar(select(Act).where(Act.office_id == where["office"], Act.year == where["year"],
                                                 Act.number == where["number"]))
        if found is None:
            raise HTTPNotFound()
        return act_view(found)


@view_config(route_name="healthz", renderer="json")
def healthz(request):
    return {"status": "ok"}


def make_app():
    with Configurator() as config:
        config.add_route("acts", r"/offices/{office:\d+}/acts")
        config.add_route("act", r"/offices/{office:\d+}/acts/{year:\d+}/{number:\d+}")
        config.add_route("healthz", "/healthz")
        config.scan("__main__")
        return config.make_wsgi_app()


if __name__ == "__main__":
    serve(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=16)
