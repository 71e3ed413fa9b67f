"""Connection pools: sizes by formula, and warning signs on a real PostgreSQL."""

import os
import pwd
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.api.plan_capacity import TOOL, CapacityPlan
from slowcoach.core import process
from slowcoach.core.errors import UnsupportedError
from slowcoach.core.job import Job
from slowcoach.queries.embedded import embedded_postgres
from slowcoach.queries.pool_reading import mysql, postgresql
from slowcoach.queries.pool_signs import signs
from slowcoach.queries.pools import HTTP, MYSQL, POSTGRESQL, REDIS, Needs, Server, sizes, useful

MAX, RESERVED = 24, 3
ROOM = MAX - RESERVED


def plan(**arguments: Any) -> CapacityPlan:
    """Call the tool as the faces do."""
    result = TOOL.call(TOOL.validate(arguments), Job())
    assert isinstance(result, CapacityPlan)
    again = CapacityPlan.model_validate(result.model_dump(mode="json"))
    assert again.model_dump_json() == result.model_dump_json()
    assert len(result.model_dump_json()) < 6000
    return result


def found(result: CapacityPlan) -> set[str]:
    return {item.rule for item in result.findings}


def server(**known: Any) -> Server:
    """Return a PostgreSQL with these figures, and nothing wrong besides."""
    usual: dict[str, Any] = {
        "engine": POSTGRESQL, "max_connections": 100, "allowed": 97, "used": 20, "active": 1.0,
        "idle": 19, "cores": 4,
    }  # fmt: skip
    return Server(**(usual | known))


# -- sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("needs_", "server_", "of", "each", "needed"),
    [
        # min(8 x 2 + 1, 97 / 4)
        (Needs(instances=4), server(cores=8), POSTGRESQL, 17, None),
        # min(8 x 2 + 3, 97 / 4)
        (Needs(instances=4, disks=3), server(cores=8), POSTGRESQL, 19, None),
        # min(32 x 2 + 0, 97 / 4 = 24.25)
        (Needs(instances=4, disks=0, cores=32), server(), POSTGRESQL, 24, None),
        # without a server: cores and limit as given; 200/s x 30 ms are 6 in use
        (Needs(instances=2, cores=2, allowed=50, rps=200, database_ms=30), None, POSTGRESQL, 5, 6),
        # what waits would be in use
        (Needs(instances=2, cores=2, allowed=50, rps=200, database_ms=30, waiting=4), None,
         POSTGRESQL, 5, 10),
        # what was measured is the least
        (Needs(instances=2), server(in_use=7.5), POSTGRESQL, 9, 7.5),
        # at most 150 together
        (Needs(instances=4), server(engine=MYSQL, allowed=500), MYSQL, 37, None),
        (Needs(instances=4), server(engine=MYSQL, allowed=100), MYSQL, 25, None),
        # 5 to 10 each
        (Needs(instances=4, rps=1000, redis_ms=1), None, REDIS, 5, 1),
        (Needs(instances=4, rps=1000, redis_ms=30), None, REDIS, 8, 30),
        (Needs(instances=1, rps=1000, redis_ms=30), None, REDIS, 10, 30),
        # as many as there are requests at a time
        (Needs(instances=3, rps=100, upstream_ms=250), None, HTTP, 9, 25),
        # never less than one
        (Needs(instances=500, cores=2, allowed=97), None, POSTGRESQL, 1, None),
    ],
)  # fmt: skip
def test_sizes_follow_the_formulas(
    needs_: Needs, server_: Server | None, of: str, each: int, needed: float | None
) -> None:
    [size] = sizes(needs_, server_)
    assert (size.of, size.each, size.needed) == (of, each, needed)
    assert size.total == each * (needs_.instances or 0)


def test_nothing_is_made_up_for_what_is_not_known() -> None:
    assert sizes(Needs(), None) == []
    assert sizes(Needs(cores=4, allowed=97), None) == []
    assert sizes(Needs(instances=4, cores=4), None) == []
    assert sizes(Needs(instances=4), server(cores=None)) == []
    assert useful(4, None) == 9


