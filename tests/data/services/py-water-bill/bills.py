"""Who uses most water in a district, and whose use went up."""
import os

import falcon
from cheroot.wsgi import Server
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=8, max_size=16, open=False, kwargs={"row_factory": dict_row})

TOP = """
SELECT h.id, h.street, sum(r.litres) AS litres
FROM houses h JOIN readings r ON r.house_id = h.id
WHERE h.district = %(district)s
  AND r.litres > (SELECT avg(o.litres) * 1.3 FROM readings o WHERE o.house_id = r.house_id AND o.month <= r.month)
GROUP BY h.id, h.street ORDER BY litres DESC LIMIT 10
"""
STREETS = "SELECT street, count(*) AS houses FROM houses WHERE district = %(district)s GROUP BY street ORDER BY street"


class Query:
    def __init__(self, statement: str, name: str):
        self.statement = statement
        self.name = name

    def on_get(self, req, resp, district):
        with pool.connection() as conn:
            resp.media = {self.name: conn.execute(self.statement, {"district": district}).fetchall()}


class Health:
    def on_get(self, req, resp):
        resp.media = {"ok": True}


app = falcon.App()
app.add_route("/districts/{district:int}/top", Query(TOP, "houses"))
app.add_route("/districts/{district:int}/streets", Query(STREETS, "streets"))
app.add_route("/healthz", Health())

if __name__ == "__main__":
    pool.open(wait=True)
    Server(("127.0.0.1", int(os.environ["PORT"])), app, numthreads=12).safe_start()
