"""The milkman's rounds: stops, and how long the tour takes today."""
import asyncio
import json
import os

import tornado.httpclient
import tornado.web
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

TRAFFIC = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}/tours"


async def minutes(http, stops) -> int:
    answer = await http.fetch(f"{TRAFFIC}?stops={len(stops)}")
    return json.loads(answer.body)["minutes"]


class Round(tornado.web.RequestHandler):
    def initialize(self, db, http):
        self.db, self.http = db, http

    async def get(self, number):
        async with self.db.connection() as connection:
            cursor = await connection.execute("SELECT address, bottles FROM stops WHERE round_id = %s ORDER BY id", (int(number),))
            stops = await cursor.fetchall()
            if not stops:
                raise tornado.web.HTTPError(404)
            self.write({"stops": stops, "bottles": sum(s["bottles"] for s in stops), "minutes": await minutes(self.http, stops)})


class Health(tornado.web.RequestHandler):
    def get(self):
        self.write({"ok": True})


async def main():
    tornado.httpclient.AsyncHTTPClient.configure(None, max_clients=100)
    async with AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=2, max_size=3, open=False,
                                   kwargs={"row_factory": dict_row, "autocommit": True}) as db:
        using = {"db": db, "http": tornado.httpclient.AsyncHTTPClient()}
        app = tornado.web.Application([(r"/rounds/(\d+)", Round, using), ("/healthz", Health)], log_function=lambda _: None)
        app.listen(int(os.environ["PORT"]), "127.0.0.1")
        await asyncio.Event().wait()


asyncio.run(main())
