"""Figures of several levels together, with their interval. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slowcoach.load.levels import Level

Z = 1.96  # of a 95 % interval
ALIKE = 1.15  # latencies of levels without a queue differ by less, on a machine that others use
_NEAR_MOST = 0.9  # of the highest throughput: levels of the plateau


@dataclass(frozen=True, slots=True)
class Value:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


def middle(level: Level) -> float:
    """Return a level's median latency in s; infinite where it is not known."""
    return level.p50_s or math.inf


def alike(levels: Sequence[Level], of: Callable[[Level], float]) -> list[Level]:
    """Return the levels whose latency is near the least: nobody waits there for others."""
    most = min(of(each) for each in levels) * ALIKE
    return [each for each in levels if of(each) <= most]


def _mean_of(level: Level) -> float:
    return level.mean_s or 0.0


def pooled(levels: Sequence[Level], of: Callable[[Level], float] = _mean_of) -> Value:
    """Return the latency of levels together; their scatter widens the interval."""
    weights = [float(max(each.requests - each.failed, 1)) for each in levels]
    total = sum(weights)
    means = [of(each) for each in levels]
    mean = sum(w * m for w, m in zip(weights, means, strict=True)) / total
    within = math.sqrt(
        sum((w * each.mean_error) ** 2 for w, each in zip(weights, levels, strict=True))
    )
    between = math.sqrt(
        sum(w * (m - mean) ** 2 for w, m in zip(weights, means, strict=True)) / total
    )
    half = Z * math.hypot(within / total, between / math.sqrt(len(levels)))
    return Value(mean, max(mean - half, 0.0), mean + half)


def throughput(levels: Sequence[Level]) -> Value:
    """Return the successes a second of levels together, of those near the highest of them."""
    most = max(each.good for each in levels)
    near = [each for each in levels if each.good >= _NEAR_MOST * most]
    seconds = [max(each.end_s - each.start_s, 1e-9) for each in near]
    total = sum(seconds)
    rate = sum(s * each.good for s, each in zip(seconds, near, strict=True)) / total
    within = math.sqrt(
        sum((s * each.good_error) ** 2 for s, each in zip(seconds, near, strict=True))
    )
    between = math.sqrt(
        sum(s * (each.good - rate) ** 2 for s, each in zip(seconds, near, strict=True)) / total
    )
    half = Z * math.hypot(within / total, between / math.sqrt(len(near)))
    return Value(rate, max(rate - half, 0.0), rate + half)
