"""(SELECT count(*) ...) > 0: EXISTS, which stops at the first row."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._compare import Comparison, comparisons, integer_of
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.rewrites._scope import not_null, resolve

_WHY = "a count is above 0 when there is a row, and EXISTS stops at the first one"
_THERE = frozenset({(">", 0), (">=", 1)})
_NONE = frozenset({("=", 0), ("<", 1), ("<=", 0)})
_PLAIN = frozenset({"expressions", "from_", "joins", "where", "kind"})


def _run(tree: Any, schema: Schema) -> Change | None:
    changed = False
    for found in [*comparisons(tree), *_different(tree)]:
        select: Any = found.side.this if isinstance(found.side, exp.Subquery) else None
        key = (found.op, integer_of(found.value))
        if key not in _THERE | _NONE or not _counts(select, schema):
            continue
        select.set("expressions", [exp.Literal.number(1)])
        there = exp.Exists(this=select)
        found.node.replace(there if key in _THERE else exp.Not(this=there))
        changed = True
    return Change(tree, _WHY) if changed else None


def _different(tree: Any) -> list[Comparison]:
    """Return count <> 0, which is a count above 0."""
    nodes = list(tree.find_all(exp.NEQ))
    return [
        Comparison(node, node.left, ">", node.right)
        for node in nodes
        if integer_of(node.right) == 0
    ]


def _counts(select: Any, schema: Schema) -> bool:
    """Tell whether a query does nothing but count its rows."""
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        return False
    if {key for key, value in select.args.items() if value} - _PLAIN or not select.args.get(
        "from_"
    ):
        return False
    count = select.expressions[0].unalias()
    if not isinstance(count, exp.Count):
        return False
    if isinstance(count.this, exp.Column):
        column = resolve(count.this, schema)
        return column is not None and column.select is select and not_null(column, schema)
    return isinstance(count.this, exp.Star | exp.Literal)


REWRITE = Rewrite(rule="db.rewrite_count", run=_run)
