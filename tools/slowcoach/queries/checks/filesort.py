"""Many rows are sorted because no index gives them in order (MySQL, MariaDB, SQLite)."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.reads import in_row_store, rows_given, rows_read
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.filesort"
_SORTS = frozenset({"Sort", "Incremental Sort"})


def _run(subject: Subject) -> Iterator[Problem]:
    if not in_row_store(subject):
        return
    limits = rule(_RULE)
    for step in subject.steps:
        below = subject.figures.below(step.index)
        if step.node.kind not in _SORTS or not below:
            continue
        rows = _sorted(subject, below[0])
        if rows is None or rows < limits.limit("sorted_rows"):
            continue
        evidence = [
            Evidence(
                metric="rows sorted",
                value=rows,
                unit="rows",
                limit=limits.limit("sorted_rows"),
                where=place(step),
            )
        ]
        if step.share is not None:
            evidence.append(
                Evidence(metric="share of the query's time", value=step.share, unit="share")
            )
        small = step.share is not None and step.share < limits.limit("min_share")
        finding = limits.finding(
            evidence,
            where=where(below[0], step.node.conditions("sort_key")),
            severity=Severity.INFO if small else None,
        )
        yield Problem(finding)


def _sorted(subject: Subject, source: Step) -> float | None:
    given = rows_given(source)
    return given if given is not None else rows_read(subject, source)


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
