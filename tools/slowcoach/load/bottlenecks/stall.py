"""Now and then the target answers nobody for a while."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, number, share
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Kind, Suspect, figure
from slowcoach.load.shape import Shape
from slowcoach.load.stalls import RULE, Stall, lost_share, stalls_of
from slowcoach.load.target_level import target_between

_LONG_S = 1.0
_STOPPED, _BUSY = 0.5, 0.8


def _judge(shape: Shape) -> Suspect | str | None:
    if not any(moment.histogram is not None for moment in shape.outcome.moments):
        return "the source has no latencies by the second, in which stalls would show"
    found = stalls_of(shape.outcome)
    limits = rule(RULE)
    lost = lost_share(shape, found)
    long = [each for each in found if each.length_s >= _LONG_S]
    if len(found) < limits.limit("least_stalls") and not long:
        return None
    if lost < limits.limit("least_share"):
        return None
    lengths = [each.length_s for each in found]
    return Suspect(
        Bottleneck(
            kind="stall",
            limit=figure(median(lengths), 3),
            unit="s",
            low=figure(min(lengths), 3),
            high=figure(max(lengths), 3),
            confidence=limits.confidence if len(found) > 1 else limits.limit("once"),
            summary=_summary(shape, found, lost),
        ),
        (
            Evidence(metric="stalls", value=len(found), unit="count"),
            Evidence(
                metric="time in which nothing was answered",
                value=lost,
                unit="share",
                limit=limits.limit("least_share"),
            ),
            Evidence(metric="longest stall", value=max(lengths), unit="s"),
        ),
    )


def _summary(shape: Shape, stalls: Sequence[Stall], lost: float) -> str:
    lengths = [each.length_s for each in stalls]
    times = "once" if len(stalls) == 1 else f"{number(len(stalls))} times"
    text = (
        f"The target answered nobody {times}, for {duration(median(lengths))}"
        f" ({duration(min(lengths))} to {duration(max(lengths))}), {share(lost)} of the time"
    )
    if len(stalls) > 2:  # noqa: PLR2004 - two gaps make a rhythm
        gaps = [b.end_s - a.end_s for a, b in pairwise(stalls)]
        text += f", about every {duration(median(gaps))}"
    return f"{text}; {_meanwhile(shape, stalls)}."


def _meanwhile(shape: Shape, stalls: Sequence[Stall]) -> str:
    """Return what the target did meanwhile, as far as it was seen."""
    looks = [
        target_between(shape.series, each.end_s - each.length_s, each.end_s) for each in stalls
    ]
    held = _stopped(shape, stalls)
    if held >= _STOPPED:
        return "a signal (SIGSTOP), a freezer or a debugger held it"
    collecting = [each.gc_share for each in looks if each.gc_share is not None]
    if collecting and median(collecting) >= rule("load.gc_bound").limit("gc_share"):
        return "it collected garbage meanwhile"
    busy = [each.busy for each in looks if each.busy is not None]
    if not busy:
        return "its pid would tell whether it computes, waits or is stopped meanwhile"
    if median(busy) >= _BUSY * min(shape.lanes or 1.0, 1.0):
        return "it computed meanwhile: one long piece of work blocks all others"
    peers = shape.series.peers if shape.series is not None else {}
    whom = f", of which it had connections to {', '.join(peers)}" if peers else ""
    return f"it neither computed nor was stopped meanwhile, so it waited for something else{whom}"


def _stopped(shape: Shape, stalls: Sequence[Stall]) -> float:
    """Return the most of any look during the stalls for which the process was stopped."""
    if shape.series is None:
        return 0.0
    return max(
        (
            moment.stopped or 0.0
            for moment in shape.series.moments
            for each in stalls
            if moment.at_s < each.end_s
            and moment.at_s + moment.length_s > each.end_s - each.length_s
        ),
        default=0.0,
    )


BOTTLENECK = Kind(
    name="stall", rule=RULE, judge=_judge, explains=frozenset({"pool", "queue", "none", "memory"})
)
