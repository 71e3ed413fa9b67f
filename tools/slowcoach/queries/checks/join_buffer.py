"""A join without an index compares rows pair by pair in a join buffer (MySQL, MariaDB)."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_for
from slowcoach.queries.reads import rows_given, rows_read
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.join_buffer"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.steps:
        sides = subject.figures.below(step.index)
        # a hash join looks pairs up; only the others compare them all
        if "join_buffer" not in step.node.fields or step.node.kind == "Hash Join" or len(sides) < 2:  # noqa: PLR2004 - a join has two sides
            continue
        pairs = _pairs(subject, step, sides[0], sides[1])
        if pairs is None or pairs < limits.limit("pairs"):
            continue
        inner = sides[1]
        condition = step.node.conditions("join_filter") or inner.node.conditions("filter")
        index = index_for(subject.figures, inner, condition)
        advice = (index,) if index is not None and not exists(index, subject.facts(inner)) else ()
        evidence = Evidence(
            metric="pairs of rows compared",
            value=pairs,
            unit="rows",
            limit=limits.limit("pairs"),
            where=place(step),
            note=step.node.text("join_buffer"),
        )
        finding = limits.finding(
            [evidence],
            where=where(inner, condition),
            fix=[f"{advice[0].statement};", *limits.fix] if advice else None,
        )
        yield Problem(finding, advice)


def _pairs(subject: Subject, join: Step, outer: Step, inner: Step) -> float | None:
    removed = join.node.number("rows_removed_by_join_filter")
    if removed is not None:
        return removed + (join.rows or 0.0)
    left, right = rows_given(outer), rows_read(subject, inner)
    return None if left is None or right is None else left * right


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
