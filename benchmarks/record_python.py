"""What recording a running Python service costs it: CPU time a request and throughput.

As record_node.py: two services of the same program run on one processor side by side, each under
our own closed-loop driver, and in turns one of them is recorded as `record_profile` does by pid.

    .venv/bin/python benchmarks/record_python.py [PAIRS] [SECONDS] [RATE]

PAIRS of recordings, one of each service (6), SECONDS of each (6), RATE of py-spy's looks a second
(the default of a pid). The service is Starlette under uvicorn: first all in one thread, then with
its handlers in a pool of 40. Ends with 1 past the limit.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import record_node as side_by_side

from slowcoach.core.errors import CancelledError
from slowcoach.core.job import Cancellation, Job
from slowcoach.load.driver import drive
from slowcoach.load.model import Request as Asked
from slowcoach.profiling import python_session
from slowcoach.profiling.runtimes.python import RUNTIME
from slowcoach.profiling.session import Request

SETTLE_S = 4.0
SERVICE = """
import json, re, socket, sys
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

ORDERS = [{"id": i, "customer": "customer %d" % (i * 7919 % 97), "total": i * 31 % 1000 / 10,
           "items": [{"sku": "A%d" % i, "count": i % 5}, {"sku": "B%d" % i, "count": i % 3}]}
          for i in range(200)]
SERVED = [0]

def priced(order):
    return order["total"] + sum(item["count"] * 1.19 for item in order["items"])

def report():
    totals = {}
    for order in ORDERS:
        key = re.sub("[^A-Z0-9]", "-", order["customer"].upper())
        totals[key] = totals.get(key, 0) + priced(order)
    rows = sorted(totals.items(), key=lambda row: -row[1])[:50]
    SERVED[0] += 1
    return Response(json.dumps(rows), media_type="application/json")

async def alone(request):
    return report()

def pooled(request):
    return report()

async def served(request):
    return PlainTextResponse(str(SERVED[0]))

listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listening.bind(("127.0.0.1", 0))  # with its protocol named, or asyncio leaves Nagle's delay on
listening.listen()
print(listening.getsockname()[1], flush=True)
handler = pooled if sys.argv[1] == "pool" else alone
app = Starlette(routes=[Route("/", handler), Route("/served", served)])
config = uvicorn.Config(app, log_level="error", access_log=False)
uvicorn.Server(config).run(sockets=[listening])
"""


def record(pid: int, seconds: float, *, rate: int, on_tick: Callable[[float], None]) -> None:
    """Record as the tool does, and tell the time of its own clock."""
    done = threading.Event()
    begun = time.monotonic()

    def tick() -> None:
        while not done.wait(0.1):
            on_tick(time.monotonic() - begun)

    ticks = threading.Thread(target=tick)
    ticks.start()
    try:
        python_session.record(Request(pid=pid, duration_s=seconds, rate=rate), Job())
    finally:
        done.set()
        ticks.join()


@contextmanager
def loaded(script: Path, threads: int) -> Iterator[side_by_side.Service]:
    """Yield a service with so many threads, on the first processor and under load."""
    processors = sorted(os.sched_getaffinity(0))
    child = subprocess.Popen(
        [sys.executable, str(script), "pool" if threads > 1 else "alone"],
        stdout=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, processors[:1]),
    )
    stop = Cancellation()
    try:
        assert child.stdout is not None
        url = f"http://127.0.0.1:{int(child.stdout.readline())}/"
        _wait_for(url)
        thread = threading.Thread(target=load, args=(url, stop, threads))
        thread.start()
        yield side_by_side.Service(child.pid, url)
        stop.ask()
        thread.join()
    finally:
        stop.ask()
        child.kill()
        child.wait()


def _wait_for(url: str) -> None:
    for _ in range(100):
        with suppress(httpx.HTTPError):
            httpx.get(url, trust_env=False)
            return
        time.sleep(0.1)


def load(url: str, stop: Cancellation, connections: int) -> None:
    """Send requests until it is called off."""
    with suppress(CancelledError):
        drive(Asked("GET", url), duration_s=3600, concurrency=connections, cancellation=stop)


def main() -> int:
    """Print the figures of both kinds of service; end with 1 past the limit."""
    given = [*sys.argv[1:], "", "", ""]
    pairs, seconds = int(given[0] or 6), float(given[1] or 6)
    rate = int(given[2] or RUNTIME.rates["pid"])
    side_by_side.RECORD = record  # type: ignore[assignment]
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "service.py"
        script.write_text(SERVICE, encoding="utf-8")
        for threads in (1, 40):
            with loaded(script, threads) as first, loaded(script, threads) as second:
                time.sleep(SETTLE_S)
                bench = side_by_side.Bench(first, second)
                found = side_by_side.costs(bench, pairs, seconds, rate)
            worst = max(worst, side_by_side.shown(bench, found, threads, rate))
    print(f"limit {side_by_side.LIMIT:.0%} of the CPU time a request, in the steady part")
    return int(worst > side_by_side.LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
