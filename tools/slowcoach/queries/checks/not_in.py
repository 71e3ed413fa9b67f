"""NOT IN with a subquery that is gone through again for every row."""

import re
from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.not_in"
# until 16: NOT (SubPlan 1), which may be NOT EXISTS too; since 17: NOT (ANY (a = (SubPlan 1).col1))
_OLD = re.compile(r"NOT \((SubPlan \d+)\)")
_NEW = re.compile(r"NOT \(ANY \([^=]*= \((SubPlan \d+)\)|\(ALL \([^<]*<> \((SubPlan \d+)\)")
_KEPT = frozenset({"Materialize", "CTE Scan"})  # what is kept to be gone through again


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in _with_subplans(subject):
        inner = searched(subject, step)
        if inner is None:
            continue
        share = min(1.0, step.weight + subject.total_share(inner))
        compared = _compared(step, inner)
        if compared >= limits.limit("rows_compared") and share >= limits.limit("min_share"):
            yield _problem(subject, step, inner, compared, share)


def _with_subplans(subject: Subject) -> list[Step]:
    """Return the steps that run a subplan; most run none."""
    subplans = [step for step in subject.steps if "subplan_name" in step.node.fields]
    return [
        subject.steps[at] for at in sorted({s.parent for s in subplans if s.parent is not None})
    ]


def searched(subject: Subject, step: Step) -> Step | None:
    """Return the subquery of a step's NOT IN that is searched row by row, or None."""
    condition = step.node.conditions("filter", "join_filter")
    if "SubPlan" not in condition:
        return None
    new, old = _NEW.search(condition), _OLD.search(condition)
    name = (new.group(1) or new.group(2)) if new else old.group(1) if old else None
    for below in subject.figures.below(step.index):
        if below.node.text("subplan_name") == name:
            return below if new or below.node.kind in _KEPT else None
    return None


def _compared(step: Step, inner: Step) -> float:
    """Return how many pairs are compared: half of a search on average finds what it seeks."""
    if inner.rows is not None and inner.loops > 1:
        return inner.rows
    removed = (step.node.number("rows_removed_by_filter") or 0.0) * step.loops
    outer = (step.rows or 0.0) + removed or 2 * (step.rows_expected or 0.0)
    return outer * (inner.node.number("plan_rows") or 0.0)


def _problem(subject: Subject, step: Step, inner: Step, compared: float, share: float) -> Problem:
    limits = rule(_RULE)
    table = _table(subject, inner)
    rewrite = Recommendation(
        kind="rewrite",
        statement="Write NOT EXISTS in the place of NOT IN, with the outer column compared inside: "
        f"NOT EXISTS (... {table} s WHERE s.<column> = <outer column>)",
        why="an anti join looks each row up once; if the column may be NULL, NOT IN gives no row "
        "at all, so make sure that this is not meant",
        step=step.index,
    )
    evidence = [
        Evidence(
            metric="rows of the subquery compared one by one",
            value=compared,
            unit="rows",
            limit=limits.limit("rows_compared"),
            where=place(step),
            note=None if step.executed else "planner's estimate",
        ),
        Evidence(metric=subject.share_named, value=share, unit="share"),
    ]
    critical = share >= limits.limit("critical_share")
    finding = limits.finding(
        evidence,
        where=(*where(step, step.node.conditions("filter", "join_filter")), f"table {table}"),
        severity=Severity.CRITICAL if critical else None,
    )
    return Problem(finding, (rewrite,))


def _table(subject: Subject, inner: Step) -> str:
    at = inner
    while at.node.relation is None and (below := subject.figures.below(at.index)):
        at = below[0]
    return at.node.relation or at.node.text("cte_name") or "<table>"


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
