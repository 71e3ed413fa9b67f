"""Statistics of measurements: percentiles, intervals, tests. Pure; numpy is loaded when used."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from statistics import NormalDist, fmean, variance
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEED = 20_261_123  # fixed: the same data always gives the same answer
_EXACT = 20_000  # below this many splits all are tried
_SPLITS = 9_999  # else so many random ones; p is then exact to about 0.002 at 0.05
_ROUNDING = 1e-12
_BETA_STEPS = 300
_BISECTIONS = 80
_T_LARGEST = 1e6


def percentile(values: Sequence[float], q: float) -> float:
    """Return the q-quantile (q in 0..1), linear between order statistics (Hyndman-Fan type 7).

    Raises ValueError for no values.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    position = (len(ordered) - 1) * q
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def wilson(hits: float, total: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share, `hits` of `total` (Wilson 1927); (0, 1) for none."""
    if total <= 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = hits / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = (z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))) / (
        1 + z * z / total
    )
    return max(0.0, centre - half), min(1.0, centre + half)


def newcombe(
    before: tuple[float, float], after: tuple[float, float], confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of a difference of shares, after less before, each given as (hits,
    total), from Wilson's intervals of both (Newcombe 1998, method 10).
    """
    (x, n), (y, m) = before, after
    if n <= 0 or m <= 0:
        return -1.0, 1.0
    p, q = x / n, y / m
    (p_low, p_high), (q_low, q_high) = wilson(x, n, confidence), wilson(y, m, confidence)
    return q - p - math.hypot(q - q_low, p_high - p), q - p + math.hypot(q_high - q, p - p_low)


def smallest_p(n_before: int, n_after: int) -> float:
    """Return the least two-sided p-value that a permutation test of these sizes can reach."""
    return min(1.0, 2 / math.comb(n_before + n_after, n_before))


def permutation_p(before: Sequence[float], after: Sequence[float]) -> float:
    """Return the two-sided p-value of a difference in means, by relabelling the runs.

    Exact while there are few splits, else `_SPLITS` random ones from a fixed seed, counted
    with the observed one (Phipson and Smyth 2010), so that p is never 0.
    """
    import numpy as np

    values = np.asarray([*before, *after], dtype=float)
    n = len(before)
    observed = abs(values[:n].mean() - values[n:].mean())
    every = math.comb(len(values), n)
    members = _all_splits(len(values), n) if every <= _EXACT else _random_splits(len(values), n)
    first = values[members].sum(axis=1)
    differences = np.abs(first / n - (values.sum() - first) / (len(values) - n))
    tolerance = _ROUNDING * max(1.0, float(np.abs(values).max()))
    as_large = int((differences >= observed - tolerance).sum())
    return as_large / every if every <= _EXACT else (as_large + 1) / (_SPLITS + 1)


def _all_splits(size: int, n: int) -> NDArray[np.intp]:
    import numpy as np

    return np.asarray(list(combinations(range(size), n)), dtype=np.intp)


def _random_splits(size: int, n: int) -> NDArray[np.intp]:
    import numpy as np

    order = np.tile(np.arange(size, dtype=np.intp), (_SPLITS, 1))
    shuffled: NDArray[np.intp] = np.random.default_rng(SEED).permuted(order, axis=1)
    return shuffled[:, :n]


def bootstrap_interval(
    values: Sequence[float], confidence: float = 0.95, resamples: int = 5_000
) -> tuple[float, float]:
    """Return the percentile interval of the mean from resampling with a fixed seed.

    Too narrow below about 20 values: compare runs by `welch_interval` instead.
    """
    import numpy as np

    data = np.asarray(values, dtype=float)
    generator = np.random.default_rng(SEED)
    means = generator.choice(data, (resamples, len(data))).mean(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def standard_error(before: Sequence[float], after: Sequence[float]) -> float:
    """Return the standard error of the difference of two means; needs two values each."""
    return math.sqrt(variance(before) / len(before) + variance(after) / len(after))


def welch_interval(
    before: Sequence[float], after: Sequence[float], confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of mean(after) - mean(before) for unequal variances (Welch 1947).

    Needs two values each.
    """
    shares = [variance(side) / len(side) for side in (before, after)]
    total = sum(shares)
    difference = fmean(after) - fmean(before)
    if total <= 0:
        return difference, difference
    sides = zip(shares, (before, after), strict=True)
    freedom = total**2 / sum(share**2 / (len(side) - 1) for share, side in sides)
    half = t_quantile((1 + confidence) / 2, freedom) * math.sqrt(total)
    return difference - half, difference + half


def t_quantile(probability: float, freedom: float) -> float:
    """Return the quantile (probability > 0.5) of Student's t, by bisection of its distribution."""
    low, high = 0.0, _T_LARGEST
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if t_probability(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def t_probability(t: float, freedom: float) -> float:
    """Return P(T <= t) of Student's t for t >= 0."""
    return 1 - _beta_share(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2


def _beta_share(a: float, b: float, x: float) -> float:
    """Return the regularized incomplete beta function, by continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return min(1.0, max(0.0, x))
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(b, a, 1 - x)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    c, d = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, _BETA_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _nonzero(1 + term * d)
            c = _nonzero(1 + term / c)
            fraction *= c * d
        if abs(c * d - 1) < _ROUNDING:
            break
    return front * fraction / a


def _nonzero(value: float) -> float:
    return value if abs(value) > _ROUNDING**2 else _ROUNDING**2


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number, in order (Benjamini and Hochberg 1995)."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i], reverse=True)
    adjusted = [1.0] * len(p_values)
    least = 1.0
    for position, index in enumerate(order):
        least = min(least, p_values[index] * len(p_values) / (len(p_values) - position))
        adjusted[index] = least
    return adjusted
