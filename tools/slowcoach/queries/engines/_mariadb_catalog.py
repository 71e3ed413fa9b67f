"""What MariaDB and MySQL know of their tables, and the indexes that follow from a statement."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from slowcoach.queries.advisor.columns import uses
from slowcoach.queries.engines._indexes import Proposal, proposals
from slowcoach.queries.engines._statement import Query
from slowcoach.queries.model import Plan, PlanNode
from slowcoach.queries.statistics import Index, TableFacts
from slowcoach.queries.subject import Recommendation

if TYPE_CHECKING:
    from slowcoach.queries.engines.mariadb import MariadbSession

_MOST_TABLES = 200
_MOST = 3
_PREFIX = 64  # characters of a long text that an index holds
_LONG = ("text", "blob", "json")
_NO_KEY = ("geometry", "point", "polygon", "linestring")
_SMALL_ROWS = 1000
_BRACKETS = "()"

_TABLES = """
SELECT table_name, table_rows, COALESCE(data_length, 0) + COALESCE(index_length, 0)
FROM information_schema.tables WHERE table_schema = DATABASE() LIMIT %s
"""
_INDEXES = """
SELECT table_name, index_name, column_name, cardinality FROM information_schema.statistics
WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index
"""
_COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position
"""


def quoted(name: str) -> str:
    """Return a name as MySQL and MariaDB read it back."""
    plain = name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit()
    return name if plain and name.lower() == name else "`" + name.replace("`", "``") + "`"


def _always(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def facts(session: "MariadbSession", tables: set[str]) -> Mapping[str, TableFacts]:
    """Return the counted rows (InnoDB's are estimates), sizes and indexes of these tables."""
    listed = _indexes(session)
    return {
        str(name): TableFacts(
            name=str(name),
            schema="",
            rows=None if rows is None else float(rows),
            size_bytes=int(size),
            indexes=tuple(
                Index(index, f"INDEX {index} ({', '.join(columns)})", 0)
                for index, columns in listed.get(str(name), {}).items()
            ),
            last_analyze=None,
        )
        for name, rows, size in session.execute(_TABLES, (_MOST_TABLES,))
        if str(name) in tables
    }


def _indexes(session: "MariadbSession") -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for table, index, column, _count in session.execute(_INDEXES):
        known = found.setdefault(str(table), {})
        known[str(index)] = (*known.get(str(index), ()), str(column))
    return found


def _distinct(session: "MariadbSession") -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for table, _index, column, count in session.execute(_INDEXES):
        found.setdefault(str(table), {}).setdefault(str(column), float(count or 1))
    return found


def wanted(session: "MariadbSession", query: Query, plan: Plan) -> dict[str, list[Proposal]]:
    """Return by table the indexes worth trying, for tables that are read from end to end."""
    types: dict[str, dict[str, str]] = {}
    for table, column, kind in session.execute(_COLUMNS):
        types.setdefault(str(table), {})[str(column)] = str(kind)
    found = uses(query.text, {"db": types}, ["db"], dialect="mysql")
    listed = _indexes(session)
    existing = {table: list(known.values()) for table, known in listed.items()}
    taken = frozenset(name for known in listed.values() for name in known)
    by_table: dict[str, list[Proposal]] = {}
    for item in proposals(found, _distinct(session), existing, taken):
        kinds = [types.get(item.table, {}).get(column, "") for column in item.columns]
        if not any(kind in _NO_KEY for kind in kinds):
            by_table.setdefault(item.table, []).append(item)
    costly = _costly(plan, {(use.table) for use in found})
    return {table: by_table[table] for table in costly if table in by_table}


def _costly(plan: Plan, tables: set[str]) -> list[str]:
    """Return the tables by how many rows are read from them; small ones are left out.

    Plans name tables by their alias, so a statement of one table has that one in any case.
    """
    if any(_sorts(node) for node in plan.root.walk()) or len(tables) == 1:
        return sorted(tables)
    if any((node.number("rows_examined") or 0.0) >= _SMALL_ROWS for node in plan.root.walk()):
        return sorted(tables)
    return []


def _sorts(node: PlanNode) -> bool:
    return bool(node.fields.get("filesort"))


def statement(session: "MariadbSession", item: Proposal) -> str:
    """Return the statement that makes an index; of a long text, of its beginning."""
    kinds = {
        str(column): str(kind)
        for table, column, kind in session.execute(_COLUMNS)
        if str(table) == item.table
    }
    columns = [
        f"{_always(column)}({_PREFIX})" if kinds.get(column, "").endswith(_LONG) else column
        for column in item.columns
    ]
    return item.written(quoted, columns)


def advice(session: "MariadbSession", query: Query, plan: Plan) -> tuple[Recommendation, ...]:
    """Return for each table the index that answers most of what is asked of it."""
    steps = {node.relation: number for number, node in enumerate(plan.root.walk())}
    found = [
        Recommendation(
            kind="index",
            statement=statement(session, items[0]),
            why=f"would serve what the statement asks of {table}",
            step=steps.get(table, 0),
        )
        for table, items in wanted(session, query, plan).items()
    ]
    return tuple(found[:_MOST])