# -- signs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("needs_", "server_", "rules"),
    [
        (Needs(instances=2, pool_size=5), server(), set()),
        (Needs(), server(used=80), {"capacity.connections"}),
        (Needs(), server(engine=MYSQL, most_used=96), {"capacity.connections"}),
        (Needs(), server(engine=MYSQL, refused=3), {"capacity.connections"}),
        (Needs(), server(idle_in_transaction=(0.2, 30.0)), {"db.idle_in_transaction"}),
        (Needs(), server(transactions=(0.1, 600.0)), {"db.long_transaction"}),
        (Needs(), server(idle_for=(900.0,) * 15), {"pool.many_idle"}),
        (Needs(), server(used=9, idle_for=(900.0,) * 9), set()),
        (Needs(), server(active=10.5), {"pool.too_many_active"}),
        (Needs(cores=16), server(active=10.5), set()),
        (Needs(), server(connected=5000, connected_per_s=9.0, transactions_per_connection=1.2),
         {"pool.churn"}),
        (Needs(), server(connected=5000, connected_per_s=9.0, transactions_per_connection=800.0),
         set()),
        (Needs(), server(pooler=True), {"pool.behind_pooler"}),
        (Needs(instances=12, pool_size=10), server(cores=64), {"pool.over_server_limit"}),
        (Needs(instances=12, pool_size=10, allowed=100), None, {"pool.over_server_limit"}),
        (Needs(instances=4, pool_size=20), server(), {"pool.oversized"}),
        (Needs(instances=2, pool_size=5, rps=300, database_ms=30), server(), {"pool.undersized"}),
        (Needs(instances=2, pool_size=5, waiting=20), None, {"pool.exhausted"}),
    ],
)  # fmt: skip
def test_a_sign_is_found_where_its_limit_is_crossed(
    needs_: Needs, server_: Server | None, rules: set[str]
) -> None:
    findings, _ = signs(needs_, server_)
    assert {item.rule for item in findings} == rules


def test_what_cannot_be_judged_is_said() -> None:
    _, not_checked = signs(Needs(), server(cores=None, hidden=3))
    assert {item.rule for item in not_checked} == {
        "pool.many_idle", "db.idle_in_transaction", "pool.too_many_active", "pool.over_server_limit"
    }  # fmt: skip


def test_mysql_is_read_from_its_status() -> None:
    status = {
        "Connections": "5000", "Uptime": "1000", "Threads_connected": "31", "Threads_running": "4",
        "Max_used_connections": "140", "Questions": "9000",
        "Connection_errors_max_connections": "2",
    }  # fmt: skip
    read = mysql(status, 151, [("Sleep", 700), ("Sleep", 1), ("Query", 3)])

    assert (read.engine, read.allowed, read.used, read.active, read.idle) == (MYSQL, 151, 30, 3, 2)
    assert (read.most_used, read.refused, read.connected_per_s) == (140, 2, 5)
    assert {item.rule for item in signs(Needs(), read)[0]} == {
        "capacity.connections", "pool.churn"
    }  # fmt: skip


def test_sessions_whose_state_is_hidden_are_counted_as_such() -> None:
    row = {"state": None, "state_s": None, "transaction_s": None, "blocked": None}
    settings = {"max": 100, "reserved": 3, "address": "10.0.0.7", "pid": 1}
    read = postgresql([[row, row]], settings, {}, pooler=False)
    assert (read.used, read.hidden, read.active, read.cores) == (2, 2, 0, None)


# -- on a real PostgreSQL --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    import psycopg

    needs.module("psycopg")
    needs.module("embedded_postgres")
    settings = {"max_connections": str(MAX), "superuser_reserved_connections": str(RESERVED)}
    with embedded_postgres(settings=settings, preload=()) as address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(b"CREATE ROLE app LOGIN")
        yield address


@contextmanager
def sessions(url: str, count: int) -> Iterator[list[Any]]:
    """Hold connections open."""
    import psycopg

    with ExitStack() as stack:
        yield [stack.enter_context(psycopg.connect(url, autocommit=True)) for _ in range(count)]
    _wait_until_gone(url)


