"""Counts and latencies of several runners together. Pure; what one does not tell is not told."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from slowcoach.load.histogram import merged
from slowcoach.load.outcome import Figures, Latencies


def merged_figures(figures: Sequence[Figures]) -> Figures:
    """Return the figures of all together, which ran at the same time."""
    length = of_all((f.duration_s for f in figures), max)
    errors: Counter[str] = Counter()
    for each in figures:
        errors.update(each.errors)
    found = Figures(
        latency=merged_latencies([f.latency for f in figures]),
        sent=sum_of(f.sent for f in figures),
        completed=sum_of(f.completed for f in figures),
        failed=sum_of(f.failed for f in figures),
        errors=dict(errors.most_common()),
        dropped=sum_of(f.dropped for f in figures),
        throughput_rps=of_all((f.throughput_rps for f in figures), math.fsum),
        goodput_rps=of_all((f.goodput_rps for f in figures), math.fsum),
        good=_optional([f.good for f in figures]),
        service=_optional([f.service for f in figures]),
        received_bytes=sum_of(f.received_bytes for f in figures),
    )
    return found if length is None else with_length(found, length)


def with_length(figures: Figures, length_s: float) -> Figures:
    """Return figures of a time of this length, rates by it where counts are known."""
    good = None if figures.good is None else figures.good.count
    found = replace(figures, duration_s=length_s)
    if length_s and figures.completed is not None:
        found = replace(found, throughput_rps=figures.completed / length_s)
    if length_s and good is not None:
        found = replace(found, goodput_rps=good / length_s)
    return found


def merged_latencies(latencies: Sequence[Latencies]) -> Latencies:
    """Return all latencies together: with a histogram when each has one, else without any
    percentile, since those that a tool states cannot be merged.
    """
    told = [each for each in latencies if each.count != 0]
    count = sum_of(each.count for each in latencies)
    histograms = [each.histogram for each in told if each.histogram is not None]
    whole = merged(histograms) if len(histograms) == len(told) else None
    return Latencies(
        count=count,
        histogram=whole,
        mean_ms=_mean(told),
        least_ms=of_all((each.least_ms for each in told), min),
        most_ms=of_all((each.most_ms for each in told), max),
        resolution_ms=max((each.resolution_ms for each in latencies), default=0.0),
        error=max((each.error for each in latencies), default=0.0),
        corrected=bool(told) and all(each.corrected for each in told),
    )


def _mean(told: Sequence[Latencies]) -> float | None:
    parts = [(each.mean_ms, each.count) for each in told]
    weighed = [(mean, count) for mean, count in parts if mean is not None and count is not None]
    total = sum(count for _, count in weighed)
    if not total or len(weighed) < len(parts):
        return None
    return math.fsum(mean * count for mean, count in weighed) / total


def _optional(latencies: Sequence[Latencies | None]) -> Latencies | None:
    told = [each for each in latencies if each is not None]
    return merged_latencies(told) if told and len(told) == len(latencies) else None


def sum_of(values: Iterable[int | None]) -> int | None:
    """Return the sum of counts; None unless each is told."""
    listed = list(values)
    told = [value for value in listed if value is not None]
    return sum(told) if told and len(told) == len(listed) else None


def of_all(values: Iterable[float | None], of: Callable[[Iterable[float]], float]) -> float | None:
    """Return `of` of figures; None unless each is told."""
    listed = list(values)
    told = [value for value in listed if value is not None]
    return of(told) if told and len(told) == len(listed) else None


def most_of(values: Iterable[float | None]) -> float | None:
    """Return the largest of the figures that are told."""
    return max((value for value in values if value is not None), default=None)
