"""Locust's statistics as JSON (--json, --json-file): counts of rounded latencies, so that those of
several runners can be merged, and of requests by the second.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from slowcoach.core.errors import UnreadableError
from slowcoach.load.histogram import Histogram
from slowcoach.load.names import Names
from slowcoach.load.outcome import Figures, Latencies, Moment, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.reading_locust import (
    CLOSED,
    COARSE,
    FAILED_TOO,
    GRAIN_MS,
    ROUNDED,
    UNANSWERED,
    name_of,
)
from slowcoach.load.streams import Stream, count, figure, items, mapping

_MARKS = (b'"num_reqs_per_sec"', b'"num_fail_per_sec"', b'"response_times"', b'"num_none_requests"')
_MOST_SECONDS = 200_000
_DAY_MS = 86_400_000.0


@dataclass(slots=True)
class _Entry:
    """What one or several endpoints tell."""

    found: Histogram = field(default_factory=Histogram)
    sent: int = 0
    failed: int = 0
    least: float = math.inf
    most: float = 0.0
    first_s: float = math.inf
    last_s: float = -math.inf


def matches(source: Source) -> bool:
    """Know a list of entries with counts of latencies, as Locust keeps them."""
    head = source.head.lstrip()
    return head.startswith(b"[") and sum(mark in head for mark in _MARKS) >= len(_MARKS) // 2


def read(source: Source) -> Outcome:
    """Return what the entries tell; raises UnreadableError for another document."""
    stream = Stream(source)
    entries = [mapping(each) for each in items(stream.document())]
    entries = [each for each in entries if each.get("response_times") is not None]
    if not entries:
        raise UnreadableError(
            f"{source.path}: expected Locust's entries with response_times, got none",
            hint="Give what locust --json or --json-file wrote",
        )
    whole, names, by_name = _Entry(), Names(), dict[int, _Entry]()
    requests, failures = Counter[int](), Counter[int]()
    for each in entries:
        name = name_of(str(each.get("method") or ""), str(each.get("name") or ""))
        for entry in (whole, by_name.setdefault(names.code(name), _Entry())):
            _add(entry, each)
        _count(requests, each.get("num_reqs_per_sec"))
        _count(failures, each.get("num_fail_per_sec"))
    seconds = max(whole.last_s - whole.first_s, 0.0)
    return Outcome(
        tool="Locust",
        model="closed",
        whole=_figures(whole, seconds),
        endpoints={names.titles[code]: _figures(each, seconds) for code, each in by_name.items()},
        moments=_moments(requests, failures),
        started=_started(whole.first_s),
        unknown=(
            CLOSED,
            COARSE,
            UNANSWERED,
            FAILED_TOO,
            "the number of users, and so steps: the JSON has none (--csv writes them)",
            "kinds of errors: the JSON counts failures only",
        ),
        warnings=(*stream.warnings, *names.warnings),
    )


def _add(entry: _Entry, given: Mapping[str, Any]) -> None:
    """Add an entry's counts. Its latencies are rounded, its sum and its ends are not."""
    found = Histogram()
    for text, times in mapping(given.get("response_times")).items():
        value, n = _number(text), count(times)
        if value is not None and n:
            found.add([value], times=n)
    if found.n:
        found.total = figure(given.get("total_response_time")) or found.total
        entry.least = min(entry.least, _end(given.get("min_response_time"), found.least))
        entry.most = max(entry.most, _end(given.get("max_response_time"), found.most))
        entry.found.merge(found)
    sent = count(given.get("num_requests")) or 0
    entry.sent += sent
    entry.failed += min(count(given.get("num_failures")) or 0, sent)
    begun, ended = figure(given.get("start_time")), figure(given.get("last_request_timestamp"))
    if begun is not None and ended is not None and ended >= begun:
        entry.first_s, entry.last_s = min(entry.first_s, begun), max(entry.last_s, ended)


def _end(given: Any, rounded: float) -> float:
    """Return the exact end of the latencies where it fits the rounded one."""
    exact = figure(given)
    if exact is None or abs(exact - rounded) > ROUNDED * rounded + GRAIN_MS:
        return rounded
    return max(exact, 0.0)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= _DAY_MS else None


def _second(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


_DIGITS = 11


def _count(into: Counter[int], given: Any) -> None:
    for text, times in mapping(given).items():
        second, n = _second(text), count(times)
        if second is not None and n and len(into) < _MOST_SECONDS:
            into[second] += n


def _figures(entry: _Entry, seconds: float) -> Figures:
    good = max(entry.sent - entry.failed, 0)
    return Figures(
        latency=Latencies(
            count=entry.found.n,
            histogram=entry.found,
            mean_ms=entry.found.mean,
            least_ms=entry.least if entry.found.n else None,
            most_ms=entry.most if entry.found.n else None,
            resolution_ms=GRAIN_MS,
            error=ROUNDED,
        ),
        sent=entry.sent,
        completed=entry.sent,
        failed=entry.failed,
        duration_s=seconds or None,
        throughput_rps=entry.sent / seconds if seconds else None,
        goodput_rps=good / seconds if seconds else None,
    )


def _moments(requests: Counter[int], failures: Counter[int]) -> tuple[Moment, ...]:
    """Return the seconds, joined where they are too many; requests stand where they ended."""
    if not requests:
        return ()
    seconds = np.array(sorted({*requests, *failures}), dtype=np.int64)
    first, span = int(seconds[0]), int(seconds[-1] - seconds[0]) + 1
    length = -(-span // _MOST_MOMENTS)
    sent, failed = (np.zeros(-(-span // length), dtype=np.int64) for _ in range(2))
    for counts, into in ((requests, sent), (failures, failed)):
        for second, n in counts.items():
            into[(second - first) // length] += n
    return tuple(
        Moment(
            start_s=float(index * length),
            length_s=float(length),
            completed=int(n),
            failed=min(int(failed[index]), int(n)),
            succeeded=max(int(n - failed[index]), 0),
        )
        for index, n in enumerate(sent)
    )


_MOST_MOMENTS = 20_000


def _started(first_s: float) -> str | None:
    try:
        return datetime.fromtimestamp(first_s, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return None


READER = Reader(
    name="locust_json",
    title="Locust statistics (JSON)",
    matches=matches,
    read=read,
    example="locust -f locustfile.py --headless --json-file results",
)
