"""Loans of museum objects: quotes for insurance, climate crates and transport."""
import os

from aiohttp import web

from quotes import HANDLING, VALUES, QuoteDesk

DESK = web.AppKey("desk", QuoteDesk)
routes = web.RouteTableDef()


def as_json(quote) -> dict:
    return {"number": quote.number, "borrower": quote.borrower, "total": quote.total,
            "valid_until": quote.valid_until.isoformat(), "weeks": len(quote.weeks)}


@web.middleware
async def bad_input(request, handler):
    try:
        return await handler(request)
    except (KeyError, ValueError) as error:
        return web.json_response({"error": str(error)}, status=422)


@routes.get("/healthz")
async def healthz(request):
    return web.Response(text="ok")


@routes.post("/loans/quotes")
async def new_quote(request):
    wanted = await request.json()
    weeks = int(wanted["weeks"])
    if wanted["object"] not in VALUES or wanted["transport"] not in HANDLING or not 1 <= weeks <= 104:
        raise ValueError("cannot quote this loan")
    quote = request.app[DESK].prepare(wanted["object"], wanted["borrower"], weeks, wanted["transport"])
    return web.json_response(as_json(quote), status=201)


@routes.get("/loans/quotes/{number}")
async def show_quote(request):
    quote = request.app[DESK].find(request.match_info["number"])
    if quote is None:
        raise web.HTTPNotFound()
    return web.json_response(as_json(quote) | {"lines": quote.weeks})


@routes.post("/loans/quotes/{number}/accept")
async def accept_quote(request):
    quote = request.app[DESK].accept(request.match_info["number"])
    if quote is None:
        raise web.HTTPGone()
    return web.json_response(as_json(quote))


app = web.Application(middlewares=[bad_input])
app[DESK] = QuoteDesk()
app.add_routes(routes)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)
