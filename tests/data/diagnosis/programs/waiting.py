"""Threads and tasks that each wait for one known thing; prints `ready` when all do."""

import asyncio
import collections
import functools
import socket
import threading
import time
from collections.abc import Callable

KEPT = collections.OrderedDict((f"key {n}", n) for n in range(7))
LOOP = asyncio.new_event_loop()
HELD = threading.Lock()


class Shelf:
    labels: dict[str, int] = {"a": 1, "b": 2}

    def __init__(self) -> None:
        self.books = [["x"] * 3, ["y"] * 4]


SHELF = Shelf()


@functools.lru_cache(maxsize=4)
def squared(n: int) -> int:
    return n * n


def make_register() -> Callable[[str], None]:
    entries = ["first", "second"]

    def register(name: str) -> None:
        entries.append(name)

    return register


register = make_register()


def wait_for_lock() -> None:
    HELD.acquire()


def wait_for_sleep() -> None:
    time.sleep(600)


def wait_for_peer(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.recv(1)


def burn() -> None:
    while True:
        sum(range(1000))


async def inner(lock: asyncio.Lock) -> None:
    async with lock:
        await asyncio.sleep(600)


async def outer(lock: asyncio.Lock) -> None:
    await asyncio.wait_for(inner(lock), 600)


async def main() -> None:
    for n in range(6):
        squared(n)
    squared(5)
    HELD.acquire()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for work in (wait_for_lock, wait_for_sleep, lambda: wait_for_peer(port), burn):
            threading.Thread(target=work, daemon=True).start()
        lock = asyncio.Lock()
        tasks = [asyncio.create_task(outer(lock)) for _ in range(2)]
        await asyncio.sleep(0.3)
        print("ready", port, flush=True)
        await asyncio.gather(*tasks)


asyncio.run(main())
