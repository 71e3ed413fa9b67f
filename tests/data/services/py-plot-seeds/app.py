import os

import asyncpg
from aiohttp import web

routes = web.RouteTableDef()


async def database(app):
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=12) as pool:
        app["pool"] = pool
        yield


async def grower(pool, number):
    return await pool.fetchrow("SELECT id, name FROM growers WHERE id = $1", number)


async def sowings_of(pool, number):
    return await pool.fetch(
        """
        SELECT plant, bed, sown_on FROM sowings
        WHERE grower_id = $1 ORDER BY sown_on DESC LIMIT 20
        """,
        number,
    )


@routes.get("/healthz")
async def health(request):
    return web.json_response({"ok": True})


@routes.get("/growers/{number}/sowings")
async def sowings(request):
    pool = request.app["pool"]
    number = int(request.match_info["number"])
    who = await grower(pool, number)
    if who is None:
        raise web.HTTPNotFound()
    rows = await sowings_of(pool, number)
    return web.json_response(
        {
            "grower": who["name"],
            "sowings": [
                {"plant": r["plant"], "bed": r["bed"], "on": r["sown_on"].isoformat()} for r in rows
            ],
        }
    )


app = web.Application()
app.cleanup_ctx.append(database)
app.add_routes(routes)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
