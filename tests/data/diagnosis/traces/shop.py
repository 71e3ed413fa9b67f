"""Three services that call one another: `shop.py front|orders|stock`, on PORT (0: any).

FRONT calls ORDERS_PORT and STOCK_PORT; orders calls STOCK_PORT. With TRACES=FILE (and
opentelemetry-sdk) spans are appended to the file as OTLP JSON, an export a line; without it there
are none. Says `ready PORT PID` when it listens.
"""

import json
import os
import sqlite3
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROLE = sys.argv[1]
COUNTER = threading.Lock()
LOCAL = threading.local()
if os.environ.get("TRACES"):
    import tracing
else:
    tracing = None


@contextmanager
def span(name, kind, context=None, **attributes):
    if tracing is None:
        yield
        return
    with tracing.span(name, kind, context, attributes):
        yield


def ask(where, path, headers=None):
    """GET a path of another service; a span of the client around it."""
    port = int(os.environ[f"{where.upper()}_PORT"])
    said = {
        "http.request.method": "GET",
        "url.full": f"http://127.0.0.1:{port}{path}",
        "server.address": "127.0.0.1",
        "server.port": port,
    }
    with span("GET", "client", **said):
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path, headers=tracing.carried() if tracing else {})
        answer = connection.getresponse().read()
        connection.close()
    return answer


def bare(where, path):
    """GET a path of a service that takes part in no trace."""
    port = int(os.environ[f"{where.upper()}_PORT"])
    said = {"http.request.method": "GET", "server.address": "rates.example", "server.port": port}
    with span("GET", "client", **said):
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()


STORE = "file:shop?mode=memory&cache=shared"


def seeded():
    connection = sqlite3.connect(STORE, uri=True, check_same_thread=False)
    connection.execute("CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER, bin TEXT)")
    rows = [(n % 40, f"bin {n % 977}") for n in range(3000)]
    connection.executemany("INSERT INTO lines (order_id, bin) VALUES (?, ?)", rows)
    connection.commit()
    return connection


SEEDED = seeded() if ROLE == "orders" else None  # open as long as the program runs


def database():
    if not hasattr(LOCAL, "db"):
        LOCAL.db = sqlite3.connect(STORE, uri=True)
    return LOCAL.db


def query(sql, *values):
    said = {"db.system.name": "sqlite", "db.query.text": sql, "db.collection.name": "lines"}
    connection = database()
    with span(sql.split()[0], "client", **said):
        return connection.execute(sql, values).fetchall()


# -- front ---------------------------------------------------------------------------------------


def order(_):
    return ask("orders", "/orders/17")


def overview(_):
    for path in ("/prices", "/weights", "/photos"):
        ask("stock", path)


def together(_):
    paths = ("/prices", "/weights", "/photos")
    context = tracing.context() if tracing else None

    def one(path):
        with tracing.attached(context) if tracing else span("", ""):
            ask("stock", path)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(one, paths))


def lines(_):
    return ask("orders", "/lines")


def totals(_):
    return ask("orders", "/totals")


def rates(_):
    bare("stock", "/untraced")


def counter(_):
    return ask("stock", "/counter")


# -- orders --------------------------------------------------------------------------------------


def one_order(_):
    with span("load the order", "internal"):
        time.sleep(0.005)
    return ask("stock", "/bins")


def all_lines(_):
    orders = query("SELECT DISTINCT order_id FROM lines")
    for (number,) in orders:
        query("SELECT id, bin FROM lines WHERE order_id + 0 = ? ORDER BY bin", number)


def sum_up(_):
    query("SELECT count(*) FROM lines a, lines b WHERE a.bin < b.bin AND a.id % 3 = 0")


# -- stock ---------------------------------------------------------------------------------------


def rank_bins(_):
    names = [f"bin {n * 7919 % 4001}" for n in range(5200)]
    ranks = {}
    for name in names:
        ranks[name] = sum(1 for other in names[::32] if other < name)
    return sorted(ranks.values())[:10]


def short_wait(_):
    time.sleep(0.06)


def untraced(_):
    time.sleep(0.15)


def count_in_turn(_):
    time.sleep(0.04)


ROUTES = {
    "front": {
        "/order/17": ("/order/{id}", order),
        "/overview": ("/overview", overview),
        "/together": ("/together", together),
        "/lines": ("/lines", lines),
        "/totals": ("/totals", totals),
        "/rates": ("/rates", rates),
        "/counter": ("/counter", counter),
    },
    "orders": {
        "/orders/17": ("/orders/{id}", one_order),
        "/lines": ("/lines", all_lines),
        "/totals": ("/totals", sum_up),
    },
    "stock": {
        "/bins": ("/bins", rank_bins),
        "/prices": ("/prices", short_wait),
        "/weights": ("/weights", short_wait),
        "/photos": ("/photos", short_wait),
        "/counter": ("/counter", count_in_turn),
        "/untraced": ("", untraced),
    },
}[ROLE]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        route, work = ROUTES.get(self.path, ("", None))
        if work is None:
            self.answer(404, b"")
        elif self.path == "/counter" and ROLE == "stock":
            with COUNTER:  # taken up one at a time
                self.traced(route, work)
        elif route:
            self.traced(route, work)
        else:
            work(None)
            self.answer(200, b"{}")

    def traced(self, route, work):
        said = {
            "http.request.method": "GET",
            "http.route": route,
            "url.path": self.path,
            "url.scheme": "http",
            "server.address": "127.0.0.1",
            "server.port": self.server.server_address[1],
        }
        with span(f"GET {route}", "server", self.headers, **said):
            found = work(None)
        self.answer(200, found if isinstance(found, bytes) else json.dumps(found).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
    server.daemon_threads = True
    print("ready", server.server_address[1], os.getpid(), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
