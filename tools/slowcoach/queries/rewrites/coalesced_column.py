"""coalesce(c, 0) = 5 in a condition: the column alone, which is not NULL when it is 5."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._compare import (
    INTEGERS,
    compare,
    comparisons,
    integer_of,
    of_type,
    put,
)
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.rewrites._scope import filters

_WHY = (
    "the value that stands for NULL passes the comparison or fails it for certain, so the column "
    "can stand alone and an index on it can serve"
)
_HOLDS = {
    "=": int.__eq__,
    "<": int.__lt__,
    "<=": int.__le__,
    ">": int.__gt__,
    ">=": int.__ge__,
}


def _run(tree: Any, schema: Schema) -> Change | None:
    changed = False
    for found in comparisons(tree):
        side = found.side
        if not isinstance(side, exp.Coalesce) or len(side.expressions) != 1:
            continue
        instead, value = integer_of(side.expressions[0]), integer_of(found.value)
        whole = of_type(side.this, schema) in INTEGERS
        if not whole or instead is None or value is None or found.op not in _HOLDS:
            continue
        if not filters(found.node):
            continue
        alone = compare(side.this, found.op, found.value)
        if _HOLDS[found.op](instead, value):
            missing = exp.Is(this=side.this.copy(), expression=exp.Null())
            alone = exp.Or(this=alone, expression=missing)
        put(found.node, alone)
        changed = True
    return Change(tree, _WHY) if changed else None


REWRITE = Rewrite(rule="db.rewrite_column_alone", run=_run)
