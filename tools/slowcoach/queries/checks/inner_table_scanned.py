"""The inner table of a join is read from end to end for each row of the outer side."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_for
from slowcoach.queries.reads import in_row_store, rows_given, rows_read
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.inner_table_scanned"


def _run(subject: Subject) -> Iterator[Problem]:
    if not in_row_store(subject):
        return
    for step in subject.steps:
        sides = subject.figures.below(step.index)
        if (
            step.node.kind == "Nested Loop"
            and len(sides) > 1
            and "join_buffer" not in step.node.fields
        ):
            outer, inner = sides[0], sides[1]
            if inner.node.kind == "Seq Scan" and not inner.node.fields.get("range_checked"):
                yield from _judged(subject, step, outer, inner)


def _judged(subject: Subject, join: Step, outer: Step, inner: Step) -> Iterator[Problem]:
    limits = rule(_RULE)
    compared = _compared(subject, outer, inner)
    if compared is not None and compared < limits.limit("rows_compared"):
        return
    condition = join.node.conditions("join_filter") or inner.node.conditions("filter")
    index = index_for(subject.figures, inner, condition)
    advice = (index,) if index is not None and not exists(index, subject.facts(inner)) else ()
    evidence = Evidence(
        metric="rows of the inner table read over all rows of the outer one",
        value=compared or 0.0,
        unit="rows",
        limit=limits.limit("rows_compared"),
        where=place(join),
        note=None if compared is not None else "the plan does not tell how many",
    )
    if compared is None:
        evidence = Evidence(
            metric="tables read whole for each row of a join",
            value=1,
            unit="count",
            where=place(join),
        )
    finding = limits.finding(
        [evidence],
        where=where(inner, condition),
        severity=None if compared is not None else Severity.INFO,
        confidence=limits.confidence if compared is not None else limits.confidence / 2,
        fix=[f"{advice[0].statement};", *limits.fix] if advice else None,
    )
    yield Problem(finding, advice)


def _compared(subject: Subject, outer: Step, inner: Step) -> float | None:
    each = rows_read(subject, inner)
    if each is None or "actual_rows" in inner.node.fields:
        return each
    runs = rows_given(outer)
    if runs is None:
        runs = rows_read(subject, outer)
    return None if runs is None else each * max(1.0, runs)


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
