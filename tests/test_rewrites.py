"""Statements in other words: what is rewritten and what is not, and that the rows are the same."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import needs
from slowcoach.api.explain_query import TOOL
from slowcoach.core.job import Job
from slowcoach.core.registry import discover
from slowcoach.queries import live, rewrites
from slowcoach.queries.answer import QueryAnswer
from slowcoach.queries.embedded import embedded_postgres
from slowcoach.queries.rewrite_schema import schema_of
from slowcoach.queries.rewrites._model import Column, Relation, Rewrite, Schema
from slowcoach.queries.rewriting import (
    BY_SERVER,
    Written,
    offers,
    written_anew,
)
from slowcoach.queries.verification import BY_CLONE

INT, BIG, TEXT, DATE = "integer", "bigint", "text", "date"
TS, TSTZ = "timestamp without time zone", "timestamp with time zone"
T = Relation(
    "public",
    "t",
    {
        "id": Column(INT, True), "n": Column(INT), "m": Column(INT, True), "name": Column(TEXT),
        "ts": Column(TS), "tz": Column(TSTZ), "d": Column(DATE), "u": Column("uuid"),
        "x": Column("double precision"), "price": Column("numeric"),
    },
    keys=(frozenset({"id"}),),
    width=900,
)  # fmt: skip
U = Relation(
    "public",
    "u",
    {"id": Column(INT, True), "t_id": Column(INT), "k": Column(INT, True), "v": Column(INT),
     "f": Column("double precision"), "label": Column(TEXT)},
    keys=(frozenset({"id"}),),
)  # fmt: skip
SCHEMA = Schema({"t": T, "public.t": T, "u": U})
IN_UTC = Schema({"t": T, "u": U}, utc=True)
LONG = ", ".join(str(i) for i in range(150))


def written(sql: str, schema: Schema = SCHEMA) -> list[Written]:
    """Return the rewrites of a statement, remarks left out."""
    return [item for item in written_anew(sql, schema) if item.sql]


def condition(text: str, schema: Schema = SCHEMA) -> str:
    """Return how a condition on t is written anew; nothing if it is left."""
    found = written(f"SELECT id FROM t WHERE {text}", schema)
    return found[0].sql.partition(" WHERE ")[2] if found else ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("date(ts) = '2026-02-28'", "ts >= '2026-02-28' AND ts < '2026-03-01'"),
        ("'2026-02-28' = ts::date", "ts >= '2026-02-28' AND ts < '2026-03-01'"),
        ("ts::date <= date '2026-02-28'", "ts < '2026-03-01'"),
        ("ts::date < '2026-02-28'", "ts < '2026-02-28'"),
        ("ts::date > '2026-02-28'", "ts >= '2026-03-01'"),
        ("ts::date BETWEEN '2026-01-01' AND '2026-01-31'",
         "ts >= '2026-01-01' AND ts < '2026-02-01'"),
        ("ts::date = current_date", "ts >= CURRENT_DATE AND ts < CURRENT_DATE + 1"),
        ("ts::date = $1", "ts >= CAST($1 AS DATE) AND ts < CAST($1 AS DATE) + 1"),
        ("n = 1 OR ts::date = '2026-02-28'",
         "n = 1 OR (ts >= '2026-02-28' AND ts < '2026-03-01')"),
        ("NOT ts::date = '2026-02-28'", "NOT (ts >= '2026-02-28' AND ts < '2026-03-01')"),
        ("date_trunc('month', ts) = '2026-12-01'", "ts >= '2026-12-01' AND ts < '2027-01-01'"),
        ("date_trunc('week', ts) >= '2026-01-05'", "ts >= '2026-01-05'"),
        ("extract(year from ts) = 2026", "ts >= '2026-01-01' AND ts < '2027-01-01'"),
        ("extract(year from d) > 2025", "d >= '2026-01-01'"),
        ("date_part('year', ts) BETWEEN 2024 AND 2026",
         "ts >= '2024-01-01' AND ts < '2027-01-01'"),
        ("n + 1 = 5", "n = 4"),
        ("n - 10 BETWEEN -3 AND 5", "n BETWEEN 7 AND 15"),
        ("1 + n > 5", "n > 4"),
        ("ts + interval '1 day' > '2026-01-02 10:00'",
         "ts > CAST('2026-01-02 10:00' AS TIMESTAMP) - INTERVAL '1 DAY'"),
        ("tz + interval '2 hours' > now()", "tz > CURRENT_TIMESTAMP - INTERVAL '2 HOURS'"),
        ("coalesce(n, 0) = 5", "n = 5"),
        ("coalesce(n, 0) < 5", "n < 5 OR n IS NULL"),
        ("n::text = '77'", "n = 77"),
        ("n = 77.0", "n = 77"),
        ("u::text = '00000000-0000-0000-0000-0000000000ab'",
         "u = CAST('00000000-0000-0000-0000-0000000000ab' AS UUID)"),
        ("n::int = 5", "n = 5"),
        ("left(name, 3) = 'a%b'", r"name LIKE 'a\%b%'"),
        ("substring(name from 1 for 2) = 'ab'", "name LIKE 'ab%'"),
        ("(SELECT count(*) FROM u WHERE u.t_id = t.id) > 0",
         "EXISTS(SELECT 1 FROM u WHERE u.t_id = t.id)"),
        ("0 = (SELECT count(u.k) FROM u WHERE u.t_id = t.id)",
         "NOT EXISTS(SELECT 1 FROM u WHERE u.t_id = t.id)"),
        ("m NOT IN (SELECT k FROM u)", "NOT EXISTS(SELECT 1 FROM u WHERE k = t.m)"),
        ("m NOT IN (SELECT v FROM u WHERE v IS NOT NULL)",
         "NOT EXISTS(SELECT 1 FROM u WHERE v IS NOT NULL AND v = t.m)"),
        ("id IN (SELECT DISTINCT t_id FROM u ORDER BY t_id)", "id IN (SELECT t_id FROM u)"),
    ],
)  # fmt: skip
def test_a_condition_is_written_so_that_its_column_stands_alone(before: str, after: str) -> None:
    assert condition(before) == after


@pytest.mark.parametrize(
    "left_as_it_is",
    [
        "date(tz) = '2026-02-28'",  # days of another length when clocks are changed
        "tz + interval '1 day' > now()",
        "ts + interval '1 day' > now()",  # compared as timestamptz
        "ts + interval '1 month' > '2026-01-02'",
        "ts::date = '2026-02-28 10:00'",
        "ts::date = 'tomorrow'",
        "ts::date = d",
        "date_trunc('month', ts) = '2026-12-02'",
        "date_trunc('day', d) = '2026-12-02'",
        "extract(month from ts) = 2",
        "extract(year from ts) = 0",
        "n + m = 5",
        "n + 1 = $1",
        "n + 1.5 = 5",
        "x + 1 = 5",
        "NOT coalesce(n, 0) = 5",
        "coalesce(n, m) = 5",
        "n::text = '077'",
        "n::text > '77'",
        "n = 77.5",
        "price = 77.0",
        "n::bigint = 5",
        "left(name, 3) = 'ab'",
        "lower(name) = 'ab'",
        "unknown_column::date = '2026-02-28'",
        "(SELECT count(v) FROM u) > 0",
        "(SELECT count(*) FROM u GROUP BY k LIMIT 1) > 0",
        "(SELECT count(*) FROM u) > 1",
        "id IN (SELECT DISTINCT t_id FROM u ORDER BY t_id LIMIT 3)",
        "m NOT IN (SELECT max(k) FROM u)",
        "m NOT IN (SELECT k FROM u AS t)",
        "m NOT IN (1, 2)",
        f"n NOT IN ({LONG})",
    ],
)
def test_what_would_not_be_the_same_is_left_as_it_is(left_as_it_is: str) -> None:
    assert condition(left_as_it_is) == ""


def test_days_of_a_moment_are_ranges_where_no_clock_is_changed() -> None:
    assert condition("tz::date = '2026-02-28'", IN_UTC).startswith("tz >= '2026-02-28'")


def test_not_in_over_what_may_be_null_is_offered_and_said_not_to_be_the_same() -> None:
    [found] = written("SELECT id FROM t WHERE m NOT IN (SELECT v FROM u)")

    assert not found.change.same
    assert "v is NULL" in found.change.why


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SELECT DISTINCT id, name FROM t", "SELECT id, name FROM t"),
        ("SELECT DISTINCT u.id, t.name FROM u JOIN t ON t.id = u.t_id",
         "SELECT u.id, t.name FROM u JOIN t ON t.id = u.t_id"),
        ("SELECT DISTINCT t.id, u.id FROM t LEFT JOIN u ON u.t_id = t.id",
         "SELECT t.id, u.id FROM t LEFT JOIN u ON u.t_id = t.id"),
        ("SELECT count(DISTINCT id) FROM t WHERE n > 3", "SELECT COUNT(id) FROM t WHERE n > 3"),
        ("SELECT count(*) FROM (SELECT id FROM t ORDER BY name) s",
         "SELECT COUNT(*) FROM (SELECT id FROM t) AS s"),
        ("SELECT s.id FROM (SELECT id FROM t ORDER BY name) s ORDER BY 1",
         "SELECT s.id FROM (SELECT id FROM t) AS s ORDER BY 1"),
        ("SELECT t.id FROM t JOIN u ON u.t_id = t.id WHERE t.n = 1 OR u.v = 2 ORDER BY id",
         "SELECT t.id FROM t JOIN u ON u.t_id = t.id WHERE t.n = 1 UNION ALL "
         "SELECT t.id FROM t JOIN u ON u.t_id = t.id WHERE u.v = 2 AND NOT (t.n = 1) IS TRUE "
         "ORDER BY id"),
        ("SELECT t.id FROM t LEFT JOIN u ON u.t_id = t.id WHERE u.v = 2",
         "SELECT t.id FROM t JOIN u ON u.t_id = t.id WHERE u.v = 2"),
        ("SELECT n, count(*) FROM t GROUP BY n HAVING n > 3 AND count(*) > 1",
         "SELECT n, COUNT(*) FROM t WHERE n > 3 GROUP BY n HAVING COUNT(*) > 1"),
        ("SELECT id, 'a' FROM t UNION SELECT id, 'b' FROM u",
         "SELECT id, 'a' FROM t UNION ALL SELECT id, 'b' FROM u"),
        ("SELECT id, n FROM t WHERE n = 1 UNION SELECT id, n FROM t WHERE n = 2",
         "SELECT id, n FROM t WHERE n = 1 UNION ALL SELECT id, n FROM t WHERE n = 2"),
        ("SELECT id, (SELECT count(*) FROM u WHERE u.t_id = t.id AND v > 1) FROM t",
         "SELECT id, COALESCE(joined_1.value_1, 0) AS count FROM t LEFT JOIN (SELECT u.t_id AS "
         "key_1, COUNT(*) AS value_1 FROM u WHERE v > 1 GROUP BY u.t_id) AS joined_1 ON "
         "joined_1.key_1 = t.id"),
        ("SELECT u.id, (SELECT t.name FROM t WHERE t.id = u.t_id) FROM u",
         "SELECT u.id, joined_1.value_1 AS name FROM u LEFT JOIN (SELECT t.id AS key_1, t.name "
         "AS value_1 FROM t) AS joined_1 ON joined_1.key_1 = u.t_id"),
        ("SELECT id FROM t WHERE price > (SELECT max(v) FROM u WHERE u.t_id = t.id)",
         "SELECT id FROM t LEFT JOIN (SELECT u.t_id AS key_1, MAX(v) AS value_1 FROM u GROUP BY "
         "u.t_id) AS joined_1 ON joined_1.key_1 = t.id WHERE price > joined_1.value_1"),
        ("SELECT id, m FROM t ORDER BY m DESC LIMIT 10 OFFSET 5000",
         "SELECT id, m FROM t WHERE (m, t.id) < (:last_m, :last_id) ORDER BY m DESC, t.id DESC "
         "LIMIT 10"),
        ("SELECT id FROM t ORDER BY id LIMIT 10 OFFSET 5000",
         "SELECT id FROM t WHERE id > :last_id ORDER BY id LIMIT 10"),
    ],
)  # fmt: skip
def test_a_statement_is_written_with_less_work(before: str, after: str) -> None:
    assert after in {item.sql for item in written(before)}


@pytest.mark.parametrize(
    "left_as_it_is",
    [
        "SELECT DISTINCT name FROM t",
        "SELECT DISTINCT t.id FROM t JOIN u ON u.t_id = t.id",
        "SELECT DISTINCT u.id FROM t LEFT JOIN u ON u.t_id = t.id",
        "SELECT DISTINCT id, unnest(ARRAY[1, 1]) FROM t",
        "SELECT DISTINCT id, generate_series(1, 2) * 0 FROM t",
        "SELECT DISTINCT id, any_function(name) FROM t",
        "SELECT DISTINCT ON (id) id FROM t ORDER BY id",
        "SELECT DISTINCT id FROM t GROUP BY ROLLUP (id)",
        "WITH t AS (SELECT 1 AS id UNION ALL SELECT 1) SELECT DISTINCT id FROM t",
        "SELECT DISTINCT id FROM nobody_knows",
        "SELECT DISTINCT id FROM t AS q(a)",
        "SELECT array_agg(s.id) FROM (SELECT id FROM t ORDER BY name) s",
        "SELECT id FROM (SELECT id FROM t ORDER BY name LIMIT 3) s ORDER BY id",
        "SELECT id FROM (SELECT id FROM t ORDER BY name) s",
        "SELECT count(*) FROM t JOIN u ON u.t_id = t.id WHERE t.n = 1 OR u.v = 2",
        "SELECT id FROM t WHERE n = 1 OR n = 2",
        "SELECT id FROM t WHERE n = 1 OR random() < m",
        "SELECT id FROM t WHERE n = 1 OR m = 2 LIMIT 5",
        "SELECT t.id FROM t LEFT JOIN u ON u.t_id = t.id WHERE u.v IS NULL",
        "SELECT t.id FROM t LEFT JOIN u ON u.t_id = t.id WHERE coalesce(u.v, u.k) = 2",
        "SELECT t.id FROM t LEFT JOIN u ON u.t_id = t.id AND u.v = 2",
        "SELECT n FROM t GROUP BY ROLLUP (n) HAVING n > 3",
        "SELECT count(*) FROM t HAVING 1 > 2",
        "SELECT price FROM t GROUP BY price HAVING price::text = '1.0'",
        "SELECT name, 'a' FROM t UNION SELECT label, 'b' FROM u",
        "SELECT id, 'a' FROM t UNION SELECT id, 'a' FROM u",
        "SELECT id, x, 'a' FROM t UNION SELECT id, id, 'b' FROM u",
        "SELECT id, (SELECT sum(f) FROM u WHERE u.t_id = t.id) FROM t",
        "SELECT id, (SELECT v FROM u WHERE u.t_id = t.id) FROM t",
        "SELECT id, (SELECT count(*) FROM u WHERE u.t_id < t.id) FROM t",
        "SELECT id, (SELECT count(*) FROM u WHERE u.t_id = t.id AND v > t.n) FROM t",
        "SELECT *, (SELECT count(*) FROM u WHERE u.t_id = t.id) FROM t",
        "SELECT sum((SELECT count(*) FROM u WHERE u.t_id = t.id)) FROM t",
        "SELECT id FROM t ORDER BY name LIMIT 10 OFFSET 5000",
        "SELECT id, m FROM t ORDER BY m DESC, id LIMIT 10 OFFSET 5000",
        "SELECT id FROM t ORDER BY id LIMIT 10 OFFSET 10",
        "SELECT CAST(id AS oid), n::regclass, d::timestamp(3) FROM t WHERE u::text > 'a'",
        "SELECT FROM WHERE",
    ],
)
def test_a_statement_that_would_change_its_rows_is_left_as_it_is(left_as_it_is: str) -> None:
    assert [item.sql for item in written(left_as_it_is)] == []


def test_a_long_list_becomes_rows_of_values() -> None:
    assert "n = ANY (VALUES (0), (1)," in condition(f"n IN ({LONG})")
    names = ", ".join(f"'{i}'" for i in range(150))
    assert "ANY (VALUES (CAST('0' AS DATE)), ('1')," in condition(f"d IN ({names})")


def test_select_star_of_wide_rows_is_a_remark() -> None:
    [found] = written_anew("SELECT * FROM t", SCHEMA)
    assert found.sql == ""
    assert "900 B" in found.change.why
    assert not written_anew("SELECT * FROM u", SCHEMA)


# -- on a real PostgreSQL --------------------------------------------------------------------------

TABLES = """
CREATE TABLE t (id int PRIMARY KEY, n int, m int NOT NULL, name text, ts timestamp,
                tz timestamptz, d date, u uuid, price numeric);
