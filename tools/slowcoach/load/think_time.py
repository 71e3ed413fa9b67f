"""How long users pause, from the pauses in a log: robust against what is no user's pause."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from slowcoach.core.knowledge import page
from slowcoach.load.lognormal import Array, Cells, Fit, Part, cdf, cells_of, fitted, masses
from slowcoach.load.plan import ThinkTime

_SHARED_ROUNDS = 3
_NORMAL_MAD = 1.4826  # a normal distribution's deviation by its median absolute deviation
_LEAST_SIGMA = 0.01
_HALF = 0.5
_APART = 0.7
_LEAST_CHANCE = 0.2
_BINS, _ROUNDS = 120, 60
_POINTS = 8  # within a bin
_MIDDLES = (np.arange(_POINTS) + 0.5) / _POINTS
_QUANTILES = (0.1587, 0.5, 0.8413)  # a deviation to each side of a normal distribution's middle
_HIDDEN = 0.25
_CHANCE = 1.2  # the distance of fitted distribution functions is rarely more, by root n
_TINY = 1e-12
_STARTS_LATE = ((0.05, 60.0), (0.2, 12.0))  # weight, times the median
_STARTS_FAST = ((0.5, 0.05),)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Times between an answer and the same client's next request, in seconds, below `limit`.

    `client` tells whose each is; `width` is the resolution of the times (0: a millisecond or
    better), by which a pause may be below 0. `window` is the length of a log that was cut out of
    longer traffic: a pause of x seconds lies wholly within it with probability 1 - x / window.
    """

    seconds: Array
    client: NDArray[np.int64]
    width: float
    limit: float
    window: float = math.inf


@dataclass(frozen=True, slots=True)
class Thinking:
    """The pauses as found: `think` (None: not to be told), its relative standard error, and the
    shares of pauses that were no user's: new visits, a page's own requests, shared clients.
    """

    think: ThinkTime | None
    error: float | None = None
    visits: float = 0.0
    fast: float = 0.0
    shared: float = 0.0
    is_lognormal: bool = True
    count: int = 0


def thinking(pauses: Pauses) -> Thinking:
    """Return the distribution of users' pauses; see the page on access logs."""
    known = page("access_logs").data["think"]
    kept = _alone(pauses)
    count = len(kept.seconds)
    if count < known["least"]["value"]:
        return Thinking(None, count=count)
    cells = _uncut(cells_of(kept.seconds, kept.width, kept.limit), pauses.window)
    fit, main = _best(cells, kept, known)
    shared = 1 - count / len(pauses.seconds)
    weights = [part.weight for part in fit.parts]
    fast, visits = sum(weights[:main]), sum(weights[main + 1 :])
    part, error = fit.parts[main], fit.errors[main]
    seen = None
    # a spread far below the clock's own resolution shows no shape
    if part.median * part.sigma >= kept.width * _HIDDEN:
        seen = _shape(cells, fit, main, known)
    part = seen or part
    think = None
    if error <= known["most_error"]["value"]:
        median, sigma = float(f"{part.median:.4g}"), round(max(part.sigma, 0.0), 3)
        think = ThinkTime(median_s=median, sigma=sigma)
    return Thinking(think, error, visits, fast, shared, seen is None, count)


def _uncut(cells: Cells, window: float) -> Cells:
    """Return counts that long pauses would have if none had been cut at the log's ends: each by
    the inverse of its chance to be seen (Horvitz and Thompson 1952).
    """
    if math.isinf(window):
        return cells
    at = np.maximum(cells.edges[: len(cells.counts)], 0.0)
    return replace(cells, counts=cells.counts / np.maximum(1 - at / window, _LEAST_CHANCE))


def _alone(pauses: Pauses) -> Pauses:
    """Leave out clients whose pauses are shorter than others' beyond chance: several people
    behind one address, whose requests lie between one another's.

    Clients differ, so a client's mean log pause is held against the spread between clients and
    that of its own mean.
    """
    limit = float(page("access_logs").data["sessions"]["shared_z"]["value"])
    _, owner = np.unique(pauses.client, return_inverse=True)
    logs = np.log(np.maximum(pauses.seconds, 0.0) + max(pauses.width, 0.001) / 2)
    n = np.bincount(owner).astype(np.float64)
    mean = np.bincount(owner, weights=logs) / n
    kept = np.ones(len(n), dtype=np.bool_)
    for _ in range(_SHARED_ROUNDS):
        inside = kept[owner]
        if not inside.any():
            return pauses
        centre = float(np.average(mean[kept], weights=n[kept]))
        within = float(np.mean((logs[inside] - mean[owner][inside]) ** 2))
        within *= float(n[kept].sum() / max(n[kept].sum() - kept.sum(), 1.0))
        between = _between(mean[kept], n[kept], within)
        z = (mean - centre) / np.sqrt(between + within / n + _TINY)
        new = z > -limit
        if (new == kept).all():
            break
        kept = new
    chosen = kept[owner]
    if chosen.sum() < _HALF * len(chosen):
        return pauses  # the many are what is usual
    return Pauses(pauses.seconds[chosen], pauses.client[chosen], pauses.width, pauses.limit)


