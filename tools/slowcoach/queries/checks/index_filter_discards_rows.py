"""An index finds rows that a filter then throws away."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.checks.wrong_index_for_order import walks_in_order
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_for
from slowcoach.queries.scans import scan_of
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.index_filter_discards_rows"
_SCANS = frozenset({"Index Scan", "Index Only Scan", "Bitmap Heap Scan"})


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of(*_SCANS):
        scan = scan_of(subject, step) if step.node.kind in _SCANS else None
        if scan is None or step.weight < limits.limit("min_share"):
            continue
        if walks_in_order(subject, step):
            continue  # db.wrong_index_for_order judges that
        discarded = scan.rows_read * (1 - scan.kept)
        if discarded < limits.limit("discarded_rows") or scan.kept > limits.limit("kept_share"):
            continue
        yield _problem(subject, step, scan.condition, discarded, scan.kept)


def _problem(
    subject: Subject, step: Step, condition: str, discarded: float, kept: float
) -> Problem:
    limits = rule(_RULE)
    both = " AND ".join(
        part for part in (step.node.conditions("index_cond", "recheck_cond"), condition) if part
    )
    index = index_for(subject.figures, step, both)
    advice = (index,) if index and not exists(index, subject.facts(step)) else ()
    evidence = [
        Evidence(
            metric="rows found by the index and thrown away",
            value=discarded,
            unit="rows",
            limit=limits.limit("discarded_rows"),
            where=place(step),
        ),
        Evidence(
            metric="share of them kept",
            value=kept,
            unit="share",
            limit=limits.limit("kept_share"),
        ),
    ]
    finding = limits.finding(
        evidence,
        where=where(step, condition),
        fix=[f"{advice[0].statement};", *limits.fix] if advice else None,
    )
    return Problem(finding, advice)


CHECK = Check(rule=_RULE, run=_run)
