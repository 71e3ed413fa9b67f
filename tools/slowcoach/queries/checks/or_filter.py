"""An OR over several columns keeps a large scan from using one index."""

from collections.abc import Iterator, Sequence

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import Term, branches, terms
from slowcoach.queries.existing import begins_with
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import index_of
from slowcoach.queries.scans import Scan, scan_of
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.or_filter"
_SERVED = frozenset({"equal", "range", "prefix"})


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("Seq Scan"):
        scan = scan_of(subject, step) if step.node.kind == "Seq Scan" else None
        if (
            scan is None
            or scan.rows_each < limits.limit("table_rows")
            or scan.kept > limits.limit("kept_share")
            or step.weight < limits.limit("min_share")
        ):
            continue
        parts = alternatives(step, scan)
        if parts:
            yield _problem(subject, step, scan, parts)


def alternatives(step: Step, scan: Scan) -> tuple[tuple[Term, ...], ...]:
    """Return the branches of an OR that alone decides how the table can be read."""
    alias = step.node.text("alias") or step.node.relation or ""
    parts = branches(scan.condition, alias)
    if not all(any(_serves(term) for term in part) for part in parts):
        return ()
    besides = any(_serves(term) for term in terms(scan.condition, alias))
    return () if besides else parts


def _serves(term: Term) -> bool:
    return term.how in _SERVED and not term.cast


def _problem(subject: Subject, step: Step, scan: Scan, parts: Sequence[Sequence[Term]]) -> Problem:
    limits = rule(_RULE)
    evidence = [
        Evidence(
            metric="rows read for an OR over several columns",
            value=scan.rows_each,
            unit="rows",
            limit=limits.limit("table_rows"),
            where=place(step),
            note=None if scan.measured else "planner's estimate",
        ),
        Evidence(
            metric="share of them kept",
            value=scan.kept,
            unit="share",
            limit=limits.limit("kept_share"),
        ),
        Evidence(metric=subject.share_named, value=step.weight, unit="share"),
    ]
    advice = _advice(subject, step, parts)
    critical = step.weight >= limits.limit("critical_share")
    finding = limits.finding(
        evidence,
        where=where(step, scan.condition),
        severity=Severity.CRITICAL if critical else None,
        cause="db.missing_index" if advice[0].kind == "index" else None,
        fix=[f"{advice[0].statement};", *limits.fix] if advice[0].kind == "index" else None,
    )
    return Problem(finding, advice)


def _advice(
    subject: Subject, step: Step, parts: Sequence[Sequence[Term]]
) -> tuple[Recommendation, ...]:
    """One index for each branch: they serve together only, so they are one statement."""
    facts = subject.facts(step)
    found: dict[str, None] = {}
    for part in parts:
        index = index_of(subject.figures, step, part)
        known = facts is not None and any(begins_with(facts, term.target) for term in part)
        if index is not None and not known:
            found[index.statement] = None
    union = Recommendation(
        kind="rewrite",
        statement="Ask for each branch of the OR by itself and join the answers by UNION (UNION "
        "ALL with the other branches excluded, where no row may be lost)",
        why=f"each branch of {step.node.label} can then use its own index",
        step=step.index,
    )
    if not found:
        return (union,)
    both = Recommendation(
        kind="index",
        statement="; ".join(found),
        why=f"serve {step.node.label} together, one for each branch (BitmapOr)",
        step=step.index,
    )
    return (both, union)


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
