"""id::text = '77', id = 77.0, u::text = '...': the value gets the column's type instead."""

import re
from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._compare import (
    INTEGERS,
    Comparison,
    cast_to,
    compare,
    comparisons,
    integer,
    of_type,
    put,
)
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema

_WHY = (
    "the value is written in the type of the column, of which it names exactly one value, so the "
    "column is not converted and an index on it can serve"
)
_WHOLE = re.compile(r"0|-?[1-9]\d{0,17}")  # as PostgreSQL writes them, and no others
_WHOLE_POINT = re.compile(r"(\d{1,18})\.0*")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TEXT = frozenset({"TEXT", "VARCHAR"})


def _run(tree: Any, schema: Schema) -> Change | None:
    changed = False
    for found in comparisons(tree):
        new = _as_text(found, schema)
        new = _with_point(found, schema) if new is None else new
        if new is not None:
            put(found.node, new)
            changed = True
    return Change(tree, _WHY) if changed else None


def _as_text(found: Comparison, schema: Schema) -> Any:
    side, value = found.side, found.value
    if found.op != "=" or cast_to(side) not in _TEXT:  # a length would cut the text
        return None
    if not isinstance(value, exp.Literal) or not value.is_string:
        return None
    kind = of_type(side.this, schema)
    if kind in INTEGERS and _WHOLE.fullmatch(value.this):
        return compare(side.this, "=", integer(int(value.this)))
    if kind == "uuid" and _UUID.fullmatch(value.this):
        return compare(side.this, "=", exp.cast(value.copy(), "uuid"))
    return None


def _with_point(found: Comparison, schema: Schema) -> Any:
    """Write 77.0 as 77 for a column of whole numbers."""
    value, high = _point(found.value), _point(found.high)
    if value is None or of_type(found.side, schema) not in INTEGERS:
        return None
    if found.op == "between":
        if high is None:
            return None
        return exp.Between(this=found.side.copy(), low=value, high=high)
    return compare(found.side, found.op, value)


def _point(value: Any) -> Any:
    if not isinstance(value, exp.Literal) or value.is_string:
        return None
    match = _WHOLE_POINT.fullmatch(value.this)
    return integer(int(match.group(1))) if match else None


REWRITE = Rewrite(rule="db.rewrite_column_alone", run=_run)
