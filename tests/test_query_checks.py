"""Each check on a plan that a real server made for it, and on one that looks alike and is well."""

from pathlib import Path

import pytest

from slowcoach.core.finding import Severity
from slowcoach.core.knowledge import rule
from slowcoach.core.registry import discover
from slowcoach.queries import checks
from slowcoach.queries.checking import Judgement, judge
from slowcoach.queries.conditions import Term, sort_keys, table_sql, terms
from slowcoach.queries.figures import figures
from slowcoach.queries.reading import read_plan
from slowcoach.queries.statistics import Index, TableFacts
from slowcoach.queries.subject import Check

_DATA = Path(__file__).parent / "data" / "plans"
_STEP = "(cost=0.00..9000.00 rows=100 width=4)"


def _judged(*lines: str) -> Judgement:
    return judge(figures(read_plan("\n".join(lines))[0]))


def _sample(name: str) -> Judgement:
    text = (_DATA / "postgresql_text" / f"{name}.txt").read_text(encoding="utf-8")
    return judge(figures(read_plan(text)[0]))


def _rules(judgement: Judgement) -> set[str]:
    return {finding.rule.removeprefix("db.") for finding in judgement.findings}


def _timed(step: str, ms: float, rows: float, loops: int = 1) -> str:
    return f"{step}  {_STEP} (actual time=0.001..{ms:.3f} rows={rows} loops={loops})"


# rule: samples that have it, samples that look alike and do not
_SAMPLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "seq_scan_large_table": (
        ("seq-scan", "seq-scan-two-columns", "seq-scan-expression", "top-n-by-customer",
         "parallel-scan", "plain-seq-scan", "plain-join"),
        ("seq-scan-most-rows", "seq-scan-small-table", "seq-scan-stopped", "primary-key", "cast",
         "parallel", "partitions"),
    ),
    "cast_prevents_index": (("cast",), ("cast-harmless", "primary-key", "seq-scan")),
    "row_estimate_off": (
        ("stale-statistics",),
        ("seq-scan", "seq-scan-stopped", "exists", "parallel-hash", "top-n-by-index", "cast",
         "offset-small", "never-executed", "memoize"),
    ),
    "sort_on_disk": (("sort-on-disk",), ("sort-in-memory", "top-n", "incremental-sort")),
    "hash_on_disk": (
        ("hash-on-disk", "hash-aggregate-on-disk"), ("parallel-hash", "plain-join", "exists"),
    ),
    "nested_loop_large_outer": (
        ("nested-loop-large-outer",), ("nested-loop-small-outer", "memoize", "never-executed"),
    ),
    "sorts_more_than_needed": (
        ("top-n",), ("top-n-by-customer", "top-n-by-index", "sort-on-disk", "sort-in-memory"),
    ),
    "heap_fetches": (("heap-fetches",), ("primary-key", "nested-loop-without-index")),
    "index_filter_discards_rows": (
        ("index-filter",), ("primary-key", "heap-fetches", "lossy-bitmap"),
    ),
    "lossy_bitmap": (("lossy-bitmap",), ("index-filter", "heap-fetches")),
    "trigger_time": (("triggers",), ("seq-scan",)),
    "workers_missing": (("workers-missing",), ("parallel", "parallel-scan", "parallel-hash")),
    "large_offset": (("offset",), ("offset-small", "top-n", "top-n-by-index", "seq-scan-stopped")),
    "subplan_per_row": (("correlated-subplan",), ("exists", "init-plan", "cte")),
}  # fmt: skip


@pytest.mark.parametrize("version", ["pg15", "pg18"])
@pytest.mark.parametrize(
    ("name", "sample"), [(name, sample) for name, pair in _SAMPLES.items() for sample in pair[0]]
)
def test_a_check_finds_its_problem(name: str, sample: str, version: str) -> None:
    judgement = _sample(f"{version}-{sample}")
    found = [item for item in judgement.findings if item.rule == f"db.{name}"]
    assert found
    assert all(item.where and item.evidence for item in found)


@pytest.mark.parametrize("version", ["pg15", "pg18"])
@pytest.mark.parametrize(
    ("name", "sample"), [(name, sample) for name, pair in _SAMPLES.items() for sample in pair[1]]
)
def test_a_check_leaves_alone_what_only_looks_alike(name: str, sample: str, version: str) -> None:
    assert name not in _rules(_sample(f"{version}-{sample}"))


def test_every_check_has_a_rule_and_says_what_it_needs() -> None:
    for check in discover(checks, "CHECK", Check):
        assert rule(check.rule).fix
        assert rule(check.rule).verify


