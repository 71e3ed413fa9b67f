"""Requests wait for one of a number of slots: connections, threads, a semaphore, a lock."""

from __future__ import annotations

import math

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, number
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Kind, Suspect, figure
from slowcoach.load.bottlenecks._saturation import saturation_of
from slowcoach.load.levels import Level
from slowcoach.load.pooled import Value
from slowcoach.load.shape import Plateau, Shape

_RULE = "load.pool"
_NEAR = 1  # a number of connections that differs by one from the slots is told with them
_ONE_SLOT = 1.5
_MOST_FULL = 0.5


def _judge(shape: Shape) -> Suspect | str | None:
    plateau = shape.plateau
    if plateau is None:
        return None
    unloaded = plateau.alone_s
    found = saturation_of(shape)
    if found is None:
        return "whether the target computes or waits at its limit is not known: give its pid"
    if found.full >= _MOST_FULL:
        return None
    limits = rule(_RULE)
    slots = slots_of(shape, plateau)
    whole = whole_slots(slots)
    if (early := _waits_early(shape, slots.value)) is not None:
        return (
            f"requests waited at {number(early.load)} {shape.unit} already, which "
            f"{number(slots.value)} slots do not explain: the machine or the target varies too much"
        )
    certain = limits.confidence * (1 - found.full)
    if not plateau.sure:
        certain *= limits.limit("near")
    peer = _peer(shape, whole)
    return Suspect(
        Bottleneck(
            kind="pool",
            limit=whole,
            unit="slots",
            low=figure(slots.low, 3),
            high=figure(slots.high, 3),
            confidence=round(certain, 2),
            summary=_summary(shape, plateau, slots, whole, peer),
        ),
        (
            Evidence(metric="throughput at its limit", value=plateau.rate.value, unit="req/s"),
            Evidence(metric="latency without a queue", value=unloaded.value * 1000, unit="ms"),
            Evidence(metric="in service at once (Little's law)", value=slots.value, unit="slots"),
            *found.evidence,
        ),
        (peer,) if peer else (),
    )


def _waits_early(shape: Shape, slots: float) -> Level | None:
    """Return a level at which requests waited long although slots must have been free."""
    limits = rule(_RULE)
    alone = shape.plateau.alone_s.value if shape.plateau is not None else 0.0
    for level in shape.levels:
        if level.failed:
            continue
        used = level.load if not shape.is_open else level.in_flight or 0.0
        if (
            used < limits.limit("free") * slots
            and (level.p50_s or 0.0) > limits.limit("waits") * alone
        ):
            return level
    return None


def slots_of(shape: Shape, plateau: Plateau) -> Value:
    """Return throughput at the limit times latency without a queue: the slots in use (Little).

    What a request computes it may do in its slot or outside: half of it is taken off (nothing
    where others take the processor, who slow the slots down by more), and all of it widens the
    interval.
    """
    limits = rule(_RULE)
    costs = [c for each in shape.full if (c := shape.cpu_per_request(each)) is not None]
    rate, inside = plateau.rate, shape.held_s or plateau.alone_s
    cost = min(sum(costs) / len(costs) if costs else 0.0, inside.value / 2)
    held = inside.value - (0.0 if shape.is_crowded(shape.full) else cost / 2)
    value = rate.value * held
    relative = math.hypot(
        (rate.high - rate.value) / rate.value if rate.value else 0.0,
        (max(inside.high - held, 0.0) + cost / 2) / held if held else 0.0,
        limits.limit("precision"),
        limits.limit("crowd") * (shape.crowd - 1),
    )
    return Value(value, value * (1 - min(relative, 1.0)), value * (1 + relative))


def whole_slots(slots: Value) -> float:
    """Return the whole number of slots that the interval holds, or else the figure itself."""
    if slots.value < _ONE_SLOT:
        return 1.0
    nearest = float(round(slots.value))
    return nearest if slots.low <= nearest <= slots.high else figure(slots.value, 3) or nearest


def _peer(shape: Shape, slots: float) -> str:
    """Return the peer to which as many connections were open as there are slots."""
    peers = shape.series.peers if shape.series is not None else {}
    near = [(abs(count - slots), name) for name, count in peers.items()]
    best = min(near, default=(math.inf, ""))
    return f"{peers[best[1]]} connections to {best[1]}" if best[0] <= _NEAR else ""


def _summary(shape: Shape, plateau: Plateau, slots: Value, whole: float, peer: str) -> str:
    rate, alone = plateau.rate.value, duration((shape.held_s or plateau.alone_s).value)
    cpu = shape.at_full("cpu")
    used = "" if cpu is None else f", with {number(cpu)} cores of CPU"
    if whole == 1:
        what = "One request at a time is served: a lock, a single worker or a pool of one"
    else:
        what = (
            f"A pool of {number(whole)} slots ({number(slots.low)} to {number(slots.high)}) "
            "holds requests back"
        )
    text = (
        f"{what}: throughput stops at {number(rate)} req/s{used}, and a request holds one for "
        f"about {alone} ({number(rate)}/s × {alone} = {number(slots.value)})"
    )
    if peer:
        text += f"; the target had {peer}"
    elif whole > 1:
        text += "; fewer slots, if a request holds one for a part of its time only"
    return text + "."


BOTTLENECK = Kind(name="pool", rule=_RULE, judge=_judge, explains=frozenset({"queue", "none"}))
