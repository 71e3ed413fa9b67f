"""Lognormal distributions fitted to values that are known only to within an interval.

A difference of two times in whole seconds, d, stands for a value between d - 1 and d + 1, likelier
in its middle: with the first time anywhere in its second, P(d | x) = max(0, 1 - |x - d|). The
likelihood of d is therefore the second difference of the integral of the distribution function.
Fitting the values as they stand would be wrong by tens of per cent near a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_GROWTH = 1.01  # of the cells of precise values
_FINE_S = 0.1  # below it cells are a millisecond wide
_LEAST_P = 1e-300
_STEPS = 40
_HALVINGS = 30
_DELTA = 1e-4
_CONVERGED = 1e-3  # of the log-likelihood: a twentieth of a standard error
_RIDGE = 1e-9
_LEAST_SIGMA, _MOST_SIGMA = 0.01, 6.0
_ROOT2 = math.sqrt(2.0)


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts of values by what is known of them; all are below `limit`, where they were cut.

    With `width` 0 cell i holds values in [edges[i], edges[i + 1]). Else edges[i] is a difference
    of times that are whole multiples of `width`.
    """

    edges: Array
    counts: Array
    width: float
    limit: float

    @property
    def n(self) -> float:
        """Return how many values there are."""
        return float(self.counts.sum())


@dataclass(frozen=True, slots=True)
class Part:
    """One lognormal part of a mixture: exp(mu) is its median."""

    mu: float
    sigma: float
    weight: float = 1.0

    @property
    def median(self) -> float:
        """Return the median."""
        return math.exp(self.mu)


@dataclass(frozen=True, slots=True)
class Fit:
    """Parts with the smallest median first, the log-likelihood, and the standard errors of
    each part's mu, which are those of the logarithm of its median.
    """

    parts: tuple[Part, ...]
    log_likelihood: float
    errors: tuple[float, ...] = ()

    def criterion(self, n: float) -> float:
        """Return the Bayesian information criterion (Schwarz 1978): less is better."""
        free = 3 * len(self.parts) - 1
        return free * math.log(n) - 2 * self.log_likelihood


def cells_of(values: Array, width: float, limit: float) -> Cells:
    """Return values in cells; `width` is the resolution of the times they are differences of."""
    if width:
        rounded = _coarse(values, width)
        edges, counts = np.unique(rounded, return_counts=True)
        return Cells(edges, counts.astype(np.float64), width, limit)
    fine = np.arange(0.0, _FINE_S, 0.001) + 0.0005
    steps = math.ceil(math.log(limit / _FINE_S) / math.log(_GROWTH))
    grown = np.minimum(_FINE_S * _GROWTH ** np.arange(steps + 1), limit)
    edges = np.concatenate([[0.0], fine[fine < _FINE_S], grown[grown < limit], [limit]])
    counts = np.histogram(values, bins=edges)[0]
    return Cells(edges, counts.astype(np.float64), 0.0, limit)


def _coarse(values: Array, width: float) -> Array:
    """Round values to parts of the resolution that do not matter to it, coarser when large."""
    unit = np.select(
        [values < 10 * width, values < 30 * width, values < 100 * width],
        [width / 20, width / 10, width / 4],
        width / 2,
    )
    rounded: Array = np.round(np.round(values / unit) * unit, 6)
    return rounded


def masses(cells: Cells, parts: Sequence[Part]) -> Array:
    """Return the probability of each cell, given that values are below the limit."""
    found = np.zeros(len(cells.counts))
    below = 0.0
    for part in parts:
        if cells.width:
            found += part.weight * _of_differences(cells.edges, cells.width, part)
        else:
            found += part.weight * np.diff(cdf(cells.edges, part))
        below += part.weight * float(cdf(np.array([cells.limit]), part)[0])
    return np.maximum(found / max(below, _LEAST_P), _LEAST_P)


def cdf(x: Array, part: Part) -> Array:
    """Return the share of a lognormal distribution up to x."""
    return _phi((_logs(x) - part.mu) / part.sigma)


def _of_differences(at: Array, width: float, part: Part) -> Array:
    """Return the likelihood of differences of rounded times."""
    ends = np.unique(np.round(np.concatenate([at - width, at, at + width]), 6))
    whole = _integral(ends, part)

    def of(x: Array) -> Array:
        return whole[np.searchsorted(ends, np.round(x, 6))]

    return (of(at + width) - 2 * of(at) + of(at - width)) / width