def _between(mean: Array, n: Array, within: float) -> float:
    """Return the variance of clients' own means, robustly: by those with many pauses."""
    many = n >= np.median(n)
    spread = _NORMAL_MAD * float(np.median(np.abs(mean[many] - np.median(mean[many]))))
    return max(spread**2 - within * float(np.mean(1 / n[many])), 0.0)


def _best(cells: Cells, pauses: Pauses, known: dict[str, dict[str, float]]) -> tuple[Fit, int]:
    """Return the fit that explains the pauses, and which of its parts is the users'.

    A part for new visits (long) or for a page's own requests (short) is taken only where it
    stands clear of the rest and explains the pauses better by far.
    """
    positive = np.maximum(pauses.seconds, max(pauses.width, 0.002) / 4)
    logs = np.log(positive)
    centre, spread = float(np.median(logs)), max(float(np.std(logs)), 0.1)
    best = fitted(cells, [Part(centre, spread)])
    main = 0
    if _distance(cells, best) <= _CHANCE / math.sqrt(cells.n):
        return best, main
    for late, fast in ((True, False), (False, True), (True, True)):
        if late and fast and len(best.parts) == 1:
            break  # neither helped
        for start in _starts(centre, spread, late=late, fast=fast):
            fit = fitted(cells, start)
            at = 1 if fast else 0
            gain = best.criterion(cells.n) - fit.criterion(cells.n)
            if gain > known["least_gain"]["value"] and _is_apart(fit, at, known):
                best, main = fit, at
    return best, main


def _starts(centre: float, spread: float, *, late: bool, fast: bool) -> list[list[Part]]:
    found: list[list[Part]] = []
    for weight, times in _STARTS_LATE if late else ((0.0, 1.0),):
        for weight_fast, times_fast in _STARTS_FAST if fast else ((0.0, 1.0),):
            own = spread / 2
            parts = [Part(centre, own, 1 - weight - weight_fast)]
            if late:
                parts.append(Part(centre + math.log(times), own, weight))
            if fast:
                parts[0] = Part(centre + own, own, parts[0].weight)
                parts.append(Part(centre + math.log(times_fast), own, weight_fast))
            found.append(parts)
    return found


def _is_apart(fit: Fit, main: int, known: dict[str, dict[str, float]]) -> bool:
    """Tell whether the parts stand clear of one another (Ashman's D, medians), and whether those
    beside the users' are where new visits and a page's own requests can be.
    """
    least_ratio, least_d = known["apart_ratio"]["value"], known["apart_d"]["value"]
    for one, other in zip(fit.parts, fit.parts[1:], strict=False):
        difference = other.mu - one.mu
        d = math.sqrt(2) * difference / math.hypot(one.sigma, other.sigma)
        if difference < math.log(least_ratio) or d < least_d:
            return False
    late, fast = fit.parts[main + 1 :], fit.parts[:main]
    if any(part.median < known["least_visit_s"]["value"] for part in late):
        return False
    if any(part.median > known["most_page_s"]["value"] for part in fast):
        return False
    return sum(part.weight for part in late) < _HALF


def _distance(cells: Cells, fit: Fit) -> float:
    """Return the largest difference of the distribution functions of counts and fit."""
    expected = masses(cells, fit.parts)
    if cells.width:  # cells that hold none are not among them
        return _distance_of_differences(cells, fit)
    seen = np.cumsum(cells.counts) / cells.n
    return float(np.max(np.abs(seen - np.cumsum(expected))))


