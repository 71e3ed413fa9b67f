"""An index is walked in the wanted order, and nearly all that it gives is thrown away."""

from collections.abc import Iterator, Sequence

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import terms
from slowcoach.queries.existing import by_name
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_on
from slowcoach.queries.scans import Scan, scan_of
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.wrong_index_for_order"
_BY_INDEX = frozenset({"Index Scan", "Index Only Scan"})
_PASSING = frozenset(
    {"Nested Loop", "Subquery Scan", "Result", "LockRows", "Gather Merge", "Append",
     "Merge Append", "Incremental Sort", "Unique"}
)  # fmt: skip


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of(*_BY_INDEX):
        scan = scan_of(subject, step) if walks_in_order(subject, step) else None
        if scan is None:
            continue
        discarded = scan.rows_read * (1 - scan.kept)
        if (
            discarded >= limits.limit("discarded_rows")
            and scan.kept <= limits.limit("kept_share")
            and step.weight >= limits.limit("min_share")
        ):
            yield _problem(subject, step, scan, discarded)


def walks_in_order(subject: Subject, step: Step) -> bool:
    """Tell whether an index without a condition is read for its order, until a LIMIT is full."""
    if step.node.kind not in _BY_INDEX or step.node.conditions("index_cond"):
        return False
    for above in subject.figures.above(step):
        if above.node.kind == "Limit":
            return True
        if above.node.kind not in _PASSING:
            return False
    return False


def _problem(subject: Subject, step: Step, scan: Scan, discarded: float) -> Problem:
    limits = rule(_RULE)
    evidence = [
        Evidence(
            metric="rows walked through and thrown away",
            value=discarded,
            unit="rows",
            limit=limits.limit("discarded_rows"),
            where=place(step),
            note=f"{step.rows or 0:,.0f} kept",
        ),
        Evidence(metric=subject.share_named, value=step.weight, unit="share"),
    ]
    advice = tuple(_advice(subject, step, scan))
    critical = step.weight >= limits.limit("critical_share")
    index = next((item for item in advice if item.kind == "index"), None)
    finding = limits.finding(
        evidence,
        where=where(step, scan.condition),
        severity=Severity.CRITICAL if critical else None,
        cause="db.missing_index" if index is not None else None,
        fix=[f"{index.statement};", *limits.fix] if index is not None else None,
    )
    return Problem(finding, advice)


def _advice(subject: Subject, step: Step, scan: Scan) -> Iterator[Recommendation]:
    """The filter's columns first, then those of the order, where the server tells them."""
    facts = subject.facts(step)
    found = terms(scan.condition, step.node.text("alias") or step.node.relation or "")
    equal = [term.target for term in found if term.how == "equal" and not term.cast]
    ranges = [term.target for term in found if term.how == "range" and not term.cast]
    walked = by_name(facts, step.node.text("index_name")) if facts is not None else None
    order: Sequence[str] = walked.keys if walked is not None else ()
    columns = [*equal, *(key for key in order if key not in equal)] if equal else ranges[:1]
    if columns:
        index = index_on(step, columns)
        if not exists(index, facts):
            yield index
    yield Recommendation(
        kind="rewrite",
        statement="ORDER BY an expression of the column (id + 0, or ts + interval '0') if an "
        "index on the filtered columns is there already",
        why="the planner then filters first and sorts what is left",
        step=step.index,
    )


CHECK = Check(rule=_RULE, run=_run)
