"""A LIMIT takes a few rows of a join whose order one table alone decides."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import SortKey, sort_keys
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_on
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.limit_above_join"
_JOINS = frozenset({"Nested Loop", "Hash Join", "Merge Join"})
_PASSING = frozenset({"Gather Merge", "Gather", "Subquery Scan"})


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for sort in subject.of("Sort"):
        join = joined_below(subject, sort)
        limit = _limit_above(subject, sort)
        if join is None or limit is None:
            continue
        found = _ordered_table(subject, sort, join)
        taken, made = limit.rows or 0.0, join.rows or 0.0
        share = subject.total_share(sort)
        if (
            found is not None
            and made >= limits.limit("joined_rows")
            and taken <= made * limits.limit("taken_share")
            and share >= limits.limit("min_share")
        ):
            yield _problem(subject, sort, limit, *found, share=share)


def joined_below(subject: Subject, sort: Step) -> Step | None:
    """Return the join that a sort takes its rows from, or None."""
    if sort.node.kind != "Sort":
        return None
    below = subject.figures.below(sort.index)
    while below and below[0].node.kind in _PASSING:
        below = subject.figures.below(below[0].index)
    return below[0] if below and below[0].node.kind in _JOINS else None


def ordered_join(subject: Subject, sort: Step) -> bool:
    """Tell whether a sort orders a join by the columns of one table: this check judges that."""
    join = joined_below(subject, sort)
    return join is not None and _ordered_table(subject, sort, join) is not None


def _limit_above(subject: Subject, sort: Step) -> Step | None:
    for above in subject.figures.above(sort):
        if above.node.kind == "Limit":
            return above
        if above.node.kind not in _PASSING:
            return None
    return None


def _ordered_table(
    subject: Subject, sort: Step, join: Step
) -> tuple[Step, tuple[SortKey, ...]] | None:
    """Return the one table whose columns are the order."""
    for below in subject.figures.subtree(join):
        alias = below.node.text("alias")
        if not below.node.relation or not alias:
            continue
        keys = sort.node.fields.get("sort_key")
        prefixed = isinstance(keys, list) and all(
            str(key).startswith((f"{alias}.", f'"{alias}".')) for key in keys
        )
        if prefixed and (found := sort_keys(keys, alias)):
            return below, found
    return None


def _problem(
    subject: Subject,
    sort: Step,
    limit: Step,
    table: Step,
    order: tuple[SortKey, ...],
    *,
    share: float,
) -> Problem:
    limits = rule(_RULE)
    evidence = [
        Evidence(
            metric="rows joined and sorted",
            value=_made(subject, sort),
            unit="rows",
            limit=limits.limit("joined_rows"),
            where=place(sort),
            note=f"{limit.rows or 0:,.0f} of them are taken",
        ),
        Evidence(metric=subject.share_named, value=share, unit="share"),
    ]
    name = table.node.text("alias") or table.node.relation or ""
    rewrite = Recommendation(
        kind="rewrite",
        statement=f"Take the first {limit.rows or 0:,.0f} rows of {name} in a subquery "
        "(ORDER BY ... LIMIT there) and join to them; only if the joins neither drop nor "
        "multiply its rows",
        why="the other tables are then looked up for the rows wanted only",
        step=sort.index,
    )
    index = index_on(table, [_column(key) for key in order])
    advice = () if exists(index, subject.facts(table)) else (index,)
    finding = limits.finding(
        evidence,
        where=[place(sort), place(table), sort.node.conditions("sort_key")],
        fix=[f"{advice[0].statement};", *limits.fix] if advice else None,
    )
    return Problem(finding, (*advice, rewrite))


def _made(subject: Subject, sort: Step) -> float:
    join = joined_below(subject, sort)
    return (join.rows if join is not None else None) or 0.0


def _column(key: SortKey) -> str:
    return f"{key.target} {key.direction}".strip() if "NULLS" in key.direction else key.target


CHECK = Check(rule=_RULE, run=_run)
