"""Quotes for travellers who change money."""
import asyncio
import os

from aiohttp import ClientSession, TCPConnector, web

BANK = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
CODES = {"EUR", "SEK", "NOK", "DKK"}
MARGIN = 0.018
HTTP = web.AppKey("http", ClientSession)


async def rate(http: ClientSession, code: str) -> float:
    async with http.get(f"{BANK}/rates/{code}") as answer:
        answer.raise_for_status()
        return (await answer.json())["rate"]


async def quote(request: web.Request) -> web.Response:
    try:
        wanted = await request.json()
        source, target, amount = wanted["from"], wanted["to"], float(wanted["amount"])
    except (ValueError, KeyError, TypeError):
        raise web.HTTPBadRequest from None
    if not {source, target} <= CODES or amount <= 0:
        raise web.HTTPUnprocessableEntity
    a, b = await asyncio.gather(rate(request.app[HTTP], source), rate(request.app[HTTP], target))
    return web.json_response({"from": source, "to": target, "pays": amount, "gets": round(amount * b / a * (1 - MARGIN), 2)})


async def codes(_: web.Request) -> web.Response:
    return web.json_response(sorted(CODES))


async def ok(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def clients(app: web.Application):
    async with ClientSession(connector=TCPConnector(limit=100)) as session:
        app[HTTP] = session
        yield


def main() -> None:
    app = web.Application()
    app.cleanup_ctx.append(clients)
    app.add_routes([web.post("/quotes", quote), web.get("/codes", codes), web.get("/ok", ok)])
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)


if __name__ == "__main__":
    main()
