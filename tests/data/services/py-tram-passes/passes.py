"""Season passes of the tram company: riders, prices, and the concessions that the city grants."""
import asyncio
import os
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import aiohttp
import asyncpg
from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart, abort, current_app, g, request

CITY_REGISTER = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
DAYS = {"week": 7, "month": 30, "quarter": 91, "year": 365}
CONCESSIONS = {"student": Decimal("0.60"), "senior": Decimal("0.50"), "family": Decimal("0.75"), "none": Decimal(1)}
OPEN_PATHS = {"/ping"}

app = Quart(__name__)


@dataclass
class Order:
    kind: str
    zones: list[str]
    starts: date

    @property
    def ends(self) -> date:
        return self.starts + timedelta(days=DAYS[self.kind] - 1)


def read_order(body: dict | None) -> Order:
    try:
        order = Order(body["kind"], sorted(set(body["zones"])), date.fromisoformat(body["from"]))
    except (TypeError, KeyError, ValueError):
        abort(400, "kind, zones and from are needed")
    if order.kind not in DAYS or not order.zones:
        abort(422, "no such pass")
    return order


# --- start, end, and what surrounds a request ---

@app.before_serving
async def connect() -> None:
    app.db = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=4, command_timeout=10)
    app.http = aiohttp.ClientSession(CITY_REGISTER, timeout=aiohttp.ClientTimeout(total=8))


@app.after_serving
async def disconnect() -> None:
    await app.http.close()
    await app.db.close()


@app.before_request
async def borrow_connection() -> None:
    if request.path not in OPEN_PATHS:
        g.db = await current_app.db.acquire()


@app.teardown_request
async def return_connection(error: BaseException | None) -> None:
    connection = g.pop("db", None)
    if connection is not None:
        await current_app.db.release(connection)


# --- storage ---

async def find_rider(rider: int) -> asyncpg.Record:
    found = await g.db.fetchrow("SELECT id, name, born, citizen_no FROM riders WHERE id = $1", rider)
    return found or abort(404, "no such rider")


async def zone_prices(zones: list[str], kind: str) -> Decimal:
    rows = await g.db.fetch("SELECT zone, price FROM tariffs WHERE kind = $1 AND zone = ANY($2)", kind, zones)
    if len(rows) != len(zones):
        abort(422, "unknown zone")
    return sum((row["price"] for row in rows), Decimal(0))


async def store_pass(rider: int, order: Order, price: Decimal, concession: str) -> int:
    return await g.db.fetchval(
        "INSERT INTO passes (rider_id, kind, zones, starts_on, ends_on, price, concession) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        rider, order.kind, order.zones, order.starts, order.ends, price, concession)


# --- rules ---

async def concession_of(citizen_no: str, on: date) -> str:
    async with current_app.http.get(f"/citizens/{citizen_no}/concession", params={"on": on.isoformat()}) as answer:
        if answer.status == 404:
            return "none"
        answer.raise_for_status()
        return (await answer.json())["concession"]


def price_of(full: Decimal, zones: int, concession: str) -> Decimal:
    bundle = Decimal("0.9") if zones > 2 else Decimal(1)
    return (full * bundle * CONCESSIONS[concession]).quantize(Decimal("0.01"), ROUND_HALF_UP)


# --- endpoints ---

@app.post("/riders/<int:rider>/passes")
async def buy(rider: int):
    order = read_order(await request.get_json(silent=True))
    person = await find_rider(rider)
    full = await zone_prices(order.zones, order.kind)
    concession = await concession_of(person["citizen_no"], order.starts)
    price = price_of(full, len(order.zones), concession)
    number = await store_pass(rider, order, price, concession)
    return {"pass": number, "rider": person["name"], "until": order.ends.isoformat(), "price": str(price),
            "concession": concession}, 201


@app.get("/riders/<int:rider>/passes")
async def passes(rider: int):
    await find_rider(rider)
    rows = await g.db.fetch("SELECT id, kind, zones, ends_on FROM passes WHERE rider_id = $1 "
                            "ORDER BY id DESC LIMIT 20", rider)
    return [{"pass": row["id"], "kind": row["kind"], "zones": row["zones"], "until": row["ends_on"].isoformat()}
            for row in rows]


@app.get("/tariffs/<kind>")
async def tariffs(kind: str):
    rows = await g.db.fetch("SELECT zone, price FROM tariffs WHERE kind = $1 ORDER BY zone", kind)
    return {row["zone"]: str(row["price"]) for row in rows}


@app.get("/ping")
async def ping():
    return {"status": "ok"}


if __name__ == "__main__":
    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['PORT']}"]
    config.loglevel = "warning"
    asyncio.run(serve(app, config))
