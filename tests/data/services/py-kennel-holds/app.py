"""Holds of a kennel: a keeper reserves boxes for some nights; an open hold gives way to the keeper's next one."""
import os
from datetime import date, timedelta
from decimal import Decimal

from flask import Flask, abort, jsonify, request
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker
from waitress import serve

from models import Hold, HoldAnimal, HoldEvent, Keeper

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"), pool_size=12, max_overflow=0)
new_session = sessionmaker(engine, expire_on_commit=False)
app = Flask(__name__)

NIGHTLY = {"dog": Decimal("24.00"), "cat": Decimal("17.50"), "parrot": Decimal("11.00")}
CAPACITY = {"north": 44, "harbour": 30, "hill": 62}
OPEN_AT_MOST = 12


def parse_hold(body) -> tuple[str, date, int, list[str]]:
    try:
        kennel, arrive, nights = body["kennel"], date.fromisoformat(body["arrive"]), int(body["nights"])
        animals = list(body["animals"])
    except (KeyError, TypeError, ValueError):
        abort(400, "kennel, arrive, nights and animals are needed")
    if kennel not in CAPACITY or not 1 <= nights <= 60 or not animals or set(animals) - set(NIGHTLY):
        abort(422, "kennel, nights or animals")
    return kennel, arrive, nights, animals


def price_of(animals: list[str], nights: int) -> Decimal:
    ordered = sorted((NIGHTLY[kind] for kind in animals), reverse=True)
    per_night = ordered[0] + sum(ordered[1:], Decimal(0)) * Decimal("0.8")
    return (per_night * nights * (Decimal("0.9") if nights >= 14 else 1)).quantize(Decimal("0.01"))


def occupied(session: Session, kennel: str, arrive: date, nights: int) -> int:
    leaves = arrive + timedelta(days=nights)
    return session.scalar(
        select(func.count(HoldAnimal.id)).join(Hold, Hold.id == HoldAnimal.hold_id)
        .where(Hold.kennel == kennel, Hold.state == "paid", Hold.arrive < leaves, Hold.arrive > arrive - timedelta(days=14),
               Hold.arrive + Hold.nights > arrive))


def drop_oldest_hold(session: Session, keeper: Keeper) -> int | None:
    """Some open holds stay, as other devices of the keeper may still show them."""
    of_keeper = (Hold.keeper_id == keeper.id, Hold.state == "open")
    if session.scalar(select(func.count()).where(*of_keeper)) < OPEN_AT_MOST:
        return None
    oldest = session.scalar(select(Hold).where(*of_keeper).order_by(Hold.id).limit(1).with_for_update(skip_locked=True))
    if oldest is None:
        return None
    session.delete(oldest)
    session.flush()
    return oldest.id


def new_hold(keeper: Keeper, kennel: str, arrive: date, nights: int, animals: list[str]) -> Hold:
    hold = Hold(keeper_id=keeper.id, kennel=kennel, arrive=arrive, nights=nights, price=price_of(animals, nights))
    hold.animals = [HoldAnimal(kind=kind) for kind in animals]
    hold.events = [HoldEvent(what="created", note=f"{len(animals)} animals")]
    return hold


def hold_view(hold: Hold) -> dict:
    return {"id": hold.id, "kennel": hold.kennel, "arrive": hold.arrive.isoformat(), "nights": hold.nights,
            "state": hold.state, "price": str(hold.price)}


@app.post("/keepers/<int:number>/holds")
def place_hold(number: int):
    kennel, arrive, nights, animals = parse_hold(request.get_json(silent=True))
    with new_session.begin() as session:
        keeper = session.get(Keeper, number) or abort(404)
        dropped = drop_oldest_hold(session, keeper)
        taken = occupied(session, kennel, arrive, nights)
        if taken + len(animals) > CAPACITY[kennel]:
            abort(409, "full")
        hold = new_hold(keeper, kennel, arrive, nights, animals)
        session.add(hold)
    return {**hold_view(hold), "free": CAPACITY[kennel] - taken, "replaces": dropped}, 201


@app.get("/keepers/<int:number>/holds")
def keeper_holds(number: int):
    with new_session() as session:
        found = session.scalars(select(Hold).where(Hold.keeper_id == number).order_by(Hold.arrive.desc()).limit(20))
        return jsonify([hold_view(hold) for hold in found])


@app.get("/kennels/<kennel>/arrivals/<day>")
def arrivals(kennel: str, day: str):
    with new_session() as session:
        found = session.execute(select(Hold.id, Keeper.name, Hold.nights).join(Keeper, Keeper.id == Hold.keeper_id)
                                .where(Hold.kennel == kennel, Hold.arrive == date.fromisoformat(day)).limit(50))
        return jsonify([row._asdict() for row in found])


@app.get("/healthz")
def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=12, _quiet=True)
