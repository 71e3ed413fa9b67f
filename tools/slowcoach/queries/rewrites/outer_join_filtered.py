"""LEFT JOIN whose right side is filtered: the rows without a partner never pass."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.rewrites._scope import requires, resolve, sources, terms

_WHY = "WHERE asks for a value of the right side, which a row without a partner has not"


def _run(tree: Any, schema: Schema) -> Change | None:
    changed = False
    for select in list(tree.find_all(exp.Select)):
        joins = select.args.get("joins") or []
        if any((join.side or "").upper() in {"RIGHT", "FULL"} for join in joins):
            continue
        conditions = terms(select.args.get("where"))
        for join, source in zip(joins, sources(select, schema)[1:], strict=True):
            if (join.side or "").upper() == "LEFT" and _filtered(
                conditions, source.alias, select, schema
            ):
                join.set("side", None)
                join.set("kind", None)
                changed = True
    return Change(tree, _WHY) if changed else None


def _filtered(conditions: list[Any], alias: str, select: Any, schema: Schema) -> bool:
    for term in conditions:
        for column in term.find_all(exp.Column):
            found = resolve(column, schema)
            if found is None or found.select is not select or found.source.alias != alias:
                continue
            if requires(term, found, schema):
                return True
    return False


REWRITE = Rewrite(rule="db.rewrite_outer_join", run=_run)
