"""artillery's JSON before version 2, whose parts hold each latency in ns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from slowcoach.load.histogram import Histogram, merged
from slowcoach.load.outcome import Figures, Latencies, Moment
from slowcoach.load.readers._reports import named
from slowcoach.load.streams import count, figure, items, mapping

_FAILED = 400
_NS = 1e6  # in a ms
_PERIOD_S = 10.0
_MOST_MOMENTS = 50_000
_QUANTILES = {"median": 0.5, "p95": 0.95, "p99": 0.99}
_LARGEST = 1e15  # ns: eleven days


def figures(part: Mapping[str, Any], found: Histogram | None, length: float | None) -> Figures:
    """Return the figures of the whole or of a period, with the latencies where they are known."""
    codes = {
        int(code): number
        for code, value in mapping(part.get("codes")).items()
        if code.isdecimal() and len(code) == len("200") and (number := count(value))
    }
    errors = {
        "timeout" if name in ("ETIMEDOUT", "ESOCKETTIMEDOUT") else named(name): number
        for name, value in mapping(part.get("errors")).items()
        if (number := count(value))
    }
    wrong = {f"HTTP {code}": n for code, n in codes.items() if code >= _FAILED}
    completed = sum(codes.values()) or count(part.get("requestsCompleted")) or 0
    good = completed - sum(wrong.values())
    return Figures(
        latency=_latencies(part, found, completed),
        sent=completed + sum(errors.values()),
        completed=completed,
        failed=sum(wrong.values()) + sum(errors.values()),
        errors=wrong | errors,
        dropped=count(part.get("scenariosAvoided")),
        duration_s=length,
        throughput_rps=completed / length if length else None,
        goodput_rps=good / length if length else None,
    )


def _latencies(part: Mapping[str, Any], found: Histogram | None, completed: int) -> Latencies:
    if found is not None and found.n:
        return Latencies(
            count=found.n,
            histogram=found,
            mean_ms=found.mean,
            least_ms=found.least,
            most_ms=found.most,
            resolution_ms=0.001,
        )
    told = mapping(part.get("latency"))
    stated = {
        q: value for name, q in _QUANTILES.items() if (value := figure(told.get(name))) is not None
    }
    return Latencies(
        count=completed,
        stated=stated if completed else {},
        least_ms=figure(told.get("min")),
        most_ms=figure(told.get("max")),
        resolution_ms=0.1,
    )


def moments(parts: list[Any]) -> tuple[Moment, ...]:
    """Return the periods; each is stamped with its end."""
    stamped = [
        (at, period)
        for part in parts[:_MOST_MOMENTS]
        if (period := mapping(part)) and (at := stamp(period.get("timestamp"))) is not None
    ]
    stamped.sort(key=lambda item: item[0])
    return tuple(_moment(at - stamped[0][0], period) for at, period in stamped)


def stamp(value: Any) -> float | None:
    """Return a time such as `2026-11-26T22:58:24.256Z` in seconds since 1970."""
    try:
        return datetime.fromisoformat(value).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _moment(start: float, period: Mapping[str, Any]) -> Moment:
    found = _histogram(items(period.get("latencies")))
    told = figures(period, found, None)
    return Moment(
        start_s=start,
        length_s=_PERIOD_S,
        sent=told.sent,
        completed=told.completed,
        failed=told.failed,
        dropped=told.dropped,
        histogram=found,
        stated={} if found is not None else told.latency.stated,
    )


def _histogram(values: list[Any]) -> Histogram | None:
    numbers = [
        value
        for value in values
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < _LARGEST
    ]
    if len(numbers) != len(values) or not numbers:
        return None
    return Histogram.of(np.array(numbers, dtype=np.float64) / _NS)


def pooled(found: tuple[Moment, ...]) -> Histogram | None:
    """Return the latencies of all periods, None where one does not hold its own."""
    histograms = [moment.histogram for moment in found if moment.completed]
    known = [each for each in histograms if each is not None]
    return merged(known) if known and len(known) == len(histograms) else None
