"""What recording a running Node.js service costs it: CPU time a request and throughput.

Two services of the same program run on one processor side by side, each under our own closed-loop
driver, and in turns one of them is recorded. What else goes on in the machine hits both alike, and
what tells them apart by themselves is measured between the recordings. A recording costs the same
each second however much the service does: on a machine that leaves it little of a core ("cores"),
its share is larger.

    .venv/bin/python benchmarks/record_node.py [PAIRS] [SECONDS] [RATE]

PAIRS of recordings, one of each service (6), SECONDS of each (6), RATE of looks a second (the
default of a pid). The services have 1 thread, then 40 (UV_THREADPOOL_SIZE). "steady" is the middle
of the recordings; "whole" has their start and end. Ends with 1 past the limit.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import httpx

from slowcoach.core.errors import CancelledError
from slowcoach.core.job import Cancellation
from slowcoach.core.stats import t_quantile
from slowcoach.load.driver import drive
from slowcoach.load.model import Request
from slowcoach.profiling.recorders import node, proc
from slowcoach.profiling.runtimes.node import RUNTIME

LIMIT = 0.02
SETTLE_S = 4.0  # V8 compiles the handlers
EDGE_S = 1.5  # of a recording, at its start and end, that is not steady
END_S = 0.3
CONNECTIONS = 3
RECORD = node.attach
SERVICE = """
const http = require('http');
const { pbkdf2 } = require('crypto');
const pooled = process.argv[2] === 'pool';
const orders = Array.from({ length: 1000 }, (_, i) => ({
  id: i, customer: 'customer ' + (i * 7919 % 97), total: i * 31 % 1000 / 10,
  items: [{ sku: 'A' + i, count: i % 5 }, { sku: 'B' + i, count: i % 3 }],
}));
const priced = (order) => order.items.reduce((sum, item) => sum + item.count * 1.19, order.total);
function report(seed) {
  const totals = new Map();
  for (const order of orders) {
    const key = order.customer.toUpperCase().replace(/[^A-Z0-9]/g, '-');
    totals.set(key, (totals.get(key) ?? 0) + priced(order) + seed % 3);
  }
  const rows = [...totals].map(([name, sum]) => ({ name, sum: sum.toFixed(2) }));
  return JSON.stringify(rows.sort((a, b) => b.sum - a.sum).slice(0, 50));
}
let served = 0;
http.createServer((request, answer) => {
  if (request.url === '/served') return answer.end(String(served));
  const body = report(served++);
  const send = () => { answer.setHeader('content-type', 'application/json'); answer.end(body); };
  if (pooled) pbkdf2('secret', body.slice(0, 8), 20, 32, 'sha256', send); else send();
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
"""


@dataclass(frozen=True)
class Moment:
    """What the clock, the scheduler's account of the service and the service itself say."""

    at: float
    cpu: float
    served: int


@dataclass(frozen=True)
class Service:
    """A service under load."""

    pid: int
    url: str

    def now(self) -> Moment:
        """Return the figures of now; CPU seconds are those of all threads."""
        served = int(httpx.get(f"{self.url}served", trust_env=False, timeout=30).text)
        used = sum(ran for ran, _ in proc.thread_times(self.pid).values())
        return Moment(time.monotonic(), used, served)


class Figures(NamedTuple):
    """What one stretch of time cost a service."""

    cpu_ms: float
    rps: float


Pair = tuple[Moment, Moment]


def between(first: Moment, last: Moment) -> Figures:
    """Return the CPU milliseconds a request and the requests a second between two moments."""
    count = last.served - first.served
    return Figures(1000 * (last.cpu - first.cpu) / count, count / (last.at - first.at))


class Bench:
    """Two services under load, and how their figures stand to each other (first by second)."""

    def __init__(self, first: Service, second: Service) -> None:
        self._services = (first, second)
        self.alone: list[Figures] = []

    def now(self) -> Pair:
        """Return both services' moments."""
        first, second = self._services
        return first.now(), second.now()

    def ratio(self, begun: Pair, ended: Pair) -> Figures:
        """Return the figures of the first by those of the second."""
        first, second = (between(*each) for each in zip(begun, ended, strict=True))
        return Figures(first.cpu_ms / second.cpu_ms, first.rps / second.rps)

    def left_alone(self, seconds: float) -> Figures:
        """Look at both as they are."""
        time.sleep(EDGE_S)
        begun = self.now()
        time.sleep(seconds)
        ended = self.now()
        self.alone += [between(*each) for each in zip(begun, ended, strict=True)]
        return self.ratio(begun, ended)

    def recorded(self, which: int, seconds: float, rate: int) -> tuple[Figures, Figures]:
        """Look at both while one is recorded: its steady part, and the whole."""
        marks: list[Pair] = []

        def tick(elapsed: float) -> None:
            due = (EDGE_S, seconds - END_S)
            if len(marks) < len(due) and elapsed > due[len(marks)]:
                marks.append(self.now())

        begun = self.now()
        RECORD(self._services[which].pid, seconds, rate=rate, on_tick=tick)
        ended = self.now()
        marks = [*marks, ended, ended] if marks else [begun, ended]  # the machine was too late
        found = self.ratio(marks[0], marks[1]), self.ratio(begun, ended)
        if which == 0:
            return found
        return Figures(*(1 / x for x in found[0])), Figures(*(1 / x for x in found[1]))


class Costs(NamedTuple):
    """The cost of each recording in turn, as factors."""

    steady: list[Figures]
    whole: list[Figures]


def costs(bench: Bench, pairs: int, seconds: float, rate: int) -> Costs:
    """Record both services in turns, and take out how they differ by themselves."""
    found = Costs([], [])
    before = bench.left_alone(seconds / 2)
    for turn in range(2 * pairs):
        which = turn % 2
        taken = bench.recorded(which, seconds, rate)
        after = bench.left_alone(seconds / 2)
        for part, figures in zip(found, taken, strict=True):
            own = [
                (x * y) ** (0.5 if which == 0 else -0.5) for x, y in zip(before, after, strict=True)
            ]
            part.append(
                Figures(*(value / alone for value, alone in zip(figures, own, strict=True)))
            )
        before = after
    return found


def interval(values: list[float]) -> tuple[float, float, float]:
    """Return the median of factors less 1, and the 95 % interval of their mean."""
    half = t_quantile(0.975, len(values) - 1) * statistics.stdev(values) / len(values) ** 0.5
    mean = statistics.fmean(values) - 1
    return statistics.median(values) - 1, mean - half, mean + half


@contextmanager
def loaded(program: str, script: Path, threads: int) -> Iterator[Service]:
    """Yield a service with so many threads, on the first processor and under load."""
    environment = {"UV_THREADPOOL_SIZE": str(threads), "PATH": str(Path(program).parent)}
    argv = [program, "--inspect-port=127.0.0.1:0", str(script), "pool" if threads > 1 else ""]
    processors = sorted(os.sched_getaffinity(0))
    child = subprocess.Popen(
        argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        preexec_fn=lambda: os.sched_setaffinity(0, processors[:1]),
    )
    stop = Cancellation()
    try:
        assert child.stdout is not None
        url = f"http://127.0.0.1:{int(child.stdout.readline())}/"
        thread = threading.Thread(target=load, args=(url, stop))
        thread.start()
        yield Service(child.pid, url)
        stop.ask()
        thread.join()
    finally:
        stop.ask()
        child.kill()
        child.wait()


def load(url: str, stop: Cancellation) -> None:
    """Send requests until it is called off."""
    with suppress(CancelledError):
        drive(Request("GET", url), duration_s=3600, concurrency=CONNECTIONS, cancellation=stop)


def shown(bench: Bench, found: Costs, threads: int, rate: int) -> float:
    """Print what a recording costs; return the steady share of the CPU time a request."""
    print(
        f"{threads} thread(s), {rate} looks a second; alone: "
        f"{statistics.median(each.cpu_ms for each in bench.alone):.3f} ms CPU a request, "
        f"{statistics.median(each.rps for each in bench.alone):,.0f} requests a second, "
        f"{statistics.median(each.cpu_ms * each.rps / 1000 for each in bench.alone):.2f} cores"
    )
    for name, part in zip(found._fields, found, strict=True):
        for what, values in zip(
            ("CPU a request", "throughput"), zip(*part, strict=True), strict=True
        ):
            middle, low, high = interval(list(values))
            print(f"  {name:6} {what:13} {middle:+7.1%}  (mean {low:+.1%} to {high:+.1%})")
    return interval([each.cpu_ms for each in found.steady])[0]


def main() -> int:
    """Print the figures of both kinds of service; end with 1 past the limit."""
    program = shutil.which("node")
    if program is None:
        print("node is not installed")
        return 0
    given = [*sys.argv[1:], "", "", ""]
    pairs, seconds = int(given[0] or 6), float(given[1] or 6)
    rate = int(given[2] or RUNTIME.rates["pid"])
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "service.cjs"
        script.write_text(SERVICE, encoding="utf-8")
        for threads in (1, 40):
            with (
                loaded(program, script, threads) as first,
                loaded(program, script, threads) as second,
            ):
                time.sleep(SETTLE_S)
                bench = Bench(first, second)
                found = costs(bench, pairs, seconds, rate)
            worst = max(worst, shown(bench, found, threads, rate))
    print(f"limit {LIMIT:.0%} of the CPU time a request, in the steady part")
    return int(worst > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
