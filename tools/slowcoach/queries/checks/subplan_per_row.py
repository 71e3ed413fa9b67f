"""A subquery that runs once for every row of the outer query."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.checks.not_in import searched
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_for
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.subplan_per_row"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    whole = subject.figures.total_ms
    for step in subject.steps:
        if step.node.text("parent_relationship") != "SubPlan" or not whole:
            continue
        share = (step.total_ms or 0.0) / whole
        if step.loops < limits.limit("runs") or share < limits.limit("min_share"):
            continue
        if step.parent is not None and searched(subject, subject.steps[step.parent]) is step:
            continue  # db.not_in names that
        yield _problem(subject, step, share)


def _problem(subject: Subject, step: Step, share: float) -> Problem:
    limits = rule(_RULE)
    below = _all_below(subject, step)
    scans = [item for item in below if item.node.kind == "Seq Scan" and item.executed]
    scans.sort(key=lambda scan: -scan.weight)
    advice = tuple(_indexes(subject, scans))
    rewrite = Recommendation(
        kind="rewrite",
        statement="Join the subquery once (LEFT JOIN on a GROUP BY, or LATERAL) instead of "
        "asking it for every row",
        why=f"{step.node.text('subplan_name') or 'the subquery'} ran {step.loops:,.0f} times",
        step=step.index,
    )
    evidence = [
        Evidence(
            metric="runs of the subquery",
            value=step.loops,
            unit="count",
            limit=limits.limit("runs"),
            where=place(step),
        ),
        Evidence(
            metric="share of the query's time",
            value=share,
            unit="share",
            limit=limits.limit("min_share"),
        ),
    ]
    named = scans[0] if scans else step
    finding = limits.finding(
        evidence,
        where=(place(step), *where(named, named.node.conditions("filter"))),
        cause="db.missing_index" if advice else None,
        fix=[f"{advice[0].statement};", *limits.fix] if advice else None,
    )
    return Problem(finding, (*advice, rewrite))


def _all_below(subject: Subject, step: Step) -> Iterator[Step]:
    pending = list(subject.figures.below(step.index))
    yield step
    while pending:
        at = pending.pop()
        yield at
        pending += subject.figures.below(at.index)


def _indexes(subject: Subject, scans: list[Step]) -> Iterator[Recommendation]:
    for scan in scans:
        index = index_for(subject.figures, scan, scan.node.conditions("filter"))
        if index is not None and not exists(index, subject.facts(scan)):
            yield index


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"analyze", "timing"}))
