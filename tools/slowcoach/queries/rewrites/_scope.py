"""Which table a column is of, what a condition says of it, and which rows are unique."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._model import Column, Relation, Schema

_ODD = ("joins", "laterals", "sample", "pivots", "only", "ordinality")
_PLAIN = frozenset({"expressions", "from_", "joins", "where", "kind"})
_COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_STRICT = (*_COMPARED, exp.Between, exp.Like, exp.ILike, exp.In)
_SCALARS = (
    exp.Connector, exp.Cast, exp.Coalesce, exp.Lower, exp.Upper, exp.Extract, exp.Case, exp.Round,
    exp.Abs, exp.CurrentDate, exp.CurrentTimestamp, exp.TimestampTrunc, exp.Date, exp.Left,
    exp.Substring, exp.Concat, exp.Exists, exp.Nullif, exp.Length, exp.Like, exp.If,
)  # fmt: skip
# what gives another value each time, or may do anything (functions that sqlglot does not know)
_UNSTABLE = (exp.Anonymous, exp.AnonymousAggFunc, exp.Rand, exp.Randn, exp.Uuid, exp.Command)


@dataclass(frozen=True, slots=True)
class Source:
    """One item of FROM: its alias, its table if it is one, whether a join may make it NULL."""

    alias: str
    relation: Relation | None
    nullable: bool
    node: Any

    def written(self) -> Any:
        """Return its name as it is written in FROM."""
        alias = self.node.args.get("alias")
        return (alias if isinstance(alias, exp.TableAlias) else self.node).this.copy()


@dataclass(frozen=True, slots=True)
class Resolved:
    """A column of a table: of which SELECT, which item of its FROM, and its type."""

    select: Any
    source: Source
    name: str
    column: Column


def name_of(identifier: Any) -> str:
    """Return a name as the catalog has it: in lower case unless it is quoted."""
    if identifier is None:
        return ""
    if isinstance(identifier, str):
        return identifier.lower()
    return str(identifier.name) if identifier.args.get("quoted") else str(identifier.name).lower()


def simple(name: str) -> bool:
    """Tell whether a name needs no quotes (keywords aside)."""
    return name.isidentifier() and name.islower()


def sources(select: Any, schema: Schema) -> list[Source]:
    """Return the items of a SELECT's FROM and its joins, in their order."""
    start = select.args.get("from_")
    found = [_source(start.this, schema, nullable=False)] if start else []
    for join in select.args.get("joins") or ():
        side = (join.side or "").upper()
        if side in {"RIGHT", "FULL"}:
            found = [Source(s.alias, s.relation, True, s.node) for s in found]
        found.append(_source(join.this, schema, nullable=side in {"LEFT", "FULL"}))
    return found


def _source(node: Any, schema: Schema, *, nullable: bool) -> Source:
    alias = node.args.get("alias")
    named = name_of(alias.this) if isinstance(alias, exp.TableAlias) else ""
    if not isinstance(node, exp.Table) or any(node.args.get(key) for key in _ODD):
        return Source(named, None, nullable, node)
    table, space = name_of(node.this), name_of(node.args.get("db"))
    renamed = isinstance(alias, exp.TableAlias) and alias.args.get("columns")
    known = None
    if not renamed and not node.args.get("catalog") and (space or not _is_cte(node, table)):
        known = schema.relations.get(f"{space}.{table}" if space else table)
    return Source(named or table, known, nullable, node)


def _is_cte(node: Any, name: str) -> bool:
    above = node.parent
    while above is not None:
        clause = above.args.get("with_")
        if clause and any(name_of(cte.args["alias"].this) == name for cte in clause.expressions):
            return True
        above = above.parent
    return False


def resolve(column: Any, schema: Schema) -> Resolved | None:
    """Return the table that a column is of, or None where that is not sure."""
    if not isinstance(column, exp.Column) or column.args.get("db"):
        return None
    name, table = name_of(column.this), name_of(column.args.get("table"))
    select = column.find_ancestor(exp.Select)
    while select is not None:
        items = sources(select, schema)
        near = [s for s in items if s.alias == table] if table else items
        if any(s.relation is None for s in near):
            return None
        hits = [s for s in near if s.relation is not None and name in s.relation.columns]
        if len(hits) > 1 or (table and near and not hits):
            return None
        if hits and hits[0].relation is not None:
            return Resolved(select, hits[0], name, hits[0].relation.columns[name])
        select = select.find_ancestor(exp.Select)
    return None


def terms(condition: Any) -> list[Any]:
    """Return the conditions that are joined by AND, without their brackets."""
    if condition is None:
        return []
    node = condition.this if isinstance(condition, exp.Where | exp.Having) else condition
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And):
        return [*terms(node.left), *terms(node.right)]
    return [node]


