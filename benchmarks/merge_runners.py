"""Merging runners' results: its time, and how far averages of percentiles are off.

    .venv/bin/python benchmarks/merge_runners.py [RUNNERS] [SECONDS]

Ends with 1 when merging 100 runners (an hour of seconds, 20 endpoints and 10 steps each is given
by 3600) takes more than a second of CPU time, or when the merged p99 is not the pooled one.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.histogram import Histogram
from slowcoach.load.merging import merged_outcomes
from slowcoach.load.outcome import Figures, Latencies, Moment, Outcome, Step

MOST_S, ROUNDS, Q = 1.0, 3, 0.99
SLOW_FACTOR = 8.0
ERROR = 0.0051


def main() -> int:
    """Print the figures; return 1 when a limit is crossed."""
    runners = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    outcomes = [runner(number, seconds) for number in range(runners)]
    took = min(timed(outcomes) for _ in range(ROUNDS))
    say(f"merging {runners} runners with {seconds} seconds each: {took:.3f} s of CPU time")
    right = one_slow_runner()
    return int(took > MOST_S or not right)


def timed(outcomes: list[Outcome]) -> float:
    begun = time.process_time()
    merged_outcomes(outcomes)
    return time.process_time() - begun


def one_slow_runner() -> bool:
    """Ten runners, one of them slow: the merged p99 beside the mean and the largest of theirs."""
    values = [sample(number, SLOW_FACTOR if number == 0 else 1.0) for number in range(10)]
    true = float(np.quantile(np.concatenate(values), Q, method="inverted_cdf"))
    theirs = [float(np.quantile(each, Q)) for each in values]
    merged = merged_outcomes([of_values(each) for each in values]).whole.latency.percentile(Q)
    assert merged is not None
    for name, p99 in (("merged", merged), ("mean", np.mean(theirs)), ("largest", max(theirs))):
        say(f"p99 of 10 runners, one slow; {name}: {p99:.0f} ms ({p99 / true - 1:+.1%})")
    return abs(merged / true - 1) <= ERROR


def sample(seed: int, factor: float, n: int = 20_000) -> NDArray[np.float64]:
    return factor * np.random.default_rng(seed).lognormal(3.0, 0.6, n)


def of_values(values: NDArray[np.float64]) -> Outcome:
    return Outcome(tool="k6", model="open", whole=figures(values), started="2026-11-26T12:00:00Z")


def figures(values: NDArray[np.float64]) -> Figures:
    found = Histogram.of(values)
    told = Latencies(count=len(values), histogram=found, mean_ms=found.mean)
    n = len(values)
    return Figures(latency=told, good=told, sent=n, completed=n, failed=0, dropped=0, duration_s=60)


def runner(seed: int, seconds: int) -> Outcome:
    values = sample(seed, 1.0)
    moments = tuple(
        Moment(float(s), 1.0, sent=len(part), completed=len(part), histogram=Histogram.of(part))
        for s, part in enumerate(np.array_split(values, seconds))
    )
    steps = tuple(
        Step(f"{i}", 100.0 * (i + 1), "req/s", i * 6.0, i * 6.0 + 6, figures(part), "Stress")
        for i, part in enumerate(np.array_split(values, 10))
    )
    parts = np.array_split(values, 20)
    endpoints = {f"GET /{i}": figures(part) for i, part in enumerate(parts)}
    return Outcome(
        tool="k6",
        model="open",
        whole=figures(values),
        steps=steps,
        endpoints=endpoints,
        moments=moments,
        started=f"2026-11-26T12:00:0{seed % 3}Z",
    )


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
