"""Departure boards of the ferry quay. A viewer opens a board, then asks for what changed until it closes it."""
import asyncio
import contextlib
import os

from aiohttp import web

from hub import Hub, Sailing, Subscriber

HUB = web.AppKey("hub", Hub)
PATIENCE = 20.0
WALKS = {berth: 3 + berth * 2 for berth in range(1, 13)}


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def row(sailing: Sailing) -> dict:
    return {
        "sailing": sailing.number,
        "line": f"{sailing.line} Line",
        "berth": f"Berth {sailing.berth}",
        "leaves": clock(sailing.leaves),
        "gate_closes": clock(sailing.leaves - 10),
        "leave_terminal_by": clock(sailing.leaves - 10 - WALKS[sailing.berth]),
        "state": sailing.state,
        "seats": "full" if not sailing.free else "few" if sailing.free < 20 else "free",
    }


def wanted_berths(request: web.Request) -> frozenset[int]:
    text = request.query.get("berths", "")
    try:
        berths = frozenset(int(part) for part in text.split(",")) if text else frozenset(WALKS)
    except ValueError:
        raise web.HTTPBadRequest() from None
    if not berths <= WALKS.keys():
        raise web.HTTPUnprocessableEntity()
    return berths


def first_rows(hub: Hub, subscriber: Subscriber) -> list[dict]:
    wanted = sorted((s for s in hub.sailings.values() if subscriber.wants(s)), key=lambda s: (s.leaves, s.number))
    return [row(sailing) for sailing in wanted]


async def open_board(request: web.Request) -> web.Response:
    hub = request.app[HUB]
    ticket, subscriber = hub.subscribe(wanted_berths(request))
    rows = first_rows(hub, subscriber)
    subscriber.remember(rows)
    return web.json_response({"board": ticket, "rows": rows}, headers={"Location": f"/boards/{ticket}/changes"})


def found_board(request: web.Request) -> tuple[int, Subscriber]:
    ticket = int(request.match_info["ticket"])
    subscriber = request.app[HUB].resume(ticket)
    if subscriber is None:
        raise web.HTTPGone()
    return ticket, subscriber


async def changes(request: web.Request) -> web.Response:
    ticket, subscriber = found_board(request)
    rows = []
    with contextlib.suppress(asyncio.TimeoutError):
        rows.append(row(await asyncio.wait_for(subscriber.changes.get(), PATIENCE)))
        while not subscriber.changes.empty():
            rows.append(row(subscriber.changes.get_nowait()))
    fresh = [r for r in rows if not subscriber.knows(r)]
    subscriber.remember(fresh)
    return web.json_response({"board": ticket, "rows": fresh})


async def close_board(request: web.Request) -> web.Response:
    ticket, _ = found_board(request)
    request.app[HUB].unsubscribe(ticket)
    return web.Response(status=204)


async def sailing(request: web.Request) -> web.Response:
    found = request.app[HUB].sailings.get(int(request.match_info["number"]))
    if found is None:
        raise web.HTTPNotFound()
    return web.json_response(row(found))


async def healthz(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def quay_feed(app: web.Application):
    task = asyncio.create_task(app[HUB].follow_the_quay())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def make_app() -> web.Application:
    app = web.Application()
    app[HUB] = Hub(sailings=1500)
    app.add_routes([
        web.post("/boards", open_board),
        web.get(r"/boards/{ticket:\d+}/changes", changes),
        web.delete(r"/boards/{ticket:\d+}", close_board),
        web.get(r"/sailings/{number:\d+}", sailing),
        web.get("/healthz", healthz),
    ])
    app.cleanup_ctx.append(quay_feed)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)
