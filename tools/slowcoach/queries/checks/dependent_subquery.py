"""A subquery that depends on the outer row, and runs once for each (seen in a plan not run)."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.reads import in_row_store, rows_given, rows_read
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.dependent_subquery"


def _run(subject: Subject) -> Iterator[Problem]:
    if not in_row_store(subject) or subject.figures.plan.analyzed:
        return  # where it was run, db.subplan_per_row has the figures
    limits = rule(_RULE)
    for step in subject.steps:
        if step.node.text("parent_relationship") != "SubPlan" or step.parent is None:
            continue
        runs = _runs(subject, subject.steps[step.parent])
        if runs is not None and runs < limits.limit("runs"):
            continue
        evidence = Evidence(
            metric="rows for each of which the subquery runs" if runs is not None else "subqueries",
            value=runs if runs is not None else 1,
            unit="rows" if runs is not None else "count",
            limit=limits.limit("runs") if runs is not None else None,
            where=place(step),
            note=step.node.text("subplan_name") or None,
        )
        finding = limits.finding(
            [evidence],
            where=where(step, step.node.conditions("filter")),
            severity=None if runs is not None else Severity.INFO,
        )
        yield Problem(finding, (_rewrite(step),))


def _runs(subject: Subject, outer: Step) -> float | None:
    at: Step | None = outer
    while at is not None:
        rows = rows_given(at)
        if rows is None and at.node.relation:
            rows = rows_read(subject, at)
        if rows is not None:
            return rows
        below = subject.figures.below(at.index)
        at = below[0] if below else None
    return None


def _rewrite(step: Step) -> Recommendation:
    return Recommendation(
        kind="rewrite",
        statement="Join the subquery once (LEFT JOIN on a GROUP BY of its own) instead of asking "
        "it for every row",
        why=f"{step.node.text('subplan_name') or 'the subquery'} depends on the outer row",
        step=step.index,
    )


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
