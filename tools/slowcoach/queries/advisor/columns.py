"""What each statement asks of each table: equality, ranges, joins, order, groups, all it reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Mapping[str, Mapping[str, str]]]  # schema, table, column: type


@dataclass
class Use:
    """How one statement uses one table, by column names in the order they were met.

    `constants` are equalities with a literal, as SQL; `expressions` are functions of columns
    that are compared, as SQL; `contained` are columns searched by what they contain.
    """

    schema: str
    table: str
    equal: list[str] = field(default_factory=list[str])
    ranges: list[str] = field(default_factory=list[str])
    joined: list[str] = field(default_factory=list[str])
    ordered: list[str] = field(default_factory=list[str])
    grouped: list[str] = field(default_factory=list[str])
    read: list[str] = field(default_factory=list[str])
    constants: dict[str, str] = field(default_factory=dict[str, str])
    expressions: list[str] = field(default_factory=list[str])
    contained: list[str] = field(default_factory=list[str])
    patterns: list[str] = field(default_factory=list[str])


def uses(
    sql: str, schema: Schema, search_path: Iterable[str], dialect: str = "postgres"
) -> list[Use]:
    """Return how a statement uses each of its tables; nothing for what cannot be resolved."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import traverse_scope

    try:
        tree = parse_one(sql, dialect=dialect)
        _with_schemas(tree, schema, search_path, exp.Table)
        tree = qualify(
            tree,
            schema={name: dict(tables) for name, tables in schema.items()},
            dialect=dialect,
            validate_qualify_columns=False,
            quote_identifiers=False,
        )
        scopes = traverse_scope(tree)
    except (SqlglotError, RecursionError):
        return []
    found: dict[int, Use] = {}
    reader = _Reader(found)
    for scope in scopes:
        reader.take(scope)
    return list(found.values())


def _with_schemas(tree: Any, schema: Schema, search_path: Iterable[str], kind: Any) -> None:
    """Write each table's schema before its name, as the search path resolves it."""
    path = list(search_path)
    for table in tree.find_all(kind):
        if table.args.get("db") or not table.name:
            continue
        for name in path:
            if table.name in schema.get(name, {}):
                table.set("db", name)
                break


class _Reader:
    """Takes the scopes of a statement, and sorts each column by what stands around it."""

    def __init__(self, found: dict[int, Use]) -> None:
        self._found = found

    def take(self, scope: Any) -> None:
        """Take one scope: its conditions, order and groups, and every column that it reads."""
        from sqlglot import exp

        expression = scope.expression
        for column in scope.columns:
            if use := self._use(scope, column):
                _add(use.read, column.name)
        for clause in _conditions(expression):
            self._condition(scope, clause)
        order, group = expression.args.get("order"), expression.args.get("group")
        for item in order.expressions if order else ():
            self._listed(scope, item.this, "ordered")
        for item in group.expressions if group else ():
            self._listed(scope, item, "grouped")
        if isinstance(expression, exp.Select) and expression.args.get("distinct"):
            for item in expression.expressions:
                self._listed(scope, item.unalias(), "grouped")

    def _use(self, scope: Any, column: Any) -> Use | None:
        """Return the use of the table that a column is of, in this scope or one around it."""
        from sqlglot import exp

        around = scope
        while around is not None:
            source = around.sources.get(column.table)
            if source is not None:
                if not isinstance(source, exp.Table):
                    return None
                return self._found.setdefault(id(source), Use(source.db, source.name))
            around = around.parent
        return None

    def _listed(self, scope: Any, item: Any, how: str) -> None:
        from sqlglot import exp

        if isinstance(item, exp.Column) and (use := self._use(scope, item)):
            _add(getattr(use, how), item.name)

    def _condition(self, scope: Any, clause: Any) -> None:
        from sqlglot import exp

        for node in clause.find_all(exp.Predicate):
            if node.find_ancestor(exp.Select, exp.Subquery) is not scope.expression:
                continue  # of a scope inside, which is taken by itself
            self._predicate(scope, node)

    def _predicate(self, scope: Any, node: Any) -> None:
        from sqlglot import exp

        if isinstance(node, exp.EQ | exp.NullSafeEQ):
            self._equality(scope, node.left, node.right)
            self._equality(scope, node.right, node.left)
        elif isinstance(node, exp.In):
            self._compared(scope, node.this, "joined" if node.args.get("query") else "equal")
        elif isinstance(node, exp.Between):
            self._compared(scope, node.this, "ranges")
        elif isinstance(node, exp.GT | exp.GTE | exp.LT | exp.LTE):
            self._compared(scope, node.left, "ranges")
            self._compared(scope, node.right, "ranges")
        elif isinstance(node, exp.Is) and not node.args.get("negate"):
            self._compared(scope, node.this, "equal")
        elif isinstance(node, exp.ArrayContainsAll | exp.ArrayOverlaps | exp.JSONBContains):
            self._compared(scope, node.this, "contained")
        elif isinstance(node, exp.Like | exp.ILike):
            self._like(scope, node)

    def _like(self, scope: Any, node: Any) -> None:
        from sqlglot import exp

        pattern = node.expression
        text = pattern.this if isinstance(pattern, exp.Literal) else "%"
        anchored = isinstance(node, exp.Like) and text[:1] not in {"%", "_"}
        self._compared(scope, node.this, "patterns" if anchored else "contained")

    def _equality(self, scope: Any, side: Any, other: Any) -> None:
        from sqlglot import exp

        if isinstance(side, exp.Column) and isinstance(other, exp.Column):
            mine, theirs = self._use(scope, side), self._use(scope, other)
            if mine is not None and mine is not theirs:
                _add(mine.joined, side.name)
            return
        self._compared(scope, side, "equal")
        if isinstance(side, exp.Column) and isinstance(other, exp.Literal | exp.Boolean):
            use = self._use(scope, side)
            if use is not None:
                use.constants[side.name] = other.sql(dialect="postgres")

    def _compared(self, scope: Any, side: Any, how: str) -> None:
        from sqlglot import exp

        if isinstance(side, exp.Paren):
            side = side.this
        if isinstance(side, exp.Column):
            if use := self._use(scope, side):
                _add(getattr(use, how), side.name)
            return
        columns = list(side.find_all(exp.Column)) if isinstance(side, exp.Func) else []
        if how in {"equal", "ranges"} and columns and not side.find(exp.Select, exp.AggFunc):
            use = self._use(scope, columns[0])
            if use is not None and all(self._use(scope, c) is use for c in columns):
                _add(use.expressions, _bare(side))


def _bare(side: Any) -> str:
    """Return an expression as SQL with its columns' names alone."""
    from sqlglot import exp

    copy = side.copy()
    for column in copy.find_all(exp.Column):
        column.set("table", None)
        column.set("db", None)
        column.this.set("quoted", True)
    return str(copy.sql(dialect="postgres"))


def _conditions(expression: Any) -> list[Any]:
    """Return the clauses with conditions: WHERE, the joins' ON, HAVING."""
    found = [expression.args.get("where")]
    found += [join.args.get("on") for join in expression.args.get("joins") or ()]
    return [clause for clause in found if clause is not None]


def _add(names: list[str], name: str) -> None:
    if name and name not in names and name != "*":
        names.append(name)
