"""Which index would serve a step: equality columns first, then one range or the order."""

from collections.abc import Sequence

from slowcoach.queries.conditions import SortKey, Term, sort_keys, table_sql, terms
from slowcoach.queries.figures import Figures, Step
from slowcoach.queries.statistics import TableFacts
from slowcoach.queries.subject import Recommendation

_MAX_COLUMNS = 4
_PASSING = frozenset({"Gather", "Gather Merge", "Subquery Scan", "Materialize"})
_SORTS = frozenset({"Sort", "Incremental Sort"})


def index_for(figures: Figures, step: Step, condition: str) -> Recommendation | None:
    """Return the index that would serve this condition on the step's table, or None."""
    relation, alias = step.node.relation, step.node.text("alias")
    if relation is None:
        return None
    found = terms(condition, alias or relation)
    return _index(figures, step, [term for term in found if term.cast is None])


def _index(figures: Figures, step: Step, found: Sequence[Term]) -> Recommendation | None:
    for how, method, operators in (("contains", "gin", ""), ("text", "gin", " gin_trgm_ops")):
        special = [term for term in found if term.how == how]
        plain = [term for term in found if term.how in {"equal", "range", "prefix"}]
        if special and not plain:
            return _statement(step, [f"{special[0].target}{operators}"], method)
    equal = [term.target for term in found if term.how == "equal"]
    ranges = [
        term.target if term.how == "range" else f"{term.target} text_pattern_ops"
        for term in found
        if term.how in {"range", "prefix"}
    ]
    order = order_above(figures, step) if not ranges else None
    columns = [*equal, *ranges[:1], *_written(order or (), equal)]
    return _statement(step, columns[:_MAX_COLUMNS]) if equal or ranges else None


def index_of(figures: Figures, step: Step, found: Sequence[Term]) -> Recommendation | None:
    """Return the index that would serve these terms on the step's table, or None."""
    if step.node.relation is None:
        return None
    return _index(figures, step, [term for term in found if term.cast is None])


def index_on(step: Step, columns: Sequence[str]) -> Recommendation:
    """Return the statement of a B-tree on these columns of the step's table."""
    return _statement(step, list(columns)[:_MAX_COLUMNS])


def index_in_order(figures: Figures, step: Step) -> Recommendation | None:
    """Return the index that gives the step's rows in the order that is asked for, or None."""
    order = order_above(figures, step)
    if order is None or step.node.relation is None:
        return None
    alias = step.node.text("alias") or step.node.relation
    condition = step.node.conditions("filter")
    equal = [
        term.target for term in terms(condition, alias) if term.how == "equal" and not term.cast
    ]
    return _statement(step, [*equal, *_written(order, equal)][:_MAX_COLUMNS])


def order_above(figures: Figures, step: Step) -> tuple[SortKey, ...] | None:
    """Return the order that the nearest Sort above asks for, if a Limit takes only its first."""
    for above in figures.above(step):
        if above.node.kind in _SORTS:
            parents = figures.above(above)
            limited = next((p for p in parents if p.node.kind not in _PASSING), None)
            if limited is None or limited.node.kind != "Limit":
                return None
            alias = step.node.text("alias") or step.node.relation or ""
            return sort_keys(above.node.fields.get("sort_key"), alias)
        if above.node.kind not in _PASSING:
            return None
    return None


def _written(order: Sequence[SortKey], before: Sequence[str]) -> list[str]:
    """Write the order's columns; one direction for all needs none, for an index reads both ways."""
    keys = [key for key in order if key.target not in before]
    same = len({key.direction for key in keys}) == 1 and "NULLS" not in keys[0].direction
    return [key.target if same else f"{key.target} {key.direction}".strip() for key in keys]


def _statement(step: Step, columns: Sequence[str], method: str = "") -> Recommendation:
    table = table_sql(step.node.relation or "", step.node.text("schema"))
    using = f" USING {method}" if method else ""
    extension = "CREATE EXTENSION IF NOT EXISTS pg_trgm; " if "gin_trgm_ops" in columns[0] else ""
    return Recommendation(
        kind="index",
        statement=f"{extension}CREATE INDEX CONCURRENTLY ON {table}{using} ({', '.join(columns)})",
        why=f"serves {step.node.label}",
        step=step.index,
    )


def exists(index: Recommendation | None, facts: TableFacts | None) -> bool:
    """Tell whether the table already has an index that begins with the same columns."""
    if index is None or facts is None:
        return False
    columns = index.statement.rpartition(" (")[2].rstrip(")")
    return any(
        f"({columns})" in known.definition or f"({columns}," in known.definition
        for known in facts.indexes
    )
