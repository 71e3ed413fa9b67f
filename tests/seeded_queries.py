"""Cases of tests/data/query_faults: prepared on a real PostgreSQL, explained and judged."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import yaml

from slowcoach.queries.checking import Judgement, judge
from slowcoach.queries.dialects import postgresql_json
from slowcoach.queries.figures import figures
from slowcoach.queries.statistics import table_facts

DATA = Path(__file__).parent / "data" / "query_faults"
HEALTHY = "healthy"
SETTINGS = {
    "autovacuum": "off",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "statement_timeout": "60s",
}


@dataclass(frozen=True)
class Case:
    """One statement: what is prepared for it, and the rules of which one must come first."""

    name: str
    sql: str
    kind: str = HEALTHY
    prepare: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    expect: tuple[str, ...] = ()
    rewritten: str = ""
    analyze: bool = True
    subset: bool = False


def cases() -> list[Case]:
    """Return all cases, faults and healthy ones."""
    found: list[Case] = []
    for path in sorted(DATA.glob("*.yaml")):
        for given in yaml.safe_load(path.read_text(encoding="utf-8")):
            expect = tuple(given.pop("expect", ()))
            found.append(Case(**given, expect=expect))
    return found


def make_tables(url: str) -> None:
    """Make the tables that all cases share."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((DATA / "base.sql").read_text(encoding="utf-8").encode())
        connection.execute("VACUUM ANALYZE")
        connection.execute("VACUUM")  # the first may come too early to mark pages as visible


@contextmanager
def prepared(url: str, case: Case) -> Iterator[Any]:
    """Yield a connection with the case's tables and settings; its schema is dropped after."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS own CASCADE")
        connection.execute("CREATE SCHEMA own")
        connection.execute("SET search_path = own, shop, public")
        for statement in filter(None, map(str.strip, case.prepare.split("; "))):
            connection.execute(statement.encode())
        connection.execute("SELECT pg_stat_force_next_flush()")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = own, shop, public")
        for name, value in case.settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        try:
            yield connection
        finally:
            connection.execute("DROP SCHEMA own CASCADE")


def judgement(connection: Any, case: Case) -> Judgement:
    """Explain the case's statement as explain_query does, and judge it with the tables' facts."""
    options = "ANALYZE, BUFFERS, SETTINGS" if case.analyze else "SETTINGS"
    if case.analyze:
        connection.execute(case.sql.encode())  # warm: caches filled, hint bits set
    row = connection.execute(
        f"EXPLAIN ({options}, FORMAT JSON) {case.sql}".encode(), binary=True
    ).fetchone()
    import json

    text = row[0] if isinstance(row[0], str) else json.dumps(row[0])
    plan = postgresql_json.DIALECT.read(text)
    tables = {node.relation for node in plan.root.walk() if node.relation}
    return judge(figures(plan), table_facts(connection, tables))
