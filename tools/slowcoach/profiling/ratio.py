"""The ratio of a function's share after to before, with its interval and p-value. Pure."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from slowcoach.core import stats

Pair = tuple[float, float]
Z = NormalDist().inv_cdf(0.975)
_TWO = 2


@dataclass(frozen=True, slots=True)
class Ratio:
    """After by before: the estimate, its 95 % interval, and how likely it is by chance alone.

    `value` and the ends are None where before holds nothing; `high` is where that is unbounded.
    """

    value: float | None
    low: float | None
    high: float | None
    p_value: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A share and the samples of the whole that it is of; None: traced, without sampling error."""

    share: float
    samples: float | None

    @property
    def interval(self) -> Pair:
        """Return Wilson's interval of the share."""
        if self.samples is None:
            return self.share, self.share
        return stats.wilson(self.share * self.samples, self.samples)


def of_wholes(log: float, variance: float) -> Ratio:
    """Return the ratio from its logarithm and that one's variance."""
    error = math.sqrt(variance)
    p_value = _TWO * NormalDist().cdf(-abs(log) / error)
    return Ratio(math.exp(log), math.exp(log - Z * error), math.exp(log + Z * error), p_value)


def of_shares(before: Seen, after: Seen, factor: float, variance: float) -> Ratio:
    """Return after by before times `factor`, whose logarithm has a variance.

    The interval puts those of the shares together by their distances from the estimates, on
    logarithms (MOVER, Donner and Zou 2012).
    """
    p, q = before.share, after.share
    (p_low, p_high), (q_low, q_high) = before.interval, after.interval
    if p <= 0:
        return Ratio(None, None, None, _one_sided(after, before, factor))
    if q <= 0:
        high = q_high * factor / p_low if p_low > 0 else None
        return Ratio(0.0, 0.0, high, _one_sided(before, after, 1 / factor))
    log, extra = math.log(q / p * factor), Z * math.sqrt(variance)
    down = math.hypot(math.log(q / q_low), math.log(p_high / p), extra)
    up = math.hypot(math.log(q_high / q), math.log(p / p_low), extra)
    error = (up if log < 0 else down) / Z
    p_value = _TWO * NormalDist().cdf(-abs(log) / error)
    return Ratio(math.exp(log), math.exp(log - down), math.exp(log + up), p_value)


def points(before: Seen, after: Seen) -> Pair:
    """Return the interval of the difference of two shares."""
    if before.samples is None or after.samples is None:
        return after.share - before.share, after.share - before.share
    return stats.newcombe(
        (before.share * before.samples, before.samples),
        (after.share * after.samples, after.samples),
    )


def _one_sided(seen: Seen, unseen: Seen, factor: float) -> float:
    """Return how likely chance puts all samples of a function on one side (exact, two-sided).

    `factor` is the whole of the side that saw it by that of the other, for the same work.
    """
    if seen.samples is None or unseen.samples is None:
        return 0.0
    here = seen.samples / (seen.samples + unseen.samples / factor)
    return float(min(1.0, _TWO * here ** (seen.share * seen.samples)))
