"""An index-only scan that looks into the table all the same."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import table_sql
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.heap_fetches"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("Index Only Scan"):
        fetches = step.node.number("heap_fetches") or 0.0
        rows = max(step.rows or 0.0, 1.0)
        if fetches < limits.limit("min_fetches") or fetches / rows < limits.limit("fetch_share"):
            continue
        table = table_sql(step.node.relation or "", step.node.text("schema"))
        evidence = [
            Evidence(
                metric="look-ups in the table",
                value=fetches,
                unit="count",
                limit=limits.limit("min_fetches"),
                where=place(step),
                note=f"for {rows:,.0f} rows of the index",
            )
        ]
        small = step.weight < limits.limit("min_share")
        vacuum = Recommendation(
            kind="statistics",
            statement=f"VACUUM (ANALYZE) {table}",
            why="marks pages as visible to all, so that the index alone answers",
            step=step.index,
        )
        severity = Severity.INFO if small else None
        yield Problem(limits.finding(evidence, where=where(step), severity=severity), (vacuum,))


CHECK = Check(rule=_RULE, run=_run)
