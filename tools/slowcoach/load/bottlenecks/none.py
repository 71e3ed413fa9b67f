"""Nothing limits yet: throughput still rose at the highest load."""

from __future__ import annotations

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.load.answer import Bottleneck
from slowcoach.load.bottleneck_kind import Kind, Suspect, figure
from slowcoach.load.pooled import Z
from slowcoach.load.shape import Shape

_RULE = "load.no_limit"


def _judge(shape: Shape) -> Suspect | str | None:
    limits = rule(_RULE)
    if not shape.levels:
        return "the test has no steps and no seconds of one load each"
    top, best = shape.levels[-1], shape.best
    if best is None or top.good <= 0 or shape.plateau is not None:
        return None
    if top.error_share > limits.limit("error_share"):
        return None
    if shape.growth(top) > limits.limit("growth"):
        return None
    alone = len(shape.levels) == 1
    if alone and not shape.is_open:
        return "one number of users shows no shape: two or more steps would"
    confidence = limits.confidence * (limits.limit("one_level") if alone else 1.0)
    return Suspect(
        Bottleneck(
            kind="none",
            limit=figure(best.good),
            unit="req/s",
            low=figure(max(best.good - Z * best.good_error, 0.0)),
            high=None,
            confidence=round(confidence, 2),
            summary=_summary(shape),
        ),
        (
            Evidence(metric="successes at the highest load", value=top.good, unit="req/s"),
            Evidence(
                metric="latency there, by the unloaded one",
                value=shape.growth(top),
                unit="ratio",
                limit=limits.limit("growth"),
            ),
        ),
    )


def _summary(shape: Shape) -> str:
    best = shape.best or shape.levels[-1]
    text = (
        f"Nothing limits up to {number(shape.levels[-1].load)} {shape.unit}: it does at least "
        f"{number(best.good)} req/s"
    )
    cpu, lanes = shape.levels[-1].target.cpu, shape.lanes
    cost = shape.cpu_per_request(best)
    if cpu is not None and lanes and cost:
        text += (
            f", with {share(min(cpu / lanes, 1.0))} of the CPU that it can use (which would last "
            f"for about {number(lanes / cost)} req/s)"
        )
    return text + "."


BOTTLENECK = Kind(name="none", rule=_RULE, judge=_judge)