@pytest.mark.parametrize(
    ("sample", "statement"),
    [
        ("seq-scan", "CREATE INDEX CONCURRENTLY ON orders (customer_id)"),
        (
            "seq-scan-two-columns",  # equality first, whatever the statement's order
            "CREATE INDEX CONCURRENTLY ON orders (customer_id, status, created_at)",
        ),
        ("seq-scan-expression", "CREATE INDEX CONCURRENTLY ON orders ((lower(note)))"),
        ("top-n-by-customer", "CREATE INDEX CONCURRENTLY ON orders (customer_id, created_at)"),
        ("top-n", "CREATE INDEX CONCURRENTLY ON orders (created_at)"),
        ("index-filter", "CREATE INDEX CONCURRENTLY ON indexed (customer_id, flag)"),
        ("stale-statistics", "ANALYZE stale"),
        ("heap-fetches", "VACUUM (ANALYZE) indexed"),
        ("sort-on-disk", "SET LOCAL work_mem = '64MB'"),
    ],
)
def test_the_first_recommendation_is_a_statement_to_run(sample: str, statement: str) -> None:
    for version in ("pg15", "pg18"):
        assert _sample(f"{version}-{sample}").recommendations[0].statement == statement


def test_a_table_scanned_for_every_row_of_a_join_wants_an_index() -> None:
    judgement = _judged(
        _timed("Nested Loop", 900, 500),
        "  Join Filter: (o.customer_id = c.id)",
        "  Rows Removed by Join Filter: 4999500",
        _timed("  ->  Seq Scan on customers c", 1, 500),
        _timed("  ->  Materialize", 1.2, 10000, 500),
        _timed("        ->  Seq Scan on orders o", 2, 10000),
        "Execution Time: 900.0 ms",
    )
    found = judgement.findings[0]
    assert found.rule == "db.nested_loop_large_outer"
    assert found.cause == "db.missing_index"
    assert judgement.recommendations[0].statement == (
        "CREATE INDEX CONCURRENTLY ON orders (customer_id)"
    )


def test_many_blocks_from_outside_are_reported_and_few_are_not() -> None:
    def plan(read: int) -> Judgement:
        return _judged(
            _timed("Seq Scan on t", 5, 100),
            f"  Buffers: shared hit=100 read={read}",
            "  I/O Timings: read=4.000",
        )

    assert "low_buffer_hit_ratio" in _rules(plan(5000))
    assert "low_buffer_hit_ratio" not in _rules(plan(500))


def test_compiling_is_reported_when_it_takes_much_of_the_time() -> None:
    def plan(compiling: float) -> Judgement:
        return _judged(
            _timed("Seq Scan on t", 400, 100),
            "JIT:",
            "  Functions: 5",
            f"  Timing: Generation 1.0 ms, Inlining 1.0 ms, Total {compiling} ms",
            "Execution Time: 500.0 ms",
        )

    assert "jit_time" in _rules(plan(200))
    assert "jit_time" not in _rules(plan(20))


def test_planning_is_reported_when_it_takes_much_of_the_time() -> None:
    def plan(planning: float) -> Judgement:
        return _judged(
            _timed("Seq Scan on t", 20, 100),
            f"Planning Time: {planning} ms",
            "Execution Time: 20.0 ms",
        )

    assert "planning_time" in _rules(plan(40))
    assert "planning_time" not in _rules(plan(4))


def test_time_outside_of_the_steps_is_reported_unless_triggers_explain_it() -> None:
    step = _timed("Insert on t", 20, 0)
    assert "time_outside_steps" in _rules(_judged(step, "Execution Time: 200.0 ms"))
    explained = _judged(step, "Trigger a on t: time=180.0 calls=9", "Execution Time: 200.0 ms")
    assert "time_outside_steps" not in _rules(explained)
    assert "trigger_time" in _rules(explained)


def test_pairs_thrown_away_by_a_hash_join_are_reported() -> None:
    def plan(removed: int) -> Judgement:
        return _judged(
            _timed("Hash Join", 900, 500),
            "  Hash Cond: (a.k = b.k)",
            "  Join Filter: (a.t < b.t)",
            f"  Rows Removed by Join Filter: {removed}",
            _timed("  ->  Seq Scan on a", 1, 1000),
            _timed("  ->  Hash", 1, 1000),
            _timed("        ->  Seq Scan on b", 1, 1000),
        )

    assert "join_filter_discards_rows" in _rules(plan(999_500))
    assert "join_filter_discards_rows" not in _rules(plan(1000))