def filters(node: Any) -> bool:
    """Tell whether a condition only lets rows through, so that NULL is as good as false."""
    child, above = node, node.parent
    while isinstance(above, exp.And | exp.Or | exp.Paren):
        child, above = above, above.parent
    if isinstance(above, exp.Where | exp.Having):
        return True
    return isinstance(above, exp.Join) and above.args.get("on") is child


def plain(select: Any, *also: str) -> bool:
    """Tell whether a SELECT has nothing but a list, FROM, joins and WHERE (and `also`)."""
    return (
        isinstance(select, exp.Select)
        and {key for key, value in select.args.items() if value} <= _PLAIN | set(also)
        and all(_one_value(node) for item in select.expressions for node in own(item))
    )


def _one_value(node: Any) -> bool:
    """Tell whether it gives one value a row: no aggregate, and nothing that may give rows."""
    return not isinstance(node, exp.Window | exp.Func) or isinstance(node, _SCALARS)


def own(node: Any) -> Iterator[Any]:
    """Yield a node and what is below it, without the queries inside."""
    yield node
    if isinstance(node, exp.Query):
        return
    for child in node.iter_expressions():
        yield from own(child)


def stable(tree: Any) -> bool:
    """Tell whether it gives the same value however often and wherever it is computed."""
    return not any(isinstance(node, _UNSTABLE) for node in tree.walk())


def not_null(found: Resolved, schema: Schema) -> bool:
    """Tell whether a column cannot be NULL in the rows that its SELECT lets through."""
    if found.column.not_null and not found.source.nullable:
        return True
    return any(requires(term, found, schema) for term in terms(found.select.args.get("where")))


def requires(term: Any, found: Resolved, schema: Schema) -> bool:
    """Tell whether a condition is never true when this column is NULL."""
    if isinstance(term, exp.Not):
        inner = term.this
        is_null = isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null)
        return is_null and _same(inner.this, found, schema)
    if not isinstance(term, _STRICT):
        return False
    sides = [term.this]
    if isinstance(term, _COMPARED):
        if isinstance(term.expression, exp.All):
            return False  # true of an empty set, whatever is compared with it
        sides.append(term.expression)
    return any(_same(side, found, schema) for side in sides)


def _same(side: Any, found: Resolved, schema: Schema) -> bool:
    other = resolve(side, schema)
    return (
        other is not None
        and other.select is found.select
        and (other.source.alias, other.name) == (found.source.alias, found.name)
    )


def unique_rows(select: Any, schema: Schema, selected: Iterable[Any]) -> bool:
    """Tell whether the selected columns differ for any two rows that FROM and WHERE give.

    That is so when each table's key is selected, or fixed by equality with what is.
    """
    items = sources(select, schema)
    joins = select.args.get("joins") or ()
    if not items or any(s.relation is None for s in items):
        return False
    if any((j.side or "").upper() in {"RIGHT", "FULL"} or j.args.get("using") for j in joins):
        return False
    if any(j.kind.upper() in {"SEMI", "ANTI"} or j.method for j in joins):
        return False
    fixed = {_place(r) for c in selected if (r := resolve(c, schema)) and r.select is select}
    sure: set[str] = set()
    while True:
        more = {s.alias for s in items if s.alias not in sure and _has_key(s, fixed)}
        if not more:
            return len(sure) == len({s.alias for s in items}) == len(items)
        sure |= more
        fixed |= _fixed_by(select, items, schema, sure)


def _place(found: Resolved) -> tuple[str, str]:
    return found.source.alias, found.name


def _has_key(source: Source, fixed: set[tuple[str, str]]) -> bool:
    columns = {name for alias, name in fixed if alias == source.alias}
    return source.relation is not None and any(key <= columns for key in source.relation.keys)


def _fixed_by(
    select: Any, items: list[Source], schema: Schema, sure: set[str]
) -> set[tuple[str, str]]:
    """Return the columns that are equal to a column of a table whose row is fixed."""
    found: set[tuple[str, str]] = set()
    nullable = {s.alias for s in items if s.nullable}
    conditions: list[tuple[Any, str | None]] = [
        (term, None) for term in terms(select.args.get("where"))
    ]
    for join, item in zip(select.args.get("joins") or (), items[1:], strict=True):
        conditions += [(term, item.alias) for term in terms(join.args.get("on"))]
    for term, right in conditions:
        if not isinstance(term, exp.EQ):
            continue
        for mine, other in ((term.left, term.right), (term.right, term.left)):
            a, b = resolve(mine, schema), resolve(other, schema)
            if a is None or b is None or a.select is not select or b.select is not select:
                continue
            # ON of an outer join says nothing of the rows that found no partner on the left
            usable = right is None or right not in nullable or a.source.alias == right
            if usable and b.source.alias in sure:
                found.add(_place(a))
    return found


def selected_columns(select: Any) -> list[Any]:
    """Return the plain columns of a SELECT's list."""
    items = [item.unalias() for item in select.expressions]
    return [item for item in items if isinstance(item, exp.Column)]
