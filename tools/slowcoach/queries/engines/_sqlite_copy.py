"""Indexes for a SQLite file, tried where nothing can happen to it: on copies of ours.

First a copy of the schema and its statistics tells which indexes SQLite would take; then each
is built on a copy of the whole file, and the statement is timed before and after.
"""

import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slowcoach.core import scratch
from slowcoach.core.errors import CancelledError, InputError, SlowcoachError
from slowcoach.core.job import Job
from slowcoach.queries.advisor.columns import uses
from slowcoach.queries.answer import Verified
from slowcoach.queries.engines._indexes import Proposal, proposals
from slowcoach.queries.engines._statement import Query
from slowcoach.queries.model import Plan
from slowcoach.queries.subject import Recommendation
from slowcoach.queries.verification import Verification

if TYPE_CHECKING:
    from slowcoach.queries.engines.sqlite import SqliteSession

_LARGEST_COPY = 300_000_000  # bytes of a file that is copied to try indexes on
_PAGES = 2000  # copied between two looks at whether the work was called off
_MOST = 3
_RUNS = 5
_LEAST_RUNS = 2
_ENOUGH_S = 5.0
_BUILD_S = 120.0
_PLANNED = "SQLite's planner takes it, in a copy of schema and statistics (no data, no times)"


def quoted(name: str) -> str:
    """Return a name as SQLite reads it back."""
    plain = name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit()
    if plain and name.upper() not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


_RESERVED = frozenset({
    "ADD", "ALL", "ALTER", "AND", "AS", "ASC", "BETWEEN", "BY", "CASE", "CHECK", "COLLATE",
    "COMMIT", "CREATE", "CROSS", "CURRENT", "DEFAULT", "DELETE", "DESC", "DISTINCT", "DROP",
    "ELSE", "END", "ESCAPE", "EXCEPT", "EXISTS", "FILTER", "FOR", "FOREIGN", "FROM", "FULL",
    "GROUP", "HAVING", "IN", "INDEX", "INNER", "INSERT", "INTERSECT", "INTO", "IS", "JOIN", "KEY",
    "LEFT", "LIKE", "LIMIT", "MATCH", "NATURAL", "NOT", "NULL", "OF", "OFFSET", "ON", "OR",
    "ORDER", "OUTER", "OVER", "PLAN", "PRIMARY", "QUERY", "REFERENCES", "RIGHT", "ROW", "ROWS",
    "SELECT", "SET", "TABLE", "THEN", "TO", "TRANSACTION", "TRIGGER", "UNION", "UNIQUE", "UPDATE",
    "USING", "VALUES", "VIEW", "VIRTUAL", "WHEN", "WHERE", "WINDOW", "WITH",
})  # fmt: skip


def advice(session: "SqliteSession", query: Query, plan: Plan) -> tuple[Recommendation, ...]:
    """Return the indexes that SQLite's planner takes when all that might serve are there."""
    from slowcoach.queries.engines.sqlite import plan_rows

    schema = _schema(session)
    found = uses(query.text, {"main": schema}, ["main"], dialect="sqlite")
    taken = frozenset(str(name) for (name,) in session.rows("SELECT name FROM sqlite_master"))
    wanted = proposals(found, _distinct(session), _existing(session, schema), taken)
    if not wanted:
        return ()
    with _schema_copy(session) as copy:
        made = {item.name: item for item in wanted if _made(copy, item)}
        try:
            after = plan_rows(copy, query)
        except sqlite3.Error:  # a virtual table, or a function of the user's own
            return ()
    used = dict.fromkeys(node.text("index_name") for node in after.root.walk())
    steps = {node.relation: number for number, node in enumerate(plan.root.walk())}
    return tuple(
        Recommendation(
            kind="index",
            statement=made[name].statement(quoted),
            why=f"SQLite would take it for {made[name].table}",
            step=steps.get(made[name].table, 0),
        )
        for name in used
        if name in made
    )[:_MOST]


def _made(copy: sqlite3.Connection, item: Proposal) -> bool:
    try:
        copy.execute(item.statement(quoted))
    except sqlite3.Error:
        return False
    return True


