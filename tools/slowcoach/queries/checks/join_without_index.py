"""A large table is read whole to join a few rows, for want of an index on the join column."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import terms
from slowcoach.queries.existing import begins_with
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import index_of
from slowcoach.queries.scans import scan_of
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.join_without_index"
_JOINS = frozenset({"Hash Join", "Merge Join"})
_PASSING = frozenset({"Hash", "Sort", "Materialize", "Gather", "Gather Merge"})


def _run(subject: Subject) -> Iterator[Problem]:
    for step in subject.of(*_JOINS):
        sides = subject.figures.below(step.index)[:2]
        if step.node.kind not in _JOINS or len(sides) < 2:  # noqa: PLR2004 - a join has two sides
            continue
        for side, other in (sides, sides[::-1]):
            yield from _judged(subject, step, side, other)


def _judged(subject: Subject, join: Step, side: Step, other: Step) -> Iterator[Problem]:
    limits = rule(_RULE)
    scan = _scanned(subject, side)
    if scan is None:
        return
    read, wanted = _rows(scan), max(_rows(join), _rows(other))
    share = min(1.0, subject.total_share(side) + join.weight)
    if (
        read < limits.limit("table_rows")
        or wanted > read * limits.limit("wanted_share")
        or share < limits.limit("min_share")
        or _filters_most(subject, scan)
    ):
        return
    index = _index(subject, join, scan)
    if index is not None:
        yield _problem(subject, join, scan, wanted, share, index)


def _rows(step: Step) -> float:
    found = step.rows if step.rows is not None else step.rows_expected
    return found or 0.0


def _scanned(subject: Subject, side: Step) -> Step | None:
    at = side
    while at.node.kind in _PASSING and (below := subject.figures.below(at.index)):
        at = below[0]
    once = at.loops <= at.processes
    return at if at.node.kind == "Seq Scan" and once and not at.stops_early else None


def _filters_most(subject: Subject, scan: Step) -> bool:
    """A filter that keeps few rows is what db.seq_scan_large_table looks at."""
    found = scan_of(subject, scan)
    return found is not None and found.kept <= rule(_RULE).limit("filtered_share")


def _index(subject: Subject, join: Step, scan: Step) -> Recommendation | None:
    """Return the index on the scan's side of the join's condition, unless there is one."""
    alias = scan.node.text("alias") or scan.node.relation or ""
    condition = join.node.conditions("hash_cond", "merge_cond")
    keys = [term for term in terms(condition, alias) if term.how == "equal" and not term.cast]
    facts = subject.facts(scan)
    if facts is not None and any(begins_with(facts, key.target) for key in keys):
        return None
    return index_of(subject.figures, scan, keys)


def _problem(
    subject: Subject, join: Step, scan: Step, wanted: float, share: float, index: Recommendation
) -> Problem:
    limits = rule(_RULE)
    estimated = None if scan.executed else "planner's estimate"
    evidence = [
        Evidence(
            metric="rows read to be joined",
            value=_rows(scan),
            unit="rows",
            limit=limits.limit("table_rows"),
            where=place(scan),
            note=estimated or f"{wanted:,.0f} look-ups would do",
        ),
        Evidence(metric=subject.share_named, value=share, unit="share"),
    ]
    critical = share >= limits.limit("critical_share")
    finding = limits.finding(
        evidence,
        where=[place(scan), place(join), join.node.conditions("hash_cond", "merge_cond")],
        severity=Severity.CRITICAL if critical else None,
        fix=[f"{index.statement};", *limits.fix],
    )
    return Problem(finding, (index,))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
