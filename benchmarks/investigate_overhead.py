"""What does it cost a service to be watched, and what does `investigate` itself take?

    .venv/bin/python benchmarks/investigate_overhead.py [--pairs N] [--slice S] [--json FILE] [ID]

For each service of tests/data/services that is named (by default one that computes and one that
waits, in each language): load at a fixed concurrency in slices of S seconds, in turn watched as
`investigate` watches and not watched, the first of a pair by turns. Tells the median over the
pairs, and their quartiles, of what watching does to the throughput and to the processor time of a
request (Node.js notes waits in two seconds of ten: short slices show more of it than a whole run);
the processor time that watching itself took in this process, without the load generator; and of
one whole `investigate` the processor time (with its load generator) and the peak memory.
Goals: throughput falls by less than 5 %, less than half a core while watching, less than 300 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml
from casebook import SERVICES, SLOWCOACH, LeftOutError, started

from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.latency import send
from slowcoach.diagnosis.target import Asked, Target
from slowcoach.load.driver import Request

CASES = (
    *("go-word-clinic", "go-isle-weather", "java-herb-garden", "java-trip-basket"),
    *("node-tram-lines", "node-trip-sheet", "py-lost-property", "py-canoe-hire"),
)
WARM_S, SHORT_S = 3.0, 5.0
_KILO = 1024


@dataclass(frozen=True)
class Slice:
    """One slice of load; `own_cores` are those of watching, in this process."""

    throughput: float
    cpu_ms: float
    own_cores: float


@dataclass(frozen=True)
class Cost:
    """What watching a service costs; shares by pair. Cores and MB are those of `investigate`."""

    case: str
    throughput: tuple[float, ...]
    cpu: tuple[float, ...]
    watching_cores: float
    investigate_cores: float
    peak_mb: float
    rps: float


def sent_for(target: Target, asked: Asked, seconds: float) -> Slice:
    """Send load for some seconds."""
    before, own = time.process_time(), time.thread_time()
    sent = send(
        asked.request,
        target.counters,
        duration_s=seconds,
        concurrency=asked.concurrency,
        timeout_s=30.0,
        cancellation=Cancellation(),
    )
    beside = (time.process_time() - before) - (time.thread_time() - own)
    cpu = sent.after.user_s + sent.after.system_s - sent.before.user_s - sent.before.system_s
    done = max(1, sent.result.completed)
    return Slice(sent.result.throughput_rps, cpu / done * 1000, beside / seconds)


def pairs_of(asked: Asked, pairs: int, seconds: float) -> list[tuple[Slice, Slice]]:
    """Send load in slices; return of each pair the one without and the one with looking."""
    target = Target(asked, Cancellation())
    peers = target.peers()
    found: list[tuple[Slice, Slice]] = []
    with target.eyes() as eyes:
        with eyes.watch(Cancellation()) as seen:
            time.sleep(1.0)
        eyes.learn(seen())
        eyes.begin_load()

        def more() -> None:
            eyes.look_at_heap()
            peers.look()

        def watched() -> Slice:
            with peers.counted(), eyes.watch(Cancellation(), more):
                return sent_for(target, asked, seconds)

        sent_for(target, asked, WARM_S)
        for turn in range(pairs):
            if turn % 2:
                seen_first = watched()
                found.append((sent_for(target, asked, seconds), seen_first))
            else:
                alone = sent_for(target, asked, seconds)
                found.append((alone, watched()))
    return found


def whole(given: dict[str, Any]) -> tuple[float, float]:
    """Run `investigate`; return the cores that it used on average and its peak memory in MB."""
    begun = time.monotonic()
    with subprocess.Popen(
        [SLOWCOACH, "call", "investigate", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        if child.stdin is not None:
            child.stdin.write(json.dumps({**given, "duration_s": SHORT_S}))
            child.stdin.close()
        _, _, used = os.wait4(child.pid, 0)
        child.returncode = 0
    took = time.monotonic() - begun
    return (used.ru_utime + used.ru_stime) / took, used.ru_maxrss / _KILO


def measured(case: str, pairs: int, seconds: float) -> Cost:
    """Measure one service. Raises LeftOutError for what is not installed."""
    described = yaml.safe_load((SERVICES / case / "case.yaml").read_text())
    with ExitStack() as stack:
        given, _ = stack.enter_context(started(SERVICES / case, described))
        body = given.get("body")
        request = Request(
            given["method"],
            given["url"],
            dict(given.get("headers") or {}),
            body.encode() if body else None,
        )
        asked = Asked(
            request, given["pid"], None, seconds, given["concurrency"], given.get("diagnostics", {})
        )
        found = pairs_of(asked, pairs, seconds)
        cores, peak = whole(given)
    return Cost(
        case,
        tuple(round(1 - seen.throughput / alone.throughput, 4) for alone, seen in found),
        tuple(round(seen.cpu_ms / max(alone.cpu_ms, 1e-6) - 1, 4) for alone, seen in found),
        statistics.median(seen.own_cores for _, seen in found),
        cores,
        peak,
        statistics.median(alone.throughput for alone, _ in found),
    )


def text(shares: tuple[float, ...]) -> str:
    """Return the median and the quartiles of some shares."""
    low, _, high = statistics.quantiles(shares, n=4)
    return f"{statistics.median(shares):+6.1%} ({low:+.1%} to {high:+.1%})"


def main() -> int:
    """Measure and print a line for each service."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--slice", type=float, default=4.0, help="seconds")
    parser.add_argument("--json", type=Path, help="keep each line in this file")
    parser.add_argument("ids", nargs="*", default=list(CASES))
    given = parser.parse_args()
    print(
        f"{'service':18} {'req/s':>8}  {'throughput lost':28} {'CPU per request':28} "
        f"{'watching':>8} {'whole':>6} {'peak':>7}"
    )
    for case in given.ids or CASES:
        try:
            cost = measured(case, given.pairs, given.slice)
        except LeftOutError as why:
            print(f"{case:18} left out: {why}")
            continue
        print(
            f"{case:18} {cost.rps:8.1f}  {text(cost.throughput):28} {text(cost.cpu):28} "
            f"{cost.watching_cores:8.2f} "
            f"{cost.investigate_cores:6.2f} {cost.peak_mb:4.0f} MB",
            flush=True,
        )
        if given.json is not None:
            with given.json.open("a") as out:
                print(json.dumps(asdict(cost)), file=out)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("SLOWCOACH_ALLOW_SUPERUSER", "1")
    sys.exit(main())
