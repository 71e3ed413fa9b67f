"""The checks that came later: each finds its problem in a real plan, and no look-alike."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from slowcoach.core.finding import Severity
from slowcoach.queries.checking import Judgement, judge
from slowcoach.queries.conditions import alternatives_across, branches, functions_of
from slowcoach.queries.existing import misordered, plain, redundant
from slowcoach.queries.figures import figures
from slowcoach.queries.reading import read_plan
from slowcoach.queries.statistics import ColumnFacts, Index, TableFacts

_DATA = Path(__file__).parent / "data" / "plans"
_VERSIONS = ("pg15", "pg18")


def _sample(name: str, form: str = "text", facts: TableFacts | None = None) -> Judgement:
    suffix = {"text": "txt", "json": "json"}[form]
    text = (_DATA / f"postgresql_{form}" / f"{name}.{suffix}").read_text(encoding="utf-8")
    return judge(figures(read_plan(text)[0]), {facts.name: facts} if facts else None)


def _rules(judgement: Judgement) -> list[str]:
    return [finding.rule.removeprefix("db.") for finding in judgement.findings]


# rule: samples that have it as their first finding, samples that look alike and do not have it
_SAMPLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "not_in": (("not-in",), ("not-in-hashed", "not-in-list", "exists")),
    "or_filter": (("or-filter",), ("or-one-column", "or-most-rows", "or-beside-equality")),
    "or_across_tables": (("or-across-tables",), ("or-on-one-side", "or-filter")),
    "cartesian_product": (
        ("cartesian",), ("cross-join-few", "cross-join-lateral", "nested-loop-large-outer"),
    ),
    "late_filter": (("late-filter",), ("cte-used-whole", "cte", "recursive")),
    "join_order": (("join-order",), ("join-order-good", "join-all-rows", "parallel-hash")),
    "join_without_index": (("join-order-good",), ("join-all-rows", "parallel-hash", "exists")),
    "function_time": (
        ("function-per-row", "function-scan-slow"), ("function-quick", "function-rows"),
    ),
    "limit_above_join": (
        ("limit-above-join",), ("limit-above-join-index", "limit-order-of-two", "top-n"),
    ),
    "bloated_table": (("bloated",), ("wide-rows", "seq-scan", "stale-statistics")),
    "rows_kept_on_disk": (("cte-on-disk",), ("cte-in-memory", "sort-on-disk", "hash-on-disk")),
    "parallel_overhead": (("parallel-small",), ("parallel-scan", "parallel-hash")),
    "partitions_not_pruned": (("partitions-by-day",), ("partitions-pruned", "partitions-all")),
    "wrong_index_for_order": (
        ("walk-in-order",), ("walk-in-order-good", "top-n-by-index", "index-filter"),
    ),
    "index_recheck_discards_rows": (("brin-scattered",), ("brin-ordered", "lossy-bitmap")),
    "pattern_prevents_index": (("like-inside",), ("like-most-rows", "seq-scan")),
    "batch_at_peak": ((), ("seq-scan", "cartesian")),
}  # fmt: skip


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("version", _VERSIONS)
@pytest.mark.parametrize(
    ("name", "sample"), [(name, sample) for name, pair in _SAMPLES.items() for sample in pair[0]]
)
def test_a_check_finds_its_problem_first(name: str, sample: str, version: str, form: str) -> None:
    judgement = _sample(f"{version}-{sample}", form)
    assert _rules(judgement)[0] == name
    found = judgement.findings[0]
    assert found.where
    assert found.fix


@pytest.mark.parametrize("version", _VERSIONS)
@pytest.mark.parametrize(
    ("name", "sample"), [(name, sample) for name, pair in _SAMPLES.items() for sample in pair[1]]
)
def test_a_check_leaves_alone_what_only_looks_alike(name: str, sample: str, version: str) -> None:
    assert name not in _rules(_sample(f"{version}-{sample}"))


@pytest.mark.parametrize("version", _VERSIONS)
@pytest.mark.parametrize(
    ("sample", "rule"),
    [
        ("or-filter", "seq_scan_large_table"),
        ("like-inside", "seq_scan_large_table"),
        ("walk-in-order", "index_filter_discards_rows"),
        ("brin-scattered", "lossy_bitmap"),
        ("not-in", "subplan_per_row"),
        ("limit-above-join", "sorts_more_than_needed"),
        ("cartesian", "nested_loop_large_outer"),
        ("or-across-tables", "nested_loop_large_outer"),
    ],
)
def test_one_cause_is_named_once_by_the_closer_rule(sample: str, rule: str, version: str) -> None:
    assert rule not in _rules(_sample(f"{version}-{sample}"))


@pytest.mark.parametrize("version", _VERSIONS)
@pytest.mark.parametrize(
    ("sample", "statement"),
    [
        (
            "or-filter",
            "CREATE INDEX CONCURRENTLY ON orders (customer_id); "
            "CREATE INDEX CONCURRENTLY ON orders (created_at)",
        ),
        ("limit-above-join", "CREATE INDEX CONCURRENTLY ON orders (created_at)"),
        ("walk-in-order", "CREATE INDEX CONCURRENTLY ON orders (customer_id)"),
        ("brin-scattered", "CREATE INDEX CONCURRENTLY ON scattered (v)"),
        (
            "like-inside",
            "CREATE EXTENSION IF NOT EXISTS pg_trgm; "
            "CREATE INDEX CONCURRENTLY ON articles USING gin (title gin_trgm_ops)",
        ),
        ("parallel-small", "SET LOCAL max_parallel_workers_per_gather = 0"),
        ("bloated", "VACUUM (FULL, ANALYZE) bloated"),
    ],
)
def test_the_first_recommendation_is_a_statement_to_run(
    sample: str, statement: str, version: str
) -> None:
    assert _sample(f"{version}-{sample}").recommendations[0].statement == statement


def test_a_statement_of_more_than_a_batch_length_is_asked_for_its_hour() -> None:
    plan = "Seq Scan on t  (cost=0.00..9.00 rows=1 width=4) (actual time=0.1..{0} rows=1 loops=1)\n"

    def rules(ms: float) -> list[str]:
        text = plan.format(f"{ms:.3f}") + f"Execution Time: {ms:.3f} ms"
        return _rules(judge(figures(read_plan(text)[0])))

    assert "batch_at_peak" in rules(95_000)
    assert "batch_at_peak" not in rules(900)


# -- what needs the tables' facts ----------------------------------------------------------------


def _index(name: str, *keys: str, **more: Any) -> Index:
    definition = f"CREATE INDEX {name} ON shop.orders USING btree ({', '.join(keys)})"
    return replace(Index(name, definition, 5_000_000, keys), **more)


_ORDERS = TableFacts(
    "orders", "shop", 200_000, 30_000_000, (), "2025-01-01", modified=0, live=200_000, dead=0,
    writes=200_000,
    columns={"status": ColumnFacts("text", 2, 0.02), "paid": ColumnFacts("boolean", 2, 0.4)},
)  # fmt: skip


def _with(*indexes: Index, **more: Any) -> TableFacts:
    return replace(_ORDERS, indexes=indexes, **more)


@pytest.mark.parametrize(
    ("sample", "facts", "rule"),
    [
        ("seq-scan", _with(_index("i", "status", "customer_id")), "composite_index_order"),
        ("seq-scan-expression", _with(_index("i", "note")), "expression_prevents_index"),
        ("seq-scan", _with(_index("i", "customer_id", valid=False)), "index_not_used"),
        ("seq-scan", _with(_index("i", "customer_id")), "index_not_used"),
        ("plain-seq-scan", _with(modified=150_000.0), "stale_statistics"),
        ("plain-seq-scan", _with(rows=None, columns={}), "stale_statistics"),
        (
            "primary-key",
            _with(*(_index(f"i{n}", f"c{n}", scans=0) for n in range(9))),
            "too_many_indexes",
        ),
        ("primary-key", _with(_index("i", "paid", scans=0)), "needless_index"),
        (
            "primary-key",
            _with(_index("i", "note", scans=0), rows=200.0, live=200.0),
            "needless_index",
        ),
    ],
)
@pytest.mark.parametrize("version", _VERSIONS)
def test_the_tables_facts_tell_more(
    sample: str, facts: TableFacts, rule: str, version: str
) -> None:
    judgement = _sample(f"{version}-{sample}", facts=facts)
    assert rule in _rules(judgement)
    assert not any(item.rule == f"db.{rule}" for item in judgement.not_checked)


@pytest.mark.parametrize(
    ("sample", "facts", "rule"),
    [
        ("seq-scan", _with(_index("i", "customer_id", "status")), "composite_index_order"),
        ("seq-scan", _with(_index("i", "status")), "composite_index_order"),
        ("seq-scan-expression", _with(_index("i", "customer_id")), "expression_prevents_index"),
        ("seq-scan-two-columns", _with(_index("i", "status")), "index_not_used"),
        ("seq-scan", _with(modified=150_000.0), "stale_statistics"),  # the estimate was right
        ("plain-seq-scan", _with(modified=2_000.0), "stale_statistics"),
        (
            "primary-key",
            _with(*(_index(f"i{n}", f"c{n}", scans=7) for n in range(9))),
            "too_many_indexes",
        ),
        (
            "primary-key",
            _with(*(_index(f"i{n}", f"c{n}", scans=0) for n in range(5))),
            "too_many_indexes",
        ),
        ("primary-key", _with(_index("i", "status", scans=0)), "needless_index"),  # skewed
        ("primary-key", _with(_index("i", "paid", scans=12)), "needless_index"),
        ("primary-key", _with(_index("i", "paid", scans=0, unique=True)), "needless_index"),
        (
            "primary-key",
            _with(_index("i", "note", scans=0), rows=200.0, live=200.0, writes=200.0),
            "needless_index",
        ),
    ],
)
@pytest.mark.parametrize("version", _VERSIONS)
def test_facts_that_only_look_alike_are_left_alone(
    sample: str, facts: TableFacts, rule: str, version: str
) -> None:
    assert rule not in _rules(_sample(f"{version}-{sample}", facts=facts))


def test_what_needs_a_live_database_says_so_for_a_pasted_plan() -> None:
    why = {item.rule: item.why for item in _sample("pg18-seq-scan").not_checked}
    assert "database_url" in why["db.stale_statistics"]
    assert "database_url" in why["db.composite_index_order"]


def test_an_invalid_index_is_to_be_rebuilt() -> None:
    facts = _with(_index("i", "customer_id", valid=False))
    judgement = _sample("pg18-seq-scan", facts=facts)
    assert judgement.findings[0].rule == "db.index_not_used"
    assert judgement.recommendations[0].statement == "REINDEX INDEX CONCURRENTLY shop.i"


def test_the_filters_columns_come_before_the_walked_order() -> None:
    facts = _with(_index("orders_pkey", "id", unique=True))
    judgement = _sample("pg18-walk-in-order", facts=facts)
    assert judgement.findings[0].severity is Severity.CRITICAL
    assert judgement.recommendations[0].statement == (
        "CREATE INDEX CONCURRENTLY ON orders (customer_id, id)"
    )


def test_the_shorter_of_two_indexes_with_the_same_beginning_is_redundant() -> None:
    a, ab, b = _index("a", "x"), _index("ab", "x", "y"), _index("b", "y")
    assert [(i.name, o.name) for i, o in redundant(_with(a, ab, b))] == [("a", "ab")]
    assert not redundant(_with(replace(a, unique=True), ab))
    descending = _index("d", "x DESC")
    assert not redundant(_with(descending, ab))


def test_conditions_are_asked_for_their_branches_and_functions() -> None:
    found = branches("((a = 1) OR (b > 2))", "t")
    assert [[term.target for term in part] for part in found] == [["a"], ["b"]]
    assert branches("((a = 1) OR (a = 2))", "t") == ()
    assert branches("((a = 1) OR (b <> 2))", "t") == ()
    assert alternatives_across("((a.x = b.y) OR (a.z = 1))") == ("a", "b")
    assert alternatives_across("((a.x = b.y) AND ((a.z = 1) OR (a.z = 2)))") == ()
    assert functions_of("((costly(id) > 0) AND (lower(n) = 'x'::text))") == ("costly",)
    assert plain("((lower(email))::text)") == "lower(email)"
    assert plain("(a) + (b)") == "(a) + (b)"
    assert misordered(_with(_index("i", "a", "b")), ()) is None
