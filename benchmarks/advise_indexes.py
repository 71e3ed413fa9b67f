"""Advice for a workload on TPC-H: the planner's cost and the measured time, beside a peer's.

    .venv/bin/python benchmarks/advise_indexes.py [SCALE] [BUDGET_MB,...] [--peer FILE]

Makes TPC-H data at SCALE (0.1) with DuckDB (packages duckdb 1.5 and duckdb-extension-tpch of the
same version, by `pip install`), loads it into a private PostgreSQL 15 or later and takes the 18
queries that end in bearable time without indexes (all but 2, 15, 17, 20). For each budget the set
is chosen (CPU of choosing is printed), really built, and every query is planned and run, without
and with it, in turns. The peer is supabase/index_advisor, the file index_advisor--0.2.0.sql of its
repository, on a server with hypopg: the union of its answers to the single queries.

Ends with 1 when a set that was measured makes the workload slower, or a kept query slower by more
than half.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg

from slowcoach.core.knowledge import rule
from slowcoach.queries.advisor import workload
from slowcoach.queries.advisor.advice import RULE, advise
from slowcoach.queries.advisor.measured import measured
from slowcoach.queries.clone.making import cloned
from slowcoach.queries.embedded import embedded_postgres

LEFT_OUT = (2, 15, 17, 20)
DEBIANS = Path("/usr/lib/postgresql/15/bin")
HYPOPG = Path("/usr/share/postgresql/15/extension/hypopg.control")
SETTINGS = {"work_mem": "64MB", "max_wal_size": "4GB", "max_parallel_workers_per_gather": "0"}
RUNS = 3
MB = 1 << 20
HARM = 1.5
LONGEST_S = 30


def main() -> int:
    """Measure, print, judge."""
    given = argparse.ArgumentParser()
    given.add_argument("scale", nargs="?", type=float, default=0.1)
    given.add_argument("budgets", nargs="?", default="50,100")
    given.add_argument("--peer", type=Path)
    given.add_argument("--cost-only", action="store_true", help="no queries are run")
    given.add_argument("--keep", type=Path, help="folder for the data, to be used again")
    asked = given.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        queries = _data(folder, asked.scale)
        text = "\n".join(f"-- Q{number}\n{sql.strip().rstrip(';')};" for number, sql in queries)
        work = workload.from_text(text)
        with _server(folder) as url:
            print(f"TPC-H scale {asked.scale:g}, {len(work.queries)} queries")
            harm = False
            for budget in map(float, asked.budgets.split(",")):
                harm |= _ours(url, work, budget, run=not asked.cost_only)
            if asked.peer:
                _peer(url, work, asked.peer, run=not asked.cost_only)
    return int(harm)


def _data(folder: Path, scale: float) -> list[tuple[int, str]]:
    duckdb: Any = import_module("duckdb")
    packed: Any = import_module("duckdb_extension_tpch")

    kept = folder / f"tpch-{scale:g}.json"
    connection = duckdb.connect()
    [extension] = Path(packed.__file__).parent.rglob("tpch.duckdb_extension*")
    connection.execute(f"INSTALL '{extension}'")
    connection.execute("LOAD tpch")
    found = connection.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").fetchall()
    if not kept.exists():
        connection.execute(f"CALL dbgen(sf={scale})")
        tables = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
        made = connection.execute("SELECT sql FROM duckdb_tables()").fetchall()
        for table in tables:
            connection.execute(f"COPY {table} TO '{folder / table}.csv' (HEADER false)")
        kept.write_text(json.dumps([row[0] for row in made]), encoding="utf-8")
    return [(number, sql) for number, sql in found if number not in LEFT_OUT]


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    own = DEBIANS if HYPOPG.exists() else None
    data = Path(tempfile.gettempdir()) / f"slowcoach-tpch-{folder.name}"
    fresh = not data.exists()
    with embedded_postgres(data, SETTINGS, preload=(), binaries=own) as url:
        if fresh:
            _load(url, folder)
        yield url


def _load(url: str, folder: Path) -> None:
    [kept] = folder.glob("tpch-*.json")
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in json.loads(kept.read_text(encoding="utf-8")):
            connection.execute(statement.encode())
        for file in folder.glob("*.csv"):
            copy = f"COPY {file.stem} FROM STDIN (FORMAT csv)".encode()
            with connection.cursor().copy(copy) as target, file.open("rb") as source:
                while part := source.read(MB):
                    target.write(part)
        connection.execute("VACUUM ANALYZE")


def _ours(url: str, work: workload.Workload, budget: float, *, run: bool) -> bool:
    started, cpu = time.monotonic(), time.process_time()
    with cloned(url) as clone:
        cloned_s = time.monotonic() - started
        advice = advise(clone, work, max_indexes=12, budget_bytes=round(budget * MB))
    seconds, cpu_s = time.monotonic() - started, time.process_time() - cpu
    statements = [index.candidate.statement for index in advice.indexes]
    size = sum(index.size_bytes for index in advice.indexes) / MB
    print(
        f"\nbudget {budget:g} MB: {len(statements)} indexes, {size:.0f} MB estimated, cost "
        f"{advice.cost_after / advice.cost_before:.4f} in the clone; {seconds:.1f} s "
        f"({cloned_s:.1f} s of cloning), {cpu_s:.1f} s of our CPU, {advice.plans_asked} plans, "
        f"{advice.candidates} candidates"
    )
    _really(url, work, statements, run=run)
    if not run:
        return False
    kept = measured(url, work.queries, statements, slower=rule(RULE).limit("slower"))
    for statement, why in kept.taken_out:
        print(f"  taken out: {statement} ({why})")
    ratio = kept.after_ms / kept.before_ms
    worst = max(t.after_ms / max(t.before_ms, 1e-3) for t in kept.timings)
    print(
        f"  measured with what is kept ({len(kept.kept)}): {ratio:.3f} of the time, "
        f"slowest query {worst:.2f} of its own"
    )
    return ratio > 1 or worst > HARM


def _really(url: str, work: workload.Workload, statements: Sequence[str], *, run: bool) -> None:
    """Build a set, ask the real planner, run each query in turns without and with it."""
    sql = [query.sql for query in work.queries]
    with psycopg.connect(url) as connection:
        before = [_cost(connection, each) for each in sql]
        without = [_ms(connection, each) for each in sql] if run else []
        known = _size(connection)
        for statement in statements:
            connection.execute(statement.replace(" CONCURRENTLY", "").encode())
        size = (_size(connection) - known) / MB
        after = [_cost(connection, each) for each in sql]
        having = [_ms(connection, each) for each in sql] if run else []
        connection.rollback()
    built = f"  really built: {size:.0f} MB, the planner's cost {sum(after) / sum(before):.4f}"
    if not run:
        print(built)
        return
    slower = sum(b > a * 1.15 for a, b in zip(without, having, strict=True))
    print(
        f"{built}, time {sum(having) / sum(without):.3f} ({sum(without) / 1000:.1f} s to "
        f"{sum(having) / 1000:.1f} s), {slower} of {len(sql)} queries slower by 15 %"
    )


def _peer(url: str, work: workload.Workload, file: Path, *, run: bool) -> None:
    # it deallocates every prepared statement, the driver's own too
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS hypopg")
        text = file.read_text(encoding="utf-8")
        connection.execute("DROP FUNCTION IF EXISTS index_advisor(text)")
        connection.execute(text.encode())
        started = time.monotonic()
        found: dict[str, None] = {}
        for query in work.queries:
            row = connection.execute("SELECT index_statements FROM index_advisor(%s)", (query.sql,))
            answer: Any = row.fetchone()
            found |= dict.fromkeys(answer[0] if answer else ())
        seconds = time.monotonic() - started
    print(f"\nindex_advisor: {len(found)} indexes for single queries, {seconds:.1f} s")
    _really(url, work, list(found), run=run)


def _cost(connection: Any, sql: str) -> float:
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {sql}".encode()).fetchone()
    return float(row[0][0]["Plan"]["Total Cost"])


def _ms(connection: Any, sql: str) -> float:
    """Return the median time in ms; one that does not end in LONGEST_S counts as that."""
    times: list[float] = []
    connection.execute("SAVEPOINT timing")
    connection.execute(f"SET LOCAL statement_timeout = '{LONGEST_S}s'".encode())
    try:
        for _ in range(RUNS):
            started = time.perf_counter()
            connection.execute(sql.encode()).fetchall()
            times.append((time.perf_counter() - started) * 1000)
    except psycopg.errors.QueryCanceled:
        times = [LONGEST_S * 1000.0]
    connection.execute("ROLLBACK TO SAVEPOINT timing")
    return statistics.median(times)


def _size(connection: Any) -> int:
    row = connection.execute(
        "SELECT coalesce(sum(pg_relation_size(oid)), 0) FROM pg_class WHERE relkind = 'i'"
    ).fetchone()
    return int(row[0])


if __name__ == "__main__":
    sys.exit(main())
