"""The target computes all the time that it can."""

from __future__ import annotations

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, number, share
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Kind, Suspect, figure
from slowcoach.load.bottlenecks._saturation import RULE, saturation_of
from slowcoach.load.pooled import Value, Z
from slowcoach.load.shape import Shape

_LEAST_FULL = 0.5
_LEAST_GROWTH = 1.3


def _judge(shape: Shape) -> Suspect | str | None:
    found = saturation_of(shape)
    if found is None:
        return "the target's CPU is not known: give its pid"
    if found.full < _LEAST_FULL or not _queues(shape):
        return None
    limits = rule(RULE)
    rate = _rate(shape)
    cost = _cost(shape)
    confidence = limits.confidence * (0.5 + found.full / 2)
    evidence = [*found.evidence]
    if cost is not None:
        evidence.append(Evidence(metric="CPU of a request", value=cost * 1000, unit="ms"))
    return Suspect(
        Bottleneck(
            kind="cpu",
            limit=figure(rate.value),
            unit="req/s",
            low=figure(rate.low),
            high=figure(rate.high),
            confidence=round(confidence, 2),
            summary=_summary(shape, rate, cost),
        ),
        tuple(evidence),
        (shape.series.source,) if shape.series is not None else (),
    )


def _queues(shape: Shape) -> bool:
    """Tell whether requests waited: one client alone fills a core without a queue."""
    if shape.plateau is not None or len(shape.levels) <= 1:
        return True
    return shape.growth(shape.levels[-1]) >= _LEAST_GROWTH


def _rate(shape: Shape) -> Value:
    if shape.plateau is not None:
        return shape.plateau.rate
    top = shape.best or shape.levels[-1]
    half = Z * top.good_error
    return Value(top.good, max(top.good - half, 0.0), top.good + half)


def _cost(shape: Shape) -> float | None:
    """Return the CPU seconds of a request at the limit."""
    told = [cost for each in shape.full if (cost := shape.cpu_per_request(each)) is not None]
    return sum(told) / len(told) if told else None


def _summary(shape: Shape, rate: Value, cost: float | None) -> str:
    lanes, cpu, ready = shape.lanes or 1.0, shape.at_full("cpu") or 0.0, shape.at_full("ready")
    text = f"CPU-bound at {number(rate.value)} req/s ({number(rate.low)} to {number(rate.high)})"
    if cost is not None:
        text += f": a request costs {duration(cost)} of CPU"
    cores = "one core" if lanes == 1 else f"{lanes:.3g} cores"
    used = cpu / lanes
    text += f", and the target used {share(min(used, 1.0))} of the {cores} it can use"
    if ready is not None and used < rule(RULE).limit("busy"):
        text += (
            f" while {number(ready)} of its threads stood ready without a processor (others use "
            "the machine)"
        )
        if cost:
            text += f"; with {cores} of its own it would do about {number(lanes / cost)} req/s"
    return text + "."


BOTTLENECK = Kind(
    name="cpu", rule=RULE, judge=_judge, explains=frozenset({"pool", "queue", "none"})
)
