"""Whether a figure grows, among seasons of different load: Mann-Kendall and Theil-Sen. Pure.

Mann 1945, Theil 1950, Sen 1968; within seasons: Hirsch, Slack and Smith 1982.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Season = tuple[Sequence[float], Sequence[float]]
"""Where (time, or requests) and the figure there, in order."""

_MOST = 400  # points of a season that are compared in pairs; more are thinned out


@dataclass(frozen=True, slots=True)
class Trend:
    """The median slope with its 95 % interval, and the one-sided p of no growth; n points."""

    slope: float
    low: float
    high: float
    p: float
    n: int


def trend_of(seasons: Sequence[Season], confidence: float = 0.95) -> Trend | None:
    """Return the trend within seasons; None for fewer than three points in each."""
    slopes: list[Floats] = []
    s = variance = 0.0
    count = 0
    for xs, ys in seasons:
        x, y = (
            _thinned(np.asarray(xs, dtype=np.float64)),
            _thinned(np.asarray(ys, dtype=np.float64)),
        )
        if len(x) < 3:  # noqa: PLR2004 - two points always lie on a line
            continue
        first, second = np.triu_indices(len(x), 1)
        run, rise = x[second] - x[first], y[second] - y[first]
        slopes.append((rise / np.where(run == 0, np.nan, run))[run > 0])
        s += float(np.sign(rise).sum())
        variance += _variance(y)
        count += len(x)
    if not slopes or variance <= 0:
        return None
    every = np.sort(np.concatenate(slopes))
    if not len(every):
        return None
    spread = NormalDist().inv_cdf(0.5 + confidence / 2) * math.sqrt(variance)
    low = every[max(int((len(every) - spread) / 2), 0)]
    high = every[min(int((len(every) + spread) / 2), len(every) - 1)]
    z = (s - math.copysign(1, s)) / math.sqrt(variance) if s else 0.0
    return Trend(float(np.median(every)), float(low), float(high), 1 - NormalDist().cdf(z), count)


def _thinned(values: Floats) -> Floats:
    return values if len(values) <= _MOST else values[:: math.ceil(len(values) / _MOST)]


def _variance(values: Floats) -> float:
    """Return the variance of Kendall's S of values that only vary by chance, with ties."""
    n = len(values)
    _, ties = np.unique(values, return_counts=True)
    tied = float((ties * (ties - 1) * (2 * ties + 5)).sum())
    return (n * (n - 1) * (2 * n + 5) - tied) / 18
