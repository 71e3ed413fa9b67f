"""Ratios of two percentiles, of each load by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration
from slowcoach.load.check_kind import graded
from slowcoach.load.outcome import Latencies
from slowcoach.load.shape import Shape

_MS = 1000.0


def worst_ratio(
    shape: Shape, name: str, metric: str, quantiles: tuple[float, float], samples: str
) -> Iterable[Finding | NotChecked]:
    """Yield a finding when the higher percentile is many times the lower one at some load.

    Steps are judged each by itself: over all of them together a high load alone makes a tail. A
    difference that is less than what anybody notices is none.
    """
    needed = rule("load.few_samples").limit(samples)
    least_ms = rule(name).limit("least_difference")
    ratios = [
        (high / low, f"{where}: {duration(low / _MS)} and {duration(high / _MS)}")
        for where, latency in _latencies(shape)
        if _counted(latency) >= needed
        and (low := latency.percentile(quantiles[0]))
        and (high := latency.percentile(quantiles[1]))
        and high - low >= least_ms
    ]
    if not ratios:
        if all(_counted(latency) < needed for _, latency in _latencies(shape)):
            yield rule(name).not_checked(f"fewer than {needed:g} requests at each load, or untold")
        return
    worst, where = max(ratios)
    yield from graded(name, metric, worst, where)


def _latencies(shape: Shape) -> Iterator[tuple[str, Latencies]]:
    for step in shape.outcome.steps:
        yield step.name, step.figures.latency
    if not shape.outcome.steps:
        yield "the whole test", shape.outcome.whole.latency


def _counted(found: Latencies) -> int:
    if found.count is not None:
        return found.count
    if found.histogram is not None:
        return found.histogram.n
    return 10**9 if found.stated else 0  # stated, and the tool does not tell of how many
