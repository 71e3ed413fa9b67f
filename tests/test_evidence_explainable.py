"""What of a statement can be explained, on the texts that pg_stat_statements wrote."""

import pytest

from slowcoach.diagnosis.evidence.explainable import explainable
from slowcoach.queries.statement import only_select

TEXTS = [
    (
        "SELECT min(cm) FROM tides WHERE at BETWEEN timestamptz $1 AND timestamptz $2",
        "SELECT min(cm) FROM tides WHERE at BETWEEN cast($1 as timestamptz) AND "
        "cast($2 as timestamptz)",
    ),
    (
        "select id from tides where at > now() - interval $1 and cm in ($2 /*, ... */) limit $3",
        "select id from tides where at > now() - cast($1 as interval) and cm in ($2 /*, ... */) "
        "limit $3",
    ),
    (
        "select cm from tides where extract($1 from at) = $2",
        "select cm from tides where extract(epoch from at) = $1",
    ),
    ("SELECT value FROM counters WHERE name = $1 FOR UPDATE", None),
    ("SELECT id FROM jobs WHERE state = $1 LIMIT $2 FOR UPDATE OF jobs SKIP LOCKED;", None),
    (
        "UPDATE tides AS t SET cm = $1 FROM x WHERE x.id = t.id AND t.note = $2 RETURNING t.id",
        "SELECT 1 FROM tides AS t, x WHERE x.id = t.id AND t.note = $1",
    ),
    ("DELETE FROM tides USING u WHERE note = $1", "SELECT 1 FROM tides, u WHERE note = $1"),
    (
        "INSERT INTO a (x) SELECT cm FROM tides WHERE note LIKE $1 ON CONFLICT DO NOTHING",
        "SELECT cm FROM tides WHERE note LIKE $1",
    ),
    (
        "WITH x AS (SELECT id FROM t WHERE a = $1) UPDATE t SET b = $2 FROM x WHERE x.id = t.id",
        "WITH x AS (SELECT id FROM t WHERE a = $1) SELECT 1 FROM t, x WHERE x.id = t.id",
    ),
]


@pytest.mark.parametrize(("text", "reads"), TEXTS, ids=[text[:40] for text, _ in TEXTS])
def test_the_reads_of_a_statement_are_one_select(text: str, reads: str | None) -> None:
    found = explainable(text)
    only_select(found)
    if reads is not None:
        assert found == reads


@pytest.mark.parametrize(
    "text",
    ["INSERT INTO permits (number) VALUES ($1)", "UPDATE t SET", "COMMIT", "SELECT 1"],
)
def test_what_reads_nothing_stays_without_harm(text: str) -> None:
    assert explainable(text)
