"""(SELECT max(x) FROM u WHERE u.k = t.k) for each row: one grouped join instead."""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._compare import INTEGERS
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema
from slowcoach.queries.rewrites._scope import (
    Resolved,
    name_of,
    own,
    plain,
    resolve,
    simple,
    sources,
    stable,
    terms,
)

_WHY = (
    "each row of the outer query finds at most one group (or one row, by a key) with its value, "
    "and where there is none it gets NULL, or 0 for a count, as before"
)
_AGGREGATES = (exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg)
_SETS = (exp.In, exp.Exists, exp.Any, exp.All)
_PREFIX = "joined"
_ROUNDED = frozenset({"real", "double precision"})  # their sums depend on the order of rows


@dataclass(frozen=True, slots=True)
class _Pair:
    """inner column = outer column, by which the subquery depends on the row."""

    inner: Any
    outer: Any
    found: Resolved
    term: Any


def _run(tree: Any, schema: Schema) -> Change | None:
    done = 0
    for select in list(tree.find_all(exp.Select)):
        if not plain(select, "order", "limit", "offset", "with_") or _stars(select):
            continue
        places = [*select.expressions, *filter(None, [select.args.get("where")])]
        for query in [node for place in places for node in own_subqueries(place)]:
            done += _join(select, query, schema, done + 1)
    return Change(tree, _WHY) if done else None


def own_subqueries(place: Any) -> list[Any]:
    """Return the scalar subqueries of an expression, none that are inside others or in IN."""
    return [
        node
        for node in own(place)
        if isinstance(node, exp.Subquery) and not isinstance(node.parent, _SETS)
    ]


def _stars(select: Any) -> bool:
    return any(isinstance(item, exp.Star) for item in select.expressions)


def _join(outer: Any, query: Any, schema: Schema, number: int) -> int:
    select = query.this
    if not _alone(select) or not stable(select):
        return 0
    pairs = _pairs(select, outer, schema)
    value = select.expressions[0].unalias()
    aggregate = isinstance(value, _AGGREGATES)
    if not pairs or (not aggregate and not _by_key(value, pairs, schema)):
        return 0
    columns = [resolve(column, schema) for column in value.find_all(exp.Column)]
    if any(r is None or r.select is not select or r.column.type in _ROUNDED for r in columns):
        return 0
    alias = f"{_PREFIX}_{number}"
    if alias in {source.alias for source in sources(outer, schema)}:
        return 0
    on = [
        exp.EQ(this=exp.column(f"key_{i}", table=alias), expression=_qualified(pair))
        for i, pair in enumerate(pairs, 1)
    ]
    grouped = _derived(select, value, pairs, aggregate)
    result: Any = exp.column("value_1", table=alias)
    if isinstance(value, exp.Count):
        result = exp.Coalesce(this=result, expressions=[exp.Literal.number(0)])
    query.replace(_named(result, query, select))
    joined = exp.Join(
        this=exp.Subquery(this=grouped, alias=exp.TableAlias(this=exp.to_identifier(alias))),
        side="LEFT",
        on=exp.and_(*on),
    )
    outer.append("joins", joined)
    return 1


def _alone(select: Any) -> bool:
    """Tell whether a query has one column, FROM one table, and WHERE."""
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        return False
    keys = {key for key, value in select.args.items() if value}
    return keys == {"expressions", "from_", "where"} and not select.find(exp.Window, exp.Distinct)


def _pairs(select: Any, outer: Any, schema: Schema) -> list[_Pair]:
    """Return the equalities with the outer query; nothing if it is used in any other way."""
    pairs: list[_Pair] = []
    for term in terms(select.args.get("where")):
        columns = list(term.find_all(exp.Column))
        if columns and all(_of(select, column, schema) for column in columns):
            continue
        pair = _pair(term, select, outer, schema) if isinstance(term, exp.EQ) else None
        if pair is None:
            return []
        pairs.append(pair)
    return pairs


def _pair(term: Any, select: Any, outer: Any, schema: Schema) -> _Pair | None:
    for inner, other in ((term.left, term.right), (term.right, term.left)):
        mine, theirs = resolve(inner, schema), resolve(other, schema)
        if mine is None or theirs is None:
            continue
        if mine.select is select and theirs.select is outer and _alike(mine, theirs):
            return _Pair(inner, other, theirs, term)
    return None


def _alike(a: Resolved, b: Resolved) -> bool:
    """Tell whether equality of the two is the equality by which rows are grouped."""
    return a.column.type == b.column.type or {a.column.type, b.column.type} <= INTEGERS


def _of(select: Any, column: Any, schema: Schema) -> bool:
    found = resolve(column, schema)
    return found is not None and found.select is select


def _by_key(value: Any, pairs: list[_Pair], schema: Schema) -> bool:
    """Tell whether the equalities fix a key, so that there is one row at most."""
    if not isinstance(value, exp.Column):
        return False
    found = [r for pair in pairs if (r := resolve(pair.inner, schema))]
    relation = found[0].source.relation if found else None
    names = {r.name for r in found}
    return relation is not None and any(key <= names for key in relation.keys)


def _qualified(pair: _Pair) -> Any:
    column = pair.outer.copy()
    column.set("table", pair.found.source.written())
    return column


def _derived(select: Any, value: Any, pairs: list[_Pair], aggregate: bool) -> Any:
    """Return the subquery for all rows at once, with its keys beside its value."""
    rest = [
        term.copy()
        for term in terms(select.args.get("where"))
        if all(term is not pair.term for pair in pairs)
    ]
    keys = [exp.alias_(pair.inner.copy(), f"key_{i}") for i, pair in enumerate(pairs, 1)]
    made = exp.Select(
        expressions=[*keys, exp.alias_(value.copy(), "value_1")],
        from_=select.args["from_"].copy(),
    )
    if rest:
        made.set("where", exp.Where(this=exp.and_(*rest)))
    if aggregate:
        made.set("group", exp.Group(expressions=[pair.inner.copy() for pair in pairs]))
    return made


def _named(result: Any, query: Any, select: Any) -> Any:
    """Give an item of the outer list the name that the subquery's column gave it."""
    if not isinstance(query.parent, exp.Select):
        return result
    item = select.expressions[0]
    inner = item.unalias()
    name = item.alias or (name_of(inner.this) if isinstance(inner, exp.Column) else inner.key)
    return exp.alias_(result, exp.to_identifier(name, quoted=not simple(name)))


REWRITE = Rewrite(rule="db.rewrite_scalar_subquery", run=_run)
