"""Parking notices of a town: what a vehicle still owes, and what the wardens wrote today."""
import os
from datetime import date, timedelta
from decimal import Decimal

from flask import Flask, abort, jsonify, request
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

app = Flask(__name__)
pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=8, open=False,
                      kwargs={"row_factory": dict_row, "autocommit": True})

REMINDER_AFTER = timedelta(days=28)
REMINDER_FEE = Decimal("12.50")
EARLY_DISCOUNT = Decimal("0.5")
EARLY_WITHIN = timedelta(days=14)


def normal_plate(text: str) -> str:
    plate = "".join(c for c in text.upper() if c.isalnum())
    if not 4 <= len(plate) <= 10:
        abort(400, "that is no number plate")
    return plate


def query_day(name: str) -> date:
    try:
        return date.fromisoformat(request.args[name]) if name in request.args else date.today()
    except ValueError:
        abort(400, f"{name} is no date")


def notices_of(conn, plate: str) -> list[dict]:
    return conn.execute(
        "SELECT n.id, n.issued_on, n.paid_on, n.fine, n.street_id, n.offence, s.name AS street "
        "FROM notices n JOIN streets s ON s.id = n.street_id WHERE n.plate = %s ORDER BY n.issued_on DESC",
        (plate,),
    ).fetchall()


def permit_of(conn, plate: str) -> dict | None:
    return conn.execute("SELECT zone, valid_until FROM permits WHERE plate = %s", (plate,)).fetchone()


def notice(conn, number: int) -> dict | None:
    return conn.execute("SELECT * FROM notices WHERE id = %s", (number,)).fetchone()


def written_by(conn, warden: int, day: date) -> list[dict]:
    return conn.execute("SELECT id, plate, offence, fine FROM notices WHERE warden_id = %s AND issued_on = %s ORDER BY id",
                        (warden, day)).fetchall()


def amount_due(entry: dict, on: date) -> Decimal:
    if entry["paid_on"] is not None:
        return Decimal(0)
    age = on - entry["issued_on"]
    if age <= EARLY_WITHIN:
        return entry["fine"] * EARLY_DISCOUNT
    if age > REMINDER_AFTER:
        return entry["fine"] + REMINDER_FEE
    return entry["fine"]


def as_json(entry: dict, due: Decimal) -> dict:
    return {
        "number": entry["id"],
        "issued": entry["issued_on"].isoformat(),
        "street": entry["street"],
        "offence": entry["offence"],
        "fine": str(entry["fine"]),
        "due": str(due),
        "paid": entry["paid_on"].isoformat() if entry["paid_on"] else None,
    }


@app.get("/plates/<text>/notices")
def plate_notices(text):
    plate, on = normal_plate(text), query_day("on")
    with pool.connection() as conn:
        found = notices_of(conn, plate)
        permit = permit_of(conn, plate)
    dues = [amount_due(entry, on) for entry in found]
    return jsonify(
        plate=plate,
        permit=permit and {"zone": permit["zone"], "until": permit["valid_until"].isoformat()},
        total=str(sum(dues, Decimal(0))),
        notices=[as_json(entry, due) for entry, due in zip(found, dues)],
    )


@app.get("/notices/<int:number>")
def one_notice(number):
    with pool.connection() as conn:
        found = notice(conn, number) or abort(404)
    return jsonify({key: str(value) for key, value in found.items()})


@app.get("/wardens/<int:warden>/notices")
def warden_notices(warden):
    with pool.connection() as conn:
        found = written_by(conn, warden, query_day("on"))
    return jsonify(count=len(found), notices=[{**entry, "fine": str(entry["fine"])} for entry in found])


@app.post("/notices/<int:number>/payment")
def pay(number):
    with pool.connection() as conn:
        row = conn.execute("UPDATE notices SET paid_on = current_date WHERE id = %s AND paid_on IS NULL RETURNING id",
                           (number,)).fetchone()
    return jsonify(paid=row is not None)


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")
