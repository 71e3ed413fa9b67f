"""Garbage collection stops the target for long."""

from collections.abc import Iterable

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.knowledge import rule
from slowcoach.core.units import share
from slowcoach.load.check_kind import Check, graded
from slowcoach.load.shape import Shape

_RULE = "load.gc_pause"


def _run(shape: Shape) -> Iterable[Finding | NotChecked]:
    moments = shape.series.moments if shape.series is not None else ()
    told = [(m.gc_pause_ms, m.gc_share) for m in moments if m.gc_pause_ms is not None]
    if not told:
        why = next(
            (each for each in (shape.series.unknown if shape.series else ()) if "garbage" in each),
            "the target's collections are not known: give its pid (JVM, or Go with expvar)",
        )
        yield rule(_RULE).not_checked(why)
        return
    pause, spent = max(told, key=lambda each: each[0])
    note = None if spent is None else f"{share(spent)} of that second"
    yield from graded(_RULE, "Pause time of GC", pause, "the mean of the worst second", note)


CHECK = Check(rule=_RULE, run=_run)
