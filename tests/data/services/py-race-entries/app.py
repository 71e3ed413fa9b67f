"""Entries to running races: takes the runner, takes the fee, says which category and how full the race is."""
import os
from datetime import date
from decimal import Decimal

import requests
from flask import Blueprint, Flask, abort, jsonify, request
from requests.adapters import HTTPAdapter
from sqlalchemy import Date, ForeignKey, Numeric, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

ACQUIRER = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
EARLY_DAYS, EARLY_SHARE = 60, Decimal("0.85")
CATEGORIES = [(20, "junior"), (35, "open"), (50, "masters"), (200, "veterans")]

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"),
                       pool_size=16, max_overflow=4, pool_pre_ping=False)
sessions = sessionmaker(engine, expire_on_commit=False)
payments = requests.Session()
payments.trust_env = False
payments.mount("http://", HTTPAdapter(pool_maxsize=16))


class Base(DeclarativeBase):
    pass


class Race(Base):
    __tablename__ = "races"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    held_on: Mapped[date] = mapped_column(Date)
    fee: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    places: Mapped[int]


class RaceTotal(Base):
    __tablename__ = "race_totals"
    race_id: Mapped[int] = mapped_column(ForeignKey("races.id"), primary_key=True)
    entered: Mapped[int]
    fees: Mapped[Decimal] = mapped_column(Numeric(12, 2))


class Entry(Base):
    __tablename__ = "entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    race_id: Mapped[int] = mapped_column(ForeignKey("races.id"))
    runner: Mapped[str]
    born: Mapped[int]
    club: Mapped[str | None]
    category: Mapped[str]
    fee: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    payment: Mapped[str | None]


class PaymentRefused(Exception):
    pass


def authorise(iban: str, amount: Decimal, reference: str) -> str:
    answer = payments.post(f"{ACQUIRER}/authorisations", timeout=6,
                           json={"iban": iban, "amount": str(amount), "reference": reference})
    if answer.status_code == 402:
        raise PaymentRefused(answer.json()["reason"])
    answer.raise_for_status()
    return answer.json()["id"]


def category_of(born: int, race: Race) -> str:
    age = race.held_on.year - born
    return next(name for below, name in CATEGORIES if age < below)


def fee_of(race: Race, today: date) -> Decimal:
    early = (race.held_on - today).days > EARLY_DAYS
    return (race.fee * (EARLY_SHARE if early else 1)).quantize(Decimal("0.01"))


def race_or_404(session: Session, race_id: int) -> Race:
    return session.get(Race, race_id) or abort(404, "no such race")


def add_entry(session: Session, race: Race, body: dict) -> Entry:
    entry = Entry(race_id=race.id, runner=body["runner"].strip(), born=int(body["born"]), club=body.get("club"),
                  category=category_of(int(body["born"]), race), fee=fee_of(race, date(2026, 2, 1)))
    session.add(entry)
    session.flush()
    return entry


api = Blueprint("api", __name__)


@api.post("/races/<int:race_id>/entries")
def enter(race_id: int):
    body = request.get_json()
    if not all(body.get(name) for name in ("runner", "born", "iban")):
        abort(400, "runner, born and iban are needed")
    with sessions.begin() as session:
        race = race_or_404(session, race_id)
        if session.get(RaceTotal, race_id).entered >= race.places:
            abort(409, "the race is full")
        entry = add_entry(session, race, body)
        try:
            entry.payment = authorise(body["iban"], entry.fee, f"{race.name} / {entry.id}")
        except PaymentRefused as refused:
            abort(422, str(refused))
    return jsonify(number=entry.id, category=entry.category, fee=str(entry.fee), payment=entry.payment), 201


@api.get("/races/<int:race_id>")
def race(race_id: int):
    with sessions() as session:
        found = race_or_404(session, race_id)
        total = session.get(RaceTotal, race_id)
        return jsonify(name=found.name, held_on=found.held_on.isoformat(), entered=total.entered,
                       places=found.places - total.entered, fee=str(found.fee))


@api.get("/races/<int:race_id>/categories/<category>")
def starters(race_id: int, category: str):
    with sessions() as session:
        rows = session.scalars(select(Entry).where(Entry.race_id == race_id, Entry.category == category)
                               .order_by(Entry.id).limit(50))
        return jsonify([{"number": e.id, "runner": e.runner, "club": e.club} for e in rows])


@api.get("/healthz")
def healthz():
    return jsonify(status="ok")


def create_app() -> Flask:
    app = Flask(__name__)
    app.register_blueprint(api)
    for code in (400, 404, 409, 422):
        app.register_error_handler(code, lambda e: (jsonify(error=e.description), e.code))
    return app


app = create_app()
