"""The control group's limit stops the target in each period."""

from __future__ import annotations

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Kind, Suspect, figure
from slowcoach.load.shape import Shape

_RULE = "load.cpu_quota"


def _judge(shape: Shape) -> Suspect | str | None:
    looks = [each.target for each in shape.full if each.target.throttled is not None]
    if not looks:
        return "whether a control group stopped the target is not known: give its pid"
    # where others take the processor too, the limit is met only when they leave some
    most = max(looks, key=lambda each: each.throttled or 0.0)
    throttled, cpu = most.throttled or 0.0, most.cpu
    limits = rule(_RULE)
    quota = shape.series.quota if shape.series is not None else None
    if throttled < limits.limit("throttled") or quota is None:
        return None
    used = None if cpu is None else cpu / quota
    is_full = used is None or used >= limits.limit("used")
    evidence = [
        Evidence(
            metric="stood still at the limit",
            value=throttled,
            unit="share",
            limit=limits.limit("throttled"),
            note="of the time",
        ),
        Evidence(metric="limit of the control group", value=quota, unit="cores"),
    ]
    if used is not None:
        evidence.append(
            Evidence(
                metric="CPU of the limit", value=used, unit="share", limit=limits.limit("used")
            )
        )
    rate = shape.plateau.rate.value if shape.plateau is not None else None
    at = f" at {number(rate)} req/s" if rate is not None else ""
    return Suspect(
        Bottleneck(
            kind="cpu_quota",
            limit=figure(quota),
            unit="cores",
            low=figure(min(cpu, quota) if cpu is not None else quota),
            high=figure(max(cpu, quota) if cpu is not None else quota),
            confidence=limits.confidence if is_full else limits.limit("partly"),
            summary=(
                f"The control group's limit of {number(quota)} cores holds it{at}: it stood still "
                f"for {share(throttled)} of the time, while the machine had processors."
            ),
        ),
        tuple(evidence),
        (shape.series.source,) if shape.series is not None else (),
    )


BOTTLENECK = Kind(
    name="cpu_quota",
    rule=_RULE,
    judge=_judge,
    explains=frozenset({"cpu", "pool", "queue", "contention", "stall", "none"}),
)
