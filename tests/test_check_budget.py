"""Figures are judged by the budget of a kind of application, and nothing unmeasured passes."""

from typing import Any, get_args

import pytest

from slowcoach.api.check_budget import TOOL, BudgetCheck, Row, check_budget
from slowcoach.core.errors import InputError
from slowcoach.core.job import Job
from slowcoach.core.knowledge import page
from slowcoach.scoring.budget import kinds

MOST_CHARACTERS = 6000


def row(check: BudgetCheck, metric: str) -> Row:
    return next(row for row in check.rows if row.metric == metric)


@pytest.mark.parametrize(
    ("kind", "metric", "within", "over"),
    [
        ("web_app", "p50_ms", 199, 200),
        ("web_app", "p99_ms", 999, 1000),
        ("api", "p95_ms", 249.9, 250),
        ("api", "error_rate_pct", 0.009, 0.01),
        ("mobile", "time_to_interactive_ms", 1999, 2000),
        ("mobile", "cpu_per_request_ms", 199, 201),
        ("batch_job", "memory_per_request_mb", 999, 1000),
        ("batch_job", "error_rate_pct", 0.0009, 0.001),
        ("api", "throughput_rps", 500, 499.9),
        ("web_app", "throughput_rps", 100, 99),
    ],
)
def test_the_budget_is_the_methodologys(kind: Any, metric: str, within: float, over: float) -> None:
    assert check_budget(kind, {metric: within}).passed is True
    assert check_budget(kind, {metric: over}).passed is False


def test_what_was_not_measured_is_null_and_named() -> None:
    check = check_budget("api", {"p95_ms": 120})
    p50 = row(check, "p50_ms")
    assert (p50.value, p50.ok, p50.note) == (None, None, "not measured")
    assert "p50_ms" in check.summary
    assert any("run_load_test measures p50_ms" in step for step in check.next)


def test_a_metric_that_does_not_apply_is_not_judged_and_says_so() -> None:
    check = check_budget("batch_job", {"p95_ms": 99_999, "error_rate_pct": 0})
    p95 = row(check, "p95_ms")
    assert (p95.limit, p95.value, p95.ok) == (None, 99_999, None)
    assert p95.note.startswith("N/A")
    assert check.passed is True


def test_nothing_measured_neither_passes_nor_fails() -> None:
    check = check_budget("mobile", {})
    assert check.passed is None
    assert all(row.ok is None for row in check.rows)


def test_other_names_and_units_are_understood() -> None:
    check = check_budget(
        "api", {"error_rate": 0.00005, "p99_s": 0.4, "memory_per_request_bytes": 15_000_000}
    )
    assert row(check, "error_rate_pct").value == 0.005
    assert row(check, "p99_ms").value == 400
    assert row(check, "memory_per_request_mb").value == 15
    assert check.passed is True


def test_an_exceeded_budget_is_one_finding_with_its_figures() -> None:
    check = check_budget("api", {"p95_ms": 340, "p99_ms": 900, "p50_ms": 20})
    (finding,) = check.findings
    assert [str(evidence) for evidence in finding.evidence] == [
        "p95_ms: 340 ms (limit 250 ms)",
        "p99_ms: 900 ms (limit 500 ms)",
    ]
    assert finding.learn_more == "slowcoach://rules/budget.exceeded"


def test_own_limits_replace_the_budgets() -> None:
    check = check_budget(
        "batch_job", {"throughput_items_per_min": 80, "p95_ms": 5}, {"items_per_min": 100}
    )
    assert row(check, "throughput_items_per_min").ok is False
    assert row(check, "throughput_items_per_min").note == "your own limit"
    assert row(check, "p95_ms").ok is None


@pytest.mark.parametrize(
    ("measurements", "said"),
    [
        ({"p95ms": 1}, "p95_ms"),
        ({"latency": 1}, "The metrics: p50_ms"),
        ({"P95 ms": 1}, "p95_ms"),
        ({"p95_ms": -1}, "at least 0"),
        ({"p95_ms": 1, "p95_s": 1}, "given twice"),
    ],
)
def test_a_wrong_figure_is_refused_with_what_to_do(
    measurements: dict[str, float], said: str
) -> None:
    with pytest.raises(InputError) as refused:
        check_budget("api", measurements)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"kind": "website", "measurements": {}},
        {"kind": "api"},
        {"kind": "api", "measurements": {"p95_ms": float("nan")}},
        {"kind": "api", "measurements": {"p95_ms": "fast"}},
        {"kind": "api", "measurements": [1]},
    ],
)
def test_arguments_of_the_wrong_kind_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        TOOL.call(TOOL.validate(arguments), Job())


def test_the_answer_is_short_and_round_trips() -> None:
    worst = {entry["metric"]: 1e9 for entry in page("budgets").data["metrics"]}
    check = check_budget("web_app", worst)
    assert len(check.model_dump_json()) < MOST_CHARACTERS
    again = BudgetCheck.model_validate(check.model_dump(mode="json"))
    assert again.rows == check.rows
    assert again.tables() == check.tables()


def test_the_tools_kinds_are_the_pages() -> None:
    assert get_args(TOOL.arguments.model_fields["kind"].annotation) == tuple(kinds())