def _schema(session: "SqliteSession") -> dict[str, dict[str, str]]:
    tables = session.rows("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    found: dict[str, dict[str, str]] = {}
    for (name,) in tables:
        columns = session.rows("SELECT name, type FROM pragma_table_info(?)", name)
        found[name] = {str(column): str(kind or "TEXT") for column, kind in columns}
    return found


def _existing(
    session: "SqliteSession", schema: dict[str, dict[str, str]]
) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for table in schema:
        keys = session.rows("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", table)
        listed = [tuple(str(key) for (key,) in keys)] if keys else []
        # a partial index serves only some of the rows
        for (index,) in session.rows(
            "SELECT name FROM pragma_index_list(?) WHERE partial = 0", table
        ):
            columns = session.rows("SELECT name FROM pragma_index_info(?) ORDER BY seqno", index)
            listed.append(tuple(str(column) for (column,) in columns))
        found[table] = listed
    return found


def _distinct(session: "SqliteSession") -> dict[str, dict[str, float]]:
    """Return how many different values the first column of each index has, from ANALYZE."""
    found: dict[str, dict[str, float]] = {}
    for table, index, stat in session.rows("SELECT tbl, idx, stat FROM sqlite_stat1"):
        parts = str(stat or "").split()
        first = session.rows("SELECT name FROM pragma_index_info(?) WHERE seqno = 0", index or "")
        if first and len(parts) > 1 and parts[0].isdigit() and parts[1].isdigit():
            each = max(1.0, float(parts[1]))
            found.setdefault(table, {})[str(first[0][0])] = float(parts[0]) / each
    return found


@contextmanager
def _schema_copy(session: "SqliteSession") -> Iterator[sqlite3.Connection]:
    """Yield a database in memory with the schema and what ANALYZE counted, without the data."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for (sql,) in session.rows(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
            "AND type IN ('table', 'index', 'view') AND sql NOT LIKE 'CREATE VIRTUAL%' "
            "ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, rowid"
        ):
            with suppress(sqlite3.Error):
                copy.execute(sql)
        counted = session.rows("SELECT tbl, idx, stat FROM sqlite_stat1")
        if counted:
            with suppress(sqlite3.Error):
                copy.execute("ANALYZE")
                copy.executemany("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", counted)
                copy.execute("ANALYZE sqlite_master")  # reads the statistics again
        yield copy
    finally:
        copy.close()


def verify(
    session: "SqliteSession",
    query: Query,
    advised: Sequence[Recommendation],
    copy_url: str | None,
    job: Job,
) -> Verification:
    """Time the statement before and after each index, on a temporary copy of the file."""
    found = Verification()
    if copy_url:
        found.warn("copy_url is not needed for SQLite: the file itself is copied to try indexes")
    if not advised:
        return found
    if query.parameters:
        found.warn("not timed: the statement has parameters; write values in their place")
        return _only_planned(found, advised)
    size = session.path.stat().st_size
    if size > _LARGEST_COPY or size * 2 > shutil.disk_usage(tempfile.gettempdir()).free:
        found.warn(f"not timed: the file has {size / 1e6:,.0f} MB, too much to copy")
        return _only_planned(found, advised)
    try:
        with _whole_copy(session, job) as copy:
            for number, item in enumerate(advised, 1):
                job.progress(2, 3, f"Building index {number} of {len(advised)} on a copy")
                found.add(item.statement, _timed(session, copy, query, item.statement, found))
    except CancelledError:
        raise
    except SlowcoachError as error:
        found.warn(f"not timed on a copy: {error.message}")
        return _only_planned(found, advised)
    return found


def _only_planned(found: Verification, advised: Sequence[Recommendation]) -> Verification:
    for item in advised:
        found.trials.setdefault(item.statement, [Verified(method=_PLANNED)])
    return found


@contextmanager
def _whole_copy(session: "SqliteSession", job: Job) -> Iterator[sqlite3.Connection]:
    """Yield a copy of the file, made page by page while others may go on reading and writing."""
    from slowcoach.queries.engines.sqlite import guarded, worded

    with scratch.folder() as folder:
        copy = sqlite3.connect(Path(folder) / "copy.db", isolation_level=None)
        try:
            session.clock.allow(_BUILD_S)
            with worded(session.clock):
                session.connection.backup(
                    copy, pages=_PAGES, progress=lambda *_: job.cancellation.check()
                )
                copy.execute("PRAGMA trusted_schema = OFF")
                copy.execute("PRAGMA synchronous = OFF")
                copy.execute("PRAGMA temp_store = MEMORY")
                guarded(copy, session.clock)
            with job.cancellation.on_ask(copy.interrupt):
                yield copy
        finally:
            copy.close()


def _timed(
    session: "SqliteSession",
    copy: sqlite3.Connection,
    query: Query,
    statement: str,
    found: Verification,
) -> Verified:
    from slowcoach.queries.engines.sqlite import authorized, worded

    clock = session.clock
    with worded(clock):
        rows_before, before = _result(copy, query, clock), _runs(copy, query, clock)
        copy.set_authorizer(None)  # for our own statement alone
        copy.execute("SAVEPOINT slowcoach")
        try:
            clock.allow(_BUILD_S)
            copy.execute(statement)
            copy.set_authorizer(authorized)
            rows_after, after = _result(copy, query, clock), _runs(copy, query, clock)
        finally:
            copy.set_authorizer(None)
            copy.execute("ROLLBACK TO slowcoach")
            copy.execute("RELEASE slowcoach")
            copy.set_authorizer(authorized)
    if rows_before != rows_after and not query.cuts:
        raise InputError(
            "the rows are not the same twice", hint="Does it use random() or the time?"
        )
    same = "same rows" if rows_before == rows_after else "other rows, as LIMIT allows"
    return Verified(
        before_ms=round(statistics.median(before), 3),
        after_ms=round(statistics.median(after), 3),
        method=f"run before and after on a temporary copy, median of {len(after)}, {same}",
    )


def _result(copy: sqlite3.Connection, query: Query, clock: Any) -> tuple[int, int]:
    """Return the count and the sum of the rows' hashes: the same in whatever order they come."""
    from slowcoach.queries.engines.sqlite import ran

    total = 0

    def take(row: Any) -> None:
        nonlocal total
        total += hash(row)

    clock.allow(_BUILD_S)
    _spent, count = ran(copy, query, take)
    return count, total


def _runs(copy: sqlite3.Connection, query: Query, clock: Any) -> list[float]:
    from slowcoach.queries.engines.sqlite import ran

    times: list[float] = []
    started = time.monotonic()
    while len(times) < _RUNS:
        if len(times) >= _LEAST_RUNS and time.monotonic() - started > _ENOUGH_S:
            break
        clock.allow(_BUILD_S)
        times.append(ran(copy, query)[0])
    return times
