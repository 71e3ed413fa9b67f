"""Where a test's warm-up ends: the change point after which its seconds look alike.

A service that has just begun compiles, fills caches and opens connections, so its first seconds are
slower. How long that takes differs, so it is looked for instead of assumed. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from slowcoach.core.knowledge import page
from slowcoach.load.outcome import Moment

_NORMAL_MAD = 1.4826  # a normal distribution's standard deviation over its MAD
_MOST_POINTS = 1200
_QUANTILES = (0.5, 0.95)
_LEAST_MS = 1e-3


@cache
def _limit(name: str) -> float:
    """Return a limit of the warm-up (knowledge/pages/load_results.md)."""
    return float(page("load_results").data["warm_up"][name]["value"])


def warm_up_s(moments: Sequence[Moment], start_s: float, end_s: float) -> float:
    """Return the seconds from `start_s` that are warm-up, 0 without any.

    Looks at the median and the p95 of each moment within `start_s` to `end_s`, a stretch of one
    load, and returns the longer of both warm-ups. At most half of the stretch.
    """
    inside = [
        moment
        for moment in moments
        if moment.start_s >= start_s and moment.start_s + moment.length_s <= end_s
    ]
    found = 0.0
    for quantile in _QUANTILES:
        told = [
            (moment.start_s + moment.length_s, value)
            for moment in inside
            if (value := moment.percentile(quantile)) is not None
        ]
        cut = slow_beginning([value for _, value in told])
        if cut:
            found = max(found, told[cut - 1][0] - start_s)
    return found


def slow_beginning(latencies_ms: Sequence[float]) -> int:
    """Return how many of the first values are a slower beginning; 0 when none is.

    The cut into two levels with the least absolute error of the logarithms, which outliers do not
    move, counts when it explains more than 3 ln n times the noise from value to value (the
    penalty of PELT, Killick et al. 2012) and the level before is 10 % above that after. What
    is left is searched again, so that a slow descent is left out in several cuts.
    """
    series = np.log(np.maximum(np.asarray(latencies_ms, dtype=np.float64), _LEAST_MS))
    series = series[:_MOST_POINTS]
    most = int(len(series) * _limit("most_share"))
    cut = 0
    while len(series) - cut >= _limit("least_seconds") and (more := _cut(series[cut:], most - cut)):
        cut += more
    return cut


def _cut(series: NDArray[np.float64], most: int) -> int:
    costs = [_error(series[:at]) + _error(series[at:]) for at in range(1, most + 1)]
    if not costs:
        return 0
    at = int(np.argmin(costs)) + 1
    gain = _error(series) - costs[at - 1]
    is_clear = gain > _limit("penalty") * math.log(len(series)) * _noise(series)
    is_slower = float(np.median(series[:at]) - np.median(series[at:])) > math.log(_limit("slower"))
    return at if is_clear and is_slower else 0


def _error(part: NDArray[np.float64]) -> float:
    return float(np.abs(part - np.median(part)).sum())


def _noise(series: NDArray[np.float64]) -> float:
    """Return the standard deviation between neighbours, robust against steps and outliers."""
    differences = np.abs(np.diff(series)) / math.sqrt(2)
    return max(float(np.median(differences)) * _NORMAL_MAD, _limit("least_noise"))