def test_a_covering_index_is_proposed_when_the_columns_are_known() -> None:
    judgement = _judged(
        _timed("Index Scan using o_c on shop.orders o", 90, 5000),
        "  Output: o.total, o.customer_id",
        "  Index Cond: (o.customer_id = 7)",
        "  Buffers: shared hit=4900",
        "Execution Time: 91.0 ms",
    )
    assert "covering_index" in _rules(judgement)
    assert "CREATE INDEX CONCURRENTLY ON shop.orders (customer_id) INCLUDE (total)" in {
        item.statement for item in judgement.recommendations
    }


def test_what_was_not_run_says_which_rules_need_it() -> None:
    judgement = _sample("pg15-plain-join")
    why = {item.rule: item.why for item in judgement.not_checked}
    assert "ANALYZE" in why["db.row_estimate_off"]
    assert "ANALYZE" in why["db.low_buffer_hit_ratio"]
    without_buffers = _judged(_timed("Seq Scan on t", 20, 100))
    assert "BUFFERS" in {n.rule: n.why for n in without_buffers.not_checked}["db.covering_index"]


def test_estimates_are_less_sure_than_measurements() -> None:
    measured, planned = _sample("pg15-seq-scan"), _sample("pg15-plain-seq-scan")
    assert measured.findings[0].confidence > planned.findings[0].confidence
    assert measured.findings[0].severity is Severity.CRITICAL


def test_an_index_that_exists_is_not_proposed_again() -> None:
    text = (_DATA / "postgresql_text" / "pg15-seq-scan.txt").read_text(encoding="utf-8")
    found = figures(read_plan(text)[0])
    index = Index("i", "CREATE INDEX i ON shop.orders USING btree (customer_id, id)", 1)
    facts = TableFacts("orders", "shop", 200_000, 1, (index,) * 8, None)
    judgement = judge(found, {"orders": facts})
    assert not judgement.recommendations
    assert any("indexes on the table already" in str(e) for e in judgement.findings[0].evidence)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("(a = 1)", [Term("a", "equal")]),
        ("((a = 1) AND (b > 2))", [Term("a", "equal"), Term("b", "range")]),
        ("((t.a = 1) AND (u.b = 2))", [Term("a", "equal")]),
        ("(t.a = u.b)", [Term("a", "equal")]),
        ("(u.b = t.a)", [Term("a", "equal")]),
        ("(t.a = t.b)", []),
        ("(a <> 1)", []),
        ("(a IS NULL)", [Term("a", "equal")]),
        ("(NOT hidden)", [Term("hidden", "flag")]),
        ("((a = 1) OR (a = 2))", [Term("a", "equal")]),
        ("((a = 1) OR (b = 2))", []),
        ("(a = ANY ('{1,2}'::integer[]))", [Term("a", "equal")]),
        ("((name)::text = 'x'::text)", [Term("name", "equal")]),
        ("((id)::numeric = 77.0)", [Term("id", "equal", "numeric")]),
        ("((ts)::date = '2025-01-01'::date)", [Term("ts", "equal", "date")]),
        ("(lower(name) = 'x'::text)", [Term("(lower(name))", "equal", None, True)]),
        ("(name ~~ 'ab%'::text)", [Term("name", "prefix")]),
        ("(name ~~ '%ab%'::text)", [Term("name", "text")]),
        ("(name ~~* 'ab%'::text)", [Term("name", "text")]),
        ("(tags @> '{1}'::integer[])", [Term("tags", "contains")]),
        ('("Order No" = 1)', [Term('"Order No"', "equal")]),
        ("(a = $0)", [Term("a", "equal")]),
        ("(a > (InitPlan 1).col1)", [Term("a", "range")]),
        ("(a = (SubPlan 1))", [Term("a", "equal")]),
        ("this is no condition (", []),
        ("(" * 2000 + "a" + ")" * 2000, []),
    ],
)
def test_conditions_are_read_as_an_index_would_serve_them(
    condition: str, expected: list[Term]
) -> None:
    assert list(terms(condition, "t")) == expected


def test_orders_are_read_with_their_direction() -> None:
    found = sort_keys(["t.a DESC NULLS LAST", "b"], "t")
    assert found is not None
    assert [(key.target, key.direction) for key in found] == [("a", "DESC NULLS LAST"), ("b", "")]
    assert sort_keys(["lower(a)"], "t") is None
    assert sort_keys(["u.a"], "t") is None


def test_names_are_quoted_where_sql_needs_it() -> None:
    assert table_sql("orders") == "orders"
    assert table_sql("Orders") == '"Orders"'
    assert table_sql('public."Orders"') == 'public."Orders"'
    assert table_sql("order items", "shop") == 'shop."order items"'
