"""All rows are sorted to take the first few."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.checks.limit_above_join import ordered_join
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_in_order
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.sorts_more_than_needed"
_PASSING = frozenset({"Gather Merge", "Gather", "Subquery Scan"})


def _run(subject: Subject) -> Iterator[Problem]:
    for step in subject.of("Sort"):
        limit = _limit_above(subject, step) if step.node.kind == "Sort" else None
        below = subject.figures.below(step.index)
        if limit is not None and below and not ordered_join(subject, step):
            yield from _judged(subject, step, limit, below[0])


def _limit_above(subject: Subject, step: Step) -> Step | None:
    for above in subject.figures.above(step):
        if above.node.kind == "Limit":
            return above
        if above.node.kind not in _PASSING:
            return None
    return None


def _judged(subject: Subject, sort: Step, limit: Step, source: Step) -> Iterator[Problem]:
    limits = rule(_RULE)
    taken, sorted_rows = limit.rows or 0.0, source.rows or 0.0
    whole = subject.figures.total_ms
    share = (sort.total_ms or 0.0) / whole if whole and sort.total_ms else sort.weight
    if (
        sorted_rows < limits.limit("sorted_rows")
        or taken > sorted_rows * limits.limit("taken_share")
        or share < limits.limit("min_share")
    ):
        return
    index = index_in_order(subject.figures, source)
    advice = (index,) if index and not exists(index, subject.facts(source)) else ()
    evidence = [
        Evidence(
            metric="rows sorted",
            value=sorted_rows,
            unit="rows",
            limit=limits.limit("sorted_rows"),
            where=place(sort),
            note=f"{taken:,.0f} of them are taken",
        ),
        Evidence(metric="share of the query's time below the limit", value=share, unit="share"),
    ]
    finding = limits.finding(
        evidence,
        where=(*where(source), sort.node.conditions("sort_key")),
        cause="db.missing_index" if advice else None,
        fix=[f"{advice[0].statement};", *limits.fix] if advice else None,
    )
    yield Problem(finding, advice)


CHECK = Check(rule=_RULE, run=_run)
