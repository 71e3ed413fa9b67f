"""What a step's condition asks of its table, as far as an index could serve it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sqlglot.expressions import Expr as Tree

How = Literal["equal", "range", "prefix", "contains", "text", "flag"]
_MAX_LENGTH = 20_000
_SUBPLAN = re.compile(
    r"\((?:hashed )?(?:SubPlan|InitPlan|alternatives)[^()]*\)(?:\.col\d+)?|\(subplan\)"
)
_HARMLESS_CASTS = frozenset({"TEXT", "VARCHAR", "BPCHAR", "CHAR", "NAME"})
_AS_POSTGRESQL = {"decimal": "numeric"}  # sqlglot's name: PostgreSQL's
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*")
_AS_PRINTED = re.compile(
    r'(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)(?:\.(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*))*'
)
_WILDCARDS = "%_"


@dataclass(frozen=True, slots=True)
class Term:
    """One condition on one column (or expression) of the table, joined to the others by AND.

    `target` is what an index would name, in SQL. `cast` is the type that the column is
    converted to before it is compared, which keeps an index on the column from being used.
    """

    target: str
    how: How
    cast: str | None = None
    expression: bool = False


def terms(condition: str, alias: str) -> tuple[Term, ...]:
    """Return the terms of a condition on the table known as `alias`, in their order.

    What no index could serve (<>, OR over several columns, columns of other tables only) and
    what cannot be parsed is left out.
    """
    tree = _parsed(condition)
    return () if tree is None else _terms_of(tree, alias)


def _terms_of(tree: "Tree", alias: str) -> tuple[Term, ...]:
    found: list[Term] = []
    for part in tree.flatten() if tree.key == "and" else [tree]:
        term = _term(part.unnest(), alias)
        if term is not None and term not in found:
            found.append(term)
    return tuple(found)


def branches(condition: str, alias: str) -> tuple[tuple[Term, ...], ...]:
    """Return the terms of each branch of an OR over several columns of the table.

    Nothing when there is no such OR among the conditions, or no index could serve a branch.
    """
    tree = _parsed(condition)
    if tree is None:
        return ()
    for part in tree.flatten() if tree.key == "and" else [tree]:
        bare = part.unnest()
        if bare.key == "or" and _alternatives(bare, alias) is None:
            found = tuple(_terms_of(branch.unnest(), alias) for branch in bare.flatten())
            return found if all(found) else ()
    return ()


def alternatives_across(condition: str) -> tuple[str, ...]:
    """Return the tables (aliases) that one OR among the conditions names, if more than one."""
    from sqlglot import exp

    tree = _parsed(condition)
    if tree is None:
        return ()
    for part in tree.flatten() if tree.key == "and" else [tree]:
        bare = part.unnest()
        named = dict.fromkeys(column.table for column in bare.find_all(exp.Column))
        if bare.key == "or" and len([name for name in named if name]) > 1:
            return tuple(name for name in named if name)
    return ()


def functions_of(condition: str) -> tuple[str, ...]:
    """Return the names of the functions that a condition calls, as far as it can be parsed."""
    from sqlglot import exp

    tree = _parsed(condition)
    if tree is None:
        return ()
    calls = tree.find_all(exp.Anonymous)
    return tuple(dict.fromkeys(str(call.name).lower() for call in calls))


@lru_cache(maxsize=1024)  # partitions repeat one condition; nothing below changes a tree
def _parsed(condition: str) -> "Tree | None":
    if not condition or len(condition) > _MAX_LENGTH:
        return None
    import sqlglot
    from sqlglot.errors import SqlglotError

    text = _SUBPLAN.sub("$0", condition)
    try:
        tree = sqlglot.parse_one(text, dialect="postgres")
    except (SqlglotError, RecursionError):
        return None
    return tree.unnest()


def _term(part: "Tree", alias: str) -> Term | None:
    from sqlglot import exp

    if isinstance(part, exp.Or):
        return _alternatives(part, alias)
    if isinstance(part, exp.Is) and part.args.get("negate"):
        return None  # IS NOT NULL keeps nearly all
    if isinstance(part, exp.Is):
        return _of(part.this, part.expression, "equal", alias)
    if isinstance(part, exp.Column) or (
        isinstance(part, exp.Not) and isinstance(part.this.unnest(), exp.Column)
    ):
        column = part.find(exp.Column)
        return None if column is None or not _own(column, alias) else Term(_sql(column), "flag")
    how = _how(part)
    if how is None:
        return None
    return _of(part.this, part.expression, how, alias) or (
        _of(part.expression, part.this, how, alias) if how in {"equal", "range"} else None
    )


def _how(part: "Tree") -> How | None:
    from sqlglot import exp

    if isinstance(part, exp.EQ):
        return "equal"
    if isinstance(part, exp.GT | exp.GTE | exp.LT | exp.LTE):
        return "range"
    if isinstance(part, exp.ArrayContainsAll | exp.ArrayOverlaps):
        return "contains"
    if isinstance(part, exp.Like | exp.ILike):
        literal = part.expression.find(exp.Literal)
        pattern = str(literal.this) if literal is not None else "%"
        begins = bool(pattern) and pattern[0] not in _WILDCARDS
        return "prefix" if begins and isinstance(part, exp.Like) else "text"
    return None


def _alternatives(part: "Tree", alias: str) -> Term | None:
    """OR is one term when every branch is about the same column."""
    branches = {_term(branch.unnest(), alias) for branch in part.flatten()}
    targets = {branch.target for branch in branches if branch is not None}
    first = next(iter(branches))
    if None in branches or len(targets) != 1 or first is None:
        return None
    ways = {branch.how for branch in branches if branch is not None}
    return first if len(ways) == 1 else Term(first.target, "range", first.cast, first.expression)


def _of(side: "Tree", other: "Tree", how: How, alias: str) -> Term | None:
    """Return the term if this side is the table's own and the other is not."""
    from sqlglot import exp

    if any(_own(column, alias) for column in other.find_all(exp.Column)):
        return None
    columns = list(side.find_all(exp.Column))
    if not columns or not all(_own(column, alias) for column in columns):
        return None
    inner = side.unnest()
    cast: str | None = None
    while isinstance(inner, exp.Cast):
        name = inner.to.sql(dialect="postgres")
        if inner.to.this.name not in _HARMLESS_CASTS:
            cast = _AS_POSTGRESQL.get(name.lower(), name.lower())
        inner = inner.this.unnest()
    if isinstance(inner, exp.Column):
        return Term(_sql(inner), how, cast)
    return Term(f"({_without_table(side)})", how, None, expression=True)


