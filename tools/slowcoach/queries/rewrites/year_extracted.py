"""extract(year from ts) = 2026: the range of the year on the column itself."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._compare import (
    as_range,
    comparisons,
    integer_of,
    moment,
    of_type,
    put,
    text,
)
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema

_WHY = (
    "a year is the range from its first day up to the next year's, so the column stands alone "
    "and an index on it can serve"
)
_LAST = 9998


def _run(tree: Any, schema: Schema) -> Change | None:
    changed = False
    for found in comparisons(tree):
        side = found.side
        if not isinstance(side, exp.Extract) or str(side.this.name).upper() != "YEAR":
            continue
        column = side.expression
        if not moment(column, schema) and of_type(column, schema) != "date":
            continue
        new = as_range(found, column, _start, lambda value: _start(value, 1))
        if new is not None:
            put(found.node, new)
            changed = True
    return Change(tree, _WHY) if changed else None


def _start(value: Any, later: int = 0) -> Any:
    year = integer_of(value)
    # before the year 1 a year has other names; after 9999 five digits
    return text(f"{year + later:04}-01-01") if year is not None and 0 < year <= _LAST else None


REWRITE = Rewrite(rule="db.rewrite_column_alone", run=_run)
