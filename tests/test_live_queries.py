"""Asking a real PostgreSQL: what is let through, what is not, and that nothing changes."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.api.explain_query import explain_query
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    MissingDependencyError,
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation, Job
from slowcoach.core.permission import Permissions
from slowcoach.queries import live
from slowcoach.queries.embedded import embedded_postgres
from slowcoach.queries.statement import only_select

_SCHEMA = """
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, status text, ts timestamp, doc jsonb);
INSERT INTO orders SELECT i, i % 2000, 'paid', now(), '{"a": 1}' FROM generate_series(1, 60000) i;
ANALYZE orders;
CREATE SEQUENCE numbers;
CREATE FUNCTION harm() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION hidden() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION "Odd Name"() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION of_row(orders) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION add(int, int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE OPERATOR <<+>> (leftarg = int, rightarg = int, function = add);
CREATE VIEW behind AS SELECT id, harm() AS h FROM orders;
CREATE VIEW sleeping AS SELECT id, pg_sleep(0)::text AS s FROM orders;
CREATE VIEW twice_behind AS SELECT * FROM behind;
CREATE DOMAIN checked AS int CHECK (VALUE > harm());
CREATE TABLE guarded (id int);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON guarded USING (harm() = 1);
CREATE ROLE reader LOGIN; GRANT SELECT ON orders TO reader;
CREATE ROLE locked LOGIN PASSWORD 'right';
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    needs.module("psycopg")
    needs.module("embedded_postgres")
    with embedded_postgres() as address:
        _execute(address, _SCHEMA)
        hba = Path(_value(address, "SHOW hba_file"))
        rule = "host all locked 127.0.0.1/32 scram-sha-256\n"
        hba.write_text(rule + hba.read_text(encoding="utf-8"), encoding="utf-8")
        _execute(address, "SELECT pg_reload_conf()")
        yield address


@pytest.fixture
def connection(url: str) -> Iterator[Any]:
    with live.connect(url) as opened:
        yield opened


def _execute(url: str, sql: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as opened:
        opened.execute(sql.encode())


def _value(url: str, sql: str) -> str:
    import psycopg

    with psycopg.connect(url, autocommit=True) as opened:
        row = opened.execute(sql.encode()).fetchone()
        return str(row[0]) if row else ""


def _state(url: str) -> str:
    return _value(
        url,
        "SELECT (SELECT count(*) FROM pg_class) || '/' || (SELECT count(*) FROM orders) || '/' ||"
        " (SELECT coalesce(last_value::text, '-') || is_called FROM numbers)",
    )


_READS = [
    "SELECT * FROM orders WHERE id = 5",
    "select count(*), max(id) from orders where customer_id in (1, 2, 3);",
    "(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1 LIMIT 1",
    "VALUES (1, 'a'), (2, 'b')",
    "TABLE orders",
    "WITH a AS MATERIALIZED (SELECT * FROM orders) SELECT * FROM a JOIN a b USING (id)",
    "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT * FROM n",
    "SELECT random(), now(), current_timestamp, clock_timestamp(), gen_random_uuid()",
    "SELECT date_trunc('day', ts), extract(hour FROM ts), lower(status) FROM orders LIMIT 5",
    "SELECT doc->>'a', doc @> '{\"a\": 1}', doc ? 'a' FROM orders LIMIT 5",
    "SELECT row_number() OVER (PARTITION BY customer_id ORDER BY id) FROM orders LIMIT 5",
    "SELECT id::text, CAST(id AS numeric(10, 2)), id - -1, id::varchar(9) FROM orders LIMIT 5",
    "SELECT ';', $$; DELETE FROM orders$$, E'it\\'s', 'into' -- ; DELETE FROM orders\n FROM orders",
    "SELECT /* ; /* nested */ DELETE */ substring('abc' FROM 2 FOR 1)",
    "SELECT * FROM generate_series(1, 3) g, LATERAL (SELECT g * 2) x",
    "SELECT count(*) FILTER (WHERE id > 5) FROM orders TABLESAMPLE system (10)",
    "SELECT * FROM orders o WHERE EXISTS (SELECT 1 FROM orders p WHERE p.id = o.id) LIMIT 1",
    "SELECT CASE WHEN status ILIKE 'p%' THEN interval '1 day' END FROM orders LIMIT 1",
    "SELECT array_agg(id ORDER BY id), string_agg(status, ',') FROM orders GROUP BY customer_id",
]

# each of these got past some tool's guard, or past a READ ONLY transaction
_NEVER = [
    "INSERT INTO orders VALUES (0)",
    "UPDATE orders SET status = 'x'",
    "DELETE FROM orders",
    "MERGE INTO orders USING (VALUES (1)) v (i) ON id = i WHEN MATCHED THEN DELETE",
    "TRUNCATE orders",
    "CREATE TABLE x AS SELECT 1",
    "CREATE MATERIALIZED VIEW x AS SELECT 1",
    "SELECT 1 AS a INTO x",
    "WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d",
    "WITH i AS MATERIALIZED (INSERT INTO orders VALUES (0) RETURNING *) SELECT * FROM i",
    "WITH a AS (SELECT 1) INSERT INTO orders SELECT 0",
    "SELECT * FROM (DELETE FROM orders RETURNING *) d",
    "COMMIT; DELETE FROM orders",
    "SELECT 1; DROP TABLE orders",
    "SELECT 1; COMMIT; DROP TABLE orders; --",
    "/* leading comment */ SELECT 1; DELETE FROM orders",
    "COPY orders TO PROGRAM 'touch /tmp/harm'",
    "COPY (SELECT 1) TO '/tmp/harm'",
    "DO $$ BEGIN DELETE FROM orders; END $$",
    "CALL harm()",
    "EXPLAIN ANALYZE DELETE FROM orders",
    "EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1",
    "ANALYZE) DELETE FROM orders",
    "PREPARE p AS DELETE FROM orders",
    "EXECUTE p",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "SET statement_timeout = 0",
    "RESET ALL",
    "SET SESSION AUTHORIZATION reader",
    "SET TRANSACTION READ WRITE",
    "LOCK orders IN ACCESS EXCLUSIVE MODE",
    "NOTIFY c",
    "LISTEN c",
    "VACUUM",
    "CHECKPOINT",
    "CREATE EXTENSION dblink",
    "ALTER SYSTEM SET work_mem = '1GB'",
    "SELECT * FROM orders FOR UPDATE",
    "SELECT * FROM orders FOR NO KEY UPDATE",
    "SELECT 1 OPERATOR(public.<<+>>) 2",
    'SELECT U&"pg\\005fsleep"(1)',
    "SELECT E'a'\n'\\' , ' , harm() , '",
    "SELECT 1 +-- '\n harm(); DELETE FROM orders --'",
    "SELECT 1 \x00; DELETE FROM orders",
    "",
    "-- nothing",
    "/* open",
]

# these only read as far as their syntax goes; running them would do more
_NOT_RUN = [
    "SELECT pg_sleep(10)",
    "SELECT pg_sleep /* hidden */ (10)",
    'SELECT "pg_sleep"(10)',
    "SELECT pg_catalog.pg_sleep(10)",
    "SELECT * FROM pg_read_file('/etc/passwd')",
    "SELECT * FROM ROWS FROM (pg_ls_dir('/')) f",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_create(0)",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT query_to_xml('DELETE FROM orders', true, true, '')",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
    "SELECT pg_reload_conf()",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_notify('c', 'x')",
    "SELECT nextval('numbers')",
    "SELECT harm()",
    "SELECT public.harm() FROM orders",
    "SELECT hidden()",
    'SELECT "Odd Name"()',
    "SELECT o.of_row FROM orders o",
    "SELECT (o).of_row FROM orders o",
    "SELECT id FROM orders ORDER BY harm()",
    "SELECT id FROM orders WHERE id = (SELECT harm())",
    "SELECT * FROM orders LIMIT harm()",
    "SELECT * FROM behind",
    "SELECT * FROM twice_behind",
    "SELECT * FROM sleeping",
    "SELECT * FROM guarded",
    "SELECT '5'::checked",
    "SELECT CAST(5 AS checked)",
]


@pytest.mark.parametrize("sql", _READS)
def test_a_statement_that_reads_is_planned_and_run(connection: Any, sql: str) -> None:
    assert not live.explain(connection, sql).analyzed
    assert live.explain(connection, sql, analyze=True).analyzed


@pytest.mark.parametrize("analyze", [False, True])
@pytest.mark.parametrize("sql", _NEVER)
def test_what_does_more_than_read_is_refused(
    url: str, connection: Any, sql: str, analyze: bool
) -> None:
    before = _state(url)
    with pytest.raises(InputError) as error:
        live.explain(connection, sql, analyze)
    assert error.value.hint
    assert _state(url) == before


@pytest.mark.parametrize("sql", _NOT_RUN)
def test_a_statement_whose_functions_may_do_harm_is_planned_and_not_run(
    url: str, connection: Any, sql: str
) -> None:
    before = _state(url)
    with pytest.raises(NotPermittedError) as error:
        live.explain(connection, sql, analyze=True)
    assert "without `analyze`" in error.value.hint
    assert live.explain(connection, sql).root.node_type
    assert _state(url) == before


@pytest.mark.parametrize(
    "sql", ["INSERT INTO orders VALUES (0)", "CREATE TABLE x (i int)", "SELECT nextval('numbers')"]
)
def test_the_connection_itself_cannot_write(connection: Any, sql: str) -> None:
    import psycopg

    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute(sql.encode())


def test_the_connection_says_who_it_is_and_gives_up_in_time(connection: Any) -> None:
    assert live.setting(connection, "application_name") == "slowcoach"
    assert live.setting(connection, "default_transaction_read_only") == "on"
    assert live.setting(connection, "statement_timeout") == "30s"
    assert live.setting(connection, "lock_timeout") == "2s"
    assert live.setting(connection, "no.such_setting") is None


def test_a_statement_that_runs_too_long_is_ended_and_the_connection_lives(url: str) -> None:
    with live.connect(url, statement_timeout_s=2) as opened:
        with pytest.raises(ToolFailedError, match="longer than"):
            live.explain(opened, "SELECT count(*) FROM generate_series(1, 1000000000)", True)
        assert live.explain(opened, "SELECT 1").root.node_type == "Result"


def test_a_statement_that_is_called_off_ends_at_once(url: str) -> None:
    cancellation = Cancellation()
    timer = threading.Timer(1, cancellation.ask)

    def ask() -> None:
        with live.connect(url, statement_timeout_s=60, cancellation=cancellation) as opened:
            timer.start()
            live.explain(opened, "SELECT count(*) FROM generate_series(1, 1000000000)", True)

    with pytest.raises(CancelledError):
        ask()
    timer.join()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM orders WHERE id = $1",
        "SELECT * FROM orders WHERE id = %s",
        "SELECT * FROM orders WHERE id=%s AND status LIKE %s",
        "SELECT * FROM orders WHERE id = %(id)s OR customer_id = %(id)s",
        "SELECT * FROM orders WHERE id = :id AND ts > '2020-01-01'::timestamp",
    ],
)
def test_parameters_give_a_generic_plan(connection: Any, sql: str) -> None:
    plan = live.explain(connection, sql)
    assert "$1" in plan.root.conditions("index_cond", "filter") or plan.root.plans
    with pytest.raises(InputError, match="needs their values"):
        live.explain(connection, sql, analyze=True)


