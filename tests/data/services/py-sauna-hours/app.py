"""Bookings of the sauna cabins of a swimming club."""
import http.client
import json
import os
from datetime import date
from decimal import Decimal

import falcon
from psycopg import Connection
from psycopg.rows import namedtuple_row
from psycopg_pool import ConnectionPool
from waitress import serve

PAYMENTS = ("127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
OPEN_HOURS = range(9, 22)
EVENING = 17

pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=2, max_size=3, open=False, kwargs={"row_factory": namedtuple_row})


class Session:
    """A connection and a transaction for each request that works with the database."""

    def process_resource(self, req, resp, resource, params):
        if getattr(resource, "stores", False):
            req.context.db = pool.getconn(timeout=20)

    def process_response(self, req, resp, resource, req_succeeded):
        db = getattr(req.context, "db", None)
        if db is not None:
            db.commit() if req_succeeded else db.rollback()
            pool.putconn(db)


def cabin_of(db: Connection, number: int):
    row = db.execute("SELECT id, name, seats, rate FROM cabin WHERE id = %s", (number,)).fetchone()
    if row is None:
        raise falcon.HTTPNotFound(title="no such cabin")
    return row


def member_of(db: Connection, number: int):
    row = db.execute("SELECT id, name, card, since FROM member WHERE id = %s", (number,)).fetchone()
    if row is None:
        raise falcon.HTTPNotFound(title="no such member")
    return row


def price(cabin, member, hour: int, guests: int, day: date) -> Decimal:
    amount = cabin.rate + Decimal("6.50") * max(0, guests - 1)
    if hour >= EVENING or day.weekday() >= 5:
        amount *= Decimal("1.2")
    if (day - member.since).days > 5 * 365:
        amount *= Decimal("0.9")
    return amount.quantize(Decimal("0.01"))


def charge(member, amount: Decimal) -> str:
    connection = http.client.HTTPConnection(*PAYMENTS, timeout=8)
    try:
        body = json.dumps({"card": member.card, "amount": str(amount), "currency": "EUR"})
        connection.request("POST", "/charges", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 201:
            raise falcon.HTTPBadGateway(title="the card was not charged")
        return json.loads(answer.read())["receipt"]
    finally:
        connection.close()


def wish(req: falcon.Request) -> tuple[int, date, int, int]:
    form = req.get_media()
    try:
        member, day = int(form["member"]), date.fromisoformat(form["day"])
        hour, guests = int(form["hour"]), int(form.get("guests", 1))
    except (KeyError, TypeError, ValueError):
        raise falcon.HTTPBadRequest(title="member, day and hour are wanted") from None
    if hour not in OPEN_HOURS or guests < 1:
        raise falcon.HTTPUnprocessableEntity(title="closed then")
    return member, day, hour, guests


class Bookings:
    stores = True

    def on_get(self, req, resp, cabin):
        day = req.get_param_as_date("day", required=True)
        rows = req.context.db.execute("SELECT hour, guests FROM booking WHERE cabin_id = %s AND day = %s ORDER BY hour LIMIT 50",
                                      (cabin, day))
        resp.media = [{"hour": b.hour, "guests": b.guests} for b in rows]

    def on_post(self, req, resp, cabin):
        member_id, day, hour, guests = wish(req)
        db = req.context.db
        cabin, member = cabin_of(db, cabin), member_of(db, member_id)
        if guests > cabin.seats:
            raise falcon.HTTPUnprocessableEntity(title="too many guests")
        amount = price(cabin, member, hour, guests, day)
        receipt = charge(member, amount)
        booking = db.execute(
            "INSERT INTO booking (cabin_id, member_id, day, hour, guests, paid, receipt) VALUES (%s, %s, %s, %s, %s, %s, %s) "
            "RETURNING id", (cabin.id, member.id, day, hour, guests, amount, receipt)).fetchone().id
        resp.status = falcon.HTTP_201
        resp.media = {"booking": booking, "cabin": cabin.name, "paid": str(amount), "receipt": receipt}


class MemberBookings:
    stores = True

    def on_get(self, req, resp, member):
        rows = req.context.db.execute("SELECT cabin_id, day, hour, paid FROM booking WHERE member_id = %s "
                                      "ORDER BY day DESC, id DESC LIMIT 20", (member,))
        resp.media = [{"cabin": b.cabin_id, "day": b.day.isoformat(), "hour": b.hour, "paid": str(b.paid)} for b in rows]


class Cabins:
    stores = True

    def on_get(self, req, resp):
        rows = req.context.db.execute("SELECT id, name, seats, rate FROM cabin ORDER BY id")
        resp.media = [{"id": c.id, "name": c.name, "seats": c.seats, "rate": str(c.rate)} for c in rows]


class Status:
    def on_get(self, req, resp):
        resp.media = {"status": "ok"}


def make_app() -> falcon.App:
    app = falcon.App(middleware=[Session()])
    app.add_route("/cabins", Cabins())
    app.add_route("/cabins/{cabin:int}/bookings", Bookings())
    app.add_route("/members/{member:int}/bookings", MemberBookings())
    app.add_route("/status", Status())
    return app


if __name__ == "__main__":
    pool.open(wait=True)
    serve(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=16, _quiet=True)
