"""Less is done at the highest load than at a lower one, or than was due."""

from __future__ import annotations

from collections.abc import Iterable

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number
from slowcoach.load.check_kind import Check, graded
from slowcoach.load.levels import Level
from slowcoach.load.pooled import Z
from slowcoach.load.shape import Shape

_RULE = "load.throughput_drop"


def _run(shape: Shape) -> Iterable[Finding | NotChecked]:
    if not shape.levels:
        yield rule(_RULE).not_checked("the test has no steps, in which throughput could drop")
        return
    top, best = shape.levels[-1], shape.best or shape.levels[-1]
    drop, where = _below_best(top, best), f"{number(best.load)} to {number(top.load)} {top.unit}"
    if shape.is_open and (short := _below_due(top)) > drop:
        drop, where = short, f"of {number(top.load)} req/s due"
    yield from graded(
        _RULE, "Throughput drop", drop, where, f"{number(top.good)} successes a second"
    )


def _below_best(top: Level, best: Level) -> float:
    """Return the share lost since the best level, as far as it is no chance."""
    noise = Z * (top.good_error + best.good_error)
    return max(1 - (top.good + noise) / best.good, 0.0) if best.good else 0.0


def _below_due(top: Level) -> float:
    return max(1 - (top.good + Z * top.good_error) / top.load, 0.0)


CHECK = Check(rule=_RULE, run=_run)
