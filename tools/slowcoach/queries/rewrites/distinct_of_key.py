"""SELECT DISTINCT with a key in the list: every row is distinct already."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.rewrites._scope import own, plain, selected_columns, unique_rows

_WHY = "a key is among what is selected, so no two rows are the same"


def _run(tree: Any, schema: Schema) -> Change | None:
    changed = False
    for select in list(tree.find_all(exp.Select)):
        if _bare(select) and unique_rows(select, schema, selected_columns(select)):
            select.set("distinct", None)
            changed = True
        changed = _counts(select, schema) or changed
    return Change(tree, _WHY) if changed else None


def _bare(select: Any) -> bool:
    distinct = select.args.get("distinct")
    return bool(distinct and not distinct.args.get("on")) and plain(
        select, "distinct", "order", "limit", "offset", "with_"
    )


def _counts(select: Any, schema: Schema) -> bool:
    """Take DISTINCT out of count(DISTINCT key) of a query without groups."""
    if {key for key, value in select.args.items() if value} - _COUNTED:
        return False
    changed = False
    for item in select.expressions:
        for node in list(own(item)):
            if not isinstance(node, exp.Count) or not isinstance(node.this, exp.Distinct):
                continue
            columns = node.this.expressions
            if len(columns) == 1 and unique_rows(select, schema, columns):
                node.set("this", columns[0].copy())
                changed = True
    return changed


_COUNTED = frozenset({"expressions", "from_", "joins", "where", "with_", "order", "kind"})

REWRITE = Rewrite(rule="db.rewrite_redundant", run=_run)
