"""Sales of a bakery's market stalls: books a sale and has the stall's terminal take the money."""
import asyncio
import json
import os

import tornado.httpclient
import tornado.web
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

TERMINALS = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
REBATE_FROM = 6
REBATE = 0.9


class TerminalError(Exception):
    pass


class Terminals:
    def __init__(self, base: str):
        self._base = base
        self._http = tornado.httpclient.AsyncHTTPClient(max_clients=64)

    async def charge(self, terminal: str, cents: int) -> str:
        body = json.dumps({"cents": cents})
        answer = await self._http.fetch(f"{self._base}/terminals/{terminal}/charges", method="POST", body=body,
                                        raise_error=False)
        if answer.code != 200:
            raise TerminalError(f"{terminal}: {answer.code}")
        return json.loads(answer.body)["receipt"]


class Till:
    def __init__(self, pool: AsyncConnectionPool, terminals: Terminals):
        self._pool = pool
        self._terminals = terminals

    @staticmethod
    async def _one(connection, statement: str, *values) -> dict:
        row = await (await connection.execute(statement, values)).fetchone()
        if row is None:
            raise tornado.web.HTTPError(404)
        return row

    async def sell(self, stall_id: int, good_id: int, pieces: int) -> dict:
        async with self._pool.connection() as connection:
            stall = await self._one(connection, "SELECT id, terminal FROM stalls WHERE id = %s", stall_id)
            good = await self._one(connection, "SELECT id, name, cents FROM goods WHERE id = %s", good_id)
            cents = price(good["cents"], pieces)
            sale = await self._one(
                connection, "INSERT INTO sales (stall_id, good_id, pieces, cents, state) VALUES (%s, %s, %s, %s, 'open') "
                "RETURNING id", stall["id"], good["id"], pieces, cents)
            receipt = await self._terminals.charge(stall["terminal"], cents)
            await connection.execute("UPDATE sales SET state = 'paid', receipt = %s WHERE id = %s", (receipt, sale["id"]))
        return {"sale": sale["id"], "good": good["name"], "cents": cents, "receipt": receipt}

    async def takings(self, stall_id: int) -> dict:
        async with self._pool.connection() as connection:
            return await self._one(
                connection, "SELECT count(*) AS sales, coalesce(sum(cents), 0) AS cents FROM sales "
                "WHERE stall_id = %s AND state = 'paid' AND sold_at > now() - interval '1 minute'", stall_id)

    async def goods(self) -> list[dict]:
        async with self._pool.connection() as connection:
            return await (await connection.execute("SELECT id, name, cents FROM goods ORDER BY name")).fetchall()


def price(cents: int, pieces: int) -> int:
    total = cents * pieces
    return round(total * REBATE) if pieces >= REBATE_FROM else total


class Page(tornado.web.RequestHandler):
    def initialize(self, till: Till):
        self.till = till


class Sales(Page):
    async def post(self, stall: str):
        try:
            order = json.loads(self.request.body)
            good, pieces = int(order["good"]), int(order["pieces"])
        except (ValueError, KeyError, TypeError):
            raise tornado.web.HTTPError(400) from None
        if not 0 < pieces <= 50:
            raise tornado.web.HTTPError(422)
        try:
            sale = await self.till.sell(int(stall), good, pieces)
        except TerminalError as error:
            raise tornado.web.HTTPError(502, str(error)) from None
        self.set_status(201)
        self.write(sale)


class Takings(Page):
    async def get(self, stall: str):
        self.write(await self.till.takings(int(stall)))


class Goods(Page):
    async def get(self):
        self.write({"goods": await self.till.goods()})


class Health(tornado.web.RequestHandler):
    def get(self):
        self.write({"status": "ok"})


async def main() -> None:
    pool = AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=3, open=False, timeout=10,
                               kwargs={"row_factory": dict_row})
    await pool.open(wait=True)
    tools = {"till": Till(pool, Terminals(TERMINALS))}
    app = tornado.web.Application([
        (r"/stalls/(\d+)/sales", Sales, tools),
        (r"/stalls/(\d+)/takings", Takings, tools),
        (r"/goods", Goods, tools),
        (r"/healthz", Health),
    ], log_function=lambda handler: None)
    app.listen(int(os.environ["PORT"]), address="127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
