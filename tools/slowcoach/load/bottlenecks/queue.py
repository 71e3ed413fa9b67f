"""Throughput is at a limit, and what it is cannot be told from outside."""

from __future__ import annotations

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, number
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Kind, Suspect, figure
from slowcoach.load.bottlenecks._saturation import saturation_of
from slowcoach.load.bottlenecks.pool import slots_of, whole_slots
from slowcoach.load.shape import Shape

_RULE = "load.plateau"


def _judge(shape: Shape) -> Suspect | str | None:
    plateau = shape.plateau
    if plateau is None:
        return None
    unloaded = plateau.alone_s
    if saturation_of(shape) is not None:
        return None
    limits = rule(_RULE)
    slots = slots_of(shape, plateau)
    rate = plateau.rate
    steepness = "without end" if shape.is_open else "in a straight line, as with any limit"
    return Suspect(
        Bottleneck(
            kind="queue",
            limit=figure(rate.value),
            unit="req/s",
            low=figure(rate.low),
            high=figure(rate.high),
            confidence=limits.confidence if plateau.sure else limits.limit("near"),
            summary=(
                f"Throughput stops at {number(rate.value)} req/s ({number(rate.low)} to "
                f"{number(rate.high)}) from {number(plateau.from_load)} {shape.unit} on, and "
                f"latency grows {steepness}. With {duration(unloaded.value)} unloaded that is "
                f"{number(whole_slots(slots))} requests in service at once: a pool of that size if "
                "the target waits, its processors if it computes; its pid would tell."
            ),
        ),
        (
            Evidence(metric="throughput at its limit", value=rate.value, unit="req/s"),
            Evidence(metric="latency without a queue", value=unloaded.value * 1000, unit="ms"),
        ),
    )


BOTTLENECK = Kind(name="queue", rule=_RULE, judge=_judge, explains=frozenset({"none"}))
