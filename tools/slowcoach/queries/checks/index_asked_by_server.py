"""The server's own planner names an index it would have liked (SQL Server, CockroachDB)."""

from collections.abc import Iterator, Mapping
from typing import Any

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject

_RULE = "db.index_asked_by_server"


def _run(subject: Subject) -> Iterator[Problem]:
    asked = subject.figures.plan.fields.get("recommended_indexes")
    indexes = [item for item in asked if isinstance(item, Mapping)] if asked else []
    if not indexes:
        return
    limits = rule(_RULE)
    gains = [float(item.get("impact") or 0.0) for item in indexes]
    evidence = [
        Evidence(metric="indexes that the planner asks for", value=len(indexes), unit="count")
    ]
    if max(gains):
        share = Evidence(
            metric="share of the cost that the best would save, as the server estimates",
            value=max(gains),
            unit="share",
            limit=limits.limit("saves"),
        )
        evidence.append(share)
    small = bool(max(gains)) and max(gains) < limits.limit("saves")
    finding = limits.finding(
        evidence,
        where=tuple(str(item.get("statement", "")) for item in indexes[:_SHOWN]),
        severity=Severity.INFO if small else None,
    )
    yield Problem(finding, tuple(map(_advice, indexes)))


_SHOWN = 3


def _advice(item: Mapping[str, Any]) -> Recommendation:
    return Recommendation(
        kind="index",
        statement=str(item.get("statement", "")),
        why="the server's own planner asks for it",
        step=0,
    )


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
