"""A CTE is made whole, and a condition outside throws most of it away."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.late_filter"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("CTE Scan"):
        removed = (step.node.number("rows_removed_by_filter") or 0.0) * step.loops
        kept = step.rows or 0.0
        if (
            step.node.kind != "CTE Scan"
            or removed < limits.limit("discarded_rows")
            or kept > (kept + removed) * limits.limit("kept_share")
        ):
            continue
        name = step.node.text("cte_name")
        made = _made(subject, name)
        share = min(1.0, subject.total_share(made) + step.weight) if made is not None else 0.0
        if share >= limits.limit("min_share"):
            yield _problem(subject, step, name, removed, share)


def _made(subject: Subject, name: str) -> Step | None:
    """Return the step that makes the CTE; none for a recursive one, which needs all its rows."""
    for step in subject.steps:
        if step.node.text("subplan_name") == f"CTE {name}":
            return None if step.node.kind == "Recursive Union" else step
    return None


def _problem(subject: Subject, step: Step, name: str, removed: float, share: float) -> Problem:
    limits = rule(_RULE)
    rewrite = Recommendation(
        kind="rewrite",
        statement=f"Write WITH {name} AS NOT MATERIALIZED (...), or put the condition "
        f"{step.node.conditions('filter')} into {name} itself",
        why="the condition then reaches the tables, where an index can serve it",
        step=step.index,
    )
    evidence = [
        Evidence(
            metric="rows made and thrown away",
            value=removed,
            unit="rows",
            limit=limits.limit("discarded_rows"),
            where=place(step),
            note=f"{step.rows or 0:,.0f} kept",
        ),
        Evidence(metric=subject.share_named, value=share, unit="share"),
    ]
    places = (*where(step, step.node.conditions("filter")), f"CTE {name}")
    return Problem(limits.finding(evidence, where=places), (rewrite,))


CHECK = Check(rule=_RULE, run=_run)
