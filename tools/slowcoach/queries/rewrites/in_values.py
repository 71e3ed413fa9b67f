"""x IN (hundreds of values): a list that can be joined."""

from typing import Any

from sqlglot import exp

from slowcoach.core.knowledge import rule
from slowcoach.queries.rewrites._compare import INTEGERS, TEXTS, integer_of, of_type
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema

_RULE = "db.rewrite_in_list"
_WHY = "the same values as rows of a list, which the planner can join by hash instead of comparing"
_OTHER_TYPES = frozenset({"date", "uuid", "timestamp without time zone"})


def _run(tree: Any, schema: Schema) -> Change | None:
    changed = False
    for node in list(tree.find_all(exp.In)):
        items = node.expressions
        if len(items) < rule(_RULE).limit("values") or isinstance(node.parent, exp.Not):
            continue
        kind = of_type(node.this, schema)
        if not _constants(items, kind):
            continue
        rows = [exp.Tuple(expressions=[item.copy()]) for item in items]
        if kind not in INTEGERS:
            rows[0].set(
                "expressions", [exp.cast(items[0].copy(), "text" if kind in TEXTS else kind)]
            )
        values = exp.Subquery(this=exp.Values(expressions=rows))
        node.replace(exp.EQ(this=node.this.copy(), expression=exp.Any(this=values)))
        changed = True
    return Change(tree, _WHY) if changed else None


def _constants(items: list[Any], kind: str) -> bool:
    if kind in INTEGERS:
        return all(integer_of(item) is not None for item in items)
    texts = all(isinstance(item, exp.Literal) and item.is_string for item in items)
    return texts and (kind in TEXTS or kind in _OTHER_TYPES)


REWRITE = Rewrite(rule=_RULE, run=_run)
