"""Many rows are written into a temporary table on the way (MySQL, MariaDB)."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.reads import in_row_store, rows_given
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.temporary_table"


def _run(subject: Subject) -> Iterator[Problem]:
    if not in_row_store(subject):
        return
    limits = rule(_RULE)
    for step in subject.steps:
        below = subject.figures.below(step.index)
        if not step.node.fields.get("temporary_table") or not below:
            continue
        rows = max((rows_given(source) or 0.0 for source in below), default=0.0)
        if rows < limits.limit("rows"):
            continue
        evidence = Evidence(
            metric="rows put into a temporary table",
            value=rows,
            unit="rows",
            limit=limits.limit("rows"),
            where=place(step),
        )
        yield Problem(limits.finding([evidence], where=where(below[0])))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
