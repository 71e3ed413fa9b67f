"""From one load on requests are refused: a limit of requests at a time, files, or connections."""

from __future__ import annotations

from itertools import pairwise

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Kind, Suspect, figure
from slowcoach.load.bottlenecks._break import RULE, Break, break_of
from slowcoach.load.bottlenecks._saturation import saturation_of
from slowcoach.load.erlang import erlang_slots
from slowcoach.load.error_kinds import REFUSED, most_common
from slowcoach.load.levels import Level
from slowcoach.load.pooled import Value
from slowcoach.load.shape import Shape

_SPARE_FILES = 2
_FULL = 0.5
_RATE_LIMIT = "429"
_ONE = 1.5
_PRECISE = 0.02
_MUCH = 0.2  # refused: then the slots are hardly ever empty


def _judge(shape: Shape) -> Suspect | str | None:
    found = break_of(shape)
    return _files(shape, found) or _backlog(shape, found) or _in_flight(shape, found)


# -- files ---------------------------------------------------------------------------------------


def _files(shape: Shape, found: Break | None) -> Suspect | None:
    """Suspect the limit of open files when a process came up to it."""
    limit = shape.series.file_limit if shape.series is not None else None
    most = max((each.target.open_files or 0 for each in shape.levels), default=0)
    if limit is None or most < limit - _SPARE_FILES:
        return None
    full = [each for each in shape.levels if (each.target.open_files or 0) >= limit - _SPARE_FILES]
    at = full[0].load
    served = next((e.load for e in reversed(shape.levels) if e.load < at), None)
    between = (
        f"between {number(served)} and {number(at)}" if served is not None else f"at {number(at)}"
    )
    return Suspect(
        Bottleneck(
            kind="hard_limit",
            limit=float(limit),
            unit="open files",
            low=float(most),
            high=float(limit),
            confidence=rule(RULE).confidence,
            summary=(
                f"The target ran out of open files {between} {shape.unit}: it held {most} of the "
                f"{limit} that it may open (ulimit -n), and takes no further connection."
            ),
        ),
        (
            Evidence(metric="open files", value=most, unit="count", limit=float(limit)),
            *(_refusals(found) if found is not None else ()),
        ),
        (shape.series.source,) if shape.series is not None else (),
    )


# -- the accept queue ----------------------------------------------------------------------------


def _backlog(shape: Shape, found: Break | None) -> Suspect | None:
    """Suspect the accept queue when it was full and the kernel dropped connections.

    At a rate beyond what the target does any queue fills, and before one that computes all the
    time too: then it is a sign of that.
    """
    backlog = shape.series.backlog if shape.series is not None else None
    if backlog is None or (shape.is_open and shape.plateau is not None) or _computes(shape):
        return None
    full = [
        each
        for each in shape.levels
        if each.target.overflows and (each.target.accept_queue or 0) >= backlog
    ]
    if not full:
        return None
    dropped = sum(each.target.overflows for each in full)
    first = full[0]
    below = [each.load for each in shape.levels if each.load < first.load]
    return Suspect(
        Bottleneck(
            kind="hard_limit",
            limit=float(backlog),
            unit="waiting connections",
            low=float(backlog),
            high=float(backlog + 1),
            confidence=rule(RULE).confidence,
            summary=(
                f"The accept queue overflows from {number(first.load)} {shape.unit} on"
                + (f" (not yet at {number(below[-1])})" if below else "")
                + f": {backlog} connections may wait (the listener's backlog) and the kernel "
                f"dropped {number(dropped)}, which are tried again after a second or more. The "
                "target accepts too slowly: it serves too few connections at a time."
            ),
        ),
        (
            Evidence(metric="connections that waited", value=backlog, unit="count", limit=backlog),
            Evidence(metric="listen overflows and drops", value=dropped, unit="count"),
            *(_refusals(found) if found is not None else ()),
        ),
        (shape.series.source,) if shape.series is not None else (),
    )


def _computes(shape: Shape) -> bool:
    found = saturation_of(shape)
    return found is not None and found.full >= _FULL


# -- requests at a time --------------------------------------------------------------------------


def _in_flight(shape: Shape, found: Break | None) -> Suspect | None:
    if found is None:
        return None
    if found.good is not None and _was_full_before(shape, found):
        return None
    kind = most_common([each.errors for each in found.failing], REFUSED)
    limits = rule(RULE)
    at_a_time = _at_a_time(shape, found)
    is_rate = _RATE_LIMIT in kind and (at_a_time is None or at_a_time.value < _ONE)
    value = _a_second(found) if is_rate or at_a_time is None else at_a_time
    unit = "req/s" if is_rate or at_a_time is None else "in flight"
    known = limits.confidence if found.good is not None else limits.limit("no_good_level")
    return Suspect(
        Bottleneck(
            kind="hard_limit",
            limit=figure(_whole(value) if unit == "in flight" else value.value, 3),
            unit=unit,
            low=figure(value.low, 3),
            high=figure(value.high, 3),
            confidence=known,
            summary=_summary(shape, found, kind, value, unit),
        ),
        (
            *_refusals(found),
            Evidence(metric="successes there", value=found.bad.good, unit="req/s"),
        ),
    )


