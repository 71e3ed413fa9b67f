"""What is advised is tried: on a copy, by hypopg, in a clone, and the three agree."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.api.explain_query import TOOL
from slowcoach.core.errors import InputError, NotPermittedError, ToolFailedError
from slowcoach.core.job import Job
from slowcoach.core.permission import Permissions
from slowcoach.queries.answer import QueryAnswer
from slowcoach.queries.clone.making import cloned
from slowcoach.queries.clone.whatif import Clone
from slowcoach.queries.embedded import embedded_postgres
from slowcoach.queries.timed import timed
from slowcoach.queries.verification import BY_CLONE, BY_HYPOPG

DEBIANS = Path("/usr/lib/postgresql/15/bin")
HYPOPG = Path("/usr/share/postgresql/15/extension/hypopg.control")
SLOW = "SELECT id, total FROM orders WHERE customer_id = 4711"
SCHEMA = """
CREATE TYPE state AS ENUM ('open', 'done');
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, state state, total numeric, tags int[],
                     placed timestamp);
INSERT INTO orders
SELECT i, i % 20000, CASE WHEN i % 50 = 0 THEN 'open' ELSE 'done' END::state, i / 7.0,
       ARRAY[i % 1000, i % 777], timestamp '2026-01-01' + i * interval '7 seconds'
