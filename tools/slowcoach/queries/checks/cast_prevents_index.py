"""A column is converted to another type before it is compared, so its index cannot serve."""

from collections.abc import Iterator
from dataclasses import replace

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import Term, terms
from slowcoach.queries.existing import hidden_cast
from slowcoach.queries.figures import Step
from slowcoach.queries.scans import Scan, scan_of
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.cast_prevents_index"
_SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of(*_SCANS):
        scan = scan_of(subject, step) if step.node.kind in _SCANS else None
        if (
            scan is None
            or scan.rows_each < limits.limit("table_rows")
            or scan.kept > limits.limit("kept_share")
            or step.weight < limits.limit("min_share")
        ):
            continue
        alias = step.node.text("alias") or step.node.relation or ""
        facts = subject.facts(step)
        for term in terms(scan.condition, alias):
            if cast := hidden_cast(facts, scan.condition, term):
                yield _problem(step, scan, replace(term, cast=cast))
                break


def _problem(step: Step, scan: Scan, cast: Term) -> Problem:
    limits = rule(_RULE)
    evidence = [
        Evidence(
            metric="rows converted and compared one by one",
            value=scan.rows_each,
            unit="rows",
            limit=limits.limit("table_rows"),
            where=place(step),
            note=f"{cast.target} is converted to {cast.cast}",
        ),
        Evidence(
            metric="share of them kept",
            value=scan.kept,
            unit="share",
            limit=limits.limit("kept_share"),
        ),
    ]
    rewrite = Recommendation(
        kind="rewrite",
        statement=f"Give the value in the type of {cast.target}: compare {cast.target} itself, "
        f"not {cast.target}::{cast.cast}",
        why=f"lets an index on {cast.target} serve {step.node.label}",
        step=step.index,
    )
    return Problem(limits.finding(evidence, where=where(step, scan.condition)), (rewrite,))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
