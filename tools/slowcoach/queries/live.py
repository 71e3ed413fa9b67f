"""Ask a live PostgreSQL: plans, statistics, activity. Nothing it does can change data."""

from typing import Any

from slowcoach.core.errors import InputError, UnsupportedError
from slowcoach.queries.connection import (
    connect,
    fetch,
    has_extension,
    is_superuser,
    reading,
    rows,
    server_version,
    setting,
)
from slowcoach.queries.dialects import postgresql_json
from slowcoach.queries.functions import require_harmless
from slowcoach.queries.model import Plan
from slowcoach.queries.statement import Statement, only_select
from slowcoach.queries.statistics import (
    Session,
    StatementStatistics,
    TableFacts,
    activity,
    snapshot,
    table_facts,
    top_statements,
)

__all__ = [
    "Session",
    "StatementStatistics",
    "TableFacts",
    "activity",
    "connect",
    "explain",
    "has_extension",
    "is_superuser",
    "rows",
    "server_version",
    "setting",
    "snapshot",
    "table_facts",
    "top_statements",
]
_SETTINGS_VERSION = 120000  # EXPLAIN (SETTINGS), plan_cache_mode


def explain(connection: Any, sql: str, analyze: bool = False) -> Plan:
    """Return the plan of one SELECT (or VALUES, TABLE, WITH ... SELECT) without side effects.

    By default the statement is planned and not run. With `analyze` it is run, inside a READ
    ONLY transaction that is rolled back, and only if every function it calls is known to be
    harmless. Parameters ($1, %s, :name) give a generic plan, and cannot be combined with
    `analyze`. Raises InputError and NotPermittedError.
    """
    statement = only_select(sql)
    if analyze and statement.parameters:
        raise InputError(
            f"sql: it has {statement.parameters} parameters, and running it needs their values",
            hint="Write values in their place, or ask without `analyze` for the generic plan",
        )
    with reading(connection):
        if analyze:
            require_harmless(lambda query, given=(): fetch(connection, query, given), statement)
        return postgresql_json.DIALECT.read(_explained(connection, statement, analyze))


def _explained(connection: Any, statement: Statement, analyze: bool) -> str:
    version: int = connection.info.server_version
    options = ["FORMAT JSON"]
    if analyze:
        options += ["ANALYZE", "BUFFERS"]
    if version >= _SETTINGS_VERSION:
        options.append("SETTINGS")
    if not statement.parameters:
        return _ask(connection, f"EXPLAIN ({', '.join(options)}) {statement.text}")
    if version < _SETTINGS_VERSION:
        raise UnsupportedError(
            "sql: the plan of a statement with parameters needs PostgreSQL 12 or later",
            hint="Write values in the parameters' place",
        )
    return _prepared(connection, statement, ", ".join(options))


def _prepared(connection: Any, statement: Statement, options: str) -> str:
    """Return the generic plan, of a prepared statement whose values are all NULL.

    EXPLAIN (GENERIC_PLAN) would need the simple protocol, which lets several commands through.
    """
    connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    _ask(connection, f"PREPARE slowcoach_plan AS {statement.text}")
    try:
        nulls = ", ".join(["NULL"] * statement.parameters)
        return _ask(connection, f"EXPLAIN ({options}) EXECUTE slowcoach_plan({nulls})")
    finally:
        if connection.info.transaction_status.name == "INTRANS":
            connection.execute("DEALLOCATE slowcoach_plan")


def _ask(connection: Any, command: str) -> str:
    """Send one command by the extended protocol, which refuses a second one; return its text.

    Binary results force that protocol even without parameters.
    """
    cursor = connection.cursor(binary=True)
    _without_json_loading(cursor)
    cursor.execute(command)
    if cursor.description is None:
        return ""
    row = cursor.fetchone()
    return "" if row is None else bytes(row[0]).decode("utf-8", "replace")


def _without_json_loading(cursor: Any) -> None:
    """Take the plan as bytes: psycopg's own JSON loader fails on deep plans."""
    from psycopg.types.json import set_json_loads

    set_json_loads(lambda data: data, cursor)
