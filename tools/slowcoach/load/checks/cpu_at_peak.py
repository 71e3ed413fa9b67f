"""The target has little CPU left at the highest load."""

from collections.abc import Iterable

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number
from slowcoach.load.check_kind import Check, graded
from slowcoach.load.shape import Shape

_RULE = "load.cpu_at_peak"


def _run(shape: Shape) -> Iterable[Finding | NotChecked]:
    told = [
        (each.target.cpu, f"{number(each.load)} {each.unit}")
        for each in shape.levels
        if each.target.cpu is not None
    ]
    lanes = shape.lanes
    if not told or not lanes:
        yield rule(_RULE).not_checked("the target's CPU is not known: give its pid")
        return
    most, where = max(told)
    yield from graded(
        _RULE, "CPU at peak", min(most / lanes, 1.0), where, f"of the {lanes:g} cores it can use"
    )


CHECK = Check(rule=_RULE, run=_run)