def _wait_until_gone(url: str) -> None:
    """Wait until the server has seen that its clients are gone."""
    import psycopg

    others = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            row = connection.execute(others.encode()).fetchone()
            if row is None or not row[0]:
                return
            time.sleep(0.02)


def test_a_quiet_server_is_read_and_sized(url: str) -> None:
    with sessions(url, 2):
        result = plan(database_url=url, current={"instances": 3, "pool_size": 3, "db_cores": 4})

    assert result.connections is not None
    assert result.connections.max_connections == MAX
    assert result.connections.allowed == ROOM
    assert (result.connections.used, result.connections.idle) == (2, 2)
    [pool] = result.pools
    assert (pool.of, pool.each, pool.total) == (POSTGRESQL, ROOM // 3, ROOM // 3 * 3)
    assert f"2 of {ROOM} connections are taken" in result.summary
    assert not {name for name in found(result) if name.startswith(("pool.", "db."))}


def test_a_session_that_is_idle_in_its_transaction_is_found(url: str) -> None:
    with sessions(url, 1) as [session]:
        session.execute("BEGIN")
        session.execute("SELECT 1")
        time.sleep(1.2)
        result = plan(database_url=url)
        session.execute("ROLLBACK")

    assert result.connections is not None
    assert result.connections.idle_in_transaction == 1
    assert "db.idle_in_transaction" in found(result)


def test_a_server_that_is_nearly_full_is_found(url: str) -> None:
    with sessions(url, ROOM - 1):
        result = plan(database_url=url)

    finding = next(item for item in result.findings if item.rule == "capacity.connections")
    assert f"{ROOM - 1} of {ROOM}" in str(finding.evidence[0])
    assert sum(item.rule == "capacity.connections" for item in result.findings) == 1


def test_a_server_that_lets_nobody_in_is_a_finding_and_no_error(url: str) -> None:
    app = url.replace("postgres@", "app@")
    with sessions(url, ROOM):
        result = plan(database_url=app)

    [finding] = result.findings
    assert finding.rule == "capacity.connections"
    assert finding.severity == "critical"
    assert "reserved" in str(finding.evidence[0])


def test_more_statements_than_cores_are_found_while_they_run(url: str) -> None:
    with sessions(url, 5) as open_:
        threads = [
            threading.Thread(target=session.execute, args=("SELECT pg_sleep(3)",))
            for session in open_
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        result = plan(database_url=url, current={"db_cores": 1})
        for thread in threads:
            thread.join()

    assert "pool.too_many_active" in found(result)


def test_connections_that_are_opened_for_one_statement_each_are_found(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_stat_reset()")
    for _ in range(120):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SELECT 1")

    assert "pool.churn" in found(plan(database_url=url))


def test_pools_that_could_ask_for_more_than_the_server_allows_are_found(url: str) -> None:
    result = plan(database_url=url, current={"instances": 4, "pool_size": 10, "db_cores": 8})

    assert "pool.over_server_limit" in found(result)


def test_an_ordinary_user_is_told_what_it_may_not_see(url: str) -> None:
    with sessions(url, 1):
        result = plan(database_url=url.replace("postgres@", "app@"))

    assert any("pg_monitor" in item.why for item in result.not_checked)


@contextmanager
def between(url: str) -> Iterator[str]:
    """Stand between client and server as a pooler does: with a process number of one's own."""
    host, port = url.partition("@")[2].partition("/")[0].split(":")
    with socket.create_server((host, 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, host, int(port)), daemon=True)
        thread.start()
        yield f"postgresql://postgres@{host}:{listener.getsockname()[1]}/postgres?sslmode=disable"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _serve(listener: socket.socket, host: str, port: int) -> None:
    with ExitStack() as stack:
        while True:
            try:
                client = stack.enter_context(listener.accept()[0])
            except OSError:
                return
            behind = stack.enter_context(socket.create_connection((host, port)))
            for source, target in ((client, behind), (behind, client)):
                threading.Thread(target=_pass, args=(source, target), daemon=True).start()


def _pass(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            key = data.find(b"K\0\0\0\x0c")  # BackendKeyData: the process and a secret
            if key >= 0:
                data = data[: key + 5] + b"\0\0\0\1" + data[key + 9 :]
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_a_pooler_between_is_noticed(url: str) -> None:
    with between(url) as through:
        assert "pool.behind_pooler" in found(plan(database_url=through))
    assert "pool.behind_pooler" not in found(plan(database_url=url))


def test_pools_are_sized_without_a_server_from_what_the_user_says() -> None:
    result = plan(
        current={
            "instances": 4, "peak_rps": 400, "db_cores": 8, "db_time_ms": 20, "redis_time_ms": 2,
            "upstream_time_ms": 100,
        },
        limits={"max_db_connections": 100},
    )  # fmt: skip

    assert [(pool.of, pool.each, pool.needed) for pool in result.pools] == [
        (POSTGRESQL, 17, 8), (REDIS, 5, 0.8), (HTTP, 10, 40)
    ]  # fmt: skip
    assert "min(8 cores * 2 + 1, 100 connections / 4 instances)" in result.summary


def test_a_database_that_is_a_file_has_no_pool() -> None:
    with pytest.raises(UnsupportedError, match="file"):
        plan(database_url="sqlite:///shop.db")


# -- on a real MariaDB -----------------------------------------------------------------------------

FEW = 10
_READY_S = 90.0


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Path]:
    """Run a private MariaDB that lets few in; yield its socket."""
    needs.module("pymysql")
    needs.program("mariadbd")
    install = needs.program("mariadb-install-db")
    folder = Path(tempfile.mkdtemp(prefix="slowcoach-mariadb-"))
    data = folder / "data"
    user = pwd.getpwnam("mysql").pw_uid if os.geteuid() == 0 else None
    data.mkdir()
    for path in (folder, data):
        path.chmod(0o755)
        if user is not None:
            os.chown(path, user, user)
    try:
        words = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]
        process.run([install, *words, f"--datadir={data}"], deadline_s=_READY_S, user=user)
        argv = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={folder}/s"]
        argv += ["--skip-networking", f"--pid-file={folder}/pid", f"--max-connections={FEW}"]
        argv += ["--innodb-buffer-pool-size=16M", "--skip-log-bin"]
        with process.running(argv, log=folder / "log", user=user):
            _prepare(folder / "s")
            yield folder / "s"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(path: Path) -> None:
    """Wait until the server is there, and make a user that is let in only while there is room."""
    import pymysql

    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        with suppress(pymysql.err.OperationalError), closing(_mariadb(path, "root")) as connection:
            with connection.cursor() as cursor:
                cursor.execute("CREATE USER app@localhost")
                cursor.execute("CREATE DATABASE shop")
                cursor.execute("GRANT SELECT ON shop.* TO app@localhost")
            return
        time.sleep(0.1)


def _mariadb(path: Path, user: str) -> Any:
    import pymysql

    return pymysql.connect(unix_socket=str(path), user=user, autocommit=True)


@pytest.mark.slow
def test_mariadb_that_fills_up_is_read_sized_and_found(mariadb: Path) -> None:
    url = f"mariadb://root@localhost/shop?unix_socket={mariadb}"
    with ExitStack() as stack:
        for _ in range(FEW - 1):
            stack.enter_context(closing(_mariadb(mariadb, "app")))
        result = plan(database_url=url, current={"instances": 2})

        assert result.connections is not None
        assert result.connections.server == MYSQL
        assert (result.connections.allowed, result.connections.used) == (FEW, FEW - 1)
        assert [(pool.of, pool.each) for pool in result.pools] == [(MYSQL, FEW // 2)]
        assert "capacity.connections" in found(result)

        stack.enter_context(closing(_mariadb(mariadb, "app")))
        full = plan(database_url=url.replace("root@", "app@"))
    [finding] = full.findings
    assert finding.severity == "critical"
    assert "Too many connections" in str(finding.evidence[0])