def test_mixed_parameters_and_unknown_names_are_worded(connection: Any) -> None:
    with pytest.raises(InputError, match="mixed"):
        live.explain(connection, "SELECT * FROM orders WHERE id = $1 AND id = %s")
    with pytest.raises(InputError, match='column "nope" does not exist'):
        live.explain(connection, "SELECT nope FROM orders")
    with pytest.raises(InputError, match=r"cannot be parsed|syntax"):
        live.explain(connection, "SELECT FROM WHERE")


def test_a_user_without_rights_is_told(url: str) -> None:
    with (
        live.connect(url.replace("postgres@", "reader@")) as opened,
        pytest.raises(NotPermittedError, match="permission denied"),
    ):
        live.explain(opened, "SELECT * FROM guarded")


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        (("postgres@", "locked:secret123@"), NotPermittedError, "password authentication failed"),
        (("postgres@", "locked@"), NotPermittedError, "password"),
        (("postgres@", "nobody_here:secret123@"), NotPermittedError, "does not exist"),
        (("/postgres", "/no_such_database"), UnreachableError, "does not exist"),
        (("postgresql:", "mysql:"), UnsupportedError, "expected postgresql"),
        (("postgresql://", ""), UnsupportedError, "expected postgresql"),
    ],
)
def test_connections_that_fail_say_why_and_keep_the_password(
    url: str, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], kind: type, said: str
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    wrong = url.replace(*change) if change[0] != "/postgres" else url.rpartition("/")[0] + change[1]
    with pytest.raises(SlowcoachError, match=said) as error, live.connect(wrong):
        pass
    assert isinstance(error.value, kind)
    assert error.value.hint
    assert "secret123" not in str(error.value)


