"""An index is read from end to end (MySQL, MariaDB, SQLite)."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.reads import in_row_store, rows_read
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.full_index_scan"


def _run(subject: Subject) -> Iterator[Problem]:
    if not in_row_store(subject):
        return
    limits = rule(_RULE)
    for step in subject.steps:
        if not step.node.fields.get("full_index_scan") or step.stops_early:
            continue
        rows = rows_read(subject, step)
        facts = subject.facts(step)
        if rows is None and facts is not None:
            rows = facts.rows
        if rows is None or rows < limits.limit("rows"):
            continue
        evidence = Evidence(
            metric="entries of the index read",
            value=rows,
            unit="rows",
            limit=limits.limit("rows"),
            where=place(step),
        )
        yield Problem(limits.finding([evidence], where=where(step, step.node.conditions("filter"))))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
