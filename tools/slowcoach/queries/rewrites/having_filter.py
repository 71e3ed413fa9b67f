"""HAVING about the groups' own columns: WHERE, before the rows are grouped."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.rewrites._scope import terms

_WHY = "the condition is about the columns grouped by, so it drops whole groups, before or after"


def _run(tree: Any, schema: Schema) -> Change | None:
    del schema
    changed = False
    for select in list(tree.find_all(exp.Select)):
        having, group = select.args.get("having"), select.args.get("group")
        if not having or not group or set(_given(group)) != {"expressions"}:
            continue
        grouped = {item.sql() for item in group.expressions if isinstance(item, exp.Column)}
        moved = [term for term in terms(having) if _movable(term, grouped)]
        if not moved:
            continue
        kept = [term.copy() for term in terms(having) if all(term is not m for m in moved)]
        select.set("having", exp.Having(this=exp.and_(*kept)) if kept else None)
        select.where(*(term.copy() for term in moved), copy=False)
        changed = True
    return Change(tree, _WHY) if changed else None


def _is_call(node: Any) -> bool:
    return isinstance(node, exp.Func) and not isinstance(node, exp.Connector)


def _given(node: Any) -> list[str]:
    return [key for key, value in node.args.items() if value]


def _movable(term: Any, grouped: set[str]) -> bool:
    # a function could tell values apart that are grouped as one (1.0 and 1.00 as text)
    if term.find(exp.Query, exp.Window) or any(_is_call(node) for node in term.walk()):
        return False
    columns = list(term.find_all(exp.Column))
    return bool(columns) and all(column.sql() in grouped for column in columns)


REWRITE = Rewrite(rule="db.rewrite_having", run=_run)
