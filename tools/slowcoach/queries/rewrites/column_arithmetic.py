"""id + 1 = 5, ts + interval '1 day' > now(): the arithmetic goes to the other side."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._compare import (
    INTEGERS,
    TIMESTAMP,
    TIMESTAMPTZ,
    Comparison,
    bare,
    compare,
    comparisons,
    integer,
    integer_of,
    of_type,
    put,
)
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema

_WHY = (
    "the same amount is taken from both sides, so the column stands alone and an index on it can "
    "serve (a value so large that the addition would fail no longer fails)"
)
_LIMIT = 2**63
_EVEN = frozenset({"HOUR", "MINUTE", "SECOND", "HOURS", "MINUTES", "SECONDS"})
_DAYS = frozenset({"DAY", "WEEK", "DAYS", "WEEKS"})


def _run(tree: Any, schema: Schema) -> Change | None:
    changed = False
    for found in comparisons(tree):
        new = _moved(found, schema) if isinstance(found.side, exp.Add | exp.Sub) else None
        if new is not None:
            put(found.node, new)
            changed = True
    return Change(tree, _WHY) if changed else None


def _moved(found: Comparison, schema: Schema) -> Any:
    column, amount = bare(found.side.left), bare(found.side.right)
    if isinstance(found.side, exp.Add) and isinstance(amount, exp.Column):
        column, amount = amount, column
    kind = of_type(column, schema)
    if kind in INTEGERS:
        return _integers(found, column, amount)
    if kind in {TIMESTAMP, TIMESTAMPTZ} and _invertible(amount, kind, schema):
        return _moments(found, column, amount, kind, schema)
    return None


def _integers(found: Comparison, column: Any, amount: Any) -> Any:
    by, value = integer_of(amount), integer_of(found.value)
    high = value if found.high is None else integer_of(found.high)
    if by is None or value is None or high is None:
        return None
    by = by if isinstance(found.side, exp.Add) else -by
    if max(abs(value - by), abs(high - by)) >= _LIMIT:
        return None
    if found.op == "between":
        return exp.Between(this=column.copy(), low=integer(value - by), high=integer(high - by))
    return compare(column, found.op, integer(value - by))


def _invertible(amount: Any, kind: str, schema: Schema) -> bool:
    """Tell whether adding the interval and taking it away again gives the same moment.

    Months do not (31 January), and days do not where clocks are changed.
    """
    if not isinstance(amount, exp.Interval) or amount.this is None:
        return False
    if not str(amount.this.name).isdigit():
        return False
    unit = str(amount.text("unit")).upper()
    return unit in _EVEN or (unit in _DAYS and (kind == TIMESTAMP or schema.utc))


def _moments(found: Comparison, column: Any, amount: Any, kind: str, schema: Schema) -> Any:
    """Move an interval to a value of the column's own type."""
    value = found.value
    if found.op == "between":
        return None
    if isinstance(value, exp.CurrentTimestamp) and (kind == TIMESTAMPTZ or schema.utc):
        typed = exp.cast(value.copy(), "timestamp") if kind == TIMESTAMP else value.copy()
    elif isinstance(value, exp.Literal) and value.is_string and value.this[:1].isdigit():
        typed = exp.cast(value.copy(), "timestamp" if kind == TIMESTAMP else "timestamptz")
    else:
        return None
    other = exp.Sub if isinstance(found.side, exp.Add) else exp.Add
    return compare(column, found.op, other(this=typed, expression=amount.copy()))


REWRITE = Rewrite(rule="db.rewrite_column_alone", run=_run)
