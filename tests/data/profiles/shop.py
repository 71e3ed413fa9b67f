"""Totals of orders: some JSON, some arithmetic, one thread that waits."""
import json
import sys
import threading
import time


def price(order):
    total = 0
    for line in order["lines"]:
        total += line["count"] * line["cents"]
    return total


def totals(orders):
    return [price(order) for order in orders]


def render(orders):
    return json.dumps({"orders": orders}, indent=1)


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def wait():
    while True:
        time.sleep(0.01)


def main(seconds):
    threading.Thread(target=wait, name="ticker", daemon=True).start()
    orders = [
        {"id": i, "lines": [{"count": j, "cents": 5 * j} for j in range(30)]} for i in range(20)
    ]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(20):
            totals(orders)
        render(orders)
        depth(60)


if __name__ == "__main__":
    main(float(sys.argv[1]))
