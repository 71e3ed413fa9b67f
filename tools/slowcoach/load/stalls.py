"""Times in which the target answered nobody: found in the seconds of a test. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from slowcoach.core.knowledge import rule
from slowcoach.load.outcome import Moment, Outcome
from slowcoach.load.shape import Shape

RULE = "load.stall"
_MS = 1000.0
_TIMES_USUAL = 3.0
_HALF = 0.5
_LEAST_SLOW = 3


@dataclass(frozen=True, slots=True)
class Stall:
    """A time in which no request was answered: its length, and when it ended."""

    end_s: float
    length_s: float
    requests: int


def stalls_of(outcome: Outcome) -> tuple[Stall, ...]:
    """Return the stalls of a test, in time order.

    Where all requests stand still, those that were under way (with fixed users) or became due
    meanwhile (at a rate) end together afterwards, as late as the stall was long: that many slow
    ones in one second, among seconds without, tell a stall from single slow requests.
    """
    found: list[Stall] = []
    for part in _parts(outcome):
        found += _within(part)
    return tuple(_joined(found))


def _parts(outcome: Outcome) -> Iterable[Sequence[Moment]]:
    """Yield the seconds of each load apart: latency differs from load to load anyway."""
    moments = [each for each in outcome.moments if each.histogram is not None]
    if not outcome.steps:
        yield moments
        return
    for step in outcome.steps:
        yield [
            m for m in moments if m.start_s + m.length_s > step.start_s and m.start_s < step.end_s
        ]


def _within(moments: Sequence[Moment]) -> Iterable[Stall]:
    usual = [p95 for each in moments if (p95 := each.percentile(0.95)) is not None]
    if not usual:
        return
    p95_ms, least_ms = median(usual), rule(RULE).limit("least_length")
    hit: list[Stall] = []
    for each in moments:
        histogram = each.histogram
        if histogram is None or not histogram.n:
            continue
        extra_ms = histogram.most - p95_ms
        if extra_ms < least_ms or histogram.most < _TIMES_USUAL * p95_ms:
            continue
        slow = round(histogram.above(p95_ms + extra_ms * _HALF) * histogram.n)
        if slow >= max(_LEAST_SLOW, _HALF * _expected(each, extra_ms / _MS)):
            hit.append(Stall(each.start_s + each.length_s, extra_ms / _MS, slow))
    longest = max((each.length_s for each in hit), default=0.0)
    hit = [each for each in hit if each.length_s >= _HALF * longest]  # the rest is the machine's
    if len(hit) <= rule(RULE).limit("most_seconds") * len(moments):
        yield from hit


def _expected(moment: Moment, stalled_s: float) -> float:
    """Return how many requests a stall of this length delays by half of it or more."""
    if moment.due_rps is not None:
        return moment.due_rps * stalled_s * _HALF
    return moment.users or 0.0


def _joined(stalls: Sequence[Stall]) -> Iterable[Stall]:
    """Yield stalls, those that end in neighbouring seconds as one: the longest."""
    last: Stall | None = None
    for each in sorted(stalls, key=lambda stall: stall.end_s):
        if last is not None and each.end_s - last.end_s <= max(1.5, each.length_s - _HALF):
            last = max(last, each, key=lambda stall: stall.length_s)
            continue
        if last is not None:
            yield last
        last = each
    if last is not None:
        yield last


def lost_share(shape: Shape, stalls: Sequence[Stall]) -> float:
    """Return the share of the test in which nothing was answered."""
    length = sum(moment.length_s for moment in shape.outcome.moments)
    return sum(each.length_s for each in stalls) / length if length else 0.0