def test_a_port_where_nobody_listens_is_told(url: str) -> None:
    with (
        pytest.raises(UnreachableError, match="refused"),
        live.connect("postgresql://x:y@127.0.0.1:1/z"),
    ):
        pass
    with live.connect(url.replace("postgresql://", "postgresql+psycopg://")) as opened:
        assert live.server_version(opened) > 100_000


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingDependencyError) as error, live.connect("postgresql://x/y"):
        pass
    assert "slowcoach[postgres]" in error.value.hint


def test_statements_are_counted_since_a_snapshot(url: str, connection: Any) -> None:
    before = live.snapshot(connection)
    for number in range(7):
        _value(url, f"SELECT count(*) FROM orders WHERE customer_id = {number}")
    top = live.top_statements(connection, since=before)
    found = next(item for item in top if "customer_id = $1" in item.query)
    assert found.calls == 7
    assert found.rows == 7
    assert found.mean_ms == pytest.approx(found.total_ms / 7)
    assert not any("pg_stat_statements" in item.query for item in top)


def test_a_server_that_does_not_count_says_how_to_make_it(url: str) -> None:
    _execute(url, "CREATE DATABASE uncounted")
    with (
        live.connect(f"{url.rpartition('/')[0]}/uncounted") as opened,
        pytest.raises(MissingDependencyError) as error,
    ):
        live.top_statements(opened)
    assert "shared_preload_libraries" in error.value.hint


