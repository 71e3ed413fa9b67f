"""UNION of parts that cannot have a row in common: UNION ALL."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._compare import INTEGERS, TEXTS, bare, integer_of, of_type
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.rewrites._scope import plain, resolve, selected_columns, terms, unique_rows

_WHY = (
    "a column has another constant in each part, and within a part a key makes the rows distinct, "
    "so there is nothing to remove"
)


def _run(tree: Any, schema: Schema) -> Change | None:
    changed = False
    for union in list(tree.find_all(exp.Union)):
        left, right = bare(union.this), bare(union.expression)
        if not union.args.get("distinct") or not plain(left) or not plain(right):
            continue
        if not _differ(left, right, schema) or not _alike(left, right, schema):
            continue
        if all(unique_rows(part, schema, selected_columns(part)) for part in (left, right)):
            union.set("distinct", False)
            changed = True
    return Change(tree, _WHY) if changed else None


def _differ(left: Any, right: Any, schema: Schema) -> bool:
    pairs = zip(left.expressions, right.expressions, strict=False)
    for a, b in pairs:
        one, other = _constant(left, a.unalias(), schema), _constant(right, b.unalias(), schema)
        if one is not None and other is not None and type(one) is type(other) and one != other:
            return True
    return False


def _alike(left: Any, right: Any, schema: Schema) -> bool:
    """Tell whether each column has one type in both parts: none is rounded to the other's."""
    if len(left.expressions) != len(right.expressions):
        return False
    pairs = zip(left.expressions, right.expressions, strict=True)
    return all(
        (kind := _kind(a.unalias(), schema)) is not None and kind == _kind(b.unalias(), schema)
        for a, b in pairs
    )


def _kind(item: Any, schema: Schema) -> str | None:
    if isinstance(item, exp.Column):
        return of_type(item, schema) or None
    value = _value(item)
    return None if value is None else type(value).__name__


def _constant(select: Any, item: Any, schema: Schema) -> int | str | None:
    """Return the one value that an item of the list has in every row."""
    literal = _value(item)
    if literal is not None:
        return literal
    found = resolve(item, schema) if isinstance(item, exp.Column) else None
    if found is None or of_type(item, schema) not in TEXTS | INTEGERS:
        return None
    for term in terms(select.args.get("where")):
        if not isinstance(term, exp.EQ):
            continue
        for side, value in ((term.left, term.right), (term.right, term.left)):
            other = resolve(side, schema) if isinstance(side, exp.Column) else None
            if other and (other.source.alias, other.name) == (found.source.alias, found.name):
                return _value(value)
    return None


def _value(item: Any) -> int | str | None:
    if isinstance(item, exp.Literal) and item.is_string:
        return str(item.this)
    return integer_of(item)


REWRITE = Rewrite(rule="db.rewrite_union", run=_run)
