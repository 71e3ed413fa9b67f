"""Attacks on MariaDB, SQLite and DuckDB through the tool that asks them: nothing changes."""

import hashlib
import os
import pwd
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import needs
from attacks import DATA, Attack, attacks, files, filled
from slowcoach.api.explain_query import explain_query
from slowcoach.core import process
from slowcoach.core.errors import InputError, ToolFailedError
from slowcoach.core.job import Job

_READY_S = 90.0


def _outcome(call: Callable[[], Any]) -> str:
    try:
        result = call()
    except ToolFailedError:
        return "late"
    except InputError as error:
        return "refused" if error.hint else "refused without a hint"
    return "run" if result.analyzed else "planned"


def _as_expected(found: str, expected: str, *, analyze: bool) -> bool:
    if expected == "any":
        return True
    if expected == "stopped":
        return found in {"late", "refused"}
    if expected == "run" and analyze:
        return found in {"run", "planned"}  # SQLite's plans have no times
    return found == expected


def _wrong(engine: str, url: str, folder: Path, only: str = "") -> list[str]:
    """Try every attack without `analyze` and with it; return what ended otherwise."""
    wrong: list[str] = []
    for attack in attacks(engine, folder=str(folder)):
        if only and only not in {attack.plain, attack.analyze}:
            continue
        for analyze in (False, True):
            expected = attack.analyze if analyze else attack.plain
            ask = partial(explain_query, Job(), sql=attack.sql, database_url=url, analyze=analyze)
            found = _outcome(ask)
            harm = (folder / "harm").exists()
            if harm or not _as_expected(found, expected, analyze=analyze):
                wrong.append(f"{attack.name} ({analyze=}): {found}, expected {expected} {harm=}")
                (folder / "harm").unlink(missing_ok=True)
    return wrong


@pytest.fixture(autouse=True)
def _short_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a statement little time: some attacks want all there is."""
    from slowcoach.queries.engines import duckdb, mariadb, sqlite

    for engine in (duckdb, mariadb, sqlite):
        monkeypatch.setattr(engine, "STATEMENT_S", 1.0)


@pytest.fixture(params=["delete", "wal"])
def sqlite_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "sqlite"
    folder.mkdir()
    file = folder / "shop.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA journal_mode = {request.param}")
        connection.executescript((DATA / "sqlite.sql").read_text(encoding="utf-8"))
    return file


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_no_attack_on_sqlite_passes(sqlite_file: Path) -> None:
    before = _hashes(sqlite_file.parent)
    assert _wrong("sqlite", f"sqlite:///{sqlite_file}", sqlite_file.parent) == []
    assert _hashes(sqlite_file.parent) == before


@pytest.fixture
def duckdb_file(tmp_path: Path) -> Path:
    needs.module("duckdb")
    import duckdb

    folder = tmp_path / "duckdb"
    folder.mkdir()
    file = folder / "shop.duckdb"
    with closing(duckdb.connect(str(file))) as connection:
        connection.execute(
            "CREATE TABLE victim AS SELECT i AS id, 'n' || i AS name FROM range(300) t (i)"
        )
        connection.execute("CREATE SEQUENCE counter")
    return file


@pytest.mark.slow
def test_no_attack_on_duckdb_passes(duckdb_file: Path) -> None:
    before = _hashes(duckdb_file.parent)
    assert _wrong("duckdb", f"duckdb:///{duckdb_file}", duckdb_file.parent) == []
    assert _hashes(duckdb_file.parent) == before


@pytest.fixture(scope="module")
def mariadb() -> Iterator[tuple[str, Path, Path]]:
    """Run a private server; yield its URL, its data and a folder that it can write to."""
    needs.module("pymysql")
    needs.program("mariadbd")
    install = needs.program("mariadb-install-db")
    folder = Path(tempfile.mkdtemp(prefix="slowcoach-mariadb-"))
    data, out = folder / "data", folder / "out"
    root = os.geteuid() == 0
    user = pwd.getpwnam("mysql").pw_uid if root else None
    for path in (folder, data, out):
        path.mkdir(exist_ok=True)
        path.chmod(0o755)
        if root:
            shutil.chown(path, "mysql", "mysql")
    try:
        words = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]
        process.run([install, *words, f"--datadir={data}"], deadline_s=_READY_S, user=user)
        argv = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={folder}/s"]
        argv += ["--skip-networking", f"--pid-file={folder}/pid", "--event-scheduler=OFF"]
        argv += ["--innodb-buffer-pool-size=16M", "--skip-log-bin"]
        with process.running(argv, log=folder / "log", user=user):
            _prepare(f"{folder}/s", out)
            yield f"mariadb://root@localhost/attacked?unix_socket={folder}/s", data, out
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(socket: str, out: Path) -> None:
    import pymysql

    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        with suppress(pymysql.err.OperationalError), _asking(socket, None) as cursor:
            cursor.execute("CREATE DATABASE attacked")
            break
        time.sleep(0.1)
    setup = filled((DATA / "mariadb.sql").read_text(encoding="utf-8"), folder=str(out))
    with _asking(socket) as cursor:
        for statement in setup.split(";\n"):
            if statement.strip():
                cursor.execute(statement.removesuffix(";"))


def _asking(socket: str, database: str | None = "attacked") -> Any:
    import pymysql

    stack = ExitStack()
    connection = pymysql.connect(
        unix_socket=socket, user="root", database=database, autocommit=True
    )
    stack.enter_context(closing(connection))
    cursor = stack.enter_context(connection.cursor())
    return _Asking(stack, cursor)


class _Asking:
    """A cursor whose connection closes with it."""

    def __init__(self, stack: ExitStack, cursor: Any) -> None:
        self._stack, self._cursor = stack, cursor

    def __enter__(self) -> Any:
        return self._cursor

    def __exit__(self, *_: object) -> None:
        self._stack.close()


_STATE = (
    "CHECKSUM TABLE victim, trace",
    "SELECT * FROM counter",
    "SHOW FULL TABLES",
    "SELECT routine_name, md5(routine_definition) FROM information_schema.routines "
    "WHERE routine_schema = 'attacked'",
    "SELECT user, host FROM mysql.user",
    "SHOW GLOBAL VARIABLES WHERE variable_name IN ('general_log', 'read_only', 'sql_mode')",
    "SELECT count(*) FROM information_schema.processlist WHERE db = 'attacked'",
)


def _state(url: str, data: Path) -> list[Any]:
    with _asking(url.partition("unix_socket=")[2]) as cursor:
        found: list[Any] = []
        for statement in _STATE:
            cursor.execute(statement)
            found.append(cursor.fetchall())
    return [*found, sorted(files(data))]


@pytest.mark.slow
def test_no_attack_on_mariadb_passes(mariadb: tuple[str, Path, Path]) -> None:
    url, data, out = mariadb
    before = _state(url, data)
    assert _wrong("mariadb", url, out) == []
    until = time.monotonic() + _READY_S
    while (after := _state(url, data)) != before and time.monotonic() < until:
        time.sleep(0.2)  # a session ends a moment after its client
    assert after == before


def test_the_list_is_long_for_every_engine() -> None:
    for engine in ("mariadb", "sqlite", "duckdb"):
        names = [attack.name for attack in attacks(engine)]
        assert len(names) >= 50
        assert len(set(names)) == len(names)


def test_an_attack_is_refused_unless_the_list_says_otherwise() -> None:
    assert Attack("name", "sql").plain == Attack("name", "sql").analyze == "refused"
