"""Parts of a test with one load, found in what was seen by the second. Pure.

Users are told exactly, so a step is where their number stands still. A rate that is only seen in
counts varies by chance: there steps lie between change points, and those with a slope are ramps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.histogram import merged
from slowcoach.load.outcome import Figures, Latencies, LoadModel, LoadUnit, Moment, Step

_SAME = 0.01  # two loads are the same within this share: users of a coarse moment are a mean
_LEAST_MOMENTS = 3  # of a step, after its first and last are left out
_LEAST_S = 5.0
_EDGES = 2  # moments at both ends in which the load begins and ends
_PENALTY = 3.0  # times ln n, of one more change point (Killick et al., PELT, 2012)
_SLOPE = 2.0  # more penalties for a piece with a slope: any two values lie on a line
_RAMP = 0.1  # a segment whose load changes by this share of its mean from end to end is a ramp
_MOST_STEPS = 200
_MOST_CHANGES_IN = 4096  # moments that are searched for change points; more are joined
_NORMAL_MAD = 1.4826  # a normal distribution's standard deviation over its MAD
_LEAST_NOISE = 0.3  # of the deviation of counts by chance
_ANSCOMBE = 3 / 8


@dataclass(frozen=True, slots=True)
class Segment:
    """Moments from index `first` up to `last` (not included) under one load."""

    first: int
    last: int
    load: float


def steps_of(moments: Sequence[Moment], model: LoadModel, scenario: str = "") -> tuple[Step, ...]:
    """Return the parts of a test with one load, in time order, without ramps.

    `moments` follow one another in time. Of an open test the load is the rate that was due, or
    else the rate that was sent; otherwise the users, where they are told. Each step leaves out
    its first and last moment, in which the load changes. At most 200, the longest.
    """
    if not moments:
        return ()
    found: list[Segment]
    unit: LoadUnit = "users"
    if model == "open":
        found, unit = _by_rate(moments), "req/s"
    elif any(moment.users for moment in moments):
        found = constant(_users(moments))
    else:
        return ()
    kept = [inner for each in found if each.load > 0 and (inner := _inner(each, moments))]
    kept.sort(key=lambda s: s.first - s.last)
    kept = sorted(kept[:_MOST_STEPS], key=lambda s: s.first)
    return tuple(_step(each, moments, unit, scenario) for each in kept)


def _users(moments: Sequence[Moment]) -> list[float]:
    """Return the users of each moment; where they are not told, as many as before."""
    told = [moment.users for moment in moments]
    last = next((users for users in told if users is not None), 0.0)
    return [last := last if users is None else users for users in told]


def figures_of(moments: Sequence[Moment], *, corrected: bool = False) -> Figures:
    """Return the counts and latencies of these moments together. What one of them does not tell
    is not told.
    """
    length = sum(moment.length_s for moment in moments)
    completed = _sum(moment.completed for moment in moments)
    goods = [moment.good for moment in moments if moment.good is not None]
    good = merged(goods) if goods else None
    succeeded = _succeeded(moments)
    sent = _sum(moment.sent for moment in moments)
    failed = _sum(moment.failed for moment in moments)
    if sent is not None and failed is not None:
        failed = min(failed, sent)  # some were sent before these moments
    return Figures(
        latency=_latencies(moments, corrected=corrected),
        sent=sent,
        completed=completed,
        failed=failed,
        dropped=_sum(moment.dropped for moment in moments),
        duration_s=length,
        throughput_rps=completed / length if completed is not None and length else None,
        goodput_rps=succeeded / length if succeeded is not None and length else None,
        good=None if good is None else Latencies(count=good.n, histogram=good, corrected=corrected),
    )


def _latencies(moments: Sequence[Moment], *, corrected: bool) -> Latencies:
    histograms = [moment.histogram for moment in moments if moment.histogram is not None]
    if not histograms:
        return Latencies(corrected=corrected)
    whole = merged(histograms)
    return Latencies(
        count=whole.n,
        histogram=whole,
        mean_ms=whole.mean,
        least_ms=whole.least if whole.n else None,
        most_ms=whole.most if whole.n else None,
        corrected=corrected,
    )


def _succeeded(moments: Sequence[Moment]) -> int | None:
    """Return the successes, from what was told: them, or all answers where none failed."""
    told = _sum(moment.succeeded for moment in moments)
    completed, failed = (
        _sum(moment.completed for moment in moments),
        _sum(moment.failed for moment in moments),
    )
    if told is None and failed == 0:
        return completed
    return told


def _sum(values: Iterable[int | None]) -> int | None:
    told = [value for value in values if value is not None]
    return sum(told) if told else None


def constant(loads: Sequence[float]) -> list[Segment]:
    """Return the longest stretches in which a load that is known exactly stands still."""
    found: list[Segment] = []
    first = 0
    for at in range(1, len(loads) + 1):
        if at == len(loads) or abs(loads[at] - loads[first]) > _SAME * max(loads[first], 1.0):
            found.append(Segment(first, at, float(np.median(loads[first:at]))))
            first = at
    return found


def changes(counts: Sequence[float] | NDArray[np.float64]) -> list[Segment]:
    """Return stretches of one straight line each, of counts that vary by chance.

    The best cut into pieces by squared error and a penalty for each, a higher one for a slope
    (optimal partitioning, Jackson et al. 2005), of square roots: with these the noise of counts
    is the same at each level (Anscombe 1948). Time grows with the square of their number: give
    at most 4,096.
    """
    series = np.asarray(counts, dtype=np.float64)
    if not len(series):
        return []
    roots = 2 * np.sqrt(np.maximum(series, 0) + _ANSCOMBE)
    cuts = _cuts(roots, _PENALTY * math.log(max(len(roots), 2)) * _noise(roots) ** 2)
    return [Segment(a, b, float(series[a:b].mean())) for a, b in pairwise(cuts)]


def _noise(roots: NDArray[np.float64]) -> float:
    """Return the standard deviation from one value to the next, robust against steps; at least a
    part of that of counts by chance (1), since a steady generator sends the same each second.
    """
    differences = np.abs(np.diff(roots)) / math.sqrt(2)
    robust = float(np.median(differences)) * _NORMAL_MAD if len(differences) else 0.0
    return max(robust, _LEAST_NOISE)


def _cuts(series: NDArray[np.float64], penalty: float) -> list[int]:
    """Return where the pieces begin, and the end of the last."""
    n = len(series)
    at = np.arange(n, dtype=np.float64)
    sums = [
        np.concatenate(([0.0], np.cumsum(column)))
        for column in (at, at**2, series, at * series, series**2)
    ]
    best = np.full(n + 1, -penalty)
    before = np.zeros(n + 1, dtype=np.intp)
    for end in range(1, n + 1):
        sets = _Sums(end - at[:end], *(column[end] - column[:end] for column in sums))
        flat, sloped = sets.spread(), sets.misfit() + _SLOPE * penalty
        costs = best[:end] + np.minimum(flat, sloped) + penalty
        before[end] = int(costs.argmin())
        best[end] = costs[before[end]]
    cuts = [n]
    while cuts[-1]:
        cuts.append(int(before[cuts[-1]]))
    return cuts[::-1]


@dataclass(frozen=True, slots=True)
class _Sums:
    """How many points (x, y) each set has, and sums over them."""

    n: NDArray[np.float64]
    x: NDArray[np.float64]
    xx: NDArray[np.float64]
    y: NDArray[np.float64]
    xy: NDArray[np.float64]
    yy: NDArray[np.float64]

    def spread(self) -> NDArray[np.float64]:
        """Return the squared error of the best flat line through each set."""
        return np.maximum(self.yy - self.y**2 / self.n, 0.0)

    def misfit(self) -> NDArray[np.float64]:
        """Return the squared error of the best straight line through each set."""
        across = self.xx - self.x**2 / self.n
        along = self.xy - self.x * self.y / self.n
        with np.errstate(divide="ignore", invalid="ignore"):
            explained = np.where(across > 0, along**2 / across, 0.0)
        return np.maximum(self.yy - self.y**2 / self.n - explained, 0.0)


def _by_rate(moments: Sequence[Moment]) -> list[Segment]:
    if any(moment.due_rps is not None for moment in moments):
        return constant([moment.due_rps or 0.0 for moment in moments])
    joined = -(-len(moments) // _MOST_CHANGES_IN)
    rates = np.array([_due(moment) for moment in moments], dtype=np.float64)
    padded = np.pad(rates, (0, -len(rates) % joined), mode="edge").reshape(-1, joined).mean(axis=1)
    found = [s for s in changes(padded) if not _is_ramp(padded[s.first : s.last])]
    return [
        Segment(s.first * joined, min(s.last * joined, len(moments)), s.load / _length(moments))
        for s in found
    ]


def _length(moments: Sequence[Moment]) -> float:
    return moments[0].length_s or 1.0


def _due(moment: Moment) -> float:
    return float((moment.sent or moment.completed or 0) + (moment.dropped or 0))


def _is_ramp(values: NDArray[np.float64]) -> bool:
    """Tell whether the load changes from one end of a segment to the other by more than chance."""
    inner = values[1:-1] if len(values) > _LEAST_MOMENTS + _EDGES else values
    if len(inner) < _LEAST_MOMENTS:
        return False
    at = np.arange(len(inner)) - (len(inner) - 1) / 2
    slope = float((at * inner).sum() / (at**2).sum())
    left = inner - inner.mean() - slope * at
    error = math.sqrt(float((left**2).sum()) / max(len(inner) - 2, 1) / float((at**2).sum()))
    change = abs(slope) * len(inner)
    return change > _RAMP * abs(float(inner.mean())) and abs(slope) > _SURE * error


_SURE = 3.0  # standard errors


def _inner(segment: Segment, moments: Sequence[Moment]) -> Segment | None:
    """Return a segment without the moments at its ends; None when too little is left."""
    first = segment.first + 1
    last = segment.last - 1
    if last - first < _LEAST_MOMENTS:
        return None
    seconds = moments[segment.last - 1].start_s - moments[segment.first].start_s
    if seconds + moments[segment.last - 1].length_s < _LEAST_S:
        return None
    return Segment(first, last, segment.load)


def _step(segment: Segment, moments: Sequence[Moment], unit: LoadUnit, scenario: str) -> Step:
    inside = moments[segment.first : segment.last]
    return Step(
        name=f"{_shown(segment.load)} {unit}",
        load=segment.load,
        unit=unit,
        start_s=inside[0].start_s,
        end_s=inside[-1].start_s + inside[-1].length_s,
        figures=figures_of(inside),
        scenario=scenario,
    )


def _shown(load: float) -> str:
    return f"{round(load)}" if abs(load - round(load)) < _SAME or load >= _WHOLE else f"{load:.3g}"


_WHOLE = 100  # loads of this and more are named without fractions


def stated_of(values: Mapping[str, float | None], names: Mapping[str, float]) -> dict[float, float]:
    """Return the quantiles (0..1) that a tool states, from its names for them."""
    return {
        quantile: value
        for name, quantile in names.items()
        if (value := values.get(name)) is not None and math.isfinite(value)
    }
