"""What a test's levels show together: latency unloaded, where throughput stops to rise. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from slowcoach.core.knowledge import rule
from slowcoach.load.generator_health import Health
from slowcoach.load.levels import Level, Target, levels_of
from slowcoach.load.outcome import Outcome
from slowcoach.load.target_series import TargetSeries

Z = 1.96  # of a 95 % interval
_ALIKE = 1.15  # latencies of levels without a queue differ by less, on a machine that others use
_LEAST_REQUESTS = 20
_RATIO = 1.3  # loads closer together say little about how throughput goes with them
_FAR_RATIO = 1.9
_NEAR_MOST = 0.9  # of the highest throughput: levels of the plateau
_QUEUE_GROWTH = 5.0  # latency of an open test over the unloaded one, where a queue has no end
_APPROACH = 0.75  # per cent of throughput for each per cent of load: the limit is near
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Value:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Plateau:
    """Where throughput stopped to rise: successes a second, and the levels there.

    `from_load` is the least load that reached it; `sure` tells whether a further level showed
    that it stays.
    """

    rate: Value
    levels: tuple[Level, ...]
    from_load: float
    sure: bool


@dataclass(frozen=True)
class Shape:
    """A test by its levels, from the least load up, with how the generator was."""

    outcome: Outcome
    series: TargetSeries | None
    health: Health
    levels: tuple[Level, ...]

    @property
    def is_open(self) -> bool:
        """Tell whether requests were due at a rate."""
        if self.levels:
            return self.levels[0].unit == "req/s"
        return self.outcome.model == "open"

    @property
    def unit(self) -> str:
        """Return the unit of the load."""
        return self.levels[0].unit if self.levels else "users"

    @cached_property
    def unloaded_s(self) -> Value | None:
        """Return the mean latency of a request that does not wait for others; None: not seen."""
        told = [each for each in self.levels if each.mean_s is not None and each.requests]
        if not told:
            return None
        counted = [each for each in told if each.requests >= _LEAST_REQUESTS] or told
        sound = [each for each in counted if not each.failed] or counted
        anchor = min(sound, key=lambda each: each.mean_s or math.inf)
        most = (anchor.mean_s or 0.0) * _ALIKE
        alike = [each for each in sound if (each.mean_s or 0.0) <= most]
        return _pooled(alike)

    @cached_property
    def plateau(self) -> Plateau | None:
        """Return where throughput stopped to rise, None when it still rose at the highest load."""
        if len(self.levels) < 2 or self.unloaded_s is None:  # noqa: PLR2004
            return None
        return self._plateau_open() if self.is_open else self._plateau_closed()

    def _plateau_open(self) -> Plateau | None:
        limits = rule("load.plateau")
        short = [
            each
            for each in self.levels
            if each.good < each.load * (1 - limits.limit("shortfall")) - Z * each.good_error
            or self.growth(each) >= _QUEUE_GROWTH
        ]
        if not short:
            return None
        return _plateau(short, short[0].load, sure=short[0].good < short[0].load)

    def _plateau_closed(self) -> Plateau | None:
        limits = rule("load.plateau")
        top = self.levels[-1]
        below = self._well_below(top)
        if below is None or self.growth(top) < limits.limit("growth"):
            return None
        done = max(top.good, _NOTHING) / max(below.good, _NOTHING)
        elasticity = math.log(done) / math.log(top.load / below.load)
        if elasticity > _APPROACH:
            return None
        beyond = [each for each in self.levels if self.growth(each) >= limits.limit("growth")] or [
            top
        ]
        return _plateau(beyond, beyond[0].load, sure=elasticity <= limits.limit("elasticity"))

    def _well_below(self, top: Level) -> Level | None:
        for ratio in (_FAR_RATIO, _RATIO):
            found = [each for each in self.levels if each.load * ratio <= top.load]
            if found:
                return found[-1]
        return None

    def growth(self, level: Level) -> float:
        """Return a level's mean latency over the unloaded one; 1 where it is not known."""
        if self.unloaded_s is None or level.mean_s is None or not self.unloaded_s.value:
            return 1.0
        return level.mean_s / self.unloaded_s.value

    @cached_property
    def best(self) -> Level | None:
        """Return the level with the most successes a second."""
        return max(self.levels, key=lambda each: each.good, default=None)

    @cached_property
    def full(self) -> tuple[Level, ...]:
        """Return the levels at which the target was at its limit, or else the highest one."""
        if self.plateau is not None:
            return self.plateau.levels
        return self.levels[-1:]

    def at_full(self, name: str) -> float | None:
        """Return the mean over the full levels of a figure of the target; None: not known."""
        told = [value for each in self.full if (value := getattr(each.target, name)) is not None]
        return fmean(told) if told else None

    @property
    def lanes(self) -> float | None:
        """Return on how many cores the target computes at a time; None when it is not known."""
        if self.series is None:
            return None
        return self.series.lanes if self.series.lanes is not None else self.series.cores

    def cpu_per_request(self, level: Level) -> float | None:
        """Return the CPU seconds of a request, of those that failed too; None: not known."""
        if level.target.cpu is None or level.answered <= 0:
            return None
        return level.target.cpu / level.answered


def shape_of(outcome: Outcome, series: TargetSeries | None, health: Health) -> Shape:
    """Return the shape of a test."""
    return Shape(outcome, series, health, levels_of(outcome, series))


def _pooled(levels: Sequence[Level]) -> Value:
    """Return the mean latency of levels together; their scatter widens the interval."""
    weights = [float(max(each.requests - each.failed, 1)) for each in levels]
    total = sum(weights)
    means = [each.mean_s or 0.0 for each in levels]
    mean = sum(w * m for w, m in zip(weights, means, strict=True)) / total
    within = math.sqrt(
        sum((w * each.mean_error) ** 2 for w, each in zip(weights, levels, strict=True))
    )
    between = math.sqrt(
        sum(w * (m - mean) ** 2 for w, m in zip(weights, means, strict=True)) / total
    )
    half = Z * math.hypot(within / total, between / math.sqrt(len(levels)))
    return Value(mean, max(mean - half, 0.0), mean + half)


def _plateau(levels: Sequence[Level], from_load: float, *, sure: bool) -> Plateau:
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
    value = Value(rate, max(rate - half, 0.0), rate + half)
    return Plateau(value, tuple(levels), from_load, sure)


def together(levels: Sequence[Level], name: str) -> float | None:
    """Return the mean of a figure of the target over levels; None: not known."""
    told = [value for each in levels if (value := _of(each.target, name)) is not None]
    return fmean(told) if told else None


def _of(target: Target, name: str) -> float | None:
    value: float | None = getattr(target, name)
    return value