FROM generate_series(1, 200000) i;
CREATE TABLE events (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO events SELECT i, date '2026-01-01' + i % 59 FROM generate_series(1, 100000) i;
CREATE SCHEMA other;
CREATE TABLE other."Odd ""Name" AS SELECT i AS "Key" FROM generate_series(1, 50000) i;
VACUUM ANALYZE;
"""
BTREE = "CREATE INDEX CONCURRENTLY ON orders (customer_id)"
INDEXES = [
    (BTREE, SLOW),
    ("CREATE INDEX ON orders USING brin (placed)",
     "SELECT id FROM orders WHERE placed BETWEEN '2026-01-05' AND '2026-01-05 02:00'"),
    ("CREATE INDEX ON orders USING gin (tags)", "SELECT id FROM orders WHERE tags @> '{5,700}'"),
    ("CREATE INDEX ON orders USING hash (customer_id)", SLOW),
    ("CREATE INDEX ON orders (id) WHERE state = 'open'",
     "SELECT id FROM orders WHERE state = 'open' AND id BETWEEN 5000 AND 9000"),
    ("CREATE INDEX ON orders (customer_id) INCLUDE (id, total)", SLOW),
    ("CREATE INDEX ON orders (customer_id, placed DESC)",
     "SELECT id FROM orders WHERE customer_id = 7 ORDER BY placed DESC LIMIT 3"),
    ("CREATE INDEX ON events (id)", "SELECT at FROM events WHERE id = 77"),
    ("CREATE INDEX ON orders (total)", "SELECT id FROM orders WHERE total = 12"),
    ("""CREATE INDEX ON other."Odd ""Name" ("Key")""",
     """SELECT * FROM other."Odd ""Name" WHERE "Key" = 5"""),
]  # fmt: skip


def statements(url: str, text: str) -> None:
    """Run statements one after another, outside a transaction."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for part in text.split(";\n"):
            if part.strip():
                connection.execute(part.encode())


def value(url: str, sql: str) -> Any:
    """Return one value."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(sql.encode()).fetchone()
        assert row is not None
        return row[0]


def cost(url: str, sql: str) -> float:
    """Return the real planner's cost."""
    return float(value(url, f"EXPLAIN (FORMAT JSON) {sql}")[0]["Plan"]["Total Cost"])


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    needs.module("psycopg")
    needs.module("embedded_postgres")
    with embedded_postgres() as address:
        statements(address, SCHEMA)
        yield address


@pytest.fixture(scope="module")
def older() -> Iterator[str]:
    """Yield a PostgreSQL 15 with hypopg, as Debian packs them."""
    needs.module("embedded_postgres")
    if not (DEBIANS / "initdb").exists() or not HYPOPG.exists():
        needs.missing("needs PostgreSQL 15 with hypopg (postgresql-15-hypopg)")
    with embedded_postgres(binaries=DEBIANS, preload=()) as address:
        statements(address, f"CREATE EXTENSION hypopg;\n{SCHEMA}")
        yield address


@pytest.fixture(scope="module")
def clone(url: str) -> Iterator[Clone]:
    with cloned(url) as made:
        yield made


@pytest.mark.parametrize(("index", "query"), INDEXES)
def test_a_clone_costs_the_query_as_the_real_planner_does_with_and_without_the_index(
    url: str, clone: Clone, index: str, query: str
) -> None:
    import psycopg

    assert clone.cost(query) == pytest.approx(cost(url, query), rel=0.05)

    imagined = clone.create(index)
    with psycopg.connect(url) as connection:  # never committed
        connection.execute(index.replace(" CONCURRENTLY", "").encode())
        row = connection.execute(f"EXPLAIN (FORMAT JSON) {query}".encode()).fetchone()
        assert row is not None
        really = float(row[0][0]["Plan"]["Total Cost"])
        connection.rollback()

    assert clone.cost(query) == pytest.approx(really, rel=0.1)
    clone.drop(imagined)
    assert clone.cost(query) == pytest.approx(cost(url, query), rel=0.05)


@pytest.mark.parametrize("index", [i for i, _ in INDEXES if "brin" not in i])
def test_the_size_of_an_imagined_index_is_about_the_real_ones(
    url: str, clone: Clone, index: str
) -> None:
    import psycopg

    imagined = clone.create(index)
    clone.drop(imagined)
    with psycopg.connect(url) as connection:
        known = "SELECT coalesce(sum(pg_relation_size(oid)), 0) FROM pg_class WHERE relkind = 'i'"
        before = connection.execute(known.encode()).fetchone()
        connection.execute(index.replace(" CONCURRENTLY", "").encode())
        after = connection.execute(known.encode()).fetchone()
        connection.rollback()
    assert before is not None
    assert after is not None

    assert imagined.size_bytes == pytest.approx(float(after[0] - before[0]), rel=0.35)


def test_the_users_database_is_the_same_after_it_was_cloned(url: str) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        state = (
            "SELECT string_agg(relname || relpages || reltuples, ',' ORDER BY oid) FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace"
        )
        before = connection.execute(state.encode()).fetchone()
        with cloned(url) as made:
            made.create(BTREE)
        assert connection.execute(state.encode()).fetchone() == before


def test_a_clone_is_not_a_superusers(clone: Clone) -> None:
    assert not value(clone.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")


def test_what_is_no_index_is_refused_with_the_servers_words(clone: Clone) -> None:
    with pytest.raises(InputError, match="does not exist"):
        clone.create("CREATE INDEX ON orders (nothing)")
    with pytest.raises(InputError, match="expected CREATE INDEX"):
        clone.create("DROP TABLE orders")


def answered(job: Job | None = None, **arguments: object) -> QueryAnswer:
    """Call the tool as the faces do."""
    result = TOOL.call(TOOL.validate(arguments), job or Job())
    assert isinstance(result, QueryAnswer)
    return result


def test_a_missing_index_is_verified_three_ways_that_agree(older: str) -> None:
    result = answered(sql=SLOW, database_url=older, copy_url=older)

    advice = next(item for item in result.recommendations if item.kind == "index")
    assert advice.statement.endswith("(customer_id)")
    assert advice.verified is not None
    assert advice.verified.before_ms is not None
    assert advice.verified.after_ms is not None
    assert advice.verified.after_ms < advice.verified.before_ms / 2
    assert [trial.method for trial in advice.also] == [BY_HYPOPG, BY_CLONE]
    real = advice.verified.after_cost
    assert real is not None
    for trial in advice.also:
        assert trial.before_cost == pytest.approx(advice.verified.before_cost, rel=0.05)
        assert trial.after_cost == pytest.approx(real, rel=0.15)
    assert value(older, "SELECT count(*) FROM pg_indexes WHERE tablename = 'orders'") == 1


def test_without_a_copy_and_hypopg_the_clone_verifies(url: str) -> None:
    result = answered(sql=SLOW, database_url=url)

    advice = next(item for item in result.recommendations if item.kind == "index")
    assert advice.verified is not None
    assert advice.verified.method == BY_CLONE
    assert advice.verified.after_cost is not None
    assert advice.verified.before_cost is not None
    assert advice.verified.after_cost < advice.verified.before_cost / 10


def test_timing_keeps_nothing_and_finds_the_same_rows(url: str) -> None:
    trial = timed(url, SLOW, BTREE)

    assert trial.same_rows
    assert trial.used
    assert trial.after_ms < trial.before_ms
    assert value(url, "SELECT count(*) FROM pg_indexes WHERE tablename = 'orders'") == 1


@pytest.mark.parametrize(
    ("sql", "statement", "said"),
    [
        ("SELECT 1", "DROP TABLE orders", "expected CREATE INDEX"),
        ("SELECT 1", "CREATE INDEX ON orders (id); DROP TABLE orders", "expected CREATE INDEX"),
        ("DELETE FROM orders", BTREE, "expected SELECT"),
        ("SELECT pg_sleep(1)", BTREE, "volatile"),
    ],
)
def test_nothing_but_an_index_and_a_harmless_select_is_run_on_a_copy(
    url: str, sql: str, statement: str, said: str
) -> None:
    with pytest.raises(NotPermittedError, match=said):
        timed(url, sql, statement)

    assert value(url, "SELECT count(*) FROM orders") == 200_000


def test_a_table_that_somebody_locks_is_left_alone(url: str) -> None:
    import psycopg

    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE orders IN ROW EXCLUSIVE MODE")
        with pytest.raises(ToolFailedError, match="locked"):
            timed(url, SLOW, BTREE)
        other.rollback()


def test_a_copy_is_used_only_with_permission(url: str) -> None:
    job = Job(permissions=Permissions(execute=False))
    with pytest.raises(NotPermittedError, match="copy_url"):
        answered(job, sql=SLOW, database_url=url, copy_url=url)
