"""A sequential scan that throws most of a large table away."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.checks import (
    expression_prevents_index,
    index_not_used,
    or_filter,
    pattern_prevents_index,
)
from slowcoach.queries.conditions import terms
from slowcoach.queries.existing import hidden_cast, misordered
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_for
from slowcoach.queries.scans import Scan, scan_of
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.seq_scan_large_table"
_MEASURED_CONFIDENCE, _ESTIMATED_SHARE = 1.0, 0.7
_NO_INDEX_SHARE = 0.5


def _run(subject: Subject) -> Iterator[Problem]:
    for step in subject.of("Seq Scan"):
        scan = scan_of(subject, step) if step.node.kind == "Seq Scan" else None
        if (
            scan is not None
            and _is_problem(subject, scan, step)
            and not _named(subject, scan, step)
        ):
            yield _problem(subject, step, scan)


def _is_problem(subject: Subject, scan: Scan, step: Step) -> bool:
    limits = rule(_RULE)
    large = (
        scan.rows_each >= limits.limit("table_rows")
        and scan.kept <= limits.limit("kept_share")
        and step.weight >= limits.limit("min_share")
    )
    return large and not _only_casts(subject, scan, step)


def _named(subject: Subject, scan: Scan, step: Step) -> bool:
    """Tell whether another check knows why no index served; a fit index may be left alone too."""
    if (
        or_filter.alternatives(step, scan)
        or pattern_prevents_index.unserved(subject, step, scan)
        or expression_prevents_index.hidden(subject, step, scan)
        or index_not_used.serving(subject, step, scan)
    ):
        return True
    facts = subject.facts(step)
    found = terms(scan.condition, step.node.text("alias") or step.node.relation or "")
    return facts is not None and misordered(facts, found) is not None


def _only_casts(subject: Subject, scan: Scan, step: Step) -> bool:
    """Tell whether every column is converted: db.cast_prevents_index names that cause."""
    found = terms(scan.condition, step.node.text("alias") or step.node.relation or "")
    facts = subject.facts(step)
    return bool(found) and all(hidden_cast(facts, scan.condition, term) for term in found)


def _problem(subject: Subject, step: Step, scan: Scan) -> Problem:
    limits = rule(_RULE)
    index = index_for(subject.figures, step, scan.condition)
    known = exists(index, subject.facts(step))
    advice: tuple[Recommendation, ...] = (index,) if index is not None and not known else ()
    confidence = limits.confidence * (_MEASURED_CONFIDENCE if scan.measured else _ESTIMATED_SHARE)
    critical = step.weight >= limits.limit("critical_share")
    finding = limits.finding(
        _evidence(subject, step, scan),
        where=where(step, scan.condition),
        severity=Severity.CRITICAL if critical else Severity.WARNING,
        confidence=confidence if advice else confidence * _NO_INDEX_SHARE,
        fix=[f"{index.statement};", *limits.fix] if index is not None and advice else None,
    )
    return Problem(finding, advice)


def _evidence(subject: Subject, step: Step, scan: Scan) -> Iterator[Evidence]:
    limits = rule(_RULE)
    about = "" if scan.measured else "planner's estimate"
    yield Evidence(
        metric="rows read by one scan",
        value=scan.rows_each,
        unit="rows",
        limit=limits.limit("table_rows"),
        where=place(step),
        note=about or None,
    )
    yield Evidence(
        metric="share of them that the filter keeps",
        value=scan.kept,
        unit="share",
        limit=limits.limit("kept_share"),
        note=about or None,
    )
    metric = "share of the query's time" if step.share is not None else "share of the query's cost"
    yield Evidence(metric=metric, value=step.weight, unit="share")
    facts = subject.facts(step)
    if facts is not None and len(facts.indexes) >= limits.limit("many_indexes"):
        yield Evidence(
            metric="indexes on the table already",
            value=len(facts.indexes),
            unit="count",
            limit=limits.limit("many_indexes"),
            note="each more slows writes down",
        )


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
