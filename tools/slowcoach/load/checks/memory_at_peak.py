"""The target's memory comes near its limit."""

from collections.abc import Iterable

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.knowledge import rule
from slowcoach.core.units import size
from slowcoach.load.check_kind import Check, graded
from slowcoach.load.shape import Shape

_RULE = "load.memory_at_peak"


def _run(shape: Shape) -> Iterable[Finding | NotChecked]:
    series = shape.series
    most = max((m.rss_bytes or 0 for m in series.moments), default=0) if series else 0
    if series is None or not series.memory_limit or not most:
        yield rule(_RULE).not_checked("the target's memory is not known: give its pid")
        return
    value = most / series.memory_limit
    told = f"{size(most)} of {size(series.memory_limit)}"
    yield from graded(_RULE, "Memory at peak", value, series.source, told)


CHECK = Check(rule=_RULE, run=_run)
