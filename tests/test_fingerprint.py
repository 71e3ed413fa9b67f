"""Fingerprints group statements that differ only in values, and show none of them."""

import itertools
import random

import pytest

from slowcoach.queries.logs.fingerprint import LONGEST, fingerprint, readable

SAME = {
    "literal, parameter, case, space, comment": [
        "SELECT * FROM t WHERE id = 5 AND x = 'it''s'",
        "select  *\n from T where id=$1 and X = $2 -- why",
        "/* app */ SELECT * FROM t WHERE id = ? AND x = ?;",
        "SELECT * FROM t WHERE id = %s AND x = %(name)s",
        "SELECT * FROM t WHERE id = :id AND x = :x",
        "SELECT * FROM t WHERE id = -5 AND x = E'a\\'b'",
        "SELECT * FROM t WHERE id = 1.5e-3 AND x = $tag$any ' text$tag$",
        "SELECT * FROM t WHERE id = 0xFF AND x = NULL",
        "SELECT * FROM t WHERE id = .5 AND x = true",
    ],
    "lists": [
        "SELECT a FROM t WHERE id IN (1)",
        "SELECT a FROM t WHERE id IN (1, 2,3)",
        "SELECT a FROM t WHERE id in ($1 /*, ... */)",
        "SELECT a FROM t WHERE id IN ($1,$2, $3, $4)",
    ],
    "rows": [
        "INSERT INTO t (a, b) VALUES (1, 'x')",
        "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'), (3, 'z')",
        "insert into t(a,b) values ($1,$2),($3,$4)",
    ],
    "rows with calls": [
        "INSERT INTO t VALUES (1, now(), lower('A'))",
        "INSERT INTO t VALUES (1, now(), lower('A')), (2, now(), lower('B'))",
    ],
    "pairs": ["SELECT 1 WHERE (a, b) IN ((1, 2), (3, 4))", "SELECT 1 WHERE (a,b) IN ((1,2))"],
    "arrays": ["SELECT ARRAY[1, 2, 3]", "select array[5]", "select array[$1,$2]"],
    "savepoints": ["SAVEPOINT sa_savepoint_1", "savepoint sa_savepoint_22"],
    "signs": ["SELECT a BETWEEN -1 AND - 2 LIMIT 5", "select a between 1 and 2 limit ?"],
}
DIFFERENT = [
    'SELECT "Foo" FROM t',
    'SELECT "foo" FROM t',
    "SELECT foo FROM t",
    "SELECT a FROM t WHERE x = $1::int",
    "SELECT a FROM t WHERE x = $1::text",
    "SELECT a FROM t WHERE x = $1",
    "SELECT a FROM t WHERE x >= $1",
    "SELECT a FROM t WHERE x IS NULL",
    "SELECT a FROM t WHERE x IS NOT NULL",
    "SELECT a FROM t WHERE x = 1 OR y = 2",
    "SELECT a FROM t WHERE x = 1 AND y = 2",
    "SELECT a FROM t1",
    "SELECT a FROM t2",
    "UPDATE t SET a = 1 WHERE id = 2",
    "INSERT INTO t (a) VALUES (1)",
    "INSERT INTO t (a, b) VALUES (1, 2)",
]


@pytest.mark.parametrize("name", SAME)
def test_statements_that_differ_in_values_have_one_fingerprint(name: str) -> None:
    assert len({fingerprint(text).key for text in SAME[name]}) == 1


def test_statements_that_ask_for_something_else_have_different_ones() -> None:
    assert len({fingerprint(text).key for text in DIFFERENT}) == len(DIFFERENT)


def test_double_quotes_are_names_but_strings_in_mysql() -> None:
    text = 'SELECT a FROM `T` WHERE x = "it\\"s" # why'
    assert fingerprint(text, mysql=True).key == "select a from `T` where x=?"
    assert '"x"' in fingerprint('SELECT "x"').key


