"""The target stands still to collect garbage."""

from __future__ import annotations

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, share
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Kind, Suspect, figure
from slowcoach.load.shape import Shape

_RULE = "load.gc_bound"


def _judge(shape: Shape) -> Suspect | str | None:
    shares = [each.target.gc_share for each in shape.full if each.target.gc_share is not None]
    if not shares:
        return None
    spent, limits = sum(shares) / len(shares), rule(_RULE)
    if spent < limits.limit("gc_share"):
        return None
    pause = max((each.target.gc_pause_ms or 0.0 for each in shape.full), default=0.0)
    return Suspect(
        Bottleneck(
            kind="gc",
            limit=figure(spent),
            unit="share",
            low=figure(min(shares)),
            high=figure(max(shares)),
            confidence=limits.confidence,
            summary=(
                f"Garbage collection stops the target for {share(spent)} of the time under load "
                f"(pauses of {duration(pause / 1000)} on average at worst): it allocates too much, "
                "or its heap is too small."
            ),
        ),
        (
            Evidence(
                metric="stopped to collect",
                value=spent,
                unit="share",
                limit=limits.limit("gc_share"),
            ),
            Evidence(metric="mean pause, at worst", value=pause, unit="ms"),
        ),
        (shape.series.source,) if shape.series is not None else (),
    )


BOTTLENECK = Kind(
    name="gc",
    rule=_RULE,
    judge=_judge,
    explains=frozenset({"cpu", "pool", "queue", "stall", "none"}),
)
