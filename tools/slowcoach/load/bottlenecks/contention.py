"""Throughput falls as load rises: the more are under way, the longer each takes (retrograde)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from slowcoach.capacity.model import Scalability
from slowcoach.capacity.usl import LEAST_POINTS, fit_usl
from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Kind, Suspect, figure
from slowcoach.load.bottlenecks._saturation import saturation_of
from slowcoach.load.levels import Level
from slowcoach.load.pooled import Value, Z
from slowcoach.load.shape import Shape

_RULE = "load.retrograde"
_FULL = 0.5


def _judge(shape: Shape) -> Suspect | str | None:
    sound = _sound(shape)
    if len(sound) < 2:  # noqa: PLR2004
        return None
    best, top = max(sound, key=lambda each: each.good), sound[-1]
    limits = rule(_RULE)
    drop = 1 - top.good / best.good if best.good else 0.0
    least = limits.limit("crowded_drop" if shape.crowd >= limits.limit("crowd") else "drop")
    if top.load <= best.load or drop < least or not _significant(best, top):
        return None
    if _starved(shape, best, top):
        return None
    if len(sound) < LEAST_POINTS:
        return f"throughput fell by {share(drop)}; {LEAST_POINTS} levels of load would show how"
    fit = fit_usl([_concurrency(each) for each in sound], [each.good for each in sound])
    if fit.kappa <= 0 and _computes(shape):
        return None
    peak = _peak(sound, best, fit)
    grown = _cost_growth(shape, best, top)
    evidence = [
        Evidence(
            metric=f"throughput lost from {number(best.load)} to {number(top.load)} {shape.unit}",
            value=drop,
            unit="share",
            limit=limits.limit("drop"),
        ),
        Evidence(metric="kappa, the cost of agreeing (USL)", value=fit.kappa, unit=""),
    ]
    if grown is not None:
        evidence.append(
            Evidence(metric="CPU of a request, there by here", value=grown, unit="ratio")
        )
    return Suspect(
        Bottleneck(
            kind="contention",
            limit=figure(peak.value, 3),
            unit="users" if not shape.is_open else "in flight",
            low=figure(peak.low, 3),
            high=figure(peak.high, 3),
            confidence=limits.confidence if fit.kappa > 0 else limits.limit("no_fit"),
            summary=_summary(shape, best, top, peak, fit),
        ),
        tuple(evidence),
    )


def _sound(shape: Shape) -> list[Level]:
    """Return the levels whose throughput tells of the target: few failures, users above 0."""
    most = rule(_RULE).limit("error_share")
    return [
        each
        for each in shape.levels
        if each.error_share <= most and each.good > 0 and each.mean_s is not None
    ]


def _concurrency(level: Level) -> float:
    """Return the requests under way: users who do not pause, or by Little's law."""
    return level.in_flight or level.load


def _significant(best: Level, top: Level) -> bool:
    return best.good - top.good > Z * math.hypot(best.good_error, top.good_error)


def _starved(shape: Shape, best: Level, top: Level) -> bool:
    """Tell whether it fell because the machine gave less CPU, each request costing the same."""
    grown = _cost_growth(shape, best, top)
    if grown is None or not _computes(shape):
        return False
    limits = rule(_RULE)
    return shape.crowd >= limits.limit("crowd") or grown < limits.limit("cost_growth")


def _computes(shape: Shape) -> bool:
    """Tell whether CPU is what the target mostly does at its highest loads."""
    found = saturation_of(shape)
    return found is not None and found.full >= _FULL


def _cost_growth(shape: Shape, best: Level, top: Level) -> float | None:
    here, there = shape.cpu_per_request(best), shape.cpu_per_request(top)
    return there / here if here and there else None


def _peak(levels: Sequence[Level], best: Level, fit: Scalability) -> Value:
    """Return the concurrency with the most throughput; between the neighbours of the best level.

    The law's own peak stands where it lies between them; each level left out in turn widens it.
    """
    at = levels.index(best)
    low = _concurrency(levels[at - 1]) if at else 1.0
    high = _concurrency(levels[at + 1]) if at + 1 < len(levels) else _concurrency(best)
    peaks = [p for left_out in range(len(levels)) if (p := _without(levels, left_out)) is not None]
    peak = fit.peak_concurrency
    value = min(max(peak if peak is not None else _concurrency(best), low), high)
    inside = [min(max(p, low), high) for p in peaks]
    return Value(
        value, min([value, _concurrency(best), *inside]), max([value, _concurrency(best), *inside])
    )


def _without(levels: Sequence[Level], left_out: int) -> float | None:
    rest = [each for i, each in enumerate(levels) if i != left_out]
    if len({_concurrency(each) for each in rest}) < LEAST_POINTS:
        return None
    fit = fit_usl([_concurrency(each) for each in rest], [each.good for each in rest])
    return fit.peak_concurrency


def _summary(shape: Shape, best: Level, top: Level, peak: Value, fit: Scalability) -> str:
    return (
        f"Throughput falls with more load: {number(best.good)} req/s at {number(best.load)} "
        f"{shape.unit}, {number(top.good)} at {number(top.load)}. The most is at about "
        f"{number(peak.value)} at a time ({number(peak.low)} to {number(peak.high)}; USL: sigma "
        f"{number(fit.sigma, 2)}, kappa {number(fit.kappa, 2)}); beyond it requests hinder each "
        "other, so let in no more than that."
    )


BOTTLENECK = Kind(
    name="contention",
    rule=_RULE,
    judge=_judge,
    explains=frozenset({"pool", "queue", "cpu", "none"}),
)
