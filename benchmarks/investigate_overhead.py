"""What does it cost a service to be watched, and what does `investigate` itself take?

    .venv/bin/python benchmarks/investigate_overhead.py [--pairs N] [--slice S] [--json FILE] [ID]

For each service of tests/data/services that is named (by default one that computes and one that
waits, in each language): load at a fixed concurrency in slices of S seconds, in turn watched as
`investigate` watches and not watched, the first of a pair by turns. Tells the median over the
pairs, and their range, of what watching does to the throughput and to the processor time of a
request, in the first two seconds (`begins`: collections are asked for, recorders start) and
after; the processor time that watching itself took in this process, without the load generator;
and of one whole `investigate` the processor time (with its load generator) and the peak memory.
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
from dataclasses import asdict, dataclass, replace
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
WARM_S, BEGINS_S, SHORT_S = 2.0, 2.0, 5.0
_KILO = 1024


@dataclass(frozen=True)
class Slice:
    """One slice of load; `own_cores` are those of watching, in this process."""

    throughput: float
    cpu_ms: float
    own_cores: float
    first_cpu_ms: float = 0.0


@dataclass(frozen=True)
class Cost:
    """What watching a service costs; shares by pair. Cores and MB are those of `investigate`."""

    case: str
    throughput: tuple[float, ...]
    cpu: tuple[float, ...]
    begins: tuple[float, ...]
    watching_cores: float
    investigate_cores: float
    peak_mb: float
    rps: float


def loaded(target: Target, asked: Asked, seconds: float) -> Slice:
    """Send load for a while and return what came of it."""
    first = sent_for(target, asked, BEGINS_S)
    return replace(sent_for(target, asked, seconds), first_cpu_ms=first.cpu_ms)


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


def watched(asked: Asked, seconds: float) -> Slice:
    """Send load while everything is looked at."""
    target = Target(asked, Cancellation())
    peers = target.peers()
    with target.eyes() as eyes:
        with eyes.watch(Cancellation()) as seen:
            time.sleep(0.5)
        eyes.learn(seen())
        eyes.begin_load()

        def more() -> None:
            eyes.look_at_heap()
            peers.look()

        with peers.counted(), eyes.watch(Cancellation(), more) as seen:
            found = loaded(target, asked, seconds)
    return found


def unwatched(asked: Asked, seconds: float) -> Slice:
    """Send load while nobody looks."""
    return loaded(Target(asked, Cancellation()), asked, seconds)


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
        unwatched(asked, WARM_S)
        found: list[tuple[Slice, Slice]] = []
        for turn in range(pairs):
            if turn % 2:
                seen = watched(asked, seconds)
                found.append((unwatched(asked, seconds), seen))
            else:
                alone = unwatched(asked, seconds)
                found.append((alone, watched(asked, seconds)))
        cores, peak = whole(given)
    return Cost(
        case,
        tuple(round(1 - seen.throughput / alone.throughput, 4) for alone, seen in found),
        tuple(round(seen.cpu_ms / max(alone.cpu_ms, 1e-6) - 1, 4) for alone, seen in found),
        tuple(
            round(seen.first_cpu_ms / max(alone.first_cpu_ms, 1e-6) - 1, 4) for alone, seen in found
        ),
        statistics.median(seen.own_cores for _, seen in found),
        cores,
        peak,
        statistics.median(alone.throughput for alone, _ in found),
    )


def text(shares: tuple[float, ...]) -> str:
    """Return the median and the range of some shares."""
    low, high = min(shares), max(shares)
    return f"{statistics.median(shares):+6.1%} ({low:+.1%} to {high:+.1%})"


def main() -> int:
    """Measure and print a line for each service."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--slice", type=float, default=10.0, help="seconds")
    parser.add_argument("--json", type=Path, help="keep each line in this file")
    parser.add_argument("ids", nargs="*", default=list(CASES))
    given = parser.parse_args()
    print(
        f"{'service':18} {'req/s':>8}  {'throughput lost':28} {'CPU per request':28} "
        f"{'begins':>7} {'watching':>8} {'whole':>6} {'peak':>7}"
    )
    for case in given.ids or CASES:
        try:
            cost = measured(case, given.pairs, given.slice)
        except LeftOutError as why:
            print(f"{case:18} left out: {why}")
            continue
        print(
            f"{case:18} {cost.rps:8.1f}  {text(cost.throughput):28} {text(cost.cpu):28} "
            f"{statistics.median(cost.begins):+7.1%} {cost.watching_cores:8.2f} "
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
