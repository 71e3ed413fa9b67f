"""DuckDB: the file is opened read only, nothing outside of it can be reached, settings locked."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from slowcoach.core.errors import (
    InputError,
    MissingDependencyError,
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
)
from slowcoach.core.job import Cancellation, Job
from slowcoach.queries.engines._model import STATEMENT_S, Engine
from slowcoach.queries.model import Plan
from slowcoach.queries.reading import read_plan
from slowcoach.queries.statistics import TableFacts
from slowcoach.queries.subject import Recommendation
from slowcoach.queries.verification import Verification

_MAX_BYTES = 1_000_000
_HINT = "Give duckdb:///path/to/file.duckdb (four slashes for an absolute path)"
_LOCKED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "temp_directory": "",
    "memory_limit": "2GB",
    "lock_configuration": "true",
}


def path_of(url: str) -> Path:
    """Return the file that a URL names; raises InputError or UnreachableError."""
    parts = urlsplit(url.strip())
    text = unquote(parts.path).removeprefix("/")
    if parts.netloc or not text or text == ":memory:" or "\0" in text:
        raise InputError("database_url: expected the path of a DuckDB file", hint=_HINT)
    path = Path(text)
    if not path.is_file():
        kind = "a folder or device" if path.exists() else "no such file"
        raise UnreachableError(f"database {text}: {kind}", hint=_HINT)
    return path


def _driver() -> Any:
    try:
        import duckdb
    except ImportError:
        raise MissingDependencyError(
            "the package duckdb is not installed", hint="pip install 'slowcoach[duckdb]'"
        ) from None
    return duckdb


@contextmanager
def worded(cancellation: Cancellation) -> Iterator[None]:
    """Turn DuckDB's errors into ours."""
    duckdb = _driver()
    try:
        yield
    except duckdb.Error as error:
        cancellation.check()
        raise _error(duckdb, error) from None


def _error(duckdb: Any, error: Exception) -> SlowcoachError:
    said = " ".join(str(error).split())[:300].rstrip(".")
    if isinstance(error, duckdb.InterruptException):
        return ToolFailedError(
            "the statement ran longer than the time allowed, and was stopped",
            hint="Ask without `analyze`, which plans the statement and does not run it",
        )
    if isinstance(error, duckdb.PermissionException) or "read-only" in said.lower():
        return NotPermittedError(f"sql: {said}", hint="Only reading this file is allowed")
    if isinstance(error, duckdb.IOException):
        return UnreachableError(f"database: {said}", hint="Is it a DuckDB file that nobody locks?")
    return InputError(f"database: {said}", hint="Check the statement and its names")


@contextmanager
def _connect(database_url: str, cancellation: Cancellation) -> Iterator["DuckdbSession"]:
    duckdb = _driver()
    path = path_of(database_url)
    with worded(cancellation):
        connection = duckdb.connect(str(path), read_only=True, config=_LOCKED)
    try:
        with cancellation.on_ask(connection.interrupt):
            yield DuckdbSession(connection, cancellation)
    finally:
        connection.close()


class DuckdbSession:
    """A DuckDB file that is open for reading."""

    dialect = "duckdb_json"

    def __init__(self, connection: Any, cancellation: Cancellation) -> None:
        self.connection, self.cancellation = connection, cancellation

    def explain(self, sql: str, analyze: bool = False) -> Plan:
        """Return the plan; with `analyze` the SELECT is run."""
        with worded(self.cancellation):
            text = self._only_select(sql)
            if not analyze:
                plan, self.dialect = read_plan(self._asked("FORMAT JSON", text), "duckdb")
                return plan
            found = self._asked("ANALYZE, FORMAT JSON", text)
            if '"error"' in found and '"children"' not in found:  # 2.0 fails to print some
                found = self._asked("ANALYZE", text)
            plan, self.dialect = read_plan(found, "duckdb")
            return plan

    def _only_select(self, sql: str) -> str:
        """Return the statement if DuckDB's own parser finds exactly one SELECT."""
        duckdb = _driver()
        if len(sql) > _MAX_BYTES or "\0" in sql:
            raise InputError(f"sql: {len(sql)} characters, or a NUL byte in it", hint=_HINT)
        found = self.connection.extract_statements(sql)
        if len(found) != 1:
            kind = f"{len(found)} statements" if found else "nothing"
            raise NotPermittedError(f"sql: expected one SELECT, got {kind}", hint="Give one SELECT")
        if found[0].type != duckdb.StatementType.SELECT:
            kind = str(found[0].type).rpartition(".")[2]
            raise NotPermittedError(f"sql: expected SELECT, got {kind}", hint="Give one SELECT")
        if found[0].named_parameters:
            raise InputError("sql: it has parameters", hint="Write values in their place")
        return str(found[0].query)

    def _asked(self, options: str, text: str) -> str:
        timer = threading.Timer(STATEMENT_S, self.connection.interrupt)
        timer.start()
        try:
            rows = self.connection.execute(f"EXPLAIN ({options}) {text}").fetchall()
        finally:
            timer.cancel()
        return str(rows[0][1]) if rows else ""

    def facts(self, tables: set[str]) -> Mapping[str, TableFacts]:
        """Return nothing: the plan has all that the checks need."""
        return {}

    def advice(self, sql: str, plan: Plan) -> tuple[Recommendation, ...]:
        """Return nothing: DuckDB reads columns in order, indexes do not help its scans."""
        return ()

    def verify(
        self, sql: str, advised: tuple[Recommendation, ...], copy_url: str | None, job: Job
    ) -> Verification:
        """Return an empty verification: there is nothing to try."""
        return Verification()

    def warnings(self) -> list[str]:
        """Return nothing: whoever may read the file may ask."""
        return []


ENGINE = Engine(name="duckdb", schemes=frozenset({"duckdb"}), connect=_connect)