def _distance_of_differences(cells: Cells, fit: Fit) -> float:
    at, seen = _smooth(cells)
    total = sum(p.weight * float(cdf(np.array([cells.limit]), p)[0]) for p in fit.parts)
    expected = np.zeros(len(at))
    for part in fit.parts:
        near = [cdf(np.maximum(at + shift * cells.width, 0.0), part) for shift in _WINDOW]
        expected += part.weight * np.mean(near, axis=0) / total
    inside = at > cells.width
    return float(np.max(np.abs(seen - expected)[inside], initial=0.0))


_WINDOW = np.linspace(-0.45, 0.45, 10)
"""Points that stand for a resolution's width."""


def _smooth(cells: Cells) -> tuple[Array, Array]:
    """Return the share of pauses up to a time.

    Differences stand on a lattice of the resolution (moved by what durations are taken from
    them): those up to d are the pauses up to a time between d and d + width, all alike likely.
    So each is spread evenly over a width around it, which makes the shares piecewise linear.
    """
    if not cells.width:
        return cells.edges[1:], np.cumsum(cells.counts) / cells.n
    ends = np.concatenate([cells.edges - cells.width / 2, cells.edges + cells.width / 2])
    bends = np.concatenate([cells.counts, -cells.counts]) / (cells.n * cells.width)
    at, where = np.unique(np.round(ends, 6), return_inverse=True)
    slopes = np.cumsum(np.bincount(where, weights=bends))
    return at, np.concatenate([[0.0], np.cumsum(slopes[:-1] * np.diff(at))])


def _shape(cells: Cells, fit: Fit, main: int, known: dict[str, dict[str, float]]) -> Part | None:
    """Return median and spread as the pauses have them where no lognormal fits, else None."""
    if cells.width and not _is_whole(cells):
        return _bent(cells, fit, known)
    misfit = max(known["misfit"]["value"], _CHANCE / math.sqrt(cells.n))
    return _as_seen(cells, fit, main) if _distance(cells, fit) > misfit else None


def _is_whole(cells: Cells) -> bool:
    """Tell whether differences are whole: no durations were taken from them."""
    return bool((np.abs(cells.edges / cells.width % 1) < _TINY).all())


def _bent(cells: Cells, fit: Fit, known: dict[str, dict[str, float]]) -> Part | None:
    """Return median and spread of unblurred pauses, where two lognormals explain them better by
    far than one.

    Whole seconds less durations stand on a lattice that each duration moves, so that their
    shares as seen have steps, which would be taken for a misfit.
    """
    one, *others = fit.parts
    if others:
        return None
    apart = one.sigma * _APART
    halves = [Part(one.mu + sign * apart, one.sigma * _APART, _HALF) for sign in (-1, 1)]
    both = fitted(cells, halves)
    if fit.criterion(cells.n) - both.criterion(cells.n) <= known["least_gain"]["value"]:
        return None
    return _spread_of(*_unblurred(cells))


def _unblurred(cells: Cells) -> tuple[Array, Array]:
    """Return the ends of bins, and the share of pauses below each: the shares that make the
    differences likeliest, by expectation and maximization (Dempster, Laird and Rubin 1977), from
    even ones and stopped before they follow the noise.
    """
    width = cells.width
    ends = np.geomspace(width / 50, float(cells.edges.max()) + width, _BINS + 1)
    widths = np.diff(ends)
    inside = np.add.outer(ends[:-1], np.zeros(_POINTS)) + np.outer(widths, _MIDDLES)
    far = np.abs(np.subtract.outer(cells.edges, inside)) / width
    likely = np.maximum(1 - far, 0.0).mean(axis=2) + _TINY
    shares = widths / widths.sum()
    for _ in range(_ROUNDS):
        shares = shares * (likely.T @ (cells.counts / (likely @ shares))) / cells.n
    return ends[1:], np.cumsum(shares)


def _spread_of(at: Array, shares: Array) -> Part:
    low, median, high = (float(np.interp(q, shares, at)) for q in _QUANTILES)
    return Part(math.log(median), max(math.log(high / low) / 2, _LEAST_SIGMA))


def _as_seen(cells: Cells, fit: Fit, main: int) -> Part | None:
    """Return median and spread as the pauses have them, where no lognormal fits: from their
    shares, less what other parts have of them.
    """
    at, shares = _smooth(cells)
    own = shares.copy()
    for index, part in enumerate(fit.parts):
        if index != main:
            own = own - part.weight * cdf(at, part)
    own /= fit.parts[main].weight
    own = np.maximum.accumulate(own)
    if np.interp(_QUANTILES[0], own, at) <= 0 or np.interp(_HALF, own, at) <= cells.width:
        return None
    return _spread_of(at, own)
