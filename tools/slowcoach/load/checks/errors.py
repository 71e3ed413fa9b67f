"""Requests fail."""

from collections.abc import Iterable

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number
from slowcoach.load.check_kind import Check, graded
from slowcoach.load.shape import Shape

_RULE = "load.errors"
_SHOWN = 3


def _run(shape: Shape) -> Iterable[Finding | NotChecked]:
    whole = shape.outcome.whole
    if whole.error_rate is None:
        yield rule(_RULE).not_checked(f"{shape.outcome.tool} does not tell how many failed")
        return
    kinds = sorted(whole.errors.items(), key=lambda item: -item[1])[:_SHOWN]
    told = ", ".join(f"{kind} {number(count)} times" for kind, count in kinds)
    worst = max(shape.levels, key=lambda each: each.error_share, default=None)
    where = None
    if worst is not None and worst.error_share:
        where = f"most at {number(worst.load)} {worst.unit}"
    yield from graded(_RULE, "Error rate", whole.error_rate, where, told or None)


CHECK = Check(rule=_RULE, run=_run)
