"""A small shop: account, reviews, search, checkout."""

import ctypes
import sys
from typing import Any

import catalog
import checkout
import orders
from database import Session
from flask import Flask, abort, request
from settings import PORT, THREADS
from sqlalchemy.exc import NoResultFound
from waitress import serve

PR_SET_PTRACER = 0x59616D61
ANY_PROCESS = 2 ** (8 * ctypes.sizeof(ctypes.c_ulong)) - 1
app = Flask(__name__)


@app.get("/customers/<int:customer_id>/orders")
def customer_orders(customer_id: int) -> dict[str, Any]:
    with Session() as session:
        found = [orders.summary(order) for order in orders.orders_of(session, customer_id)]
    return {"customer": customer_id, "orders": found}


@app.get("/orders/<int:order_id>")
def order(order_id: int) -> dict[str, Any]:
    with Session() as session:
        return orders.with_payment(session, order_id) or abort(404)


@app.get("/products/<int:product_id>/reviews")
def reviews(product_id: int) -> dict[str, Any]:
    with Session() as session:
        found = [
            {"stars": review.stars, "written": review.written_at.isoformat(), "body": review.body}
            for review in catalog.reviews_of(session, product_id)
        ]
    return {"product": product_id, "reviews": found}


@app.get("/search")
def search() -> dict[str, Any]:
    near = catalog.search(request.args.get("q", ""))
    return {"products": [{"name": name, "id": number} for name, number in near]}


@app.post("/checkout")
def buy() -> tuple[dict[str, Any], int]:
    asked = request.get_json()
    with Session() as session:
        try:
            number = checkout.buy(
                session, asked["customer"], asked["product"], asked.get("quantity", 1)
            )
        except NoResultFound:
            abort(404)
        except checkout.OutOfStockError:
            abort(409)
    return {"order": number}, 201


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


def allow_profilers() -> None:
    """Let a profiler of the same user look in; many Linux systems grant that only to a parent.

    What a container does with SYS_PTRACE, and a developer with kernel.yama.ptrace_scope.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(ANY_PROCESS), 0, 0, 0)


if __name__ == "__main__":
    allow_profilers()
    serve(app, host="127.0.0.1", port=PORT, threads=THREADS, _quiet=True)
