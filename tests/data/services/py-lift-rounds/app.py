"""Rounds of the lift inspectors: which lifts of a district are due, and in what order one visits them."""
import os
from datetime import date, timedelta

import asyncpg
from aiohttp import web

DB = web.AppKey("db", asyncpg.Pool)
MINUTES = {"Otto": 25, "Schwind": 30, "Konrad": 40, "Tissot": 35}
DAY = 7 * 60


def as_int(text: str | None, default: int, low: int, high: int) -> int:
    try:
        value = default if text is None else int(text)
    except ValueError:
        raise web.HTTPBadRequest(text="not a number") from None
    return min(high, max(low, value))


async def due_lifts(db: asyncpg.Pool, district: int, by: date, limit: int) -> list[asyncpg.Record]:
    return await db.fetch(
        """
        SELECT lift_id, street, maker, floors, made_on, due_on, grade, ropes_mm, rope_change, visits, inspector, remark
          FROM lift_state
         WHERE district_id = $1 AND due_on <= $2
         ORDER BY due_on, lift_id
         LIMIT $3
        """, district, by, limit)


async def district_inspectors(db: asyncpg.Pool, district: int) -> list[str]:
    rows = await db.fetch("SELECT i.name FROM inspectors i WHERE i.district_id = $1 ORDER BY i.id", district)
    return [row["name"] for row in rows]


def urgency(lift: asyncpg.Record, on: date) -> str:
    late = (on - lift["due_on"]).days
    if lift["grade"] == 1 or late > 180:
        return "now"
    worn = lift["rope_change"] is not None and lift["rope_change"] < -1
    return "soon" if late > 30 or worn else "planned"


def minutes_for(lift: asyncpg.Record) -> int:
    return MINUTES.get(lift["maker"], 30) + 2 * lift["floors"]


def by_street(lifts: list[asyncpg.Record]) -> list[asyncpg.Record]:
    return sorted(lifts, key=lambda lift: (lift["street"], lift["lift_id"]))


def split_days(lifts: list[asyncpg.Record], start: date) -> list[dict]:
    """Fills one day after the other; walking from one street to the next takes a quarter of an hour."""
    days, left, street = [], 0, None
    for lift in lifts:
        needs = minutes_for(lift) + (15 if lift["street"] != street else 0)
        if not days or needs > left:
            day = start + timedelta(days=len(days))
            days.append({"day": day.isoformat(), "stops": []})
            left = DAY
        left -= needs
        street = lift["street"]
        days[-1]["stops"].append({
            "lift": lift["lift_id"], "street": street, "minutes": needs, "last": lift["made_on"].isoformat(),
            "due": lift["due_on"].isoformat(), "by": lift["inspector"], "ropes_mm": float(lift["ropes_mm"]),
            "urgency": urgency(lift, start), "remark": lift["remark"], "visits": lift["visits"],
        })
    return days


async def inspection_round(request: web.Request) -> web.Response:
    district = int(request.match_info["district"])
    start = date.fromisoformat(request.query.get("start", "2025-03-03"))
    limit = as_int(request.query.get("limit"), 20, 1, 100)
    db = request.app[DB]
    lifts = await due_lifts(db, district, start + timedelta(days=14), limit)
    return web.json_response({"district": district, "inspectors": await district_inspectors(db, district),
                              "days": split_days(by_street(lifts), start)})


async def lift_history(request: web.Request) -> web.Response:
    rows = await request.app[DB].fetch(
        "SELECT made_on, grade, ropes_mm, remark FROM inspections WHERE lift_id = $1 ORDER BY made_on DESC LIMIT 30",
        int(request.match_info["lift"]))
    if not rows:
        raise web.HTTPNotFound()
    return web.json_response([{**row, "made_on": row["made_on"].isoformat(), "ropes_mm": float(row["ropes_mm"])} for row in rows])


async def district(request: web.Request) -> web.Response:
    row = await request.app[DB].fetchrow(
        "SELECT count(*) AS lifts, min(installed_on) AS oldest FROM lifts WHERE district_id = $1",
        int(request.match_info["district"]))
    return web.json_response({"lifts": row["lifts"], "oldest": row["oldest"] and row["oldest"].isoformat()})


async def livez(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def database(app: web.Application):
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=12) as pool:
        app[DB] = pool
        yield


def make_app() -> web.Application:
    app = web.Application()
    app.cleanup_ctx.append(database)
    app.add_routes([
        web.get(r"/districts/{district:\d+}/round", inspection_round),
        web.get(r"/districts/{district:\d+}", district),
        web.get(r"/lifts/{lift:\d+}/history", lift_history),
        web.get("/livez", livez),
    ])
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
