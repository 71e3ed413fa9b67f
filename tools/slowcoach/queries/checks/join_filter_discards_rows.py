"""A join pairs rows up and throws most of the pairs away."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.subject import Check, Problem, Subject, place

_RULE = "db.join_filter_discards_rows"
_JOINS = frozenset({"Hash Join", "Merge Join"})


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of(*_JOINS):
        removed = (step.node.number("rows_removed_by_join_filter") or 0.0) * step.loops
        if step.node.kind not in _JOINS or removed < limits.limit("discarded_rows"):
            continue
        kept = step.rows or 0.0
        if kept / (kept + removed) > limits.limit("kept_share"):
            continue
        evidence = [
            Evidence(
                metric="pairs thrown away",
                value=removed,
                unit="rows",
                limit=limits.limit("discarded_rows"),
                where=place(step),
                note=f"{kept:,.0f} kept",
            )
        ]
        places = [place(step), step.node.conditions("join_filter")]
        yield Problem(limits.finding(evidence, where=places))


CHECK = Check(rule=_RULE, run=_run)
