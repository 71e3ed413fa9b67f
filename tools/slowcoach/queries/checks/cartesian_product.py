"""Every row of one side is paired with every row of the other: no condition joins them."""

import re
from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.cartesian_product"
_LATERAL = frozenset({"Function Scan", "Values Scan", "Table Function Scan", "Memoize"})
_ALL = 0.9  # of the product: rows printed per loop are rounded
_CONDITIONS = (
    "index_cond", "recheck_cond", "filter", "join_filter", "hash_cond", "merge_cond", "tid_cond",
    "order_by", "function_call", "cache_key", "one_time_filter",
)  # fmt: skip


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("Nested Loop"):
        if not unjoined(subject, step):
            continue
        sides = subject.figures.below(step.index)[:2]
        smaller = min(_rows(side) for side in sides)
        pairs = _rows(step)
        share = subject.total_share(step)
        if (
            pairs >= limits.limit("pairs")
            and smaller >= limits.limit("smaller_side")
            and share >= limits.limit("min_share")
        ):
            yield _problem(subject, step, sides, pairs, share)


def unjoined(subject: Subject, step: Step) -> bool:
    """Tell whether a nested loop builds many pairs of two sides that nothing joins."""
    sides = subject.figures.below(step.index)[:2]
    if step.node.kind != "Nested Loop" or len(sides) < 2:  # noqa: PLR2004 - a join has two sides
        return False
    # asked first: looking through the sides takes time in deep plans
    pairs = max(1.0, _rows(sides[0])) * max(1.0, _rows(sides[1]))
    if _rows(step) < rule(_RULE).limit("pairs") or _rows(step) < pairs * _ALL:
        return False
    return not _joined(subject, step, sides[0], sides[1])


def _rows(step: Step) -> float:
    """Return the rows of one run."""
    found = step.rows if step.rows is not None else step.rows_expected
    runs = max(1.0, step.loops / step.processes) if step.executed else 1.0
    return (found or 0.0) / runs


def _joined(subject: Subject, step: Step, outer: Step, inner: Step) -> bool:
    """Tell whether something joins the sides: a condition here, or one that looks outside."""
    if step.node.conditions("join_filter"):
        return True
    if step.node.text("join_type") in {"Semi", "Anti"}:
        return True
    if any(below.node.kind in _LATERAL for below in subject.figures.subtree(outer)):
        return True  # rows that a function makes (a calendar) are paired on purpose
    names = _names(subject, outer)
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\.") if names else None
    for below in subject.figures.subtree(inner):
        if below.node.kind in _LATERAL:
            return True
        if pattern is not None and pattern.search(below.node.conditions(*_CONDITIONS)):
            return True
    return False


def _names(subject: Subject, step: Step) -> list[str]:
    found = [
        below.node.text("alias") or below.node.relation or ""
        for below in subject.figures.subtree(step)
    ]
    return [name for name in dict.fromkeys(found) if name]


def _problem(
    subject: Subject, step: Step, sides: tuple[Step, ...], pairs: float, share: float
) -> Problem:
    limits = rule(_RULE)
    tables = [(_names(subject, side) or ["the other side"])[0] for side in sides]
    rewrite = Recommendation(
        kind="rewrite",
        statement=f"Join {tables[0]} and {tables[1]} by a condition (ON ...), or leave one out",
        why="nothing in the query says which of their rows belong together",
        step=step.index,
    )
    evidence = [
        Evidence(
            metric="pairs of rows built without a condition",
            value=pairs,
            unit="rows",
            limit=limits.limit("pairs"),
            where=place(step),
            note=f"{_rows(sides[0]):,.0f} times {_rows(sides[1]):,.0f} rows",
        ),
        Evidence(metric=subject.share_named, value=share, unit="share"),
    ]
    critical = share >= limits.limit("critical_share")
    finding = limits.finding(
        evidence,
        where=[place(step), *(f"table {name}" for name in tables)],
        severity=Severity.CRITICAL if critical else None,
    )
    return Problem(finding, (rewrite,))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
