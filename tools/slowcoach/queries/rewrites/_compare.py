"""Comparisons of an expression with a value, and the range that says the same of its column."""

import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._model import Schema
from slowcoach.queries.rewrites._scope import resolve

TIMESTAMP = "timestamp without time zone"
TIMESTAMPTZ = "timestamp with time zone"
INTEGERS = frozenset({"smallint", "integer", "bigint"})
TEXTS = frozenset({"text", "character varying"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_OPS: dict[type[Any], str] = {exp.EQ: "=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_KINDS: dict[str, type[Any]] = {sign: kind for kind, sign in _OPS.items()}
_FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`side op value`, or `side BETWEEN value AND high`."""

    node: Any
    side: Any
    op: str
    value: Any
    high: Any = None


def comparisons(tree: Any) -> Iterator[Comparison]:
    """Yield every comparison of the tree, each both ways round."""
    for node in list(tree.find_all(*_OPS, exp.Between)):
        if isinstance(node, exp.Between):
            if not node.args.get("symmetric"):
                low, high = node.args["low"], node.args["high"]
                yield Comparison(node, bare(node.this), "between", bare(low), bare(high))
            continue
        op = _OPS[type(node)]
        yield Comparison(node, bare(node.left), op, bare(node.right))
        yield Comparison(node, bare(node.right), _FLIPPED[op], bare(node.left))


def bare(node: Any) -> Any:
    """Return an expression without the brackets around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def compare(column: Any, op: str, value: Any) -> Any:
    """Return the tree of `column op value`."""
    return _KINDS[op](this=column.copy(), expression=value.copy())


def put(node: Any, new: Any) -> None:
    """Put a condition in the place of another one, in brackets where it needs them."""
    above = node.parent
    alone = isinstance(above, exp.Where | exp.Paren | exp.Having) or (
        isinstance(new, exp.And) and isinstance(above, exp.And)
    )
    joined = isinstance(new, exp.And | exp.Or)
    node.replace(exp.Paren(this=new) if joined and not alone else new)


def as_range(
    found: Comparison,
    column: Any,
    start: Callable[[Any], Any],
    after: Callable[[Any], Any],
) -> Any:
    """Return the condition on the column itself, for a side that rounds the column down.

    `start` gives the first value that is rounded to a given one, `after` the first that no
    longer is; None where they cannot tell.
    """
    low, beyond = start(found.value), after(found.high if found.high is not None else found.value)
    if low is None or beyond is None:
        return None
    if found.op in {"=", "between"}:
        return exp.And(this=compare(column, ">=", low), expression=compare(column, "<", beyond))
    op = "<" if found.op in {"<", "<="} else ">="
    return compare(column, op, beyond if found.op in {"<=", ">"} else low)


def cast_to(node: Any) -> str:
    """Return the name of the type that a cast is to (sqlglot's: DATE, INT), without a length.

    Nothing for what is no cast, or is one to a type that sqlglot does not know.
    """
    to: Any = node.args["to"] if isinstance(node, exp.Cast) else None
    if not isinstance(to, exp.DataType) or to.expressions:
        return ""
    return to.this.name if isinstance(to.this, exp.DType) else ""


def of_type(column: Any, schema: Schema) -> str:
    """Return the type of a column as the catalog has it, or nothing."""
    found = resolve(column, schema)
    return found.column.type if found is not None else ""


def moment(column: Any, schema: Schema) -> bool:
    """Tell whether it is a timestamp whose days begin at midnight, whatever the season."""
    kind = of_type(column, schema)
    return kind == TIMESTAMP or (kind == TIMESTAMPTZ and schema.utc)


def day_of(value: Any) -> datetime.date | None:
    """Return the day that a literal names ('2026-01-31', also as DATE '...'), or None."""
    return _date(value, _DAY, {"DATE"})


def midnight_of(value: Any) -> datetime.date | None:
    """Return the day at whose begin a literal is ('2026-01-31', '2026-01-31 00:00:00')."""
    return _date(value, _MIDNIGHT, {"DATE", "TIMESTAMP"})


def _date(value: Any, form: re.Pattern[str], types: set[str]) -> datetime.date | None:
    if cast_to(value) in types:
        value = value.this
    if not isinstance(value, exp.Literal) or not value.is_string:
        return None
    match = form.fullmatch(value.this)
    try:
        return datetime.date.fromisoformat(match.group()[:10]) if match else None
    except ValueError:
        return None


def text(value: object) -> Any:
    """Return a string literal."""
    return exp.Literal.string(str(value))


def integer(value: int) -> Any:
    """Return a whole number, as a literal."""
    literal = exp.Literal.number(abs(value))
    return exp.Neg(this=literal) if value < 0 else literal


def integer_of(value: Any) -> int | None:
    """Return the whole number that a literal is (7, -7), or None."""
    if isinstance(value, exp.Neg):
        inner = integer_of(value.this)
        return None if inner is None else -inner
    if isinstance(value, exp.Literal) and not value.is_string and value.this.isdigit():
        return int(value.this)
    return None
