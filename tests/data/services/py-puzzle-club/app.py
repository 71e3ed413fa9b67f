"""A club that lends jigsaw puzzles by post: the shelf, the picks of the day, the members' wishes."""
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator

import uvicorn
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

pool = AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=12, open=False,
                           kwargs={"row_factory": dict_row, "autocommit": True})
LEVELS = {"easy": (0, 300), "middle": (301, 1000), "hard": (1001, 9000)}
POSTAGE = [(0.5, 3.2), (1.0, 4.1), (2.0, 5.6), (5.0, 8.9)]


def postage(weight: float) -> float:
    return next((price for limit, price in POSTAGE if weight <= limit), 12.5)


class Shelf:
    """What the club owns. All methods take a connection from the pool for one query."""

    def __init__(self, connections: AsyncConnectionPool):
        self._connections = connections

    async def _all(self, query: str, *values) -> list[dict]:
        async with self._connections.connection() as conn:
            return await (await conn.execute(query, values)).fetchall()

    async def picks(self, pieces: tuple[int, int], count: int) -> list[dict]:
        return await self._all(
            "SELECT p.id, p.title, p.pieces, p.weight, p.theme, m.name AS maker FROM puzzles p "
            "JOIN makers m ON m.id = p.maker_id "
            "WHERE p.pieces BETWEEN %s AND %s AND p.complete AND NOT p.lent "
            "ORDER BY random() LIMIT %s", *pieces, count)

    async def ratings(self, puzzles: list[int]) -> dict[int, dict]:
        rows = await self._all("SELECT puzzle_id, round(avg(stars), 1)::float AS stars, count(*) AS votes FROM ratings "
                               "WHERE puzzle_id = ANY(%s) GROUP BY puzzle_id", puzzles)
        return {row.pop("puzzle_id"): row for row in rows}

    async def puzzle(self, number: int) -> dict | None:
        rows = await self._all("SELECT p.*, m.name AS maker FROM puzzles p JOIN makers m ON m.id = p.maker_id "
                               "WHERE p.id = %s", number)
        return rows[0] if rows else None

    async def wishes(self, member: int) -> list[dict]:
        return await self._all("SELECT w.puzzle_id, p.title, w.wished_on::text FROM wishes w JOIN puzzles p "
                               "ON p.id = w.puzzle_id WHERE w.member_id = %s ORDER BY w.wished_on", member)


shelf = Shelf(pool)


def card(puzzle: dict, rating: dict | None) -> dict:
    return {
        "id": puzzle["id"], "title": puzzle["title"], "maker": puzzle["maker"], "pieces": puzzle["pieces"],
        "theme": puzzle["theme"], "postage": postage(puzzle["weight"]),
        "stars": rating["stars"] if rating else None, "votes": rating["votes"] if rating else 0,
        "picture": f"/pictures/{hashlib.sha1(str(puzzle['id']).encode()).hexdigest()[:12]}.webp",
    }


def asked_level(request: Request) -> tuple[int, int]:
    try:
        return LEVELS[request.path_params["level"]]
    except KeyError:
        raise HTTPException(404, "no such level") from None


async def picks(request: Request) -> Response:
    pieces = asked_level(request)
    count = min(24, max(1, int(request.query_params.get("count", "8"))))
    found = await shelf.picks(pieces, count)
    ratings = await shelf.ratings([puzzle["id"] for puzzle in found])
    return JSONResponse({"picks": [card(puzzle, ratings.get(puzzle["id"])) for puzzle in found]},
                        headers={"cache-control": "no-store"})


async def puzzle(request: Request) -> Response:
    found = await shelf.puzzle(request.path_params["number"])
    if found is None:
        raise HTTPException(404)
    ratings = await shelf.ratings([found["id"]])
    return JSONResponse(card(found, ratings.get(found["id"])))


async def wishes(request: Request) -> Response:
    return JSONResponse(await shelf.wishes(request.path_params["member"]))


async def health(request: Request) -> Response:
    return JSONResponse({"status": "up"})


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    await pool.open(wait=True)
    yield
    await pool.close()


app = Starlette(lifespan=lifespan, routes=[
    Route("/levels/{level}/picks", picks),
    Route("/puzzles/{number:int}", puzzle),
    Route("/members/{member:int}/wishes", wishes),
    Route("/health", health),
])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
