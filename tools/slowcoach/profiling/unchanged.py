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

    Every function's ratio, and one, is tried as the work's. Its misfit is the sum over functions
    of squared standardized distances, each at most that of a function called changed (least
    trimmed as Huber's and Tukey's estimators are): the least misfit wins if ahead by enough.
    """
    told = _telling(before, after)
    if not told.any():
        return None
    logs = np.log(after.weights[told] / before.weights[told])
    spread = variances(before, after)[told]
    starts = np.concatenate(([0.0] if comparable else [], logs))
    middles = np.array([_settled(start, logs, spread) for start in starts.tolist()])
    misfits = np.array([_misfit(middle, logs, spread) for middle in middles.tolist()])
    same = comparable & (np.abs(middles) <= Z * math.sqrt(_TWO * noise()))
    if not _same_time(before, after):  # then equal weights would be a rare coincidence
        misfits = misfits - np.where(same, _misfit_limit("same_work"), 0.0)
    best = int(np.argmin(misfits))
    apart = np.abs(middles - middles[best]) > Z * math.sqrt(_TWO * noise())
    rival = float(misfits[apart].min()) if apart.any() else math.inf
    if rival - misfits[best] < _misfit_limit("ahead"):
        return None
    group = np.zeros(len(told), dtype=np.bool_)
    group[told] = _near(float(middles[best]), logs, spread)
    return _scale(group, before, after, same=bool(same[best]))


def _scale(group: Mask, before: Counts, after: Counts, *, same: bool) -> Scale | None:
    count = int(group.sum())
    if same:
        return Scale(0.0, 0.0, 0.0, count, same_work=True)
    if count < rule("profile.changed").limit("unchanged"):
        return None
    log = math.log(_held(group, after) / _held(group, before))
    variance = sum(_share_variance(group, side) for side in (before, after))
    shared = sum(_TWO / side.samples for side in (before, after) if side.samples)
    others = variance + shared if variance > 0 else 0.0
    return Scale(log, variance, others, count, same_work=False)


def _same_time(before: Counts, after: Counts) -> bool:
    """Tell whether both wholes are as large: then the recordings may just have been as long."""
    return abs(math.log(after.whole / before.whole)) <= Z * math.sqrt(_TWO * noise())


def _misfit_limit(name: str) -> float:
    return rule("profile.changed").limit(name)


def _misfit(middle: float, logs: Floats, spread: Floats) -> float:
    distances = (logs - middle) ** 2 / spread
    return float(np.minimum(distances, _misfit_limit("changed")).sum())


def _near(middle: float, logs: Floats, spread: Floats) -> Mask:
    found: Mask = (logs - middle) ** 2 <= _misfit_limit("changed") * spread
    return found


def _settled(start: float, logs: Floats, spread: Floats) -> float:
    """Return the common ratio of the functions that agree with one near `start`."""
    middle = start
    for _ in range(_ROUNDS):
        group = _near(middle, logs, spread)
        if group.any():
            weights = 1 / spread[group]
            middle = float((logs[group] * weights).sum() / weights.sum())
    return middle


def dispersion(before: Counts, after: Counts, log: float | None) -> float:
    """Return the variance of the logarithms of ratios beside `log` (None: beside their median)
    that sampling does not explain.

    It is seen in how much most functions differ (median absolute deviation): a busy machine slows
    functions unequally, and a traced profile has no sampling error at all.
    """
    told = _telling(before, after)
    if told.sum() < rule("profile.changed").limit("spread"):
        return 0.0
    logs = np.log(after.weights[told] / before.weights[told])
    distances = np.abs(logs - (np.median(logs) if log is None else log))
    spread = variances(before, after)[told]
    excess = float(_MAD * np.median(distances / np.sqrt(spread))) ** 2 - 1
    return max(excess, 0.0) * float(np.median(spread))


def _telling(before: Counts, after: Counts) -> Mask:
    """Return the functions that are large enough on both sides to tell of the work."""
    limits = rule("profile.changed")
    found = (before.weights > 0) & (after.weights > 0)
    for side in (before, after):
        if side.samples is None:
            found = found & (side.weights >= limits.limit("looked_at") * side.whole)
    if before.samples is not None and after.samples is not None:
        found = found & (np.maximum(before.seen, after.seen) >= limits.limit("samples"))
    return found


def _held(group: Mask, side: Counts) -> float:
    return float(side.weights[group].sum())


def _share_variance(group: Mask, side: Counts) -> float:
    """Return the variance of the logarithm of a group's share of the whole (binomial)."""
    share = _held(group, side) / side.whole
    if side.samples is None or share >= 1:
        return 0.0
    return (1 - share) / (share * side.samples)
