"""x NOT IN (SELECT y ...): NOT EXISTS, which PostgreSQL can plan as an anti join."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.rewrites._scope import not_null, plain, resolve, sources, stable

_SAME = "neither column can be NULL, so a row that is in no list is a row without a partner"
_OTHER = (
    "Not the same when {0} is NULL somewhere, which the schema does not forbid: NOT IN then gives "
    "no row at all{1}. Mostly NOT EXISTS is what was meant"
)
_OUTER = " (a NULL in {0} never passes NOT IN, but passes NOT EXISTS)"


def _run(tree: Any, schema: Schema) -> Change | None:
    doubts: list[str] = []
    changed = False
    for node in list(tree.find_all(exp.Not)):
        inside = node.this
        while isinstance(inside, exp.Paren):
            inside = inside.this
        if not isinstance(inside, exp.In) or not inside.args.get("query"):
            continue
        new, doubt = _exists(inside, schema)
        if new is not None:
            node.replace(exp.Not(this=new))
            doubts += [doubt] if doubt else []
            changed = True
    if not changed:
        return None
    return Change(tree, doubts[0] if doubts else _SAME, same=not doubts)


def _exists(inside: Any, schema: Schema) -> tuple[Any, str]:
    outer = resolve(inside.this, schema)
    query = inside.args["query"]
    select = query.this if isinstance(query, exp.Subquery) else query
    if outer is None or not plain(select, "distinct") or len(select.expressions) != 1:
        return None, ""
    column = select.expressions[0].unalias()
    inner = resolve(column, schema)
    if inner is None or inner.select is not select or not stable(select):
        return None, ""
    if outer.source.alias in {source.alias for source in sources(select, schema)}:
        return None, ""  # inside the subquery the name means another table
    doubt = _doubt(inside.this, outer, column, inner, schema)
    mine = inside.this.copy()
    mine.set("table", outer.source.written())
    new = select.copy()
    new.set("distinct", None)
    new.set("expressions", [exp.Literal.number(1)])
    return exp.Exists(this=new.where(exp.EQ(this=column.copy(), expression=mine))), doubt


def _doubt(mine: Any, outer: Any, column: Any, inner: Any, schema: Schema) -> str:
    safe_inner, safe_outer = not_null(inner, schema), not_null(outer, schema)
    if safe_inner and safe_outer:
        return ""
    also = "" if safe_outer else _OUTER.format(mine.sql(dialect="postgres"))
    if safe_inner:
        return "Not the same when the column is NULL" + also
    return _OTHER.format(column.sql(dialect="postgres"), also)


REWRITE = Rewrite(rule="db.rewrite_not_in", run=_run)
