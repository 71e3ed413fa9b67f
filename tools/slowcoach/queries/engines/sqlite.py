"""SQLite: the file is opened read only, and an authorizer lets nothing but reading through."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from slowcoach.core.errors import (
    InputError,
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
    UnreadableError,
)
from slowcoach.core.job import Cancellation, Job
from slowcoach.queries.dialects.sqlite import plan_of
from slowcoach.queries.engines._aliases import with_tables
from slowcoach.queries.engines._model import STATEMENT_S, Engine
from slowcoach.queries.engines._statement import Query, only_query
from slowcoach.queries.model import Plan
from slowcoach.queries.statistics import Index, TableFacts
from slowcoach.queries.subject import Recommendation
from slowcoach.queries.verification import Verification

_LOCK_S = 2.0
_COUNT_S = 3.0
_STEPS = 1_000  # of SQLite's machine between two looks at the clock: one may take milliseconds
_LONGEST_VALUE = 20_000_000
_MEMORY = 1_000_000_000  # bytes, of all SQLite in this process: sorts are done in memory
_MAGIC = b"SQLite format 3\0"
_VERSIONS, _WAL = slice(18, 20), b"\x02\x02"  # sqlite.org/fileformat.html
_READS = frozenset({
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE,
})  # fmt: skip
_HARMFUL = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})
_HARMLESS_PRAGMAS = frozenset({
    "data_version", "index_info", "index_list", "index_xinfo", "table_info", "table_xinfo",
})  # fmt: skip
_CANNOT_OPEN = "unable to open"
_HINT = "Give sqlite:///path/to/file.db (four slashes for an absolute path)"


def authorized(action: int, what: str | None, *_more: str | None) -> int:
    """Answer SQLite whether a statement may do this: reading is all that it may."""
    if action in _READS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION:  # the name is the second argument
        name = (_more[0] or "").lower()
        return sqlite3.SQLITE_DENY if name in _HARMFUL else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and what == "sqlite_master":
        # asked while a virtual table says its columns; the file cannot be written anyway
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and (what or "").lower() in _HARMLESS_PRAGMAS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


class Clock:
    """Stops a statement that runs too long or is called off."""

    def __init__(self, cancellation: Cancellation) -> None:
        self.cancellation = cancellation
        self._until = float("inf")

    def allow(self, seconds: float) -> None:
        """Start anew: the next statement may run so long."""
        self._until = time.monotonic() + seconds

    def __call__(self) -> int:
        """Answer SQLite whether to stop (not 0)."""
        return int(self.cancellation.asked or time.monotonic() > self._until)


def guarded(connection: sqlite3.Connection, clock: Clock) -> None:
    """Let the connection do nothing but read, within the time of the clock."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_progress_handler(clock, _STEPS)
    connection.set_authorizer(authorized)


@contextmanager
def worded(clock: Clock) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        clock.cancellation.check()
        raise _error(" ".join(str(error).split())[:300].rstrip(".")) from None
    except (OverflowError, MemoryError):
        raise InputError("database: a value is too large", hint="Ask for less") from None


def _error(said: str) -> SlowcoachError:
    if "interrupted" in said:
        return ToolFailedError(
            "the statement ran longer than the time allowed, and was stopped",
            hint="Ask without `analyze`, which plans the statement and does not run it",
        )
    if "prohibited" in said or "not authorized" in said or "readonly" in said:
        return NotPermittedError(f"sql: {said}", hint="Only reading is allowed")
    if "not a database" in said or "malformed" in said or "encrypted" in said:
        return UnreadableError(f"database: {said}", hint="Is the file whole, and SQLite's?")
    if "locked" in said or "busy" in said:
        return ToolFailedError(f"database: {said}", hint="Try again, or give a copy of the file")
    if _CANNOT_OPEN in said:
        return UnreachableError(f"database: {said}", hint="May the file and its folder be read?")
    return InputError(f"database: {said}", hint="Check the statement and its names")


def path_of(url: str) -> Path:
    """Return the file that a URL names; raises InputError, UnreachableError, UnreadableError."""
    parts = urlsplit(url.strip())
    text = unquote(parts.path).removeprefix("/")
    if parts.netloc or not text or text == ":memory:" or "\0" in text:
        raise InputError("database_url: expected the path of a SQLite file", hint=_HINT)
    path = Path(text)
    if not path.is_file():
        kind = "a folder or device" if path.exists() else "no such file"
        raise UnreachableError(f"database {text}: {kind}", hint=_HINT)
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except OSError as error:
        raise UnreachableError(
            f"database {text}: {error.strerror}", hint="May it be read?"
        ) from None
    if head and head != _MAGIC:
        raise UnreadableError(f"database {text}: no SQLite file", hint=_HINT)
    return path


