"""For each row of a join the server decides anew whether an index can be used."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.reads import rows_given, rows_read
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.range_checked"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.steps:
        if not step.node.fields.get("range_checked") or step.parent is None:
            continue
        sides = subject.figures.below(step.parent)
        runs = step.loops or rows_given(sides[0]) or 0.0
        read = rows_read(subject, step) or 0.0
        evidence = [
            Evidence(
                metric="times an index was looked for",
                value=runs,
                unit="count",
                limit=limits.limit("runs"),
                where=place(step),
            ),
            Evidence(metric="rows read", value=read, unit="rows"),
        ]
        small = runs < limits.limit("runs")
        yield Problem(
            limits.finding(evidence, where=where(step), severity=Severity.INFO if small else None)
        )


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
