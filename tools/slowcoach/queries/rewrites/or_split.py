"""WHERE a = 1 OR b = 2: one query for each side, and no row twice."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.rewrites._scope import name_of, plain, resolve, stable, terms

_WHY = (
    "each part takes the rows that its condition lets through and no part before it did "
    "(IS NOT TRUE also keeps those that were NULL), so each row comes once, as before"
)
_MOST = 4


def _run(tree: Any, schema: Schema) -> Change | None:
    if not plain(tree, "order") or not stable(tree) or not _by_output(tree):
        return None
    found = terms(tree.args.get("where"))
    split = next((term for term in found if isinstance(term, exp.Or)), None)
    if split is None:
        return None
    parts = _sides(split)
    if not 1 < len(parts) <= _MOST or len({_columns(part, schema) for part in parts}) < len(parts):
        return None
    rest = [term for term in found if term is not split]
    order = tree.args.get("order")
    tree.set("order", None)
    branches = [_branch(tree, parts[:i], part, rest) for i, part in enumerate(parts)]
    union = branches[0]
    for branch in branches[1:]:
        union = exp.Union(this=union, expression=branch, distinct=False)
    union.set("order", order)
    return Change(union, _WHY)


def _sides(node: Any) -> list[Any]:
    while isinstance(node, exp.Paren):
        node = node.this
    return [*_sides(node.left), *_sides(node.right)] if isinstance(node, exp.Or) else [node]


def _columns(part: Any, schema: Schema) -> frozenset[tuple[str, str]]:
    """Return which columns a side is about; sides about the same one are served by one index."""
    found = [resolve(column, schema) for column in part.find_all(exp.Column)]
    return frozenset((r.source.alias, r.name) for r in found if r is not None)


def _branch(tree: Any, before: list[Any], part: Any, rest: list[Any]) -> Any:
    branch = tree.copy()
    not_before = [
        exp.Not(this=exp.Is(this=exp.Paren(this=b.copy()), expression=exp.Boolean(this=True)))
        for b in before
    ]
    conditions = [*(t.copy() for t in rest), part.copy(), *not_before]
    branch.set("where", exp.Where(this=exp.and_(*conditions)))
    return branch


def _by_output(tree: Any) -> bool:
    """Tell whether ORDER BY names columns of the result, as that of a union must."""
    order = tree.args.get("order")
    names = {
        name_of(item.args.get("alias") or item.this) for item in tree.expressions if _named(item)
    }
    for item in order.expressions if order else ():
        key = item.this
        if isinstance(key, exp.Literal) and not key.is_string:
            continue
        if (
            not isinstance(key, exp.Column)
            or key.args.get("table")
            or name_of(key.this) not in names
        ):
            return False
    return True


def _named(item: Any) -> bool:
    return isinstance(item, exp.Alias | exp.Column) and not isinstance(item.this, exp.Star)


REWRITE = Rewrite(rule="db.rewrite_or", run=_run)