def _integral(x: Array, part: Part) -> Array:
    """Return the integral of the distribution function from 0 to x: x F(x) - E[X; X < x]."""
    z = (_logs(x) - part.mu) / part.sigma
    mean = math.exp(part.mu + part.sigma**2 / 2)
    return np.maximum(x, 0.0) * _phi(z) - mean * _phi(z - part.sigma)


def _logs(x: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(x, 0.0))


def _phi(z: Array) -> Array:
    """Return the normal distribution's share below z."""
    erf = math.erf
    return np.array([0.5 + 0.5 * erf(value) for value in (z / _ROOT2).tolist()])


def fitted(cells: Cells, start: Sequence[Part]) -> Fit:
    """Return the parts that make the counts likeliest, from a start: Fisher's scoring.

    Its information matrix is that of the cells' probabilities; steps that do not help are halved.
    """
    used = cells.counts > 0
    theta = _free(start)
    best = _likelihood(cells, theta, used)
    for _ in range(_STEPS):
        step = _step(cells, theta, used)
        theta, gained, found = _along(cells, theta, step, best, used)
        best = found
        if gained < _CONVERGED:
            break
    order = sorted(enumerate(_parts(theta)), key=lambda item: item[1].mu)
    errors = _errors(cells, theta, used)
    return Fit(tuple(part for _, part in order), best, tuple(errors[i] for i, _ in order))


def _errors(cells: Cells, theta: Array, used: NDArray[np.bool_]) -> list[float]:
    slopes, counts = _slopes(cells, theta, used)
    information = (slopes * counts) @ slopes.T
    variances = np.diag(np.linalg.pinv(information, hermitian=True))
    count = (len(theta) + 1) // 3
    return [math.sqrt(max(float(variances[2 * i]), 0.0)) for i in range(count)]


def _likelihood(cells: Cells, theta: Array, used: NDArray[np.bool_]) -> float:
    p = masses(cells, _parts(theta))
    return float((cells.counts[used] * np.log(p[used])).sum())


def _slopes(cells: Cells, theta: Array, used: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return how each cell's log-probability grows with each free number, and its counts."""
    counts = cells.counts[used]
    slopes = np.empty((len(theta), len(counts)))
    for i in range(len(theta)):
        moved = np.zeros(len(theta))
        moved[i] = _DELTA
        up = masses(cells, _parts(theta + moved))[used]
        down = masses(cells, _parts(theta - moved))[used]
        slopes[i] = (np.log(up) - np.log(down)) / (2 * _DELTA)
    return slopes, counts


def _step(cells: Cells, theta: Array, used: NDArray[np.bool_]) -> Array:
    slopes, counts = _slopes(cells, theta, used)
    score = slopes @ counts
    information = (slopes * counts) @ slopes.T
    ridge = _RIDGE * np.trace(information) * np.eye(len(theta))
    step: Array = np.linalg.lstsq(information + ridge, score, rcond=None)[0]
    longest = float(np.abs(step).max())
    return step / longest if longest > 1 else step


def _along(
    cells: Cells, theta: Array, step: Array, best: float, used: NDArray[np.bool_]
) -> tuple[Array, float, float]:
    size = 1.0
    for _ in range(_HALVINGS):
        moved = theta + size * step
        found = _likelihood(cells, moved, used)
        if found > best:
            return moved, found - best, found
        size /= 2
    return theta, 0.0, best


def _free(parts: Sequence[Part]) -> Array:
    """Return parts as free numbers: mu, log sigma, and the log-odds of weights to the first's."""
    found: list[float] = []
    for part in parts:
        found += [part.mu, math.log(part.sigma)]
    found += [math.log(part.weight / parts[0].weight) for part in parts[1:]]
    return np.array(found)


def _parts(theta: Array) -> list[Part]:
    count = (len(theta) + 1) // 3
    odds = np.exp(np.clip(np.concatenate([[0.0], theta[2 * count :]]), -30, 30))
    weights = odds / odds.sum()
    sigmas = np.clip(np.exp(np.clip(theta[1 : 2 * count : 2], -10, 10)), _LEAST_SIGMA, _MOST_SIGMA)
    return [Part(float(theta[2 * i]), float(sigmas[i]), float(weights[i])) for i in range(count)]
