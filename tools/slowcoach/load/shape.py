"""What a test's levels show together: latency unloaded, where throughput stops to rise. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from slowcoach.core.knowledge import rule
from slowcoach.load.generator_health import Health
from slowcoach.load.levels import Level, levels_of
from slowcoach.load.outcome import Outcome
from slowcoach.load.pooled import ALIKE, Value, Z, alike, middle, pooled, throughput
from slowcoach.load.target_series import TargetSeries

_EVEN = 0.12  # the lower half of the latencies within this share of the median
_LEAST_REQUESTS = 20
_RATIO = 1.3  # loads closer together say little about how throughput goes with them
_FAR_RATIO = 1.9
_QUEUE_GROWTH = 5.0  # latency of an open test over the unloaded one, where a queue has no end
_APPROACH = 0.75  # per cent of throughput for each per cent of load: the limit is near
_STOPS = 0.5
_NOTHING = 1e-6
_WAITED = 1.5  # times the least latency: a queue, where all others wait about as long
_ALL_ALIKE = 0.5
_AGREE = 1.3  # times the wait that was seen: glances miss a part of it
_MOST_DISTURBED = 0.3  # of a latency may be the machine's: beyond that nothing is known of it
_LEAST_HELD = 0.05
_OUTSIDE_DOUBT = 0.15


@dataclass(frozen=True, slots=True)
class Plateau:
    """Where throughput stopped to rise: successes a second, and the levels there.

    `alone_s` is the latency of a request that does not wait; `from_load` the least load that
    reached the plateau; `sure` tells whether a further level showed that it stays.
    """

    rate: Value
    alone_s: Value
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
        mean = pooled(alike(sound, lambda each: each.mean_s or math.inf))
        if not self._is_disturbed(sound):
            return mean
        median = pooled(alike(sound, middle), middle)
        return Value(median.value, min(median.low, mean.low), max(median.high, mean.value))

    def _is_disturbed(self, levels: Sequence[Level]) -> bool:
        """Tell whether other programs delay single requests of a target that is even by itself.

        Then the median is what a request takes, and the mean holds the machine's delays, of which
        few fall into the time for which a request holds what others wait for.
        """
        even = [
            each
            for each in levels
            if each.p50_s and each.p10_s and each.p50_s - each.p10_s <= _EVEN * each.p50_s
        ]
        return levels[0] in even and self.is_crowded(levels)

    def is_crowded(self, levels: Sequence[Level]) -> bool:
        """Tell whether more threads wanted a processor than the machine has."""
        cores = self.series.machine_cores if self.series is not None else None
        return cores is not None and any(
            (each.target.machine_running or 0.0) > cores for each in levels
        )

    @cached_property
    def unsent_s(self) -> float:
        """Return how long an answer lay unsent in the kernel without a queue, on average.

        That is part of the latency, and not of the time for which a request holds anything. On new
        connections clients acknowledge at once for a while, so the level with the longest wait
        counts, and the latency beyond the least one is nearer where both agree.
        """
        counted = [each for each in self.levels if each.requests >= _LEAST_REQUESTS]
        waited = max((each.unsent_s for each in counted), default=0.0)
        least = min((each.least_s for each in counted if each.least_s), default=0.0)
        middle = min((each.p50_s for each in counted if each.p50_s), default=0.0)
        return min(max(middle - least, waited), waited * _AGREE) if least else waited

    @cached_property
    def held_s(self) -> Value | None:
        """Return how long a request holds what others wait for: the latency without a queue, less
        the time for which its answer lies unsent and the generator does not look at it.
        """
        if self.plateau is None:
            return None
        alone = self.plateau.alone_s
        outside = self._without_queue(lambda each: each.disturbance_s)
        outside = self.unsent_s + min(outside, _MOST_DISTURBED * alone.value)
        held = max(alone.value - outside, _LEAST_HELD * alone.value)
        share, doubt = held / alone.value if alone.value else 1.0, _OUTSIDE_DOUBT * outside
        return Value(held, max(alone.low * share - doubt, 0.0), alone.high * share + doubt)

    def _without_queue(self, of: Callable[[Level], float]) -> float:
        if self.unloaded_s is None:
            return 0.0
        free = [
            each
            for each in self.levels
            if each.mean_s is not None and each.mean_s <= self.unloaded_s.high * ALIKE
        ]
        weight = sum(each.requests for each in free)
        return sum(of(each) * each.requests for each in free) / weight if weight else 0.0

    @cached_property
    def plateau(self) -> Plateau | None:
        """Return where throughput stopped to rise, None when it still rose at the highest load."""
        if not self.levels or self.unloaded_s is None:
            return None
        if len(self.levels) == 1:
            return self._plateau_of_one(self.levels[0])
        found = self._plateau_open if self.is_open else self._plateau_closed
        return found(self.unloaded_s)

    def _plateau_of_one(self, level: Level) -> Plateau | None:
        """Return the plateau that a single load shows.

        At a rate what was due is left undone. Of fixed users all wait alike, far longer than the
        first of them did, whom nobody kept waiting: that latency stands for the unloaded one.
        """
        least, low, middle = level.least_s, level.p10_s, level.p50_s
        if not least or not low or not middle:
            return None
        limits = rule("load.plateau")
        if self.is_open:
            waits = level.good < level.load * (1 - limits.limit("shortfall")) - Z * level.good_error
        else:
            waits = low >= _WAITED * least and low >= _ALL_ALIKE * middle
        if not waits:
            return None
        alone = Value(least, least, min(low, least * _WAITED))
        return Plateau(self._rate(self.levels), alone, self.levels, level.load, sure=False)

    def _plateau_open(self, unloaded: Value) -> Plateau | None:
        limits = rule("load.plateau")
        short = [
            each
            for each in self.levels
            if each.good < each.load * (1 - limits.limit("shortfall")) - Z * each.good_error
            or self.growth(each) >= _QUEUE_GROWTH
        ]
        if not short:
            return None
        rate = self._rate(short)
        return Plateau(
            rate, unloaded, tuple(short), short[0].load, sure=short[0].good < short[0].load
        )

    def _rate(self, levels: Sequence[Level]) -> Value:
        """Return the throughput of levels at the limit.

        Other programs only take away: where the machine is short of processors the best level is
        nearest to what the target does, and the mean bounds it from below.
        """
        best = max(self.levels, key=lambda each: each.good)
        mean = throughput(levels)
        if not self.is_crowded(levels):
            return mean
        half = Z * best.good_error
        return Value(best.good, min(mean.low, best.good), max(best.good + half, mean.high))

    def _plateau_closed(self, unloaded: Value) -> Plateau | None:
        limits = rule("load.plateau")
        top = self.levels[-1]
        below = self.well_below(top)
        if below is None or self.growth(top) < limits.limit("growth"):
            return None
        elasticity = _elasticity(below, top)
        if elasticity > _APPROACH:
            return None
        beyond = [each for each in self.levels if self.growth(each) >= limits.limit("growth")] or [
            top
        ]
        sure = elasticity <= limits.limit("elasticity")
        return Plateau(self._rate(beyond), unloaded, tuple(beyond), beyond[0].load, sure)

    def rises_to(self, level: Level) -> bool:
        """Tell whether throughput still rose with the load up to a level."""
        below = self.well_below(level)
        return below is None or _elasticity(below, level) > _STOPS

    def well_below(self, top: Level) -> Level | None:
        """Return the highest level far enough below one to compare with, None without any."""
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
        """Return the levels at which the target was at its limit, or else the highest one.

        Levels with many refusals are left out where others are: refusing costs processor time.
        """
        if self.plateau is None:
            return self.levels[-1:]
        found = self.plateau.levels
        most = rule("load.plateau").limit("failures")
        return tuple(each for each in found if each.refused_share <= most) or found

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

    @property
    def crowd(self) -> float:
        """Return how many threads of the machine wanted each of its cores, at least 1."""
        running = self.at_full("machine_running")
        cores = self.series.machine_cores if self.series is not None else None
        return max(running / cores, 1.0) if running and cores else 1.0

    def cpu_per_request(self, level: Level) -> float | None:
        """Return the CPU seconds of a request, of those that failed too; None: not known."""
        if level.target.cpu is None or level.answered <= 0:
            return None
        return level.target.cpu / level.answered


def _elasticity(below: Level, above: Level) -> float:
    """Return by how many per cent throughput rises for each per cent of load."""
    done = max(above.good, _NOTHING) / max(below.good, _NOTHING)
    return math.log(done) / math.log(above.load / below.load)


def shape_of(outcome: Outcome, series: TargetSeries | None, health: Health) -> Shape:
    """Return the shape of a test."""
    return Shape(outcome, series, health, levels_of(outcome, series))
