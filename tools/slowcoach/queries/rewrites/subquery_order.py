"""DISTINCT and ORDER BY where they change nothing: inside IN, EXISTS, and below a new order."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.rewrites._scope import stable

_WHY = "{}: neither how often a row comes nor in which order makes a difference there"
_CUTS = ("limit", "offset", "fetch", "distinct")
# the sum of floating point numbers, lists and texts depend on the order
_ANY_ORDER = (exp.Count, exp.Min, exp.Max)


def _run(tree: Any, schema: Schema) -> Change | None:
    del schema
    done: list[str] = []
    for select in list(tree.find_all(exp.Select)):
        if any(select.args.get(key) for key in ("limit", "offset", "fetch")):
            continue
        if _is_a_list(select):
            if select.args.get("order") or _plain_distinct(select):
                done.append("inside IN or EXISTS")
                select.set("order", None)
                if _plain_distinct(select):
                    select.set("distinct", None)
        elif select.args.get("order") and _ordered_anew(select):
            done.append("in a subquery whose result is put in another order")
            select.set("order", None)
    return Change(tree, _WHY.format(done[0])) if done else None


def _plain_distinct(select: Any) -> bool:
    distinct = select.args.get("distinct")
    return bool(distinct) and not distinct.args.get("on")


def _is_a_list(select: Any) -> bool:
    above = select.parent
    if select.args.get("distinct") and not _plain_distinct(select):
        return False
    if isinstance(above, exp.Exists):
        return True
    if isinstance(above, exp.Subquery):
        above = above.parent
    return isinstance(above, exp.In)


def _ordered_anew(select: Any) -> bool:
    """Tell whether it is a derived table of a query that does not depend on its order."""
    above = select.parent
    if select.args.get("distinct") or not stable(select):
        return False
    if not isinstance(above, exp.Subquery) or not isinstance(above.parent, exp.From | exp.Join):
        return False
    outer = above.find_ancestor(exp.Select)
    if outer is None or any(outer.args.get(key) for key in _CUTS) or outer.find(exp.Window):
        return False
    aggregates = list(outer.find_all(exp.AggFunc, exp.AnonymousAggFunc))
    if not all(isinstance(node, _ANY_ORDER) for node in aggregates):
        return False
    return bool(outer.args.get("order")) or (bool(aggregates) and not outer.args.get("group"))


REWRITE = Rewrite(rule="db.rewrite_redundant", run=_run)
