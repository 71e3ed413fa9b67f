"""The planner expected ten times more or fewer rows than came."""

from collections.abc import Iterator
from itertools import islice

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import table_sql, terms
from slowcoach.queries.figures import Figures, Step
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.row_estimate_off"
# their row count says nothing of the planner's guess
_NO_ESTIMATE = frozenset({"BitmapAnd", "BitmapOr", "ModifyTable", "Limit", "Memoize"})
_MANY = 3


def _run(subject: Subject) -> Iterator[Problem]:
    figures = subject.figures
    origins = [step for step in figures.steps if _off(step) and not _inherited(figures, step)]
    origins.sort(key=lambda step: -abs(step.rows or 0.0))
    # conditions are parsed, which takes long: only until enough are found
    for step in islice((step for step in origins if not _beyond_statistics(step)), _MANY):
        yield _problem(figures, step)


def _off(step: Step) -> bool:
    limits = rule(_RULE)
    factor, rows, expected = step.factor, step.rows, step.rows_expected
    if factor is None or rows is None or expected is None or step.node.kind in _NO_ESTIMATE:
        return False
    if max(rows, expected) < limits.limit("min_rows"):
        return False
    if factor >= 1:
        return factor >= limits.limit("factor")
    # fewer rows than expected prove nothing where a step above may stop asking
    if step.stops_early or step.loops > step.processes:
        return False
    return factor <= 1 / limits.limit("factor")


def _inherited(figures: Figures, step: Step) -> bool:
    """Tell whether a step below is off already: then that one is the origin."""
    return any(_off(child) for child in figures.below(step.index))


def _beyond_statistics(step: Step) -> bool:
    """Tell whether columns are converted or computed with: ANALYZE has nothing to say of that."""
    alias = step.node.text("alias") or step.node.relation or ""
    return any(
        term.cast or term.expression for term in terms(step.node.conditions("filter"), alias)
    )


def _problem(figures: Figures, step: Step) -> Problem:
    limits = rule(_RULE)
    factor = step.factor or 1.0
    times = factor if factor >= 1 else 1 / factor
    way = "more" if factor >= 1 else "fewer"
    evidence = [
        Evidence(
            metric=f"times {way} rows than the planner expected",
            value=times,
            unit="ratio",
            limit=limits.limit("factor"),
            where=place(step),
            note=f"expected {step.rows_expected:,.0f}, got {step.rows:,.0f}",
        )
    ]
    affected = step.weight + sum(above.weight for above in figures.above(step))
    severe = affected >= limits.limit("min_share")
    finding = limits.finding(
        evidence,
        where=where(step, step.node.conditions("filter", "index_cond", "hash_cond")),
        severity=None if severe else Severity.INFO,
    )
    return Problem(finding, tuple(_advice(figures, step)))


def _advice(figures: Figures, step: Step) -> Iterator[Recommendation]:
    tables = _tables_below(figures, step)
    for table, schema in tables:
        yield Recommendation(
            kind="statistics",
            statement=f"ANALYZE {table_sql(table, schema)}",
            why=f"the estimate of {step.node.label} is off",
            step=step.index,
        )
    alias = step.node.text("alias") or step.node.relation or ""
    condition = step.node.conditions("filter", "index_cond")
    columns = sorted({t.target for t in terms(condition, alias) if t.how == "equal"})
    if step.node.relation and len(columns) > 1:
        name = table_sql(step.node.relation, step.node.text("schema"))
        yield Recommendation(
            kind="statistics",
            statement=f"CREATE STATISTICS (dependencies, mcv) ON {', '.join(columns)} FROM {name}; "
            f"ANALYZE {name}",
            why="the columns may depend on each other, which plain statistics do not know",
            step=step.index,
        )


def _tables_below(figures: Figures, step: Step) -> list[tuple[str, str]]:
    """Return the first tables at or below a step, at most as many as are worth naming."""
    found: list[tuple[str, str]] = []
    pending = [step]
    while pending and len(found) < _MANY:
        at = pending.pop(0)
        table = (at.node.relation or "", at.node.text("schema"))
        if table[0] and table not in found:
            found.append(table)
        pending.extend(figures.below(at.index))
    return found


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"analyze", "costs"}))
