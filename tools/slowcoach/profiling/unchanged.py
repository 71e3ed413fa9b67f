"""How much work two profiles hold relative to each other, told by the functions that stayed.

A profile has no word for the work that was done: two recordings may have lasted differently, and
one of a busy service is as long after a change as before it. Functions that the change did not
touch cost the same for the same work, so the factor that most of them share is the work's (the
idea of the median of ratios, Anders and Huber 2010; here the largest group that agrees, as half
of the functions may have changed).
"""

import math
from dataclasses import dataclass

import numpy as np

from slowcoach.core.knowledge import rule
from slowcoach.profiling.model import Floats, Mask
from slowcoach.profiling.ratio import Z

_HALF = 0.5  # added to counts, so that logarithms of small ones are little biased
_ROUNDS = 3
_TWO = 2
_MAD = 1.4826  # a normal distribution's deviation by its median absolute deviation


@dataclass(frozen=True, slots=True)
class Counts:
    """One side of a comparison: weight by function, their sum, and the samples behind it (None:
    a traced profile, whose weights have no sampling error).
    """

    weights: Floats
    whole: float
    samples: float | None

    @property
    def seen(self) -> Floats:
        """Return the samples behind each weight; for a traced profile the weights themselves."""
        if self.samples is None or self.whole <= 0:
            return self.weights
        return self.weights * (self.samples / self.whole)


@dataclass(frozen=True, slots=True)
class Scale:
    """The logarithm of work after to work before, and the number of functions it rests on.

    `variance` is what it brings into the ratio of the wholes for the same work, `for_others` what
    into a function's ratio beside its share's own: where the function has more samples, the ones
    that stayed have fewer, so their errors add up (multinomial: 2/n a side).

    `same_work` says that it is no different from one, so that weights can be compared as they are.
    """

    log: float
    variance: float
    for_others: float
    functions: int
    same_work: bool


def noise() -> float:
    """Return the assumed variance of a logarithm from one start of a program to the next."""
    return float(rule("bench.single_process").limit("process_noise") ** 2)


def variances(before: Counts, after: Counts) -> Floats:
    """Return the variance of each function's logarithm of ratio, with the noise of two starts."""
    found = np.full(len(before.weights), _TWO * noise())
    for side in (before, after):
        if side.samples is not None:
            found = found + 1 / (side.seen + _HALF)
    return found


def scale(before: Counts, after: Counts, *, comparable: bool) -> Scale | None:
    """Return how the work compares, or None when the profiles cannot tell: two explanations fit
    (this part got cheaper, or the rest dearer). `comparable`: both sides are in one unit.
    """
    told = _informative(before, after)
    if not told.any():
        return None
    logs = np.log(np.maximum(after.weights, 1e-300)) - np.log(np.maximum(before.weights, 1e-300))
    spread = variances(before, after)
    starts = ([0.0] if comparable else []) + logs[told].tolist()
    groups = [_group(start, logs, spread, told) for start in starts]

    def standing(group: Mask) -> tuple[int, bool, float]:
        return int(group.sum()), comparable and _none(group, logs, spread), _held(group, before)

    best = max(groups, key=standing)
    rival = max(int((group & ~best).sum()) for group in groups)
    count, same = int(best.sum()), comparable and _none(best, logs, spread)
    ahead = rule("profile.changed").limit("ahead")
    if same and count >= max(rival, 1):
        return Scale(0.0, 0.0, 0.0, count, same_work=True)
    if count >= rule("profile.changed").limit("unchanged") and count >= ahead * rival:
        log = math.log(_held(best, after) / _held(best, before))
        variance = sum(_share_variance(best, side) for side in (before, after))
        shared = sum(_TWO / side.samples for side in (before, after) if side.samples)
        others = variance + shared if variance > 0 else 0.0
        return Scale(log, variance, others, count, same_work=False)
    return None


def dispersion(before: Counts, after: Counts, log: float) -> float:
    """Return the variance of the logarithms of ratios beside `log`, for traced profiles: these
    have no sampling error, so only how much most functions differ shows what noise does.
    """
    told = _informative(before, after)
    if (before.samples is not None and after.samples is not None) or not told.any():
        return 0.0
    logs = np.log(after.weights[told] / before.weights[told])
    return float(_MAD * np.median(np.abs(logs - log))) ** 2


def _informative(before: Counts, after: Counts) -> Mask:
    least = rule("profile.changed").limit("samples")
    found = (before.weights > 0) & (after.weights > 0)
    for side in (before, after):
        if side.samples is not None:
            found = found & (side.seen >= least)
        elif side.whole > 0:
            found = found & (side.weights / side.whole >= rule("profile.changed").limit("share"))
    return found


def _group(start: float, logs: Floats, spread: Floats, told: Mask) -> Mask:
    """Return the functions whose ratio agrees with a common one near `start`."""
    middle, group = start, told
    for _ in range(_ROUNDS):
        group = told & (np.abs(logs - middle) <= Z * np.sqrt(spread))
        if not group.any():
            return group
        middle = _pooled(group, logs, spread)[0]
    return group


def _pooled(group: Mask, logs: Floats, spread: Floats) -> tuple[float, float]:
    """Return the mean of the logarithms by inverse variance, and the mean's variance."""
    weights = 1 / spread[group]
    total = float(weights.sum())
    return float((logs[group] * weights).sum()) / total, 1 / total


def _none(group: Mask, logs: Floats, spread: Floats) -> bool:
    """Tell whether a group's common ratio is one, as far as can be seen."""
    if not group.any():
        return False
    middle, variance = _pooled(group, logs, spread)
    return abs(middle) <= Z * math.sqrt(variance + _TWO * noise())


def _held(group: Mask, side: Counts) -> float:
    return float(side.weights[group].sum())


def _share_variance(group: Mask, side: Counts) -> float:
    """Return the variance of the logarithm of a group's share of the whole (binomial)."""
    share = _held(group, side) / side.whole
    if side.samples is None or share >= 1:
        return 0.0
    return (1 - share) / (share * side.samples)
