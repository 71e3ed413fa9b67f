"""A join condition with OR over both tables, which pairs everything with everything."""

from collections.abc import Iterator, Sequence

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import alternatives_across
from slowcoach.queries.figures import Step
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.or_across_tables"
_JOINS = frozenset({"Nested Loop", "Hash Join", "Merge Join"})


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of(*_JOINS):
        if step.node.kind not in _JOINS:
            continue
        condition = step.node.conditions("join_filter", "filter")
        tables = or_of(step)
        pairs, kept = _pairs(subject, step)
        share = subject.total_share(step)
        if (
            tables
            and pairs >= limits.limit("pairs")
            and kept <= pairs * limits.limit("kept_share")
            and share >= limits.limit("min_share")
        ):
            yield _problem(subject, step, tables, condition, pairs, share)


def or_of(step: Step) -> tuple[str, ...]:
    """Return the tables that one OR of a join's condition names, if more than one."""
    for key in ("join_filter", "filter"):
        condition = step.node.conditions(key)
        if " OR " in condition and (tables := alternatives_across(condition)):
            return tables
    return ()


def _pairs(subject: Subject, step: Step) -> tuple[float, float]:
    """Return how many pairs were built, and how many of them were kept."""
    removed = sum(
        step.node.number(f"rows_removed_by_{which}filter") or 0.0 for which in ("join_", "")
    )
    if step.executed:
        kept = step.rows or 0.0
        return removed * step.loops + kept, kept
    sides = [side.rows_expected or 0.0 for side in subject.figures.below(step.index)[:2]]
    pairs = sides[0] * sides[-1] if step.node.kind == "Nested Loop" and sides else 0.0
    return pairs, step.rows_expected or 0.0


def _problem(
    subject: Subject,
    step: Step,
    tables: Sequence[str],
    condition: str,
    pairs: float,
    share: float,
) -> Problem:
    limits = rule(_RULE)
    rewrite = Recommendation(
        kind="rewrite",
        statement=f"Write one SELECT for each branch of the OR over {' and '.join(tables)}, "
        "and join their answers by UNION",
        why="each branch is then a join by key, and its indexes can serve",
        step=step.index,
    )
    evidence = [
        Evidence(
            metric="pairs of rows checked",
            value=pairs,
            unit="rows",
            limit=limits.limit("pairs"),
            where=place(step),
            note=None if step.executed else "planner's estimate",
        ),
        Evidence(metric=subject.share_named, value=share, unit="share"),
    ]
    critical = share >= limits.limit("critical_share")
    finding = limits.finding(
        evidence,
        where=[place(step), *(f"table {name}" for name in tables), condition],
        severity=Severity.CRITICAL if critical else None,
    )
    return Problem(finding, (rewrite,))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