CREATE TABLE u (id int PRIMARY KEY, t_id int, k int NOT NULL, v int, label text, b bigint);
CREATE TABLE r (n int, m int, name text);
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child () INHERITS (parent);
INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1);
CREATE VIEW v AS SELECT id, n FROM t;
CREATE TABLE big (id int PRIMARY KEY, placed timestamp, email text, other int NOT NULL,
                  parent int, note text);
INSERT INTO big SELECT i, timestamp '2020-01-01' + i * interval '11 minutes', 'e' || i, i % 5000,
                       nullif(i % 3000, 0), repeat('x', 600) FROM generate_series(1, 40000) i;
CREATE INDEX ON big (placed); CREATE INDEX ON big (other); CREATE INDEX ON big (parent);
CREATE TABLE few (id int PRIMARY KEY, big_id int NOT NULL, name text);
INSERT INTO few SELECT i, i * 20, 'n' || i FROM generate_series(1, 2000) i;
CREATE INDEX ON few (big_id);
CREATE TABLE visits AS SELECT id, placed AS seen FROM big;
"""
DAYS = ("2026-02-27", "2026-02-28", "2026-03-01", "2026-12-31")
CASES = 600
AROUND = (
    "WITH w AS ({}) SELECT * FROM w",
    "WITH one AS (SELECT 1 AS a) SELECT * FROM one, LATERAL ({}) AS q",
    "SELECT * FROM ({}) AS q",
    "({0}) UNION ALL ({0})",
    "SELECT count(*), EXISTS ({}) FROM r",
)


def _inserts(rng: random.Random) -> Iterator[str]:
    def maybe(value: object) -> str:
        return "NULL" if rng.random() < 0.3 else f"'{value}'"

    for i in range(1, 41):
        at = f"{rng.choice(DAYS)} {rng.choice(('00:00:00', '23:59:59.999999', '12:30:00'))}"
        day, name = rng.choice(DAYS), rng.choice(("a", "ab", "a%c", "abc", ""))
        uuid = f"00000000-0000-0000-0000-0000000000{rng.randint(10, 13)}"
        yield (
            f"INSERT INTO t VALUES ({i}, {maybe(rng.randint(-2, 4))}, {rng.randint(0, 4)}, "
            f"{maybe(name)}, {maybe(at)}, {maybe(at)}, {maybe(day)}, {maybe(uuid)}, "
            f"{maybe(rng.choice(('1.0', '1.00', '2.5')))})"
        )
        yield (
            f"INSERT INTO u VALUES ({i}, {maybe(rng.randint(1, 20))}, {rng.randint(0, 6)}, "
            f"{maybe(rng.randint(0, 4))}, {maybe(name)}, {maybe(rng.randint(0, 4))})"
        )
        yield (
            f"INSERT INTO r VALUES ({maybe(rng.randint(0, 2))}, {maybe(rng.randint(0, 2))}, "
            f"{maybe(name)})"
        )
    yield "INSERT INTO t VALUES (99, 0, 0, 'z', 'infinity', '-infinity', 'infinity', NULL, NULL)"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    import psycopg

    needs.module("psycopg")
    needs.module("embedded_postgres")
    with embedded_postgres() as address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(TABLES.encode())
            for insert in _inserts(random.Random(20261126)):
                connection.execute(insert.encode())
            connection.execute("VACUUM ANALYZE")
            connection.execute("ALTER DATABASE postgres SET timezone = 'UTC'")
        yield address


def _conditions(rng: random.Random) -> str:
    """Return a condition on t, also negated and inside OR."""
    day, op, i = rng.choice(DAYS), rng.choice(("=", "<", "<=", ">", ">=")), rng.randint(-1, 5)
    listed = ", ".join(str(rng.randint(-3, 5)) for _ in range(120))
    chosen = rng.choice(
        (
            f"t.ts::date {op} '{day}'",
            f"'{day}' {op} date(t.tz)",
            f"t.ts::date BETWEEN '{day}' AND '2026-03-01'",
            f"date_trunc('{rng.choice(('day', 'month', 'year', 'week'))}', t.ts) {op} "
            f"'{rng.choice(('2026-01-01', '2026-03-01', '2026-02-23'))}'",
            f"extract(year from t.{rng.choice(('ts', 'd'))}) {op} {rng.choice((2025, 2026, 2027))}",
            f"t.n + {i} {op} {rng.randint(-2, 6)}",
            f"t.ts - interval '{rng.randint(1, 3)} days' {op} '{day} 00:00:00'",
            f"coalesce(t.n, {i}) {op} {rng.randint(-1, 4)}",
            f"t.n::text = '{i}'",
            f"t.n {op} {abs(i)}.0",
            f"t.u::text = '00000000-0000-0000-0000-0000000000{rng.randint(10, 13)}'",
            f"left(t.name, 2) = '{rng.choice(('a%', 'ab', 'zz'))}'",
            f"t.m NOT IN (SELECT k FROM u WHERE v > {i})",
            f"t.m NOT IN (SELECT v FROM u WHERE v = {i} OR v > 3)",
            f"t.m NOT IN (SELECT v FROM u WHERE v > {i})",
            f"(SELECT count(*) FROM u WHERE u.t_id = t.n AND v > {i}) {rng.choice(('> 0', '= 0'))}",
            f"t.n > (SELECT max(v) FROM u WHERE u.k = t.m AND u.v <> {i})",
            f"t.id IN (SELECT DISTINCT t_id FROM u WHERE v > {i} ORDER BY t_id)",
            f"t.n IN ({listed})",
            f"t.n::int {op} {i}",
        )
    )
    return rng.choice(("{}", "NOT ({})", "t.m = 2 OR {}", "t.m < 3 AND {}")).format(chosen)


def _statements(rng: random.Random) -> str:
    i, day = rng.randint(-1, 4), rng.choice(DAYS)
    templates: list[Callable[[], str]] = [
        lambda: f"SELECT t.id, t.n FROM t WHERE {_conditions(rng)}",
        lambda: f"SELECT t.n, count(*) FROM t WHERE {_conditions(rng)} GROUP BY t.n",
        lambda: f"SELECT t.name FROM t LEFT JOIN u ON u.t_id = t.id AND {_conditions(rng)}",
        lambda: f"SELECT DISTINCT t.id, t.name FROM t WHERE {_conditions(rng)}",
        lambda: f"SELECT DISTINCT u.id, t.name FROM u JOIN t ON t.id = u.t_id WHERE u.v > {i}",
        lambda: "SELECT DISTINCT t.id, u.id FROM t LEFT JOIN u ON u.t_id = t.id",
        lambda: f"SELECT DISTINCT u.id, t.n FROM u LEFT JOIN t ON t.id = u.t_id AND t.n > {i}",
        lambda: f"SELECT count(DISTINCT t.id), max(t.n) FROM t WHERE t.n > {i}",
        lambda: f"SELECT t.n FROM t JOIN u ON u.t_id = t.id WHERE t.n = {i} OR u.v > {i}",
        lambda: f"SELECT n, m FROM r WHERE n = {i} OR m = {rng.randint(0, 2)} OR name = 'ab'",
        lambda: f"SELECT t.m FROM t WHERE t.n > {i} OR EXISTS (SELECT 1 FROM u WHERE k = t.m)",
        lambda: f"SELECT t.id, u.v FROM t LEFT JOIN u ON u.t_id = t.id WHERE u.v > {i}",
        lambda: "SELECT t.id FROM t LEFT JOIN u ON u.t_id = t.id WHERE u.label IS NOT NULL",
        lambda: f"SELECT n, count(*) FROM r GROUP BY n HAVING n >= {i} AND count(*) > 1",
        lambda: f"SELECT id, m FROM t WHERE m = {i} UNION SELECT id, m FROM t WHERE m = {i + 1}",
        lambda: f"SELECT id, 'a' FROM t WHERE n > {i} UNION SELECT id, 'b' FROM u",
        lambda: f"SELECT id, (SELECT count(*) FROM u WHERE u.t_id = t.n AND v > {i}) FROM t",
        lambda: "SELECT m, (SELECT sum(v) AS s FROM u WHERE u.t_id = t.id AND u.k = t.m) FROM t",
        lambda: "SELECT u.k, (SELECT name FROM t WHERE t.id = u.t_id) AS x FROM u ORDER BY x, k",
        lambda: "SELECT u.k, (SELECT min(b) FROM u AS w WHERE w.v = u.v) FROM u",
        lambda: f"SELECT count(*) FROM (SELECT n FROM r WHERE m > {i} ORDER BY name) AS s",
        lambda: f"SELECT s.n FROM (SELECT n FROM r WHERE m > {i} ORDER BY name) s ORDER BY s.n",
        lambda: f"SELECT id FROM t WHERE d + {rng.randint(1, 3)} > '{day}'",
    ]
    chosen = templates[0]() if rng.random() < 0.5 else rng.choice(templates)()
    return rng.choice(AROUND).format(chosen) if rng.random() < 0.3 else chosen


def _rows(connection: Any, sql: str) -> list[str]:
    return sorted(map(repr, connection.execute(sql.encode()).fetchall()))


@pytest.mark.slow
def test_hundreds_of_random_statements_give_the_same_rows_when_they_are_written_anew(
    url: str,
) -> None:
    rng = random.Random(4711)
    applied: dict[str, int] = {}
    with live.connect(url) as connection:
        schema = schema_of(connection, "SELECT 1 FROM t, u, r")
        assert schema.utc
        for _ in range(CASES):
            sql = _statements(rng)
            expected: list[str] | None = None
            for item in written(sql, schema):
                if not item.change.same:
                    continue
                expected = _rows(connection, sql) if expected is None else expected
                assert _rows(connection, item.sql) == expected, f"{sql}\n{item.sql}"
                name = item.rewrite.run.__module__.rpartition(".")[2]
                applied[name] = applied.get(name, 0) + 1

    every = {r.run.__module__.rpartition(".")[2] for r in discover(rewrites, "REWRITE", Rewrite)}
    assert every - {"keyset", "select_star"} == set(applied)
    assert min(applied.values()) >= 3, applied


def test_the_catalog_tells_types_keys_and_what_cannot_be_null(url: str) -> None:
    with live.connect(url) as connection:
        schema = schema_of(connection, "SELECT 1 FROM T, public.big, parent, v, nothing")

    assert set(schema.relations) == {
        "t", "public.t", "big", "public.big", "parent", "public.parent"
    }  # fmt: skip
    assert schema.relations["t"].keys == (frozenset({"id"}),)
    assert schema.relations["t"].columns["ts"] == Column(TS)
    assert schema.relations["t"].columns["m"] == Column(INT, True)
    assert schema.relations["public.big"].width > 600
    assert schema.relations["parent"].keys == ()  # its child may have the same id again


def test_a_key_that_is_checked_late_or_of_some_rows_only_is_none(url: str) -> None:
    import psycopg

    with psycopg.connect(url) as connection:  # never committed
        connection.execute(
            b"CREATE TABLE odd (a int NOT NULL UNIQUE DEFERRABLE, b int NOT NULL, c int UNIQUE, "
            b"e int NOT NULL, f int NOT NULL, UNIQUE (e, f)); "
            b"CREATE UNIQUE INDEX ON odd (b) WHERE b > 0"
        )
        connection.commit()
    try:
        with live.connect(url) as reader:
            odd = schema_of(reader, "SELECT 1 FROM odd").relations["odd"]
    finally:
        with psycopg.connect(url) as connection:
            connection.execute(b"DROP TABLE odd")

    assert odd.keys == (frozenset({"e", "f"}),)


def offered(url: str, sql: str, copy_url: str | None = None) -> list[str]:
    """Return the statements that are offered."""
    with live.connect(url) as connection:
        found = offers(connection, sql, database_url=url, copy_url=copy_url, job=Job())
    return [item.recommendation.statement for item in found.found]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT id FROM big WHERE date(placed) = '2020-02-03'", "placed >= '2020-02-03'"),
        ("SELECT id FROM big WHERE other + 1 = 77", "other = 76"),
        ("SELECT id FROM few WHERE id < 50 AND big_id NOT IN (SELECT id FROM big)", "NOT EXISTS"),
        ("SELECT f.id FROM few f JOIN big b ON b.id = f.big_id WHERE f.id = 7 OR b.other = 60",
         "UNION ALL"),
        ("SELECT f.id FROM few f WHERE (SELECT count(*) FROM big b WHERE b.other = f.id) > 0",
         "EXISTS"),
        ("SELECT DISTINCT id, note FROM big", "SELECT id, note FROM big"),
        ("SELECT b.id, (SELECT count(*) FROM big c WHERE c.parent = b.id) FROM big b",
         "LEFT JOIN"),
        ("SELECT id FROM big ORDER BY id LIMIT 10 OFFSET 30000", "id > :last_id"),
    ],
)  # fmt: skip
def test_a_rewrite_is_offered_when_the_planner_finds_it_cheaper(
    url: str, sql: str, expected: str
) -> None:
    assert any(expected in text for text in offered(url, sql))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT f.id FROM few f LEFT JOIN big b ON b.id = f.big_id WHERE b.other = 60",
        "SELECT id FROM big WHERE left(email, 2) = 'e1'",  # without an index it gains nothing
        "SELECT id FROM big WHERE id = 5",
        "SELECT nothing FROM big WHERE date(placed) = '2020-02-03'",
    ],
)
def test_a_rewrite_that_the_planner_does_not_find_cheaper_is_not_offered(
    url: str, sql: str
) -> None:
    assert offered(url, sql) == []


def test_on_a_copy_both_are_run_and_the_rows_and_times_compared(url: str) -> None:
    sql = "SELECT id FROM big WHERE date(placed) = '2020-02-03'"
    with live.connect(url) as connection:
        found = offers(connection, sql, database_url=url, copy_url=url, job=Job())

    [item] = found.found
    timed, planned = item.trials
    assert "same rows" in timed.method
    assert timed.before_ms is not None
    assert timed.after_ms is not None
    assert timed.after_ms < timed.before_ms
    assert planned.method == BY_SERVER
    assert planned.after_cost is not None
    assert planned.before_cost is not None
    assert planned.after_cost < planned.before_cost


def test_several_rewrites_are_offered_in_one_text_when_that_is_cheaper_still(url: str) -> None:
    sql = (
        "SELECT f.id FROM few f WHERE f.id + 0 < 500 "
        "AND (SELECT count(*) FROM big b WHERE b.other = f.id) > 0"
    )
    first = offered(url, sql)[0]
    assert "f.id < 500" in first
    assert "EXISTS" in first


def test_a_rewrite_that_pays_only_with_an_index_is_offered_together_with_it(url: str) -> None:
    sql = "SELECT id FROM visits WHERE date(seen) = '2020-02-03'"
    with live.connect(url) as connection:
        found = offers(connection, sql, database_url=url, copy_url=None, job=Job())

    [item] = found.found
    assert "CREATE INDEX CONCURRENTLY ON visits (seen)" in item.recommendation.why
    [trial] = item.trials
    assert BY_CLONE in trial.method
    assert trial.after_cost is not None
    assert trial.before_cost is not None
    assert trial.after_cost < trial.before_cost / 5


def test_a_long_statement_is_kept_as_a_file(url: str) -> None:
    job = Job()
    columns = ", ".join(f"id + {i} AS c{i}" for i in range(200))
    sql = f"SELECT {columns} FROM big WHERE date(placed) = '2020-02-03'"
    with live.connect(url) as connection:
        [item] = offers(connection, sql, database_url=url, copy_url=None, job=job).found

    assert len(item.recommendation.statement) < 1500
    assert job.artefacts["rewrite-1.sql"] == item.sql.encode()


def test_what_is_not_the_same_is_taken_out_where_the_copy_shows_it(url: str) -> None:
    # there is a NULL among the parents, so that NOT IN gives no row at all
    sql = (
        "SELECT id FROM few WHERE id BETWEEN 200 AND 220 AND big_id NOT IN (SELECT parent FROM big)"
    )
    assert any("NOT EXISTS" in text for text in offered(url, sql))

    with live.connect(url) as connection:
        found = offers(connection, sql, database_url=url, copy_url=url, job=Job())

    assert not any("NOT EXISTS" in i.recommendation.statement for i in found.found)
    assert any("other rows" in text for text in found.warnings)


def test_the_tool_offers_the_statement_with_its_proof(url: str) -> None:
    sql = "SELECT id FROM big WHERE date(placed) = '2020-02-03'"
    result = TOOL.call(TOOL.validate({"sql": sql, "database_url": url}), Job())

    assert isinstance(result, QueryAnswer)
    advice = next(item for item in result.recommendations if item.kind == "rewrite")
    assert advice.statement == (
        "SELECT id FROM big WHERE placed >= '2020-02-03' AND placed < '2020-02-04'"
    )
    assert advice.verified is not None
    assert advice.verified.method == BY_SERVER
    assert "db.rewrite_column_alone" in {item.rule for item in result.findings}
