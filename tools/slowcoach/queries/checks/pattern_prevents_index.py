"""A LIKE that the column's index cannot serve: no pattern operators, or a wildcard in front."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import Term, terms
from slowcoach.queries.existing import begins_with
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_of
from slowcoach.queries.scans import Scan, selective
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.pattern_prevents_index"
_SERVED = frozenset({"equal", "range"})
_OPERATORS = "_pattern_ops"


def _run(subject: Subject) -> Iterator[Problem]:
    for step, scan in selective(subject, rule(_RULE)):
        matched = unserved(subject, step, scan)
        if matched is not None:
            yield _problem(subject, step, scan, *matched)


def unserved(subject: Subject, step: Step, scan: Scan) -> tuple[Term, str] | None:
    """Return the pattern that decides a scan and why no index serves it, or None."""
    found = terms(scan.condition, step.node.text("alias") or step.node.relation or "")
    if any(term.how in _SERVED and not term.cast for term in found):
        return None  # another column can lead the index
    matched = ((term, _why(subject, step, term)) for term in found)
    return next(((term, why) for term, why in matched if why), None)


def _why(subject: Subject, step: Step, term: Term) -> str:
    """Return why the column's index does not serve a pattern; nothing where there is none."""
    if term.how == "text":
        return "the pattern begins with a wildcard or ignores case, which no B-tree can search"
    facts = subject.facts(step)
    index = begins_with(facts, term.target) if term.how == "prefix" and facts is not None else None
    if index is None or _OPERATORS in index.definition:
        return ""
    return f"{index.name} is in the order of the language, which says nothing of prefixes"


def _problem(subject: Subject, step: Step, scan: Scan, term: Term, why: str) -> Problem:
    limits = rule(_RULE)
    index = index_of(subject.figures, step, [term])
    advice = (index,) if index is not None and not exists(index, subject.facts(step)) else ()
    evidence = [
        Evidence(
            metric=f"rows whose {term.target} is matched one by one",
            value=scan.rows_each,
            unit="rows",
            limit=limits.limit("table_rows"),
            where=place(step),
            note=why,
        ),
        Evidence(
            metric="share of them kept",
            value=scan.kept,
            unit="share",
            limit=limits.limit("kept_share"),
        ),
        Evidence(metric=subject.share_named, value=step.weight, unit="share"),
    ]
    critical = step.weight >= limits.limit("critical_share")
    finding = limits.finding(
        evidence,
        where=where(step, scan.condition),
        severity=Severity.CRITICAL if critical else None,
        fix=[f"{advice[0].statement};", *limits.fix] if advice else None,
    )
    return Problem(finding, advice)


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
