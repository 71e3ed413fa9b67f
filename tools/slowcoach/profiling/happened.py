"""When the weight of a profile happened, noted while a reader goes through a file in order."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from slowcoach.profiling.model import SECONDS_IN, Floats, Ints, Moments


class Noted:
    """Items in order of time: nodes as they were made, and when; in the profile's unit of time."""

    def __init__(self) -> None:
        self._at: list[float] = []
        self._node: list[int] = []
        self._weight: list[float] = []

    def add(self, at: float, node: int, weight: float) -> None:
        """Note that something of this weight began in a node; at no node nothing is noted."""
        if node and weight > 0:
            self._at.append(at)
            self._node.append(node)
            self._weight.append(weight)

    def moments(self, place: Ints, unit: str, start: float = 0.0) -> Moments | None:
        """Return the moments; `place` has for each node as it was made its place in the tree."""
        if not self._at or unit not in SECONDS_IN:
            return None
        at = (np.array(self._at, dtype=np.float64) - start) * SECONDS_IN[unit]
        weights = np.array(self._weight, dtype=np.float64)
        return Moments(at, place[np.array(self._node, dtype=np.int64)], weights)


def at_times(
    times: Sequence[float] | Floats, leaf: Ints, weights: Floats, *, gapless: bool = False
) -> Moments | None:
    """Return samples taken at these seconds; None when there are too few, or a clock went back."""
    at = np.asarray(times, dtype=np.float64)
    if len(at) != len(leaf) or not len(at) or not np.isfinite(at).all() or (np.diff(at) < 0).any():
        return None
    held = (leaf > 0) & (weights > 0)
    if not held.any():
        return None
    return Moments(at[held] - min(float(at[0]), 0.0), leaf[held], weights[held], gapless)


def one_after_another(leaf: Ints, weights: Floats, unit: str) -> Moments | None:
    """Return samples that only have lengths, one after another; None when those are no times."""
    if unit not in SECONDS_IN or not len(leaf):
        return None
    held = (leaf > 0) & (weights > 0)
    if not held.any():
        return None
    at = (np.cumsum(weights) - weights) * SECONDS_IN[unit]
    return Moments(at[held], leaf[held], weights[held], gapless=True)


def in_milliseconds(
    times: Sequence[Any] | None,
    steps: Sequence[Any] | None,
    seen: Sequence[tuple[int, float]],
    place: Ints,
) -> Moments | None:
    """Return samples (node as it was made, weight) by their times or the steps between these."""
    if times is None and steps:
        times = list(accumulate(steps)) if _numbers(steps) else None
    if not times or not _numbers(times) or len(times) != len(seen):
        return None
    nodes = np.array([node for node, _ in seen], dtype=np.int64)
    weights = np.array([weight for _, weight in seen], dtype=np.float64)
    at = np.array(times, dtype=np.float64) * SECONDS_IN["milliseconds"]
    return at_times(at - at[0], place[nodes], weights)


def _numbers(values: Sequence[Any]) -> bool:
    return set(map(type, values)) <= {int, float}
