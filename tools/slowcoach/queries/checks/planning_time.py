"""Planning took as long as running."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.subject import Check, Problem, Subject, place

_RULE = "db.planning_time"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    planning = subject.figures.plan.number("planning_time")
    execution = subject.figures.total_ms
    if planning is None or execution is None or planning < limits.limit("min_time"):
        return
    share = planning / (planning + execution)
    if share < limits.limit("time_share"):
        return
    evidence = [
        Evidence(
            metric="time spent planning",
            value=planning,
            unit="ms",
            limit=limits.limit("min_time"),
            note=f"running took {execution:,.1f} ms",
        ),
        Evidence(
            metric="share of both",
            value=share,
            unit="share",
            limit=limits.limit("time_share"),
        ),
    ]
    yield Problem(limits.finding(evidence, where=[place(subject.figures.root)]))


CHECK = Check(rule=_RULE, run=_run)
