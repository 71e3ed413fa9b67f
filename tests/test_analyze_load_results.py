"""The tool that reads load tests' results: what it answers, how long that is, and its errors."""

from pathlib import Path
from typing import Any

import pytest

from slowcoach.api.analyze_load_results import analyze_load_results
from slowcoach.api.compare import compare
from slowcoach.core.errors import CancelledError, InputError, UnreadableError
from slowcoach.core.job import Job
from slowcoach.core.runs import Runs
from slowcoach.load.answer import LoadAnswer
from slowcoach.load.reader_kind import readers

RESULTS = Path(__file__).parent / "data" / "load" / "results"
SAMPLES = [
    *("k6_ndjson/closed.ndjson.gz", "k6_csv/open.csv.gz", "k6_summary/handle-summary.json"),
    *("locust_csv/run_stats.csv", "locust_json/stats.json", "jmeter_csv/defaults.jtl"),
    *("jmeter_xml/parent-samples.jtl.gz", "gatling_log/binary-3.15.log"),
    "gatling_stats/stats.js",
]
PLAN = """test_name: shop
target: http://127.0.0.1:18911
date: "2026-11-26"
scenarios: [{{name: steady, vus: 4, duration: 24s}}]
pass_criteria: {{p95_response_ms: {p95}, error_rate_pct: 1}}
"""


def asked(sample: str, **more: Any) -> LoadAnswer:
    """Return the tool's answer about a sample."""
    return analyze_load_results(Job(), str(RESULTS / sample), **more)


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_answer_is_short_and_goes_through_json(sample: str) -> None:
    answer = asked(sample)
    assert len(answer.model_dump_json()) < 7_000
    plain = answer.model_dump(mode="json")
    assert LoadAnswer.model_validate(plain).model_dump(mode="json") == plain
    assert answer.summary.startswith(answer.tool)
    assert answer.latency.p95_ms is not None
    assert answer.throughput_rps is not None
    assert answer.unknown
    assert answer.next


def test_steps_and_endpoints_are_told_with_what_was_dropped() -> None:
    answer = asked("k6_ndjson/open.ndjson.gz")
    assert answer.model == "open"
    assert answer.dropped == 88
    assert [step.load for step in answer.steps] == pytest.approx([20, 60], rel=0.05)
    assert answer.steps[-1].dropped
    assert any(finding.rule == "load.generator_unfit" for finding in answer.findings)
    assert answer.endpoints[0].requests == 472


def test_a_stall_is_told_with_what_waiting_users_hide() -> None:
    answer = asked("k6_ndjson/stalled.ndjson.gz")
    assert any("stalls hide" in each for each in answer.warnings)
    assert not answer.latency.from_due


def test_criteria_of_k6_itself_count_without_a_plan() -> None:
    answer = asked("k6_summary/handle-summary.json")
    judged = {each.metric: each.ok for each in answer.criteria}
    assert judged["http_req_duration: p(99)<1"] is False
    assert answer.passed is False


@pytest.mark.parametrize(("p95", "passed"), [(5, False), (500, True)])
def test_a_plans_criteria_decide(p95: int, passed: bool, tmp_path: Path) -> None:
    plan = tmp_path / "load-test-plan.yaml"
    plan.write_text(PLAN.format(p95=p95))
    answer = asked("k6_ndjson/stalled.ndjson.gz", plan=str(plan))
    by_metric = {each.metric: each.ok for each in answer.criteria}
    assert by_metric["p95_response_ms"] is passed


def test_a_plan_tells_the_load_model_that_the_results_do_not(tmp_path: Path) -> None:
    plan = tmp_path / "load-test-plan.yaml"
    plan.write_text(PLAN.format(p95=500))
    without = asked("k6_csv/stalled.csv.gz")
    told = asked("k6_csv/stalled.csv.gz", plan=str(plan))
    assert (without.model, told.model) == ("unknown", "closed")
    assert any("taken from the plan" in each for each in told.unknown)
    plan.write_text(PLAN.format(p95=500).replace("vus: 4", "rate: 60"))
    assert asked("k6_csv/stalled.csv.gz", plan=str(plan)).steps[0].unit == "req/s"


@pytest.mark.parametrize("text", ["a: [", "test_name: x", "- 1", "\x00"])
def test_another_plan_is_refused_with_what_it_lacks(text: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(text)
    with pytest.raises(UnreadableError, match="load-test plan"):
        asked("k6_ndjson/stalled.ndjson.gz", plan=str(plan))


def test_a_file_that_is_not_there_is_an_error_with_what_to_do() -> None:
    with pytest.raises(UnreadableError) as caught:
        asked("nothing.json")
    assert caught.value.hint


def test_an_unknown_format_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InputError) as caught:
        asked("k6_ndjson/stalled.ndjson.gz", format="excel")
    assert all(name in str(caught.value) for name in readers())


def test_it_stops_when_it_is_called_off() -> None:
    job = Job()
    job.cancellation.ask()
    with pytest.raises(CancelledError):
        analyze_load_results(job, str(RESULTS / "k6_ndjson" / "closed.ndjson.gz"))


def test_several_files_are_parts_of_one_test() -> None:
    one = str(RESULTS / "k6_ndjson" / "closed.ndjson.gz")
    answer = analyze_load_results(Job(), [one, one.replace("closed", "closed-2.2")])
    assert answer.latency.n == 300 + 298
    assert answer.latency.p95_ms is not None
    assert answer.latency.p95_ci_ms is not None


def test_two_analysed_tests_are_compared_by_their_runs(tmp_path: Path) -> None:
    kept = Runs(f"sqlite:///{tmp_path / 'runs.db'}")
    ids = ("analyze-load-results-aaaaaaaa", "analyze-load-results-bbbbbbbb")
    for run_id in ids:
        job = Job()
        analyze_load_results(job, str(RESULTS / "k6_ndjson" / "stalled.ndjson.gz"))
        kept.store.begin(run_id, "analyze_load_results", {}, {})
        ((name, data),) = job.artefacts.items()
        kept.store.save(run_id, name, data, "application/json")
        kept.store.finish(run_id, "done", {"summary": ""})
    found = compare(Job(runs=kept), *ids)
    assert {metric.name for metric in found.metrics} >= {"p50", "goodput"}
    assert found.verdict in {"same", "unsure"}
    assert all(abs(metric.change_pct or 0) < 1e-9 for metric in found.metrics)
