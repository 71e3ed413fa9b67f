"""Run every scenario on real servers and keep what their logs say of it.

    .venv/bin/python tests/data/query_logs/make_server_logs.py postgresql 18
    .venv/bin/python tests/data/query_logs/make_server_logs.py postgresql 15
    python tests/data/query_logs/make_server_logs.py mariadb     # with PyMySQL

PostgreSQL runs privately by the project's own launcher; MariaDB in a temporary folder.
"""

import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import scenarios

HERE = Path(__file__).parent
PIECES = Mapping[str, Path]  # folder of samples: the growing log


@contextlib.contextmanager
def kept(logs: PIECES, name: str, suffix: Mapping[str, str]) -> Iterator[None]:
    """Keep what is appended to the logs meanwhile."""
    time.sleep(0.3)
    before = {folder: path.stat().st_size if path.exists() else 0 for folder, path in logs.items()}
    yield
    time.sleep(0.6)
    for folder, path in logs.items():
        with path.open("rb") as file:
            file.seek(before[folder])
            data = file.read()
        target = HERE / folder / f"{name}{suffix[folder]}"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)


def postgresql(version: str) -> None:
    """PostgreSQL 15 is asked with parameters, 18 with values in the text."""
    import psycopg

    from slowcoach.queries.embedded import embedded_postgres

    settings = {
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "pg.log",
        "log_destination": "stderr,csvlog,jsonlog",
        "log_min_duration_statement": "0",
        "log_lock_waits": "on",
        "deadlock_timeout": "150ms",
        "log_temp_files": "0",
        "log_line_prefix": "%m [%p] " if version == "18" else "%t %c %u@%d ",
        "log_file_mode": "0644",
    }
    binaries = Path("/usr/lib/postgresql/15/bin") if version == "15" else None
    cursor = psycopg.ClientCursor if version == "18" else psycopg.Cursor
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        Path(folder).chmod(0o755)
        data.mkdir()
        with embedded_postgres(data, settings, binaries=binaries) as url:
            logs = {
                "postgresql_stderr": data / "log/pg.log",
                "postgresql_csv": data / "log/pg.csv",
                "postgresql_json": data / "log/pg.json",
            }
            if version == "15":
                del logs["postgresql_json"]
            suffix = dict(zip(logs, (".log", ".csv", ".json"), strict=False))

            def connect() -> Any:
                return psycopg.connect(url, autocommit=True, cursor_factory=cursor)

            scenarios.tables(connect())
            for name in scenarios.FAULTS:
                with kept(logs, f"pg{version}-{name}", suffix):
                    scenarios.run(name, connect)
            _special(connect, logs, suffix, url if version == "18" else "")


def _special(connect: Any, logs: PIECES, suffix: Mapping[str, str], url: str) -> None:
    version = "18" if url else "15"
    cursor = connect().cursor()
    with kept(logs, f"pg{version}-spill", suffix):
        cursor.execute("SET work_mem = '64kB'")
        cursor.execute("SELECT n FROM generate_series(1, 1200000) n ORDER BY n % 977 LIMIT 1")
        cursor.execute("RESET work_mem")
    with kept(logs, f"pg{version}-auto_explain", suffix):
        cursor.execute("LOAD 'auto_explain'")
        cursor.execute("SET auto_explain.log_min_duration = 0")
        cursor.execute("SET auto_explain.log_analyze = on")
        cursor.execute(
            "CREATE TEMP TABLE big AS SELECT n AS id, n % 7 AS k FROM generate_series(1, 300000) n"
        )
        cursor.execute("SELECT * FROM big WHERE id = 77")
        cursor.execute("SET auto_explain.log_min_duration = -1")
    with kept(logs, f"pg{version}-log_duration", suffix):
        cursor.execute("SET log_min_duration_statement = -1")
        cursor.execute("SET log_statement = 'all'")
        cursor.execute("SET log_duration = on")
        for author in cursor.execute("SELECT id FROM author ORDER BY id LIMIT 12").fetchall():
            cursor.execute("SELECT title FROM book WHERE author_id = %s", [author[0]])
    if url:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        _statistics(url)


def _statistics(url: str) -> None:
    """Keep pg_stat_statements as psql shows it, and as CSV."""
    folder = HERE / "pg_stat_statements"
    folder.mkdir(exist_ok=True)
    columns = "query, calls, total_exec_time, mean_exec_time, rows, temp_blks_written"
    select = f"SELECT {columns} FROM pg_stat_statements"
    select += " WHERE length(query) < 300 ORDER BY total_exec_time DESC LIMIT 40"
    for name, arguments in {
        "pg18-aligned.txt": ["-c", select],
        "pg18-expanded.txt": ["-x", "-c", select],
        "pg18-copy.csv": ["-c", f"\\copy ({select}) TO STDOUT CSV HEADER"],
    }.items():
        out = subprocess.run(["psql", url, *arguments], check=True, capture_output=True)
        (folder / name).write_bytes(out.stdout)


def mariadb() -> None:
    import pymysql

    folder = Path(tempfile.mkdtemp(prefix="slowcoach-mariadb-"))
    data = folder / "data"
    data.mkdir()
    for path in (folder, data):
        shutil.chown(path, "mysql", "mysql")
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={data}",
         "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = subprocess.Popen(
        ["mariadbd", "--no-defaults", "--user=mysql", f"--datadir={data}", f"--socket={folder}/s",
         "--skip-networking", f"--pid-file={folder}/pid", "--slow-query-log=1",
         f"--slow-query-log-file={data}/slow.log", "--long-query-time=0",
         "--log-slow-verbosity=query_plan,explain", "--general-log=1",
         f"--general-log-file={data}/general.log"],
    )  # fmt: skip
    try:
        _mariadb_scenarios(pymysql, folder, data)
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder)


def _mariadb_scenarios(pymysql: Any, folder: Path, data: Path) -> None:
    def connect(database: str | None = "shop") -> Any:
        return pymysql.connect(
            unix_socket=f"{folder}/s", user="root", database=database, autocommit=True
        )

    for _ in range(100):
        with contextlib.suppress(pymysql.err.OperationalError):
            connect(None).cursor().execute("CREATE DATABASE shop")
            break
        time.sleep(0.2)
    scenarios.tables(connect())
    logs = {"mysql_slow": data / "slow.log", "mysql_general": data / "general.log"}
    suffix = dict.fromkeys(logs, ".log")
    for name in scenarios.FAULTS.keys() - {"schemas"}:
        with kept(logs, f"mariadb-{name}", suffix):
            scenarios.run(name, connect)
    with kept(logs, "mariadb-full_scan", suffix):
        cursor = connect().cursor()
        cursor.execute("CREATE TABLE big AS SELECT seq AS id, seq % 7 AS k FROM seq_1_to_20000")
        for number in range(6):
            cursor.execute("SELECT * FROM big WHERE id = %s", [number])


if __name__ == "__main__":
    {"postgresql": postgresql, "mariadb": mariadb}[sys.argv[1]](*sys.argv[2:])
