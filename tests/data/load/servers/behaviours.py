"""What the Python servers of the zoo do with a request: each has one limit, known by its options.

A behaviour is called in a thread of the request and returns an HTTP status. `name=value` options
of the command line are its arguments.
"""

import queue
import random
import socket
import threading
import time


def healthy(ms: float = 2.0):
    """Answers after a short wait; limits nothing."""

    def handle() -> int:
        time.sleep(ms / 1000)
        return 200

    return handle


def pool(slots: float = 8, ms: float = 40.0, spread: float = 0.0):
    """Holds one of `slots` for `ms` on average; with `spread` the times are lognormal."""
    free = threading.Semaphore(int(slots))
    source = random.Random(7)

    def handle() -> int:
        with free:
            factor = source.lognormvariate(-spread * spread / 2, spread) if spread else 1.0
            time.sleep(ms * factor / 1000)
        return 200

    return handle


def lock(ms: float = 5.0, beside: float = 10.0):
    """Waits `beside` ms outside, and `ms` inside of one lock."""
    one = threading.Lock()

    def handle() -> int:
        time.sleep(beside / 1000)
        with one:
            time.sleep(ms / 1000)
        return 200

    return handle


def spin(ms: float) -> None:
    """Compute for so many ms of this thread's own CPU time."""
    end = time.thread_time() + ms / 1000
    while time.thread_time() < end:
        pass


def cpu(ms: float = 4.0):
    """Computes for `ms` of CPU time."""

    def handle() -> int:
        spin(ms)
        return 200

    return handle


def limit(most: float = 24, ms: float = 40.0, status: float = 503):
    """Refuses at once while `most` requests are under way."""
    under_way = 0
    guard = threading.Lock()

    def handle() -> int:
        nonlocal under_way
        with guard:
            if under_way >= most:
                return int(status)
            under_way += 1
        time.sleep(ms / 1000)
        with guard:
            under_way -= 1
        return 200

    return handle


def retrograde(ms: float = 3.0, each: float = 0.15):
    """Holds one lock for longer, the more requests are under way: they must agree."""
    under_way = 0
    one, guard = threading.Lock(), threading.Lock()

    def handle() -> int:
        nonlocal under_way
        with guard:
            under_way += 1
        with one:
            time.sleep((ms + each * under_way) / 1000)
        with guard:
            under_way -= 1
        return 200

    return handle


def growing(kb: float = 64.0, ms: float = 5.0):
    """Keeps `kb` of every request for ever."""
    kept: list[bytes] = []

    def handle() -> int:
        kept.append(bytes([len(kept) % 255 + 1]) * int(kb * 1000))
        time.sleep(ms / 1000)
        return 200

    return handle


def downstream(ms: float = 5.0, every: float = 5.0, stall: float = 1.0, slots: float = 16):
    """Asks another server over `slots` connections, which stops to answer for a while."""
    host = socket.create_server(("127.0.0.1", 0))
    connections: queue.Queue[socket.socket] = queue.Queue()

    def serve(peer: socket.socket) -> None:
        while peer.recv(1):
            phase = (time.monotonic() - begun) % every
            time.sleep(max(stall - phase, 0.0) if phase < stall and begun_long_ago() else 0.0)
            time.sleep(ms / 1000)
            peer.send(b".")

    def begun_long_ago() -> bool:
        return time.monotonic() - begun > every

    begun = time.monotonic()
    for _ in range(int(slots)):
        connections.put(socket.create_connection(host.getsockname()))
        threading.Thread(target=serve, args=(host.accept()[0],), daemon=True).start()

    def handle() -> int:
        connection = connections.get()
        connection.send(b".")
        connection.recv(1)
        connections.put(connection)
        return 200

    return handle


BEHAVIOURS = {
    each.__name__: each
    for each in (healthy, pool, lock, cpu, limit, retrograde, growing, downstream)
}
