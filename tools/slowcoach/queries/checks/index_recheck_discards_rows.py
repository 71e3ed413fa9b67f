"""An index that only points about (BRIN, GIN, GiST) sends the scan to many wrong rows."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_for
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.index_recheck_discards_rows"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("Bitmap Heap Scan", "Index Scan", "Index Only Scan"):
        removed = (step.node.number("rows_removed_by_index_recheck") or 0.0) * step.loops
        filtered = (step.node.number("rows_removed_by_filter") or 0.0) * step.loops
        found = (step.rows or 0.0) + filtered
        if (
            removed < limits.limit("discarded_rows")
            or found > (found + removed) * limits.limit("kept_share")
            or step.weight < limits.limit("min_share")
            or _for_want_of_memory(step)
        ):
            continue
        yield _problem(subject, step, removed, found)


def _for_want_of_memory(step: Step) -> bool:
    """A bitmap with exact pages and lossy ones grew too large: db.lossy_bitmap names that."""
    return bool(step.node.number("exact_heap_blocks") and step.node.number("lossy_heap_blocks"))


def _problem(subject: Subject, step: Step, removed: float, found: float) -> Problem:
    limits = rule(_RULE)
    condition = step.node.conditions("recheck_cond", "index_cond")
    index = index_for(subject.figures, step, condition)
    wanted = index is not None and "gin" not in index.statement
    advice = (index,) if index and wanted and not exists(index, subject.facts(step)) else ()
    evidence = [
        Evidence(
            metric="rows that the index pointed to in error",
            value=removed,
            unit="rows",
            limit=limits.limit("discarded_rows"),
            where=place(step),
            note=f"{found:,.0f} were right",
        ),
        Evidence(metric=subject.share_named, value=step.weight, unit="share"),
    ]
    finding = limits.finding(
        evidence,
        where=where(step, condition),
        fix=[f"{advice[0].statement};", *limits.fix] if advice else None,
    )
    return Problem(finding, advice)


CHECK = Check(rule=_RULE, run=_run)
