"""A statement that runs so long that its hour matters."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.subject import Check, Problem, Subject, place

_RULE = "db.batch_at_peak"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    whole = subject.figures.total_ms
    if whole is None or whole < limits.limit("long"):
        return
    evidence = Evidence(
        metric="time of one run",
        value=whole,
        unit="ms",
        limit=limits.limit("long"),
        note="the plan does not say at which hour it runs, and how often",
    )
    yield Problem(limits.finding([evidence], where=[place(subject.figures.root)]))


CHECK = Check(rule=_RULE, run=_run)
