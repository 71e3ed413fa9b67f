"""The load generator could not send more: nothing is known of the target beyond that."""

from __future__ import annotations

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Kind, Suspect, figure
from slowcoach.load.bottlenecks._saturation import saturation_of
from slowcoach.load.pooled import Z
from slowcoach.load.shape import Shape

_RULE = "load.generator_unfit"
_TARGET_FULL = 0.5


def _judge(shape: Shape) -> Suspect | str | None:
    if not shape.health.is_full or not shape.levels:
        return None
    busy = max(_busy(shape), default=0.0)
    limit = rule(_RULE).limit("busy_share")
    if busy < limit:
        return None
    found = saturation_of(shape)
    if found is not None and found.full >= _TARGET_FULL:
        return None
    best = shape.best or shape.levels[-1]
    return Suspect(
        Bottleneck(
            kind="generator",
            limit=figure(best.good),
            unit="req/s",
            low=figure(max(best.good - Z * best.good_error, 0.0)),
            high=None,
            confidence=rule(_RULE).confidence,
            summary=(
                f"The load generator itself is the limit: it ran or stood ready for {share(busy)} "
                f"of the time and could not send more. The target does at least "
                f"{number(best.good)} req/s."
            ),
        ),
        (Evidence(metric="generator ran or stood ready", value=busy, unit="share", limit=limit),),
    )


def _busy(shape: Shape) -> list[float]:
    """Return for how much of the time the generator was busy while the target was at its limit."""
    found = [each.target.own_busy for each in shape.full if each.target.own_busy is not None]
    generator = shape.outcome.generator
    if generator is not None and generator.cpu_share is not None:
        found.append(generator.cpu_share + (generator.ready_share or 0.0))
    return found


BOTTLENECK = Kind(
    name="generator",
    rule=_RULE,
    judge=_judge,
    explains=frozenset({"pool", "queue", "contention", "none"}),
)
