"""A test as levels of load: how much was done at each, how long it took, how the target was. Pure.

Rates count successes by when they were answered. Times are in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, stdev

from slowcoach.load.error_kinds import REFUSED, counted
from slowcoach.load.histogram import GROWTH, LEAST_MS, Histogram, merged
from slowcoach.load.outcome import Figures, Latencies, LoadUnit, Moment, Outcome, Step
from slowcoach.load.target_level import Target, target_between
from slowcoach.load.target_series import TargetSeries

_MS = 1000.0
_COVERED = 0.6  # of a step by whole seconds inside of it, which tell when requests were answered
_SCATTER_FROM = 4
_LEVELS = 3  # fewer distinct loads show no shape
_BIN = 1.25  # loads of a ramp within this ratio are one level
_SAME = 1.02
_MOST_LEVELS = 60
_BEFORE, _SEEN_LATE = 0.1, 0.5  # of these waits; pools of known size on busy machines fit that


@dataclass(frozen=True, slots=True)
class Level:
    """One load held: successes a second (`good`, with its standard error), and their latency.

    `mean_s` is the mean latency of successes with its standard error. `errors` counts failures by
    kind, where kinds are told. `in_flight` are requests under way on average (Little's law).
    """

    load: float
    unit: LoadUnit
    start_s: float
    end_s: float
    good: float
    good_error: float
    answered: float
    mean_s: float | None
    mean_error: float
    least_s: float | None
    p50_s: float | None
    p10_s: float | None
    requests: int
    failed: int
    errors: Mapping[str, int] = field(default_factory=dict[str, int])
    target: Target = field(default_factory=Target)

    @property
    def error_share(self) -> float:
        """Return the share of the requests that failed."""
        return self.failed / self.requests if self.requests else 0.0

    @property
    def refused_share(self) -> float:
        """Return the share of the requests that were refused at once, not answered late."""
        counts = counted(self.errors)
        refused = sum(counts.get(each, 0) for each in REFUSED)
        return refused / self.requests if self.requests else 0.0

    @property
    def unsent_s(self) -> float:
        """Return how long an answer lay unsent on average, by Little's law; 0 when not known."""
        if self.target.unsent is None or self.answered <= 0:
            return 0.0
        return self.target.unsent / self.answered

    @property
    def disturbance_s(self) -> float:
        """Return what waiting for a processor adds to a request outside of what it holds.

        A generator of this process runs, and stands ready, before it sees an answer; of the times
        for which the target stands ready some lie before a request takes its slot.
        """
        if self.answered <= 0:
            return 0.0
        target = _BEFORE * (self.target.ready or 0.0)
        return (_SEEN_LATE * (self.target.own_busy or 0.0) + target) / self.answered

    @property
    def in_flight(self) -> float | None:
        """Return the successes that were under way on average, by Little's law."""
        return None if self.mean_s is None else self.good * self.mean_s


def levels_of(outcome: Outcome, series: TargetSeries | None = None) -> tuple[Level, ...]:
    """Return the levels of a test from the least load up.

    Its steps, or, when they show fewer loads than its seconds do (a ramp), the seconds of like
    loads together.
    """
    found = [_of_step(step, outcome.moments, series) for step in outcome.steps]
    levels = [level for level in found if level is not None]
    if _distinct(levels) < _LEVELS:
        by_second = list(_of_seconds(outcome, series))
        if _distinct(by_second) > _distinct(levels):
            levels = by_second
    return tuple(sorted(levels, key=lambda each: (each.load, each.start_s)))[:_MOST_LEVELS]


def _distinct(levels: Sequence[Level]) -> int:
    loads = sorted(level.load for level in levels)
    return sum(1 for i, load in enumerate(loads) if not i or load > _SAME * loads[i - 1])


# -- from steps ----------------------------------------------------------------------------------


def _of_step(step: Step, moments: Sequence[Moment], series: TargetSeries | None) -> Level | None:
    figures = step.figures
    inside = [
        m for m in moments if m.start_s >= step.start_s and m.start_s + m.length_s <= step.end_s
    ]
    covered = sum(m.length_s for m in inside)
    is_covered = covered >= _COVERED * (step.end_s - step.start_s)
    good, answered = _rates(figures, inside if is_covered else [])
    if good is None or step.load <= 0:
        return None
    mean_s, mean_error = _mean(figures)
    latency = _successes(figures)
    seconds = step.end_s - step.start_s
    return Level(
        load=step.load,
        unit=step.unit,
        start_s=step.start_s,
        end_s=step.end_s,
        good=good,
        good_error=_rate_error(good, seconds, inside),
        answered=answered if answered is not None else good,
        mean_s=mean_s,
        mean_error=mean_error,
        least_s=_in_seconds(_least_ms(latency)),
        p50_s=_in_seconds(latency.percentile(0.5)),
        p10_s=_in_seconds(latency.percentile(0.1)),
        requests=figures.sent or figures.completed or latency.count or 0,
        failed=figures.failed or 0,
        errors=figures.errors,
        target=target_between(series, step.start_s, step.end_s),
    )


def _least_ms(latency: Latencies) -> float | None:
    if latency.least_ms is None and latency.histogram is not None and latency.histogram.n:
        return latency.histogram.least
    return latency.least_ms


def _in_seconds(ms: float | None) -> float | None:
    return None if ms is None else ms / _MS


def _rates(figures: Figures, inside: Sequence[Moment]) -> tuple[float | None, float | None]:
    """Return successes and answers a second, by when they were answered where that is told."""
    if inside and all(_succeeded(m) is not None for m in inside):
        length = sum(m.length_s for m in inside)
        good = sum(_succeeded(m) or 0 for m in inside) / length
        return good, sum(m.completed or 0 for m in inside) / length
    rate = figures.throughput_rps
    if rate is None and figures.completed is not None and figures.duration_s:
        rate = figures.completed / figures.duration_s
    good_rate = figures.goodput_rps
    if good_rate is None and rate is not None:
        good_rate = rate * (1 - (figures.error_rate or 0.0))
    return good_rate, rate


def _succeeded(moment: Moment) -> int | None:
    if moment.succeeded is not None:
        return moment.succeeded
    if moment.completed is None:
        return None
    if moment.good is not None:
        return moment.good.n
    return max(moment.completed - (moment.failed or 0), 0)


def _rate_error(rate: float, seconds: float, inside: Sequence[Moment]) -> float:
    """Return the standard error of a rate: by the scatter of its seconds, else of a count."""
    counted = math.sqrt(max(rate * seconds, 1.0)) / max(seconds, 1e-9)
    rates = [done / m.length_s for m in inside if (done := _succeeded(m)) is not None]
    if len(rates) < _SCATTER_FROM:
        return counted
    return min(stdev(rates) / math.sqrt(len(rates)), counted)


def _successes(figures: Figures) -> Latencies:
    good = figures.good
    return good if good is not None and good.count != 0 else figures.latency


def _mean(figures: Figures) -> tuple[float | None, float]:
    """Return the mean latency of successes in s and its standard error (0 when not known)."""
    found = _successes(figures)
    mean_ms = found.mean_ms
    if found.histogram is not None and found.histogram.n:
        mean_ms = found.histogram.mean
        return _in_seconds(mean_ms), _spread_ms(found.histogram) / _MS
    return _in_seconds(mean_ms if mean_ms is not None else found.percentile(0.5)), 0.0


def _spread_ms(found: Histogram) -> float:
    """Return the standard error in ms of a histogram's mean."""
    if found.n <= 1 or found.mean is None:
        return 0.0
    squares = sum(
        int(count) * (LEAST_MS * GROWTH ** (found.first + i + 0.5) - found.mean) ** 2
        for i, count in enumerate(found.counts)
        if count
    )
    return math.sqrt(squares / (found.n - 1) / found.n)


# -- from seconds --------------------------------------------------------------------------------


def _of_seconds(outcome: Outcome, series: TargetSeries | None) -> Iterable[Level]:
    """Yield levels of seconds whose loads lie close together."""
    unit: LoadUnit = "req/s" if outcome.model == "open" else "users"
    groups: dict[int, list[Moment]] = {}
    for moment in outcome.moments:
        load = moment.due_rps if unit == "req/s" else moment.users
        if load and load > 0 and _succeeded(moment) is not None:
            place = math.floor(math.log(load) / math.log(_BIN) + 1e-9)
            groups.setdefault(place, []).append(moment)
    for moments in groups.values():
        yield _of_group(moments, unit, series)


def _of_group(moments: Sequence[Moment], unit: LoadUnit, series: TargetSeries | None) -> Level:
    length = sum(m.length_s for m in moments)
    loads = [(m.due_rps if unit == "req/s" else m.users) or 0.0 for m in moments]
    goods = [h for m in moments if (h := m.good if m.good is not None else m.histogram)]
    histogram = merged(goods)
    rate = sum(_succeeded(m) or 0 for m in moments) / length
    failed = sum(m.failed or 0 for m in moments)
    start_s, end_s = moments[0].start_s, moments[-1].start_s + moments[-1].length_s
    return Level(
        load=fmean(loads),
        unit=unit,
        start_s=start_s,
        end_s=end_s,
        good=rate,
        good_error=_rate_error(rate, length, moments),
        answered=sum(m.completed or 0 for m in moments) / length,
        mean_s=_in_seconds(histogram.mean),
        mean_error=_spread_ms(histogram) / _MS,
        least_s=_in_seconds(histogram.least if histogram.n else None),
        p50_s=_in_seconds(histogram.quantile(0.5)),
        p10_s=_in_seconds(histogram.quantile(0.1)),
        requests=sum(m.sent or m.completed or 0 for m in moments),
        failed=failed,
        errors={"of any kind": failed} if failed else {},
        target=target_between(series, start_s, end_s),
    )
