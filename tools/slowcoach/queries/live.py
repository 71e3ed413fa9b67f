"""Ask a live PostgreSQL: plans, statistics, activity. Nothing it does can change data."""

from typing import Any

from slowcoach.core.errors import InputError, UnsupportedError
from slowcoach.core.units import size
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
from slowcoach.queries.functions import require_harmless, require_plannable
from slowcoach.queries.model import Plan
from slowcoach.queries.roles import limit_temporary_files, require_modest
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
    "planned",
    "rows",
    "server_version",
    "setting",
    "snapshot",
    "table_facts",
    "top_statements",
]
_LARGEST_PLAN = 64_000_000
_SETTINGS_VERSION = 120000  # EXPLAIN (SETTINGS), plan_cache_mode


def explain(connection: Any, sql: str, analyze: bool = False, *, private: bool = False) -> Plan:
    """Return the plan of one SELECT (or VALUES, TABLE, WITH ... SELECT) without side effects.

    By default the statement is planned and not run, and refused if planning alone could do harm
    (functions of users that are not what they are declared as); a `private` server, which is
    thrown away, needs no such care. With `analyze` it is run, inside a READ ONLY transaction
    that is rolled back, only if every function it calls is known to be harmless, and by no
    superuser. Parameters ($1, %s, :name) give a generic plan, and cannot be combined with
    `analyze`. Raises InputError, NotPermittedError and ToolFailedError.
    """
    statement = only_select(sql)
    if analyze and statement.parameters:
        raise InputError(
            f"sql: it has {statement.parameters} parameters, and running it needs their values",
            hint="Write values in their place, or ask without `analyze` for the generic plan",
        )
    with reading(connection):
        if analyze:
            require_modest(connection)
            limit_temporary_files(connection)
            require_harmless(lambda query, given=(): fetch(connection, query, given), statement)
        elif not private:
            require_plannable(lambda query, given=(): fetch(connection, query, given), statement)
        return postgresql_json.DIALECT.read(_explained(connection, statement, analyze))


def planned(connection: Any, statement: Statement) -> str:
    """Return the plan, as JSON, of a statement that was judged before, on a private server."""
    with reading(connection):
        return _explained(connection, statement, analyze=False)


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
    if row is not None and len(row[0]) > _LARGEST_PLAN:
        raise InputError(
            f"sql: its plan is {size(len(row[0]))} long", hint="Explain a part of the statement"
        )
    return "" if row is None else bytes(row[0]).decode("utf-8", "replace")


def _without_json_loading(cursor: Any) -> None:
    """Take the plan as bytes: psycopg's own JSON loader fails on deep plans."""
    from psycopg.types.json import set_json_loads

    set_json_loads(lambda data: data, cursor)