def test_values_are_told_apart_by_a_number_and_lists_are_seen() -> None:
    one, two = (fingerprint(f"SELECT a FROM t WHERE id = {n}") for n in (1, 2))
    assert one.values != two.values
    assert fingerprint("SELECT a FROM t WHERE id = $1").values == 0
    assert not fingerprint("SELECT a FROM t WHERE id IN (1)").batched
    assert fingerprint("SELECT a FROM t WHERE id IN (1, 2)").batched
    assert fingerprint("SELECT a FROM t WHERE id = ANY($1)").batched


@pytest.mark.parametrize(
    "text",
    [
        "ALTER USER u PASSWORD 's3cret'",
        "CREATE USER u IDENTIFIED BY 's3cret'",
        "SELECT * FROM t WHERE key = 's3cret",
        "SELECT $$s3cret$$, $a$s3cret$a$, E's3cret\\'', N's3cret', U&'s3cret'",
        "SELECT 1 -- s3cret",
        "SELECT /* s3cret */ 1 /* s3cret",
        "INSERT INTO t VALUES ('s3cret'), ('s3cret', 1)",
    ],
)
def test_no_value_and_no_comment_is_shown(text: str) -> None:
    for mysql in (False, True):
        if mysql and "$$" in text:
            continue  # MySQL has no such strings
        assert "s3cret" not in readable(fingerprint(text, mysql=mysql).key)


def test_it_reads_like_a_statement() -> None:
    key = fingerprint("SELECT count(*) FROM a JOIN b USING (id) WHERE x='1' AND y IN (1,2)").key
    assert readable(key) == "select count(*) from a join b using (id) where x = ? and y in (?)"


def test_any_text_is_taken_in_bounded_time() -> None:
    letters = random.Random(3)
    signs = "'\"`$?/*-;(),[]=<> \n\t\x00\x1b\\aE1."
    for _ in range(300):
        text = "".join(letters.choice(signs) for _ in range(200))
        assert readable(fingerprint(text).key).isprintable()
        fingerprint(text, mysql=True)
    for part in ("(", "'", "in (1,", "/*", "$a$", "values (1),", "a.b,", "- ", "x in (", '"'):
        fingerprint(part * 20_000)
    rows = ", ".join(f"({n}, 'x')" for n in range(LONGEST))
    assert fingerprint(f"INSERT INTO t (a, b) VALUES {rows}").key == "insert into t(a,b)values(?,?)"


def _generated() -> list[str]:
    """Return statements of many shapes, each with several values.

    None gives a table an alias: pglast then does not tell one table from another.
    """
    pick = random.Random(11)
    columns, tables = ("a", "b", "created_at", '"Name"'), ("orders", "shop.items", '"User"')
    found: list[str] = []
    for column, table, extra in itertools.product(columns, tables, range(6)):
        for _ in range(3):
            number, text = pick.randint(-9, 999), f"'v{pick.randint(1, 99)}'"
            items = ", ".join(str(pick.randint(1, 50)) for _ in range(pick.randint(1, 5)))
            found.append(
                [
                    f"SELECT {column} FROM {table} WHERE {column} = {number}",
                    f"select  {column}, id from {table} where {column}  = {text} LIMIT 5",
                    f"SELECT {column} FROM {table} WHERE id IN ({items}) ORDER BY {column}",
                    f"UPDATE {table} SET {column} = {text} WHERE id = {number}",
                    f"INSERT INTO {table} (id, {column}) VALUES ({number}, {text})",
                    f"SELECT count(*) FROM {table} JOIN item ON item.id = {number} "
                    f"WHERE {column} BETWEEN {abs(number)} AND {number} AND x IS NOT NULL",
                ][extra]
            )
    return found


def test_groups_are_those_of_postgresqls_own_grammar() -> None:
    pglast = pytest.importorskip("pglast", reason="compares with pglast where it is installed")
    statements = _generated()
    ours = {text: fingerprint(text).key for text in statements}
    theirs = {text: pglast.fingerprint(text) for text in statements}
    pairs = list(zip(ours.values(), theirs.values(), strict=True))
    assert len(set(pairs)) == len(set(ours.values())) == len(set(theirs.values()))