def test_sessions_show_who_waits_for_whom(url: str, connection: Any) -> None:
    import psycopg

    with psycopg.connect(url) as holder, psycopg.connect(url) as waiter:
        holding, asking = holder.info.backend_pid, waiter.info.backend_pid
        holder.execute("UPDATE orders SET status = 'x' WHERE id = 1")
        blocked = threading.Thread(
            target=lambda: waiter.execute("UPDATE orders SET status = 'y' WHERE id = 1")
        )
        blocked.start()
        sessions: dict[int, live.Session] = {}
        try:
            for _ in range(600):
                sessions = {session.pid: session for session in live.activity(connection)}
                if sessions[asking].blocked_by:
                    break
                threading.Event().wait(0.05)
        finally:
            holder.rollback()
            blocked.join()
        waiter.rollback()
    held, waiting = sessions[holding], sessions[asking]
    assert waiting.blocked_by == (holding,)
    assert waiting.wait_event_type == "Lock"
    assert "status = 'y'" in waiting.query
    assert held.state == "idle in transaction"
    assert held.seconds_in_transaction is not None


def test_tables_tell_their_size_and_indexes(connection: Any) -> None:
    facts = live.table_facts(connection, ["orders", "public.orders", "no_such_table"])
    assert set(facts) == {"orders", "public.orders"}
    orders = facts["orders"]
    assert orders.rows == pytest.approx(60_000, rel=0.1)
    assert orders.size_bytes > 1_000_000
    assert [index.name for index in orders.indexes] == ["orders_pkey"]


def test_the_tool_asks_a_live_server_and_changes_nothing(url: str) -> None:
    before = _state(url)
    result = explain_query(
        Job(), sql="SELECT * FROM orders WHERE customer_id = 7", database_url=url, analyze=True
    )
    assert result.analyzed
    assert result.findings[0].cause == "db.missing_index"
    advice = result.recommendations[0]
    assert advice.statement == "CREATE INDEX CONCURRENTLY ON orders (customer_id)"
    assert advice.verified is not None
    assert advice.verified.method == "the planner's cost in a clone of schema and statistics"
    assert any("superuser" in warning for warning in result.warnings)
    assert _state(url) == before


def test_the_tool_only_plans_unless_it_is_asked_to_run(url: str) -> None:
    result = explain_query(
        Job(), sql="SELECT * FROM orders WHERE customer_id = %s", database_url=url
    )
    assert not result.analyzed
    assert "Planned, not run" in result.summary
    assert result.recommendations[0].statement.endswith("(customer_id)")
    forbidden = Job(permissions=Permissions(execute=False))
    with pytest.raises(NotPermittedError, match="analyze"):
        explain_query(forbidden, sql="SELECT 1", database_url=url, analyze=True)


@pytest.mark.parametrize(
    ("sql", "text", "count"),
    [
        ("SELECT a FROM t WHERE b = %s", "SELECT a FROM t WHERE b = $1", 1),
        ("SELECT '%s' FROM t WHERE b ? 'c'", "SELECT '%s' FROM t WHERE b ? 'c'", 0),
        ("SELECT a::int FROM t WHERE b=:x AND c=:x", "SELECT a::int FROM t WHERE b=$1 AND c=$1", 1),
        ("SELECT a % 5 FROM t ; ", "SELECT a % 5 FROM t", 0),
        ("SELECT $2, $1", "SELECT $2, $1", 2),
    ],
)
def test_parameters_are_numbered_outside_of_strings(sql: str, text: str, count: int) -> None:
    statement = only_select(sql)
    assert (statement.text, statement.parameters) == (text, count)


def test_brackets_that_nest_too_deep_are_refused() -> None:
    with pytest.raises(InputError, match="nest"):
        only_select("SELECT " + "(" * 3000 + "1" + ")" * 3000)
