"""Free seats of the ferry crossings of a day."""
import asyncio
import datetime as dt
import os

from sanic import Sanic, json
from sanic.exceptions import BadRequest, NotFound
from sanic.request import Request

from clients import Reservations

LINES = {"HEL-TLL": ["0730", "1030", "1630", "2130"], "TUK-SLS": ["0700", "1500"], "ROS-TRE": ["0815", "1445", "2300"]}
CLASSES = {"deck": 1.0, "lounge": 1.6, "cabin": 2.4}
app = Sanic("ferries")


@app.before_server_start
async def connect(app, _):
    app.ctx.reservations = Reservations()


@app.after_server_stop
async def disconnect(app, _):
    await app.ctx.reservations.close()


def wanted_day(request: Request) -> dt.date:
    try:
        return dt.date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        raise BadRequest("day must be YYYY-MM-DD") from None


def fare(kind: str, day: dt.date, share: float) -> float:
    base = 24.0 if day.weekday() < 4 else 31.0
    return round(base * CLASSES[kind] * (1.25 if share > 0.8 else 1.0), 2)


def crossing(sailing: str, day: dt.date, count: dict) -> dict:
    free = count["seats"] - count["taken"]
    share = count["taken"] / count["seats"]
    return {"sails": f"{day}T{sailing[:2]}:{sailing[2:]}", "free": free, "busy": share > 0.8,
            "fares": {kind: fare(kind, day, share) for kind in CLASSES} if free else {}}


@app.get("/crossings/<line:str>/seats")
async def free_seats(request: Request, line: str):
    if line not in LINES:
        raise NotFound(f"no line {line}")
    day = wanted_day(request)
    counts = await asyncio.gather(*(app.ctx.reservations.seat_count(line, f"{day}-{sailing}") for sailing in LINES[line]))
    return json({"line": line, "crossings": [crossing(s, day, c) for s, c in zip(LINES[line], counts)]})


@app.get("/lines")
async def lines(request: Request):
    return json({"lines": LINES})


@app.get("/healthz")
async def healthz(request: Request):
    return json({"ok": True})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), single_process=True, access_log=False, motd=False)
