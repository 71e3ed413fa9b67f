"""An auction house's lots: what is in a sale, who bids, and how keen people are."""
import os

import cherrypy
from psycopg.rows import class_row, dict_row
from psycopg_pool import ConnectionPool

from catalogue import ORDERS, Lot, estimate, summary

SALE = "SELECT id, title, held_on, premium FROM sales WHERE id = %s"
OVERVIEW = """
    SELECT l.id, l.number, l.title, l.reserve,
           count(DISTINCT b.id) AS bids,
           count(DISTINCT b.bidder_id) AS bidders,
           coalesce(max(b.amount), 0) AS highest,
           count(DISTINCT w.member_id) AS watched_by
    FROM lots l
    LEFT JOIN bids b ON b.lot_id = l.id
    LEFT JOIN watchers w ON w.lot_id = l.id
    WHERE l.sale_id = %s
    GROUP BY l.id, l.number, l.title, l.reserve
"""
HISTORY = "SELECT bidder_id, amount, placed_at FROM bids WHERE lot_id = %s ORDER BY placed_at DESC, id DESC LIMIT %s"
WATCHED = ("SELECT l.id AS lot, l.title, w.since FROM watchers w JOIN lots l ON l.id = w.lot_id "
           "WHERE w.member_id = %s ORDER BY w.since DESC LIMIT 30")


class Store:
    def __init__(self, url: str):
        self._pool = ConnectionPool(url, min_size=4, max_size=10, open=False, kwargs={"autocommit": True})

    def open(self) -> None:
        self._pool.open(wait=True)

    def close(self) -> None:
        self._pool.close()

    def _all(self, sql: str, *params, row=dict_row) -> list:
        with self._pool.connection() as connection, connection.cursor(row_factory=row) as cursor:
            return cursor.execute(sql, params).fetchall()

    def sale(self, sale: int) -> dict:
        found = self._all(SALE, sale)
        if not found:
            raise cherrypy.HTTPError(404, "no such sale")
        return found[0]

    def lot_overview(self, sale: int) -> list[Lot]:
        return self._all(OVERVIEW, sale, row=class_row(Lot))

    def history(self, lot: int, count: int) -> list[dict]:
        return self._all(HISTORY, lot, count)

    def watched(self, member: int) -> list[dict]:
        return self._all(WATCHED, member)


def number(text: str, what: str) -> int:
    if not text.isdigit():
        raise cherrypy.HTTPError(400, f"{what} is not a number")
    return int(text)


@cherrypy.popargs("sale")
class Sales:
    def __init__(self, store: Store):
        self.store = store

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def index(self, sale: str):
        found = self.store.sale(number(sale, "sale"))
        return {"sale": found["id"], "title": found["title"], "on": found["held_on"].isoformat()}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def lots(self, sale: str, order: str = "number"):
        if order not in ORDERS:
            raise cherrypy.HTTPError(400, "unknown order")
        found = self.store.sale(number(sale, "sale"))
        lots = sorted(self.store.lot_overview(found["id"]), key=ORDERS[order])
        return {
            "sale": found["title"],
            "on": found["held_on"].isoformat(),
            "summary": summary(lots, found["premium"]),
            "lots": [lot.public() for lot in lots],
        }


@cherrypy.popargs("lot")
class Lots:
    def __init__(self, store: Store):
        self.store = store

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def bids(self, lot: str, count: str = "20"):
        history = self.store.history(number(lot, "lot"), min(100, number(count, "count")))
        return {
            "lot": int(lot),
            "estimate": estimate([bid["amount"] for bid in history]),
            "bids": [{"paddle": bid["bidder_id"], "amount": bid["amount"], "at": bid["placed_at"].isoformat()}
                     for bid in history],
        }


@cherrypy.popargs("member")
class Members:
    def __init__(self, store: Store):
        self.store = store

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def watching(self, member: str):
        return [{**row, "since": row["since"].isoformat()} for row in self.store.watched(number(member, "member"))]


class Root:
    def __init__(self, store: Store):
        self.sales = Sales(store)
        self.lots = Lots(store)
        self.members = Members(store)

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def healthz(self):
        return {"status": "ok"}


def main() -> None:
    store = Store(os.environ["DATABASE_URL"])
    cherrypy.config.update({
        "server.socket_host": "127.0.0.1",
        "server.socket_port": int(os.environ["PORT"]),
        "server.thread_pool": 16,
        "engine.autoreload.on": False,
        "log.screen": False,
        "checker.on": False,
    })
    cherrypy.engine.subscribe("start", store.open)
    cherrypy.engine.subscribe("stop", store.close)
    cherrypy.quickstart(Root(store), "/")


if __name__ == "__main__":
    main()