def _own(column: "Tree", alias: str) -> bool:
    qualifier = column.args.get("table")
    return qualifier is None or qualifier.name == alias


def _sql(column: "Tree") -> str:
    return quoted(column.name)


def _without_table(expression: "Tree") -> str:
    from sqlglot import exp

    copy = expression.unnest().copy()
    for column in list(copy.find_all(exp.Column)):
        column.set("table", None)
    return copy.sql(dialect="postgres", normalize_functions="lower")


def quoted(name: str) -> str:
    """Return a column's or table's name as SQL wants it."""
    return name if _PLAIN_NAME.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def table_sql(name: str, schema: str = "") -> str:
    """Return a table's name as SQL wants it: text plans print it quoted already, JSON does not."""
    printed = name if _AS_PRINTED.fullmatch(name) else quoted(name)
    return f"{quoted(schema)}.{printed}" if schema else printed


@dataclass(frozen=True, slots=True)
class SortKey:
    """One part of an order: what an index would name, and its direction as SQL (may be empty)."""

    target: str
    direction: str


_DIRECTION = re.compile(
    r"(.*?)((?: COLLATE \S+)?(?: USING \S+)?(?: DESC)?(?: NULLS (?:FIRST|LAST))?)$", re.DOTALL
)


def sort_keys(keys: object, alias: str) -> tuple[SortKey, ...] | None:
    """Return the parts of a Sort Key if all are plain columns of the table, else None."""
    from sqlglot import exp

    found: list[SortKey] = []
    for key in keys if isinstance(keys, list) else []:
        match = _DIRECTION.match(str(key))
        if match is None or "USING" in match.group(2):
            return None
        column = _parsed(match.group(1))
        if not isinstance(column, exp.Column) or not _own(column, alias):
            return None
        found.append(SortKey(_sql(column), match.group(2).strip()))
    return tuple(found) or None


def columns_of(output: str, alias: str) -> tuple[str, ...]:
    """Return the table's columns in a list of output expressions, in their order."""
    from sqlglot import exp

    tree = _parsed(f"({output})") if output else None
    if tree is None:
        return ()
    found = [_sql(column) for column in tree.find_all(exp.Column) if _own(column, alias)]
    return tuple(dict.fromkeys(found))