def _alone(path: Path) -> str:
    """Return what keeps SQLite from making -wal and -shm files beside a file nobody has open."""
    with path.open("rb") as file:
        head = file.read(_VERSIONS.stop)
    writes_ahead = head[_VERSIONS] == _WAL
    return "&immutable=1" if writes_ahead and not Path(f"{path}-wal").exists() else ""


@contextmanager
def _connect(database_url: str, cancellation: Cancellation) -> Iterator["SqliteSession"]:
    path = path_of(database_url)
    clock = Clock(cancellation)
    with worded(clock):
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=ro{_alone(path)}",
            uri=True,
            timeout=_LOCK_S,
            check_same_thread=False,
            isolation_level=None,
        )
    try:
        with worded(clock):
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA hard_heap_limit = {_MEMORY}")
            guarded(connection, clock)
        with cancellation.on_ask(connection.interrupt):
            yield SqliteSession(connection, path, clock)
    finally:
        connection.close()


class SqliteSession:
    """A SQLite file that is open for reading."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: Clock) -> None:
        self.connection, self.path, self.clock = connection, path, clock

    def explain(self, sql: str, analyze: bool = False) -> Plan:
        """Return the plan; SQLite tells no times of steps, so `analyze` times the whole."""
        query = only_query(sql, "sqlite")
        if analyze and query.parameters:
            raise InputError(
                f"sql: it has {query.parameters} parameters, and running it needs their values",
                hint="Write values in their place, or ask without `analyze`",
            )
        self.clock.allow(STATEMENT_S)
        with worded(self.clock):
            plan = plan_rows(self.connection, query)
            if not analyze:
                return plan
            self.clock.allow(STATEMENT_S)
            spent, rows = ran(self.connection, query)
        return replace(plan, fields={**plan.fields, "execution_time": spent, "result_rows": rows})

    def facts(self, tables: set[str]) -> Mapping[str, TableFacts]:
        """Return rows (as ANALYZE counted them, or counted now if that is fast) and indexes."""
        found: dict[str, TableFacts] = {}
        for table in sorted(tables):
            indexes = tuple(
                Index(name, definition or "", 0)
                for name, definition in self.rows(
                    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?",
                    table,
                )
            )
            found[table] = TableFacts(
                name=table,
                schema="",
                rows=self._count(table),
                size_bytes=0,
                indexes=indexes,
                last_analyze=None,
            )
        return found

    def rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        """Return the rows of one of our own queries; none where it fails or takes too long."""
        self.clock.allow(_COUNT_S)
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error:
            self.clock.cancellation.check()
            return []

    def _count(self, table: str) -> float | None:
        known = self.rows("SELECT stat FROM sqlite_stat1 WHERE tbl = ?", table)
        counts = [int(stat.split()[0]) for (stat,) in known if stat and stat.split()[0].isdigit()]
        if counts:
            return float(max(counts))
        kind = self.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table)
        name = table.replace('"', '""')
        counted = self.rows(f'SELECT count(*) FROM "{name}"') if kind else []  # noqa: S608 - quoted
        return float(counted[0][0]) if counted else None

    def advice(self, sql: str, plan: Plan) -> tuple[Recommendation, ...]:
        """Return the indexes that SQLite takes when all that might serve are there."""
        from slowcoach.queries.engines import _sqlite_copy

        return _sqlite_copy.advice(self, only_query(sql, "sqlite"), plan)

    def verify(
        self, sql: str, advised: tuple[Recommendation, ...], copy_url: str | None, job: Job
    ) -> Verification:
        """Time the statement before and after each index, on a temporary copy of the file."""
        from slowcoach.queries.engines import _sqlite_copy

        return _sqlite_copy.verify(self, only_query(sql, "sqlite"), advised, copy_url, job)

    def warnings(self) -> list[str]:
        """Return nothing: whoever may read the file may ask."""
        return []


def plan_rows(connection: sqlite3.Connection, query: Query) -> Plan:
    """Return the plan as the connection's planner makes it; parameters are NULL."""
    found = connection.execute(f"EXPLAIN QUERY PLAN {query.text}", [None] * query.parameters)
    rows = [(row[0], row[1], str(row[3])) for row in found.fetchall()]
    plan = with_tables(plan_of(rows), query.text, "sqlite")
    return replace(plan, fields={"engine": "sqlite", **plan.fields})


def ran(
    connection: sqlite3.Connection, query: Query, take: Callable[[Any], None] | None = None
) -> tuple[float, int]:
    """Run the query, give each row to `take`; return its ms and its number of rows."""
    started = time.perf_counter()
    count = 0
    for row in connection.execute(query.text, [None] * query.parameters):
        count += 1
        if take is not None:
            take(row)
    return (time.perf_counter() - started) * 1000, count


ENGINE = Engine(name="sqlite", schemes=frozenset({"sqlite"}), connect=_connect)
