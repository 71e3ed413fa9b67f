"""OFFSET of a thousand rows: begin behind the last row seen."""

from typing import Any

from sqlglot import exp

from slowcoach.core.knowledge import rule
from slowcoach.queries.rewrites._compare import integer_of
from slowcoach.queries.rewrites._model import Change, Relation, Rewrite, Schema
from slowcoach.queries.rewrites._scope import Resolved, plain, resolve, sources

_RULE = "db.large_offset"
_WHY = (
    "Not the same statement: it begins behind the last row of the page before, whose values the "
    "application gives as {}; pages are taken one after another, and rows that were added or "
    "removed meanwhile do not shift them"
)


def _run(tree: Any, schema: Schema) -> Change | None:
    offset, order = tree.args.get("offset"), tree.args.get("order")
    if not offset or not order or not plain(tree, "order", "limit", "offset", "with_"):
        return None
    skipped = integer_of(offset.expression)
    if skipped is None or skipped < rule(_RULE).limit("skipped_rows"):
        return None
    keys = _keys(tree, order, schema)
    if keys is None:
        return None
    marks = [exp.Placeholder(this=f"last_{found.name}") for _, found in keys]
    columns = [column.copy() for column, _ in keys]
    descending = bool(order.expressions[0].args.get("desc"))
    compared = exp.LT if descending else exp.GT
    after = compared(this=exp.Tuple(expressions=columns), expression=exp.Tuple(expressions=marks))
    if len(keys) == 1:
        after = compared(this=columns[0], expression=marks[0])
    for column, _ in keys[len(order.expressions) :]:
        order.append(
            "expressions", exp.Ordered(this=column.copy(), desc=descending, nulls_first=descending)
        )
    tree.set("offset", None)
    tree.where(after, copy=False)
    return Change(tree, _WHY.format(", ".join(f":{mark.this}" for mark in marks)), same=False)


def _keys(tree: Any, order: Any, schema: Schema) -> list[tuple[Any, Resolved]] | None:
    """Return the columns of the order, with the table's key at their end; None if it cannot be.

    All must have one direction and never be NULL: a row is compared as a whole.
    """
    items = sources(tree, schema)
    relation = items[0].relation if len(items) == 1 else None
    if (
        relation is None
        or not relation.keys
        or len({bool(i.args.get("desc")) for i in order.expressions}) > 1
    ):
        return None
    found = [(item.this, resolve(item.this, schema)) for item in order.expressions]
    known = [(column, r) for column, r in found if r is not None and r.column.not_null]
    if len(known) < len(found):
        return None
    return [*known, *_rest(relation, known, items[0].alias)]


def _rest(
    relation: Relation, known: list[tuple[Any, Resolved]], alias: str
) -> list[tuple[Any, Resolved]]:
    """Return the columns that make the order that of a key."""
    names = {r.name for _, r in known}
    if any(key <= names for key in relation.keys):
        return []
    first = known[0][1]
    key = min(relation.keys, key=lambda key: (len(key - names), sorted(key)))
    return [
        (
            exp.column(name, table=alias),
            Resolved(first.select, first.source, name, relation.columns[name]),
        )
        for name in sorted(key - names)
    ]


REWRITE = Rewrite(rule=_RULE, run=_run, compared=False)