def _was_full_before(shape: Shape, found: Break) -> bool:
    """Tell whether requests waited long before any was refused: then something else limits."""
    if found.good is None or shape.rises_to(found.good):
        return False
    return shape.growth(found.good) >= rule(RULE).limit("growth")


def _at_a_time(shape: Shape, found: Break) -> Value | None:
    """Return how many requests are let in at a time, by Little's law of the successes.

    While others are refused as many as may be are under way: successes a second times their
    latency, which holds too long where the refusals keep the target busy; times the unloaded
    latency, too short where work takes longer under load. The truth lies between, and between the
    last load without refusals and the first with them.
    """
    if shape.is_open:
        return _at_a_rate(shape, found)
    ends = _ends(shape, found, found.bad)
    if ends is None:
        return None
    low, high = _bracket(shape, found)
    value = min(max(sum(ends) / 2, low), high)
    spread = max((ends[1] - ends[0]) / 2, _PRECISE * value)
    return Value(value, min(max(value - spread, low), value), max(min(value + spread, high), value))


def _ends(shape: Shape, found: Break, level: Level) -> tuple[float, float] | None:
    """Return between which figures the successes under way at a level lie."""
    if level.in_flight is None or shape.unloaded_s is None:
        return None
    alone_s = shape.unloaded_s.value
    if found.good is not None and shape.growth(found.good) >= rule(RULE).limit("stretched"):
        alone_s = found.good.mean_s or alone_s  # the machine, not a queue, stretches requests
    least, most = sorted((level.good * alone_s, level.in_flight))
    return least, most


def _at_a_rate(shape: Shape, found: Break) -> Value | None:
    """Return how many are let in at a time where requests come at a rate.

    Then the slots are full only where much is refused: the level with the most under way counts.
    Evenly spaced arrivals fill them earlier than random ones, for which Erlang's formula says how
    many slots refuse this share; the truth lies between.
    """
    levels = [
        (each, ends) for each in found.failing if (ends := _ends(shape, found, each)) is not None
    ]
    if not levels:
        return None
    level, (least, most) = max(levels, key=lambda pair: sum(pair[1]))
    carried, refused = (least + most) / 2, level.refused_share
    random = erlang_slots(carried / max(1 - refused, _PRECISE), refused)
    value = carried if refused >= _MUCH else (carried + random) / 2
    below = found.good.in_flight or 0.0 if found.good is not None else 0.0
    low = max(min(least, value * (1 - _PRECISE)), min(below, value))
    return Value(value, low, max(random, most, value * (1 + _PRECISE)))


def _bracket(shape: Shape, found: Break) -> tuple[float, float]:
    """Return the most users who were all served, and the least of whom some were not."""
    low = found.good.load if found.good is not None else 0.0
    low = min(low, (found.good.in_flight or low) if found.good is not None else low)
    high = found.bad.load
    for before, moment in pairwise(shape.outcome.moments):
        if moment.users is not None and low < moment.users < high and moment.failed:
            high = max(moment.users, low)
        elif before.users is not None and low < before.users < high and moment.failed == 0:
            low = before.users if moment.completed and not before.failed else low
    return low, high


def _a_second(found: Break) -> Value:
    rates = [each.good for each in found.failing]
    return Value(found.bad.good, min(rates), max(rates))


def _whole(value: Value) -> float:
    nearest = float(round(value.value))
    return nearest if value.low <= nearest <= value.high else value.value


def _refusals(found: Break) -> tuple[Evidence, ...]:
    evidence = Evidence(
        metric=f"refused at {number(found.bad.load)} {found.bad.unit}",
        value=found.refused,
        unit="share",
        limit=rule(RULE).limit("error_share"),
        note=most_common([found.bad.errors], REFUSED) or None,
    )
    if found.good is None:
        return (evidence,)
    before = Evidence(
        metric=f"refused at {number(found.good.load)} {found.good.unit}",
        value=found.good.refused_share,
        unit="share",
    )
    return (before, evidence)


def _summary(shape: Shape, found: Break, kind: str, value: Value, unit: str) -> str:
    shares = [each.refused_share for each in found.failing]
    last = (
        f" and {share(shares[-1])} at {number(found.failing[-1].load)}" if len(shares) > 1 else ""
    )
    begins = f"{share(found.refused)} at {number(found.bad.load)} {shape.unit}{last}"
    if found.good is not None:
        begins = f"not yet at {number(found.good.load)}, {begins}"
    told = number(_whole(value)) if unit == "in flight" else number(value.value)
    what = (
        "requests at a time are let in" if unit == "in flight" else "requests a second are let in"
    )
    return (
        f"A hard limit: {told} ({number(value.low)} to {number(value.high)}) {what}, further ones "
        f"fail at once ({kind}: {begins}). Successes stop at {number(found.bad.good)} a second."
    )


BOTTLENECK = Kind(
    name="hard_limit",
    rule=RULE,
    judge=_judge,
    explains=frozenset({"cpu", "pool", "queue", "contention", "generator", "none"}),
)
