"""A nested loop that runs its inner side very often, or scans a table again and again."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.checks.cartesian_product import unjoined
from slowcoach.queries.checks.or_across_tables import or_of
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_for
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.nested_loop_large_outer"


def _run(subject: Subject) -> Iterator[Problem]:
    for step in subject.of("Nested Loop"):
        sides = [
            child
            for child in subject.figures.below(step.index)
            if child.node.text("parent_relationship") not in {"SubPlan", "InitPlan"}
        ]
        if step.node.kind != "Nested Loop" or len(sides) < 2:  # noqa: PLR2004 - two sides
            continue
        if not or_of(step) and not unjoined(subject, step):  # those have rules of their own
            yield from _judged(subject, step, sides[0], sides[1])


def _judged(subject: Subject, loop: Step, outer: Step, inner: Step) -> Iterator[Problem]:
    limits = rule(_RULE)
    total = subject.figures.total_ms
    share = (inner.total_ms or 0.0) / total if total else 0.0
    share += loop.share or 0.0
    scan = _scanned(subject, inner)
    compared = inner.rows or 0.0
    if share < limits.limit("min_share"):
        return
    if scan is not None and compared >= limits.limit("rows_compared"):
        yield _rescanned(subject, loop, scan, compared, share)
    elif (
        _cached(inner) < limits.limit("cached_share")
        and (outer.rows or 0.0) >= limits.limit("outer_rows")
        and inner.loops >= limits.limit("outer_rows")
    ):
        yield _often(loop, outer, inner, share)


def _cached(inner: Step) -> float:
    """Return the share of the runs that a Memoize answered from its cache."""
    hits = inner.node.number("cache_hits") or 0.0
    misses = inner.node.number("cache_misses") or 0.0
    return hits / (hits + misses) if hits else 0.0


def _scanned(subject: Subject, inner: Step) -> Step | None:
    """Return the sequential scan that the inner side is, perhaps kept by a Materialize."""
    if inner.node.kind == "Materialize":
        below = subject.figures.below(inner.index)
        inner = below[0] if below else inner
    return inner if inner.node.kind == "Seq Scan" else None


def _rescanned(subject: Subject, loop: Step, scan: Step, compared: float, share: float) -> Problem:
    limits = rule(_RULE)
    condition = loop.node.conditions("join_filter") or scan.node.conditions("filter")
    index = index_for(subject.figures, scan, condition)
    advice: tuple[Recommendation, ...] = ()
    if index is not None and not exists(index, subject.facts(scan)):
        advice = (index,)
    evidence = [
        Evidence(
            metric="rows compared one by one",
            value=compared,
            unit="rows",
            limit=limits.limit("rows_compared"),
            where=place(loop),
            note=f"{scan.node.relation} is gone through for every row of the other side",
        ),
        Evidence(metric="share of the query's time", value=share, unit="share"),
    ]
    finding = limits.finding(
        evidence,
        where=where(scan, condition),
        cause="db.missing_index" if advice else None,
        severity=Severity.CRITICAL,
        title="A table is scanned again for every row of a join",
        fix=[f"{advice[0].statement};", *limits.fix] if advice else None,
    )
    return Problem(finding, advice)


def _often(loop: Step, outer: Step, inner: Step, share: float) -> Problem:
    limits = rule(_RULE)
    evidence = [
        Evidence(
            metric="rows of the outer side",
            value=outer.rows or 0.0,
            unit="rows",
            limit=limits.limit("outer_rows"),
            where=place(loop),
            note=f"planner expected {outer.rows_expected or 0:,.0f}",
        ),
        Evidence(metric="runs of the inner side", value=inner.loops, unit="count"),
        Evidence(metric="share of the query's time", value=share, unit="share"),
    ]
    condition = inner.node.conditions("index_cond", "filter")
    return Problem(limits.finding(evidence, where=(place(loop), *where(inner, condition))))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"analyze", "timing"}))
