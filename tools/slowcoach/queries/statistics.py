"""What a live server has counted and is doing: statements, sessions, tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slowcoach.core.errors import MissingDependencyError
from slowcoach.queries.connection import has_extension, rows, server_version

_EXEC_TIME_VERSION = 130000  # total_time was split into planning and execution
_MAX_STATEMENTS = 5000


@dataclass(frozen=True, slots=True)
class StatementStatistics:
    """One statement of pg_stat_statements: times in ms, blocks of 8 kB, since reset or snapshot."""

    key: str
    query: str
    calls: int
    total_ms: float
    rows: int
    shared_hit: int
    shared_read: int
    temp_written: int

    @property
    def mean_ms(self) -> float:
        """Return the mean time of one call in ms."""
        return self.total_ms / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class Session:
    """One backend: what it does, what it waits for, which pids block it."""

    pid: int
    state: str
    wait_event_type: str | None
    wait_event: str | None
    query: str
    blocked_by: tuple[int, ...]
    seconds_in_state: float
    seconds_in_transaction: float | None
    application: str
    client_port: int | None


@dataclass(frozen=True, slots=True)
class Index:
    """An index that exists: its name, definition and size, and its keys in their order.

    `keys` are columns or expressions as SQL; `unique` ones guard something besides being read;
    `scans` is how often it was used since the counters were reset.
    """

    name: str
    definition: str
    size_bytes: int
    keys: tuple[str, ...] = ()
    method: str = "btree"
    unique: bool = False
    partial: bool = False
    valid: bool = True
    scans: int | None = None


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What ANALYZE found in a column: distinct values (negative: as a share of the rows).

    `rarest` is the smallest share of the rows that a listed common value has; None without a list.
    """

    type: str
    distinct: float | None = None
    rarest: float | None = None


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table's size. `rows` is the planner's count, None before the first ANALYZE.

    `modified` are rows changed since the last ANALYZE, `live` and `dead` the rows as counted,
    `writes` the rows changed since the counters were reset; None where nothing was counted.
    """

    name: str
    schema: str
    rows: float | None
    size_bytes: int
    indexes: tuple[Index, ...]
    last_analyze: str | None
    modified: float | None = None
    live: float | None = None
    dead: float | None = None
    writes: float | None = None
    columns: Mapping[str, ColumnFacts] = field(default_factory=dict[str, ColumnFacts])


Snapshot = Mapping[str, StatementStatistics]


def snapshot(connection: Any) -> Snapshot:
    """Return the statements' counters of now by key, to subtract later.

    Raises MissingDependencyError when pg_stat_statements is not installed.
    """
    return {statement.key: statement for statement in _all(connection)}


def top_statements(
    connection: Any, since: Snapshot | None = None, limit: int = 20
) -> tuple[StatementStatistics, ...]:
    """Return the statements that took most time, those of this tool left out.

    `since` (from `snapshot`) leaves only what was counted after it. Raises
    MissingDependencyError when pg_stat_statements is not installed.
    """
    before = since or {}
    grown = (_less(item, before.get(item.key)) for item in _all(connection))
    counted = [item for item in grown if item.calls > 0]
    return tuple(sorted(counted, key=lambda item: -item.total_ms)[:limit])


def _less(now: StatementStatistics, then: StatementStatistics | None) -> StatementStatistics:
    if then is None or now.calls < then.calls:  # new, or reset in between
        return now
    return StatementStatistics(
        key=now.key,
        query=now.query,
        calls=now.calls - then.calls,
        total_ms=max(0.0, now.total_ms - then.total_ms),
        rows=now.rows - then.rows,
        shared_hit=now.shared_hit - then.shared_hit,
        shared_read=now.shared_read - then.shared_read,
        temp_written=now.temp_written - then.temp_written,
    )


def _all(connection: Any) -> list[StatementStatistics]:
    if not has_extension(connection, "pg_stat_statements"):
        raise MissingDependencyError(
            "the database does not count its statements: pg_stat_statements is not installed there",
            hint="Add pg_stat_statements to shared_preload_libraries, restart the server, "
            "and run CREATE EXTENSION pg_stat_statements",
        )
    time = "total_exec_time" if server_version(connection) >= _EXEC_TIME_VERSION else "total_time"
    sql = f"""
        SELECT userid || '/' || queryid AS key, query, calls, {time} AS total_ms, rows,
               shared_blks_hit AS shared_hit, shared_blks_read AS shared_read,
               temp_blks_written AS temp_written
        FROM {_schema(connection)}.pg_stat_statements
        WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
          AND queryid IS NOT NULL AND query !~ 'pg_stat_statements|pg_catalog\\.|^EXPLAIN '
        ORDER BY {time} DESC LIMIT %s
    """  # noqa: S608 - two column names and a quoted identifier of the catalog's own
    merged: dict[str, StatementStatistics] = {}
    for row in rows(connection, sql, (_MAX_STATEMENTS,)):
        item = StatementStatistics(**row)
        merged[item.key] = _sum(merged[item.key], item) if item.key in merged else item
    return list(merged.values())


def _sum(a: StatementStatistics, b: StatementStatistics) -> StatementStatistics:
    """Add the counters of one statement that was counted at top level and inside a function."""
    return StatementStatistics(
        a.key,
        a.query,
        a.calls + b.calls,
        a.total_ms + b.total_ms,
        a.rows + b.rows,
        a.shared_hit + b.shared_hit,
        a.shared_read + b.shared_read,
        a.temp_written + b.temp_written,
    )


def _schema(connection: Any) -> str:
    found = rows(
        connection,
        "SELECT pg_catalog.quote_ident(n.nspname) AS name FROM pg_catalog.pg_extension e "
        "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extname = 'pg_stat_statements'",
    )
    return str(found[0]["name"])


_ACTIVITY = """
SELECT pid, coalesce(state, '') AS state, wait_event_type, wait_event, coalesce(query, '') AS query,
       pg_catalog.pg_blocking_pids(pid) AS blocked_by,
       coalesce(extract(epoch FROM clock_timestamp() - state_change), 0)::float8
           AS seconds_in_state,
       extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds_in_transaction,
       coalesce(application_name, '') AS application, client_port
FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND pid <> pg_catalog.pg_backend_pid()
  AND coalesce(backend_type, 'client backend') IN ('client backend', 'parallel worker')
  AND coalesce(application_name, '') <> 'slowcoach'
ORDER BY pid
"""


def activity(connection: Any) -> tuple[Session, ...]:
    """Return the other sessions of this database as they are now (states of a moment)."""
    return tuple(
        Session(blocked_by=tuple(row.pop("blocked_by")), **row)
        for row in rows(connection, _ACTIVITY)
    )


_TABLES = """
SELECT c.oid::bigint AS oid, c.relname AS name, n.nspname AS schema,
       CASE WHEN c.reltuples >= 0 THEN c.reltuples::float8 END AS rows,
       pg_catalog.pg_table_size(c.oid) AS size_bytes,
       greatest(s.last_analyze, s.last_autoanalyze)::text AS last_analyze,
       s.n_mod_since_analyze::float8 AS modified, s.n_live_tup::float8 AS live,
       s.n_dead_tup::float8 AS dead, (s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::float8 AS writes
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
WHERE c.relkind IN ('r', 'p', 'm')
  AND (c.relname = ANY(%s) OR n.nspname || '.' || c.relname = ANY(%s))
ORDER BY pg_catalog.pg_table_is_visible(c.oid), c.oid
"""
_INDEXES = """
SELECT i.indrelid::bigint AS table, c.relname AS name,
       pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,
       pg_catalog.pg_relation_size(i.indexrelid) AS size_bytes, a.amname AS method,
       i.indisunique AS unique, i.indpred IS NOT NULL AS partial, i.indisvalid AS valid,
       s.idx_scan AS scans,
       (SELECT pg_catalog.array_agg(pg_catalog.pg_get_indexdef(i.indexrelid, k, true) ORDER BY k)
        FROM pg_catalog.generate_series(1, {keys}) k) AS keys
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am a ON a.oid = c.relam
LEFT JOIN pg_catalog.pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
WHERE i.indrelid = ANY(%s::oid[])
ORDER BY c.relname
"""
_COLUMNS = """
SELECT c.oid::bigint AS table, a.attname AS name,
       pg_catalog.format_type(a.atttypid, NULL) AS type, s.n_distinct::float8 AS distinct,
       (SELECT min(f)::float8 FROM unnest(s.most_common_freqs) f) AS rarest
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname
     AND s.attname = a.attname AND s.inherited = (c.relkind = 'p')
WHERE c.oid = ANY(%s::oid[])
"""
_INCLUDE_VERSION = 110000  # indnkeyatts: columns that are only included came with it


def table_facts(connection: Any, tables: Iterable[str]) -> dict[str, TableFacts]:
    """Return size, indexes and statistics of each of these tables (`orders` or `shop.orders`).

    Of two tables of one name the one on the search path counts; unknown names are left out.
    """
    names = sorted(set(tables))
    found = rows(connection, _TABLES, (names, names))
    oids = [row["oid"] for row in found]
    indexes, columns = _indexes(connection, oids), _columns(connection, oids)
    facts: dict[str, TableFacts] = {}
    for row in found:
        oid = row.pop("oid")
        item = TableFacts(indexes=tuple(indexes.get(oid, ())), columns=columns.get(oid, {}), **row)
        for name in (item.name, f"{item.schema}.{item.name}"):
            if name in names:
                facts[name] = item
    return facts


def _indexes(connection: Any, oids: list[int]) -> dict[int, list[Index]]:
    keys = "i.indnkeyatts" if server_version(connection) >= _INCLUDE_VERSION else "i.indnatts"
    found: dict[int, list[Index]] = {}
    for row in rows(connection, _INDEXES.format(keys=keys), (oids,)):
        table = row.pop("table")
        row["keys"] = tuple(row["keys"])
        found.setdefault(table, []).append(Index(**row))
    return found


def _columns(connection: Any, oids: list[int]) -> dict[int, dict[str, ColumnFacts]]:
    found: dict[int, dict[str, ColumnFacts]] = {}
    for row in rows(connection, _COLUMNS, (oids,)):
        item = ColumnFacts(row["type"], row["distinct"], row["rarest"])
        found.setdefault(row["table"], {})[row["name"]] = item
    return found
