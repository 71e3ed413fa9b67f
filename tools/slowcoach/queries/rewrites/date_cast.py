"""date(ts) = d, ts::date = d: the range of the day on the column itself."""

import datetime
from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._compare import (
    as_range,
    cast_to,
    comparisons,
    day_of,
    moment,
    put,
    text,
)
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema

_WHY = (
    "a day is the range from its midnight up to the next, so the column stands alone and an index "
    "on it can serve"
)
_OPEN = "; for a parameter that is a finite date"


def _run(tree: Any, schema: Schema) -> Change | None:
    open_ends = False
    changed = False
    for found in comparisons(tree):
        column = _column(found.side)
        if column is None or not moment(column, schema):
            continue
        new = as_range(found, column, _start, _after)
        if new is not None:
            open_ends = open_ends or new.find(exp.Parameter, exp.Placeholder) is not None
            put(found.node, new)
            changed = True
    return Change(tree, _WHY + (_OPEN if open_ends else "")) if changed else None


def _column(side: Any) -> Any:
    """Return the column of date(column) or CAST(column AS date)."""
    if isinstance(side, exp.Date) and not side.args.get("zone") and not side.expressions:
        return side.this
    return side.this if cast_to(side) == "DATE" else None


def _start(value: Any) -> Any:
    day = day_of(value)
    return text(day) if day else _typed(value)


def _after(value: Any) -> Any:
    day = day_of(value)
    if day is not None:
        return text(day + datetime.timedelta(1)) if day < datetime.date.max else None
    typed = _typed(value)
    return exp.Add(this=typed, expression=exp.Literal.number(1)) if typed is not None else None


def _typed(value: Any) -> Any:
    if isinstance(value, exp.CurrentDate) and value.this is None:
        return value.copy()
    inner = value.this if cast_to(value) == "DATE" else value
    if isinstance(inner, exp.Parameter | exp.Placeholder):
        return exp.cast(inner.copy(), "date")
    return None


REWRITE = Rewrite(rule="db.rewrite_column_alone", run=_run)
