"""Who tells the truth about a server that stalls: each load generator against the same stalls.

    .venv/bin/python benchmarks/stall.py [SECONDS]

An nginx is stopped for 2 s of every 10 s (SIGSTOP to its worker) while 200 requests a second are
due for SECONDS (30). The truth follows from when it was really stopped: a request due meanwhile
waits until the end. Of each tool its p99 by that truth, as its result file is read by
Slowcoach, whether Slowcoach flags it (a closed or unknown model, latencies that do not count from
when requests were due, dropped or unsent requests), and whether it is right within 5 %.
"Every tool right or flagged" is the limit, and that the built-in engine is right; ends with 1
otherwise. Tools that are not installed are left out and named.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from load_target import Nginx, nginx

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.job import Job
from slowcoach.core.permission import Permissions
from slowcoach.load.engine_kind import Order, engines
from slowcoach.load.outcome import Outcome
from slowcoach.load.plan import LoadPlan, Scenario
from slowcoach.load.reading import read
from slowcoach.load.schedule import schedule_of
from slowcoach.load.targets import target_of

RATE = 200
PERIOD_S, STOP_S, FIRST_S = 10.0, 2.0, 4.0
RIGHT = 0.05
UNSENT = 0.02


@dataclass
class Stalls:
    """When the server was really stopped, in times of `time.monotonic`."""

    windows: list[tuple[float, float]] = field(default_factory=list)


@contextmanager
def stalling(pid: int) -> Iterator[Stalls]:
    """Stop a process over and over until the block ends."""
    stalls, over = Stalls(), threading.Event()

    def stall() -> None:
        if over.wait(FIRST_S):
            return
        while True:
            stopped = time.monotonic()
            os.kill(pid, signal.SIGSTOP)
            over.wait(STOP_S)
            os.kill(pid, signal.SIGCONT)
            stalls.windows.append((stopped, time.monotonic()))
            if over.wait(PERIOD_S - STOP_S):
                return

    thread = threading.Thread(target=stall)
    thread.start()
    try:
        yield stalls
    finally:
        over.set()
        thread.join()


def true_p99_s(stalls: Stalls, begun: float, seconds: float) -> float:
    """Return the p99 of what requests that are due evenly from `begun` on have to wait."""
    due = begun + np.arange(0, seconds, 1 / RATE)
    waits = np.zeros_like(due)
    for stopped, resumed in stalls.windows:
        waits += np.where((due >= stopped) & (due < resumed), resumed - due, 0.0)
    return float(np.quantile(waits, 0.99))


def by_engine(name: str, url: str, seconds: float, limit: int) -> Outcome:
    """Send with one of Slowcoach's engines."""
    scenario = Scenario(name="stalls", rate=RATE, duration=f"{seconds:g}s")
    with tempfile.TemporaryDirectory() as folder:
        order = Order(
            plan=LoadPlan(test_name="stalls", target=url, date="", scenarios=(scenario,)),
            schedule=schedule_of(scenario),
            target=target_of(url, Permissions()),
            timeout_s=5,
            in_flight_limit=limit,
            folder=Path(folder),
        )
        return engines()[name].run(order, Job(), lambda _moment: None)


def by_tool(form: str, argv: list[str]) -> Outcome:
    """Run a tool and read what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.txt"
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
        path.write_text(done.stdout, encoding="utf-8")
        return read(path, form)[0]


def doubts(outcome: Outcome) -> list[str]:
    """Return why this outcome's percentiles cannot stand for what users meet."""
    found = [] if outcome.model == "open" else [f"{outcome.model} model"]
    whole = outcome.whole
    if not whole.latency.corrected:
        found.append("not from when due")
    if whole.dropped:
        found.append(f"{whole.dropped:,} dropped")
    slip = outcome.generator.slip_p99_ms if outcome.generator is not None else None
    p99 = whole.latency.percentile(0.99)
    if slip is not None and p99 is not None and slip > p99 / 10:
        found.append(f"slip {slip:.0f} ms")
    return found


def main(arguments: list[str]) -> int:
    """Run every tool in turn against the same stalls."""
    seconds = float(arguments[0]) if arguments else 30.0
    s = f"{seconds:g}"
    rows: list[tuple[str, float, Outcome]] = []
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {time.strftime('%F')}")
    with nginx() as target:
        url = target.url
        ways: dict[str, Callable[[], Outcome]] = {
            "built in": lambda: by_engine("builtin", url, seconds, 1000),
        }
        for name in engines():
            if name in {"k6", "locust"} and engines()[name].missing() is None:
                ways[name] = lambda name=name: by_engine(name, url, seconds, 1000)  # type: ignore[misc]
        if "k6" in ways:
            ways["k6, 10 users at most"] = lambda: by_engine("k6", url, seconds, 10)
        tools = {
            "wrk": ["wrk", "-t1", "-c10", f"-d{s}s", "--latency", url],
            "hey": ["hey", "-q", "20", "-c", "10", "-z", f"{s}s", url],
            "ab": ["ab", "-k", "-q", "-c", "10", "-t", s, "-n", "100000000", url],
            "h2load": ["h2load", "--h1", "-t1", "-c10", "--rps", "20", "-D", s, url],
        }
        for tool, argv in tools.items():
            if shutil.which(argv[0]) is None:
                print(f"{tool}: not installed")
                continue
            ways[tool] = lambda tool=tool, argv=argv: by_tool(tool, argv)  # type: ignore[misc]
        for name, way in ways.items():
            try:
                rows.append((name, *measured(target, way, seconds)))
            except SlowcoachError as error:
                print(f"{name}: {error}")
    verdicts = [judged(*row) for row in rows]
    return 0 if all(verdicts) else 1


def measured(target: Nginx, way: Callable[[], Outcome], seconds: float) -> tuple[float, Outcome]:
    """Return the true p99 in s of one tool's run, and its outcome.

    A tool that takes long to start begins later in the stalls' rhythm: the time at which its
    requests began is taken from its end.
    """
    with stalling(target.worker) as stalls:
        outcome = way()
        ended = time.monotonic()
    return true_p99_s(stalls, ended - seconds, seconds), outcome


def judged(name: str, truth_s: float, outcome: Outcome) -> bool:
    """Print one row; tell whether the tool is right or flagged (the built-in engine: right)."""
    told = outcome.whole.latency.percentile(0.99)
    why = doubts(outcome)
    is_right = told is not None and abs(told / 1e3 - truth_s) <= RIGHT * truth_s
    shown = "not told" if told is None else f"{told / 1e3:.3f} s"
    verdict = "right" if is_right else "WRONG"
    print(
        f"{name:22} sent {outcome.whole.sent or outcome.whole.completed or 0:>9,}  p99 {shown:>9}"
        f"  true {truth_s:.3f} s  {verdict}  {'flagged: ' + ', '.join(why) if why else 'trusted'}"
    )
    return is_right if name == "built in" else is_right or bool(why)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
