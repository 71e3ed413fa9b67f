"""A function or a computation around an indexed column keeps its index from being used."""

import re
from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import Term, columns_of, terms
from slowcoach.queries.existing import begins_with
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import index_for
from slowcoach.queries.scans import Scan, selective
from slowcoach.queries.statistics import Index
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.expression_prevents_index"
# what stands around the column: what to write instead
_REWRITES = (
    (re.compile(r"date_trunc|timestamp_trunc|extract|date_part|to_char", re.IGNORECASE),
     "{column} >= <begin> AND {column} < <end of the same period>"),
    (re.compile(r"coalesce", re.IGNORECASE),
     "{column} = <value>, with OR {column} IS NULL only if the default equals it"),
    (re.compile(r"[-+*/]"), "{column} alone on one side, the computation on the other"),
)  # fmt: skip


def _run(subject: Subject) -> Iterator[Problem]:
    for step, scan in selective(subject, rule(_RULE)):
        found = hidden(subject, step, scan)
        if found is not None:
            yield _problem(subject, step, scan, *found)


def hidden(subject: Subject, step: Step, scan: Scan) -> tuple[Term, str, Index] | None:
    """Return an expression on a column that has an index of its own, which it hides."""
    facts = subject.facts(step)
    alias = step.node.text("alias") or step.node.relation or ""
    for term in terms(scan.condition, alias) if facts is not None else ():
        if not term.expression or facts is None or begins_with(facts, term.target):
            continue
        for column in columns_of(term.target, alias):
            if index := begins_with(facts, column):
                return term, column, index
    return None


def _problem(
    subject: Subject, step: Step, scan: Scan, term: Term, column: str, index: Index
) -> Problem:
    limits = rule(_RULE)
    evidence = [
        Evidence(
            metric=f"rows read past {index.name}",
            value=scan.rows_each,
            unit="rows",
            limit=limits.limit("table_rows"),
            where=place(step),
            note=f"it is on {column}, and {term.target} is compared",
        ),
        Evidence(metric=subject.share_named, value=step.weight, unit="share"),
    ]
    critical = step.weight >= limits.limit("critical_share")
    finding = limits.finding(
        evidence,
        where=where(step, scan.condition),
        severity=Severity.CRITICAL if critical else None,
    )
    return Problem(finding, tuple(_advice(subject, step, scan, term, column)))


def _advice(
    subject: Subject, step: Step, scan: Scan, term: Term, column: str
) -> Iterator[Recommendation]:
    for pattern, written in _REWRITES:
        if pattern.search(term.target):
            yield Recommendation(
                kind="rewrite",
                statement=f"Instead of {term.target} compare {written.replace('{column}', column)}",
                why=f"the index on {column} then serves {step.node.label}",
                step=step.index,
            )
            break
    index = index_for(subject.figures, step, scan.condition)
    if index is not None:
        yield index


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"tables"}))
