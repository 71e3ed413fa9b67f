"""The target's memory grows with the requests, or is near its limit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, share, size
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Kind, Suspect, figure
from slowcoach.load.shape import Shape
from slowcoach.load.target_series import TargetMoment
from slowcoach.load.trends import Season, Trend, trend_of

_RULE = "load.memory_growth"
_SLACK_S = 0.1


def _judge(shape: Shape) -> Suspect | str | None:
    moments = _measured(shape)
    if not moments:
        return "the target's memory is not known: give its pid"
    return _near_limit(shape, moments) or _growing(shape, moments)


def _measured(shape: Shape) -> list[TargetMoment]:
    series = shape.series
    return [m for m in series.moments if m.rss_bytes] if series is not None else []


def _near_limit(shape: Shape, moments: Sequence[TargetMoment]) -> Suspect | None:
    limit = shape.series.memory_limit if shape.series is not None else None
    most = max(m.rss_bytes or 0 for m in moments)
    most_share = rule(_RULE).limit("of_limit")
    if limit is None or most < most_share * limit:
        return None
    return Suspect(
        Bottleneck(
            kind="memory",
            limit=float(limit),
            unit="bytes",
            low=float(most),
            high=float(limit),
            confidence=rule(_RULE).confidence,
            summary=(
                f"Memory is at its limit: {size(most)} of {size(limit)} ({share(most / limit)}); "
                "beyond it the kernel ends a process."
            ),
        ),
        (
            Evidence(
                metric="memory of its limit", value=most / limit, unit="share", limit=most_share
            ),
        ),
    )


def _growing(shape: Shape, moments: Sequence[TargetMoment]) -> Suspect | None:
    seasons = _seasons(shape, moments)
    trend, limits = trend_of(seasons), rule(_RULE)
    if trend is None or trend.n < limits.limit("least_looks"):
        return None
    requests = sum(xs[-1] - xs[0] for xs, _ in seasons)
    grown = sum(ys[-1] - ys[0] for _, ys in seasons)
    least = min(m.rss_bytes or 0 for m in moments)
    if (
        trend.p > limits.limit("p")
        or trend.low <= 0
        or not least
        or grown / least < limits.limit("grown")
        or not _goes_on(seasons, trend)
    ):
        return None
    return _told(shape, trend, grown, least, requests)


def _seasons(shape: Shape, moments: Sequence[TargetMoment]) -> list[Season]:
    """Return requests answered so far and memory, for each level apart: threads and buffers that
    a higher load needs are no leak.
    """
    done = _requests_until(shape)
    found: list[Season] = []
    for level in sorted(shape.levels, key=lambda each: each.start_s):
        inside = [
            m
            for m in moments
            if level.start_s - _SLACK_S <= m.at_s and m.at_s + m.length_s <= level.end_s + _SLACK_S
        ]
        if inside:
            at = [done(m.at_s + m.length_s, level.answered, level.start_s) for m in inside]
            found.append((at, [float(m.rss_bytes or 0) for m in inside]))
    return found


class _Done:
    """Requests answered until a second of the test."""

    def __init__(self, ends: list[float], counts: list[float]) -> None:
        self._ends, self._counts = ends, counts

    def __call__(self, at_s: float, rate: float, since_s: float) -> float:
        if not self._ends:
            return rate * (at_s - since_s)
        import numpy as np

        return float(np.interp(at_s, self._ends, self._counts))


def _requests_until(shape: Shape) -> _Done:
    told = [m for m in shape.outcome.moments if m.completed is not None]
    if not told:
        return _Done([], [])
    ends = [told[0].start_s, *(m.start_s + m.length_s for m in told)]
    return _Done(ends, [0.0, *accumulate(float(m.completed or 0) for m in told)])


def _goes_on(seasons: Sequence[Season], trend: Trend) -> bool:
    """Tell whether it still grew in the second half as it did before: a cache fills, a leak not."""
    halves = [
        (xs[len(xs) // 2 :], ys[len(ys) // 2 :]) for xs, ys in seasons[-max(len(seasons) // 2, 1) :]
    ]
    later = trend_of(halves)
    return later is not None and later.slope >= rule(_RULE).limit("goes_on") * trend.slope


def _told(shape: Shape, trend: Trend, grown: float, least: int, requests: float) -> Suspect:
    limits = rule(_RULE)
    series = shape.series
    top = max((each.answered for each in shape.levels), default=0.0)
    room = series.memory_limit - least if series is not None and series.memory_limit else None
    text = (
        f"Memory grows by {size(trend.slope)} a request ({size(trend.low)} to {size(trend.high)}), "
        f"by {share(grown / least)} in this test"
    )
    if room and top:
        left = room / (trend.slope * top)
        text += (
            f"; at {top:.3g} req/s the limit of {size(series.memory_limit or 0) if series else ''}"
        )
        text += f" is reached after {duration(left)}"
    return Suspect(
        Bottleneck(
            kind="memory",
            limit=figure(trend.slope),
            unit="bytes/request",
            low=figure(trend.low),
            high=figure(trend.high),
            confidence=limits.confidence,
            summary=f"{text}.",
        ),
        (
            Evidence(metric="memory a request", value=trend.slope, unit="bytes"),
            Evidence(
                metric="grown at equal load",
                value=grown / least,
                unit="share",
                limit=limits.limit("grown"),
            ),
            Evidence(metric="requests meanwhile", value=requests, unit="count"),
        ),
        (series.source,) if series is not None else (),
    )


BOTTLENECK = Kind(name="memory", rule=_RULE, judge=_judge, explains=frozenset({"none"}))
