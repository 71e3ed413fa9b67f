"""SELECT * of a wide table: a remark, for only the application knows what it needs."""

from typing import Any

from sqlglot import exp

from slowcoach.core.knowledge import rule
from slowcoach.core.units import size
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.rewrites._scope import sources

_RULE = "db.wide_select_star"


def _run(tree: Any, schema: Schema) -> Change | None:
    if not isinstance(tree, exp.Select) or not any(i.is_star for i in tree.expressions):
        return None
    relations = [s.relation for s in sources(tree, schema) if s.relation is not None]
    width = sum(relation.width for relation in relations)
    if width < rule(_RULE).limit("row_bytes"):
        return None
    columns = sum(len(relation.columns) for relation in relations)
    return Change(None, f"a row has {columns} columns and {size(width)}")


REWRITE = Rewrite(rule=_RULE, run=_run)
