"""Quotes the price of a parcel from the carrier's tariff."""

import os

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

CARRIER = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
SESSION = web.AppKey("session", ClientSession)


async def healthz(request):
    return web.json_response({"ok": True})


async def tariff(session, weight, zone):
    async with session.get(f"{CARRIER}/tariff", params={"w": weight, "z": zone}) as answer:
        return await answer.json()


async def quote(request):
    weight = int(request.query.get("weight", "3"))
    zone = request.query.get("zone", "b")
    found = await tariff(request.app[SESSION], weight, zone)
    price = found["base"] + weight * found["per_kilo"]
    return web.json_response({"weight": weight, "zone": zone, "price": round(price, 2)})


async def session_of(app):
    app[SESSION] = ClientSession(
        connector=TCPConnector(limit=2, keepalive_timeout=30), timeout=ClientTimeout(total=20)
    )
    yield
    await app[SESSION].close()


app = web.Application()
app.cleanup_ctx.append(session_of)
app.add_routes([web.get("/healthz", healthz), web.get("/quotes", quote)])
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
