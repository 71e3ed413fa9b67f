"""Gym passes: members check in at the turnstile, passes are counted down and topped up."""
import os
from datetime import date, timedelta

import requests
from flask import Flask, abort, g, jsonify, request
from sqlalchemy import ForeignKey, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, sessionmaker

BADGES = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"),
                       pool_size=2, max_overflow=1, pool_timeout=30)
NewSession = sessionmaker(engine, expire_on_commit=False)
badge_http = requests.Session()
badge_http.trust_env = False
badge_http.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=32))


class Base(DeclarativeBase):
    pass


class Member(Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    badge: Mapped[str]
    passes: Mapped[list["Pass"]] = relationship(back_populates="member", order_by="Pass.valid_until")


class Pass(Base):
    __tablename__ = "passes"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    kind: Mapped[str]
    entries_left: Mapped[int]
    valid_until: Mapped[date]
    member: Mapped[Member] = relationship(back_populates="passes")


class Visit(Base):
    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    gate: Mapped[str]
    on_day: Mapped[date]


def session() -> Session:
    if "session" not in g:
        g.session = NewSession()
    return g.session


def member_or_404(number: int) -> Member:
    return session().get(Member, number) or abort(404)


def usable_passes(member: Member, on: date) -> list[Pass]:
    return [p for p in member.passes if p.valid_until >= on and p.entries_left > 0]


def badge_state(badge: str, gate: str) -> dict:
    reply = badge_http.post(f"{BADGES}/badges/{badge}/read", json={"gate": gate}, timeout=10)
    reply.raise_for_status()
    return reply.json()


def visits_since(member: Member, day: date) -> int:
    return session().scalar(select(func.count()).where(Visit.member_id == member.id, Visit.on_day >= day))


def greeting(member: Member, visits: int) -> str:
    if visits >= 12:
        return f"Welcome back, {member.name}! {visits} visits in four weeks."
    return f"Hello {member.name}"


app = Flask(__name__)


@app.teardown_appcontext
def close_session(error):
    opened = g.pop("session", None)
    if opened is not None:
        opened.close()


@app.post("/gates/<gate>/checkins")
def check_in(gate):
    asked = request.get_json()
    today = date.fromisoformat(asked.get("day") or date.today().isoformat())
    member = member_or_404(asked["member"])
    usable = usable_passes(member, today)
    if not usable:
        return jsonify(open=False, reason="no valid pass"), 402
    state = badge_state(member.badge, gate)
    if state["blocked"]:
        return jsonify(open=False, reason="badge blocked"), 403
    chosen = usable[0]
    session().add(Visit(member_id=member.id, gate=gate, on_day=today))
    visits = visits_since(member, today - timedelta(weeks=4))
    session().commit()
    return jsonify(open=True, kind=chosen.kind, until=chosen.valid_until.isoformat(), battery=state["battery"],
                   greeting=greeting(member, visits)), 201


@app.get("/members/<int:number>")
def show_member(number):
    member = member_or_404(number)
    return jsonify(id=member.id, name=member.name,
                   passes=[{"kind": p.kind, "left": p.entries_left, "until": p.valid_until.isoformat()}
                           for p in member.passes])


@app.post("/members/<int:number>/passes/<int:wanted>/entries")
def top_up(number, wanted):
    member = member_or_404(number)
    found = next((p for p in member.passes if p.id == wanted), None) or abort(404)
    found.entries_left += int(request.get_json()["entries"])
    session().commit()
    return jsonify(id=found.id, left=found.entries_left)


@app.get("/gates/<gate>/today")
def gate_today(gate):
    count = session().scalar(select(func.count()).where(Visit.gate == gate, Visit.on_day == date.today()))
    return jsonify(gate=gate, visits=count)


@app.get("/healthz")
def healthz():
    return "ok"
