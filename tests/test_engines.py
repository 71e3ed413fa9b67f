"""Asking SQLite, MariaDB and DuckDB: plans of real databases, and advice that was tried."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import mariadb
import needs
from slowcoach.api.explain_query import TOOL
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    NotPermittedError,
    ToolFailedError,
    UnreachableError,
    UnreadableError,
)
from slowcoach.core.job import Job
from slowcoach.queries.answer import QueryAnswer
from slowcoach.queries.engines._functions import require_known
from slowcoach.queries.engines._statement import only_query
from slowcoach.queries.engines.mariadb import address_of

_ORDERED = "SELECT * FROM orders o WHERE o.customer_id = 7 AND o.status = 'open' ORDER BY created"


def _ask(**arguments: Any) -> QueryAnswer:
    result = TOOL.call(TOOL.validate(arguments), Job())
    assert isinstance(result, QueryAnswer)
    return result


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "shop with blank.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, city TEXT)")
        connection.execute(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INT, status TEXT, "
            "total REAL, created TEXT)"
        )
        connection.executemany(
            "INSERT INTO customers VALUES (?, ?)", [(i, f"city{i % 50}") for i in range(2000)]
        )
        connection.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?, ?)",
            [
                (i, i % 2000, "done" if i % 9 else "open", i / 2, f"2024-{i % 12 + 1:02}")
                for i in range(120_000)
            ],
        )
        connection.commit()
    return file


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_sqlite_case_ends_in_an_index_that_was_timed(shop: Path) -> None:
    before = _hash(shop)
    result = _ask(sql=_ORDERED, database_url=f"sqlite:///{shop}")
    advice = result.recommendations[0]
    assert advice.statement == (
        "CREATE INDEX orders_customer_id_status_created_idx "
        "ON orders (customer_id, status, created)"
    )
    assert advice.verified is not None
    assert advice.verified.before_ms is not None
    assert advice.verified.after_ms is not None
    assert advice.verified.after_ms < advice.verified.before_ms
    assert "same rows" in advice.verified.method
    assert result.dialect == "sqlite"
    assert "db.filesort" in {finding.rule for finding in result.findings}
    assert _hash(shop) == before
    assert {path.name for path in shop.parent.iterdir()} == {shop.name}


def test_an_index_that_does_not_help_is_not_advised(shop: Path) -> None:
    result = _ask(sql="SELECT * FROM orders WHERE id = 7", database_url=f"sqlite:///{shop}")
    assert result.recommendations == ()


def test_a_join_in_sqlite_names_the_tables_and_not_their_aliases(shop: Path) -> None:
    result = _ask(
        sql="SELECT o.total FROM customers c JOIN orders o ON o.customer_id = c.id "
        "WHERE c.city = 'city3'",
        database_url=f"sqlite:///{shop}",
    )
    assert any("ON orders (customer_id" in item.statement for item in result.recommendations)


def test_a_large_sqlite_file_is_judged_by_a_copy_of_its_schema(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slowcoach.queries.engines._sqlite_copy._LARGEST_COPY", 1000)
    result = _ask(sql=_ORDERED, database_url=f"sqlite:///{shop}")
    verified = result.recommendations[0].verified
    assert verified is not None
    assert verified.before_ms is None
    assert "schema" in verified.method
    assert any("too much to copy" in warning for warning in result.warnings)


def test_parameters_are_planned_in_sqlite_and_not_run(shop: Path) -> None:
    sql = "SELECT * FROM orders WHERE customer_id = :customer AND status = ?"
    result = _ask(sql=sql, database_url=f"sqlite:///{shop}")
    assert result.recommendations
    with pytest.raises(InputError, match="parameters"):
        _ask(sql=sql, database_url=f"sqlite:///{shop}", analyze=True)


def test_analyze_times_the_whole_in_sqlite(shop: Path) -> None:
    result = _ask(sql=_ORDERED, database_url=f"sqlite:///{shop}", analyze=True)
    assert result.total_ms is not None
    assert "in one run" in result.summary


def test_a_statement_of_sqlite_that_runs_too_long_is_stopped(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slowcoach.queries.engines.sqlite.STATEMENT_S", 0.2)
    endless = (
        "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r"
    )
    with pytest.raises(ToolFailedError, match="longer"):
        _ask(sql=endless, database_url=f"sqlite:///{shop}", analyze=True)


def test_a_job_that_is_called_off_stops(shop: Path) -> None:
    job = Job()
    job.cancellation.ask()
    with pytest.raises(CancelledError):
        TOOL.call(TOOL.validate({"sql": _ORDERED, "database_url": f"sqlite:///{shop}"}), job)


def test_full_text_search_in_sqlite_is_read(tmp_path: Path) -> None:
    file = tmp_path / "text.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE VIRTUAL TABLE d USING fts5(body)")
        connection.commit()
    result = _ask(
        sql="SELECT * FROM d WHERE d MATCH 'a'", database_url=f"sqlite:///{file}", analyze=True
    )
    assert result.steps[0].name.startswith("Virtual Table Scan")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite://host/a.db"])
def test_a_url_without_a_file_is_bad_input(url: str) -> None:
    with pytest.raises(InputError):
        _ask(sql="SELECT 1", database_url=url)


def test_what_is_no_sqlite_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError):
        _ask(sql="SELECT 1", database_url=f"sqlite:///{tmp_path}")
    with pytest.raises(UnreachableError):
        _ask(sql="SELECT 1", database_url=f"sqlite:///{tmp_path}/none.db")
    (tmp_path / "text").write_text("no database at all", encoding="utf-8")
    with pytest.raises(UnreadableError):
        _ask(sql="SELECT 1", database_url=f"sqlite:///{tmp_path}/text")
    (tmp_path / "cut").write_bytes(b"SQLite format 3\0" + b"\xff" * 3000)
    with pytest.raises(UnreadableError):
        _ask(sql="SELECT * FROM t", database_url=f"sqlite:///{tmp_path}/cut")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM t",
        "SELECT 1; SELECT 2",
        "WITH x AS (SELECT 1) DELETE FROM t",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "SELECT * FROM t FOR UPDATE",
        "SELECT * FROM t LOCK IN SHARE MODE",
        "SELECT /*!50000 1 */",
        "SELECT /*+ SET_VAR(max_execution_time=0) */ 1",
        "SELECT NEXT VALUE FOR s",
        "PRAGMA writable_schema = 1",
        "EXPLAIN SELECT 1",
        "SELECT 1 PROCEDURE ANALYSE()",
    ],
)
def test_only_a_plain_query_passes(sql: str) -> None:
    for dialect in ("mysql", "sqlite"):
        with pytest.raises((NotPermittedError, InputError)):
            only_query(sql, dialect)


def test_comments_are_taken_out_by_each_databases_own_rules() -> None:
    stripped = only_query("SELECT 1 -- ; DELETE\n + 2", "sqlite").text
    assert stripped.split() == ["SELECT", "1", "+", "2"]
    # to MySQL two dashes without a blank are two signs, not a comment
    assert "--1" in only_query("SELECT 1--1", "mysql").text
    assert only_query("SELECT 'a -- b', `c # d` FROM t # end", "mysql").text.endswith("FROM t")


@pytest.mark.parametrize("name", ["sleep", "get_lock", "load_file", "benchmark", ".f", "my_udf"])
def test_functions_that_are_not_known_are_refused(name: str) -> None:
    with pytest.raises(NotPermittedError):
        require_known(frozenset({name}))


def test_the_names_that_a_query_gives_itself_are_no_functions() -> None:
    query = only_query(
        "WITH t (a, b) AS (SELECT count(*), max(x) FROM y) SELECT * FROM t WHERE a IN (1, 2)",
        "mysql",
    )
    require_known(query.called)


def test_a_url_of_mariadb_never_shows_its_password() -> None:
    address = address_of("mysql+pymysql://me:s%40cret@db:3307/shop")
    assert (address.host, address.port, address.password) == ("db", 3307, "s@cret")
    assert "cret" not in repr(address)
    for url in (
        "mysql://me:secret@db",
        "mysql://me:secret@db:port/shop",
        "mysql://a:secret@b/c?d=e",
    ):
        with pytest.raises(InputError) as error:
            address_of(url)
        assert "secret" not in f"{error.value.message}{error.value.hint}"


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    needs.module("pymysql")
    with pytest.raises(UnreachableError) as error:
        _ask(sql="SELECT 1", database_url="mysql://me:secret@127.0.0.1:1/shop")
    assert "127.0.0.1:1" in error.value.message
    assert "secret" not in error.value.message


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    with mariadb.server() as socket:
        for database in ("shop", "copy"):
            mariadb.run(
                socket,
                f"CREATE DATABASE {database}",
                f"USE {database}",
                "CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT, status VARCHAR(10), "
                "total DOUBLE, created DATE, note TEXT)",
                "INSERT INTO orders SELECT seq, seq % 2000, IF(seq % 9, 'done', 'open'), seq / 2, "
                "'2024-01-01' + INTERVAL seq % 300 DAY, 'x' FROM seq_1_to_30000",
                "ANALYZE TABLE orders",
            )
        mariadb.run(
            socket,
            "CREATE USER reader@localhost IDENTIFIED BY 'p@ss:w/rd'",
            "GRANT SELECT ON shop.* TO reader@localhost",
        )
        yield socket


def _url(server: Path, database: str = "shop", user: str = "root") -> str:
    return f"mariadb://{user}@localhost/{database}?unix_socket={server}"


@pytest.mark.slow
def test_a_mariadb_case_ends_in_an_index_that_was_timed_on_the_copy(server: Path) -> None:
    result = _ask(
        sql=_ORDERED,
        database_url=_url(server, user="reader:p%40ss%3Aw%2Frd"),
        copy_url=_url(server, "copy"),
        analyze=True,
    )
    assert result.findings[0].rule == "db.seq_scan_large_table"
    advice = result.recommendations[0]
    assert advice.statement.endswith("ON orders (customer_id, status, created)")
    assert advice.verified is not None
    assert advice.verified.before_ms is not None
    assert advice.verified.after_ms is not None
    assert advice.verified.after_ms < advice.verified.before_ms
    assert "same rows" in advice.verified.method
    assert any("dropped again" in warning for warning in result.warnings)
    assert "p@ss" not in result.model_dump_json()
    found = mariadb.run(
        server,
        "SELECT table_schema, index_name FROM information_schema.statistics "
        "WHERE table_name = 'orders'",
    )
    assert sorted(found) == [("copy", "PRIMARY"), ("shop", "PRIMARY")]


@pytest.mark.slow
def test_without_a_copy_mariadbs_index_is_advised_and_not_tried(server: Path) -> None:
    result = _ask(sql=_ORDERED, database_url=_url(server))
    assert result.recommendations[0].verified is None
    assert not result.analyzed
    assert any("copy_url" in warning for warning in result.warnings)
    own = _ask(sql=_ORDERED, database_url=_url(server), copy_url=_url(server))
    assert any("the database itself" in warning for warning in own.warnings)


@pytest.mark.slow
def test_a_long_text_is_indexed_by_its_beginning(server: Path) -> None:
    result = _ask(sql="SELECT id FROM orders WHERE note = 'y'", database_url=_url(server))
    assert result.recommendations[0].statement.endswith("(`note`(64))")


@pytest.mark.slow
def test_what_mariadb_refuses_is_said_without_the_password(server: Path) -> None:
    with pytest.raises(NotPermittedError) as denied:
        _ask(sql="SELECT 1", database_url=_url(server, user="reader:wrongpass"))
    assert "wrongpass" not in denied.value.message
    with pytest.raises((UnreachableError, NotPermittedError)):
        _ask(sql="SELECT 1", database_url=_url(server, "nowhere"))
    with pytest.raises(InputError, match="nope"):
        _ask(sql="SELECT nope FROM orders", database_url=_url(server))


@pytest.mark.slow
def test_a_statement_of_mariadb_that_runs_too_long_is_stopped(
    server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slowcoach.queries.engines.mariadb.STATEMENT_S", 0.5)
    sql = "SELECT count(*) FROM orders a, orders b WHERE a.total + b.total = 0.3"
    with pytest.raises(ToolFailedError):
        _ask(sql=sql, database_url=_url(server), analyze=True)


@pytest.mark.slow
def test_duckdb_is_asked_and_gets_no_index(tmp_path: Path) -> None:
    needs.module("duckdb")
    import duckdb

    file = tmp_path / "shop.duckdb"
    with closing(duckdb.connect(str(file))) as connection:
        connection.execute("CREATE TABLE o AS SELECT i id, i % 100 c FROM range(200000) t (i)")
    before = _hash(file)
    for analyze in (False, True):
        result = _ask(
            sql="SELECT * FROM o WHERE c = 5 ORDER BY id",
            database_url=f"duckdb:///{file}",
            analyze=analyze,
        )
        assert result.analyzed is analyze
        assert result.recommendations == ()
    for sql in ("DROP TABLE o", "SELECT 1; SELECT 2", "SELECT * FROM read_csv('/etc/hostname')"):
        with pytest.raises(NotPermittedError):
            _ask(sql=sql, database_url=f"duckdb:///{file}")
    assert _hash(file) == before
