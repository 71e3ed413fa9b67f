"""Compiling the query took much of its time."""

from collections.abc import Iterator, Mapping

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.jit_time"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    spent, whole = jit_ms(subject), subject.figures.total_ms
    if not whole or spent < limits.limit("min_time"):
        return
    if spent / whole < limits.limit("time_share"):
        return
    evidence = [
        Evidence(metric="time spent compiling", value=spent, unit="ms"),
        Evidence(
            metric="share of the query's time",
            value=spent / whole,
            unit="share",
            limit=limits.limit("time_share"),
        ),
    ]
    setting = Recommendation(
        kind="setting",
        statement="SET LOCAL jit = off",
        why="short queries are over before compiling pays",
        step=0,
    )
    finding = limits.finding(evidence, where=[place(subject.figures.root)])
    yield Problem(finding, (setting,))


def jit_ms(subject: Subject) -> float:
    """Return the time that compiling took, in ms; 0 when nothing was compiled."""
    jit = subject.figures.plan.fields.get("jit")
    timing = jit.get("timing") if isinstance(jit, Mapping) else None
    total = timing.get("total") if isinstance(timing, Mapping) else None
    return float(total) if isinstance(total, int | float) else 0.0


CHECK = Check(rule=_RULE, run=_run)
