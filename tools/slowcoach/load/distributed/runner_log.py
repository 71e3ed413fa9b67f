"""What one k6 runner tells in its log: rows of single requests, and its result at the end.

A log is another machine's word: lines, numbers and pieces are bounded, and what is no such line
is left out and counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from slowcoach.load.histogram import BUCKETS, GROWTH, LEAST_MS, Histogram

LONGEST_LINE = 64 * 1024
_ROWS = re.compile(r"slowcoach-rows (\d{12,14}) ([0-9a-z.,]+)")
_PIECE = re.compile(r"slowcoach-result (\d{1,3})/(\d{1,3}) (.*)")
_MOST_PIECES = 200
_MOST_ROWS = 1000
_BASE = 36
_TENTHS_OF_US = 1e4  # to a ms
_MOST_MS = 86_400_000
_ERRORS = {"e1050": "timeout", "e1211": "timeout", "e1212": "refused", "e1220": "reset"}
_STATUSES, _CODES = range(100, 1000), range(1000, 2000)  # of HTTP, of k6's errors
_PLAIN = ("requests", "iterations", "dropped", "received_bytes", "ended_ms", "length_ms")


class Row(NamedTuple):
    """A request: when it began (ms since 1970), its endpoint's number, its latency in ms (None:
    no answer), and what failed ("" for a success).
    """

    began_ms: int
    endpoint: int
    ms: float | None
    failure: str


@dataclass(frozen=True, slots=True)
class RunnerResult:
    """What a runner tells at its end. `good` and `all` hold latencies of successes, and of all
    answers and timeouts.
    """

    good: Histogram
    all: Histogram
    requests: int
    iterations: int
    dropped: int
    received_bytes: int
    started_ms: float
    ended_ms: float
    endpoints: tuple[str, ...]
    thresholds: tuple[tuple[str, bool], ...]
    is_open: bool | None = None


@dataclass(slots=True)
class RunnerLog:
    """Reads a runner's log line by line. `result` is there once all its pieces came, `start_ms`
    (when its scenario began) with the first row.
    """

    rows: int = 0
    unreadable: int = 0
    start_ms: int | None = None
    result: RunnerResult | None = None
    script_error: str = ""
    _pieces: dict[int, str] = field(default_factory=dict[int, str])

    def read(self, line: str) -> list[Row]:
        """Return the requests that a line of the log tells; most lines tell none."""
        if len(line) > LONGEST_LINE:
            self.unreadable += 1
            return []
        if found := _ROWS.search(line):
            return self._rows(int(found[1]), found[2])
        if found := _PIECE.search(line):
            self._piece(int(found[1]), int(found[2]), found[3])
        elif "script exception" in line and not self.script_error:
            self.script_error = line[:300]
        return []

    def _rows(self, start_ms: int, text: str) -> list[Row]:
        try:
            rows = list(_rows(start_ms, text))
        except ValueError:
            self.unreadable += 1
            return []
        self.rows += len(rows)
        self.start_ms = start_ms if self.start_ms is None else self.start_ms
        return rows

    def _piece(self, number: int, count: int, text: str) -> None:
        if not 1 <= number <= count <= _MOST_PIECES:
            self.unreadable += 1
            return
        self._pieces[number] = text
        if len(self._pieces) < count:
            return
        try:
            self.result = result_of(json.loads("".join(self._pieces[i + 1] for i in range(count))))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            self.unreadable += 1


def _rows(start_ms: int, text: str) -> Iterator[Row]:
    entries = text.split(",")
    if len(entries) > _MOST_ROWS:
        raise ValueError("too many requests in a line")
    for entry in entries:
        parts = entry.split(".")
        since, endpoint, tenths = (int(part, _BASE) for part in parts[:3])
        failure = parts[3] if parts[3:] else ""
        ms = tenths / _TENTHS_OF_US if tenths or not failure else None
        if since > _MOST_MS or (ms or 0.0) > _MOST_MS or parts[4:]:
            raise ValueError("a request out of range")
        yield Row(start_ms + since, endpoint, ms, _failure(failure))


def _failure(code: str) -> str:
    """Return what a failure is called: a status, a timeout, or k6's code of an error."""
    if not code:
        return ""
    answered, number = code.isdecimal(), int(code.removeprefix("e"))
    if number not in (_STATUSES if answered else _CODES):
        raise ValueError("no code of a failure")
    return f"status {number}" if answered else _ERRORS.get(code, f"k6 error {number}")


def result_of(data: Any) -> RunnerResult:
    """Return a runner's result from its JSON; raises ValueError, KeyError or TypeError."""
    if data["slowcoach_runner"] != 1 or (data["growth"], data["least_ms"]) != (GROWTH, LEAST_MS):
        raise ValueError("another version, or other buckets")
    numbers = {name: float(data[name]) for name in _PLAIN}
    if not all(0 <= value < float("inf") for value in numbers.values()):
        raise ValueError("a figure out of range")
    good, both = _histogram(data["good"]), _histogram([*data["good"], *data["bad"]])
    _refine(both, data)
    return RunnerResult(
        good=good,
        all=both,
        requests=int(numbers["requests"]),
        iterations=int(numbers["iterations"]),
        dropped=int(numbers["dropped"]),
        received_bytes=int(numbers["received_bytes"]),
        started_ms=numbers["ended_ms"] - numbers["length_ms"],
        ended_ms=numbers["ended_ms"],
        endpoints=tuple(str(name)[:200] for name in data["endpoints"][:_MOST_ROWS]),
        thresholds=tuple((str(rule)[:200], ok is True) for rule, ok in data["thresholds"]),
        is_open=data.get("open") if isinstance(data.get("open"), bool) else None,
    )


def _histogram(counts: list[list[int]]) -> Histogram:
    """Return the histogram of counts by bucket; its sum and ends are those of the buckets' middles
    and edges.
    """
    found = Histogram()
    for bucket, count in counts:
        if not (0 <= bucket < BUCKETS and count >= 0) or isinstance(bucket, float):
            raise ValueError("a bucket out of range")
        found.add(np.array([LEAST_MS * GROWTH ** (bucket + 0.5)]), times=int(count))
    return found


def _refine(found: Histogram, data: Any) -> None:
    """Take the exact ends and sum that stand beside the counts."""
    if not found.n:
        return
    least, most, mean = (float(data[name]) for name in ("min_ms", "max_ms", "mean_ms"))
    if not 0 <= least <= mean <= most < float("inf"):
        raise ValueError("ends that cannot be")
    found.least, found.most, found.total = least, most, mean * found.n
