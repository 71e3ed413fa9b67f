"""Before against after: readers, verdicts, false alarms, and the tool."""

import json
import random
from pathlib import Path

import pytest

from slowcoach.api import compare as api
from slowcoach.benchmarks import readers
from slowcoach.benchmarks.compare import compare_samples, default_threshold_pct
from slowcoach.benchmarks.model import MetricComparison, Reader
from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.job import Job
from slowcoach.core.runs import Runs

DATA = Path(__file__).parent / "data" / "benchmarks"
SAMPLES = sorted(path for path in DATA.glob("*/*") if path.suffix in {".json", ".txt"})
CHANGED = {"test_checksum", "checksum", "BM_Checksum/1", "Checksum"}


def runs(generator: random.Random, n: int, noise: float, shift: float = 1) -> list[list[float]]:
    """Return n runs of one process each, with noise from run to run and within."""
    centres = [shift * generator.lognormvariate(0, noise) for _ in range(n)]
    return [[centre * generator.lognormvariate(0, 0.2) for _ in range(40)] for centre in centres]


def judge(before: list[list[float]], after: list[list[float]]) -> MetricComparison:
    return compare_samples("x", before, after, threshold_pct=default_threshold_pct())


def test_every_reader_has_a_sample_and_every_sample_one_reader() -> None:
    folders = {path.parent.name for path in SAMPLES}
    assert folders == {reader.format for reader in readers.all_readers()}
    for path in SAMPLES:
        data = path.read_bytes()
        matching = [r.format for r in readers.all_readers() if r.matches(data)]
        assert matching == [path.parent.name], path


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_samples_are_read_with_their_units(path: Path) -> None:
    metrics = readers.read(path.read_bytes(), path.name)
    assert metrics
    assert all(metric.unit and any(metric.runs) for metric in metrics)


@pytest.mark.parametrize(
    ("folder", "name", "count", "first"),
    [
        ("hyperfine", "checksum", 12, 0.026960344),
        ("google_benchmark", "BM_Text", 8, None),
        ("go_testing", "Text B/op", 10, 103616.0),
        ("pyperf", "checksum", 8, 0.0014725377500042214),
        ("pytest_benchmark", "test_checksum", 215, None),
    ],
)
def test_readers_take_every_run_and_no_warm_up(
    folder: str, name: str, count: int, first: float | None
) -> None:
    path = next((DATA / folder).glob("before.*"))
    found = {m.name: m for m in readers.read(path.read_bytes(), path.name)}[name]
    assert len(found.runs) == count
    assert first is None or found.runs[0][0] == first


@pytest.mark.parametrize(
    "folder", ["pytest_benchmark", "hyperfine", "google_benchmark", "go_testing", "pyperf"]
)
def test_real_files_show_the_changed_benchmark_as_slower(folder: str) -> None:
    before, after = (str(next((DATA / folder).glob(f"{side}.*"))) for side in ("before", "after"))
    result = api.compare(Job(), before, after)
    slower = {metric.name for metric in result.metrics if metric.verdict == "slower"}
    assert slower & CHANGED
    assert (result.verdict, result.passed) == ("slower", False)
    assert result.findings[0].rule == "bench.regression"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_file_compared_with_itself_is_never_a_change(path: Path) -> None:
    result = api.compare(Job(), str(path), str(path))
    assert result.verdict in {"same", "unsure"}
    assert all(metric.change_pct == 0 for metric in result.metrics)
    assert result.passed is not False


def test_higher_is_better_for_rates() -> None:
    result = api.compare(Job(), str(DATA / "plain/before.json"), str(DATA / "plain/after.json"))
    assert {m.name: m.verdict for m in result.metrics} == {
        "login_ms": "faster",
        "throughput_rps": "faster",
    }
    assert result.passed is True


def test_a_lower_rate_fails_the_gate() -> None:
    result = api.compare(Job(), str(DATA / "plain/after.json"), str(DATA / "plain/before.json"))
    assert result.verdict == "slower"
    assert result.passed is False
    assert {text for f in result.findings for text in f.where} == {"login_ms", "throughput_rps"}


def test_three_runs_a_side_are_unsure_however_large_the_change() -> None:
    metric = judge([[1.0], [1.1], [1.2]], [[9.0], [9.1], [9.2]])
    assert metric.verdict == "unsure"
    assert metric.runs_needed == 10
    assert "at least" in metric.note


def test_noise_from_run_to_run_is_no_change() -> None:
    """Pooled requests would alarm in half of these; runs may in one of twenty."""
    generator = random.Random(11)
    alarms = sum(
        judge(runs(generator, 10, 0.05), runs(generator, 10, 0.05)).verdict in {"faster", "slower"}
        for _ in range(200)
    )
    assert alarms <= 16


def test_a_change_of_a_tenth_is_seen_with_ten_runs() -> None:
    generator = random.Random(12)
    seen = sum(
        judge(runs(generator, 10, 0.05), runs(generator, 10, 0.05, 1.1)).verdict == "slower"
        for _ in range(100)
    )
    assert seen >= 75


def test_one_process_is_no_proof_of_a_small_change() -> None:
    generator = random.Random(13)
    before = [[generator.lognormvariate(0, 0.1) for _ in range(50)] for _ in range(30)]
    after = [[1.05 * v for v in window] for window in before]
    seen = compare_samples("x", before, after, threshold_pct=10, separate=False)
    assert seen.verdict == "unsure"
    assert seen.ci_low_pct is not None
    assert seen.ci_low_pct < 0
    assert compare_samples("x", before, after, threshold_pct=10).verdict == "slower"


def test_a_percentile_of_too_few_requests_is_shown_but_not_judged() -> None:
    before, after = [[100.0, 110.0, 120.0]] * 9, [[10.0, 11.0, 12.0]] * 9
    metric = compare_samples(
        "p95", before, after, threshold_pct=10, quantile=0.95, separate=False, unit="ms"
    )
    assert (metric.runs_before, metric.verdict) == (0, "unsure")
    assert (metric.before, metric.after) == (120.0, 12.0)
    assert metric.change_pct == pytest.approx(-90)


def test_quiet_equal_runs_are_the_same() -> None:
    generator = random.Random(14)
    metric = judge(runs(generator, 20, 0.01), runs(generator, 20, 0.01))
    assert metric.verdict == "same"


def test_counters_that_became_zero_have_no_interval() -> None:
    metric = judge([[3.0]] * 8, [[0.0]] * 8)
    assert metric.verdict == "faster"
    assert metric.change_pct == -100
    assert metric.ci_low_pct is None
    from_zero = judge([[0.0]] * 8, [[3.0]] * 8)
    assert (from_zero.verdict, from_zero.change_pct) == ("slower", None)


def test_several_files_of_one_process_become_runs(tmp_path: Path) -> None:
    generator = random.Random(15)
    paths: dict[str, list[str]] = {"before": [], "after": []}
    for side, shift in (("before", 1.0), ("after", 1.5)):
        for index in range(6):
            windows = runs(generator, 12, 0.01, shift * 20)
            path = tmp_path / f"{side}{index}.json"
            path.write_text(json.dumps({"unit": "ms", "windows": windows, "unloaded": []}))
            paths[side].append(str(path))
    result = api.compare(Job(), paths["before"], paths["after"])
    p50 = next(metric for metric in result.metrics if metric.name == "p50")
    assert (p50.runs_before, p50.runs_after, p50.verdict) == (6, 6, "slower")
    assert not any("one process" in warning for warning in result.warnings)


def test_latencies_of_runs_are_compared_by_their_ids(tmp_path: Path) -> None:
    kept = Runs(f"sqlite:///{tmp_path / 'runs.db'}")
    for name in ("before", "after"):
        run_id = f"investigate-{name:x<8}"
        kept.store.begin(run_id, "investigate", {}, {})
        data = (DATA / "latency" / f"{name}.json").read_bytes()
        kept.store.save(run_id, "latency.json", data, "application/json")
        kept.store.finish(run_id, "done", {"summary": ""})
    result = api.compare(Job(runs=kept), "investigate-beforexx", "investigate-afterxxx")
    assert result.verdict == "faster"
    assert result.metrics[0].name == "p50"
    assert result.metrics[0].change_pct == pytest.approx(-75, abs=5)
    kept.store.begin("explain-query-abcdefgh", "explain_query", {}, {})
    kept.store.finish("explain-query-abcdefgh", "done", {})
    with pytest.raises(InputError, match=r"left no latency\.json"):
        api.compare(Job(runs=kept), "explain-query-abcdefgh", "investigate-afterxxx")
    kept.store.close()


def test_results_survive_a_round_trip() -> None:
    before, after = (str(DATA / f"hyperfine/{side}.json") for side in ("before", "after"))
    kept = api.compare(Job(), before, after).model_dump(mode="json")
    assert kept["findings"]
    assert api.Comparison.model_validate(kept).model_dump(mode="json") == kept


def test_many_metrics_are_cut_with_a_word(tmp_path: Path) -> None:
    generator = random.Random(16)
    for side in ("before", "after"):
        series = {f"case {i}": [generator.gauss(50, 1) for _ in range(10)] for i in range(80)}
        (tmp_path / f"{side}.json").write_text(json.dumps(series))
    result = api.compare(Job(), str(tmp_path / "before.json"), str(tmp_path / "after.json"))
    assert len(result.model_dump_json()) < 6_000
    assert "70 of 80" in result.tables()[0].note
    assert not [m for m in result.metrics if m.verdict in {"slower", "faster"}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "got 'nothing'"),
        (b"\x00\x01\x02", "expected benchmark results"),
        (b'{"benchmarks": [', "expected benchmark results"),
        (b'{"results": [{"command": "x", "median": 1, "times": []}]}', "without a measured value"),
        (b"[" * 100_000, "expected benchmark results"),
    ],
)
def test_other_content_is_refused_with_the_known_formats(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=said):
        api.compare(Job(), str(path), str(path))


def test_aggregates_alone_are_refused_with_the_flag_to_drop(tmp_path: Path) -> None:
    whole = json.loads((DATA / "google_benchmark/before.json").read_text())
    whole["benchmarks"] = [b for b in whole["benchmarks"] if b["run_type"] == "aggregate"]
    path = tmp_path / "aggregates.json"
    path.write_text(json.dumps(whole))
    with pytest.raises(UnreadableError) as refused:
        api.compare(Job(), str(path), str(path))
    assert "report_aggregates_only" in refused.value.hint


@pytest.mark.parametrize("source", ["/no/such/file.json", "", "\0", "x" * 5_000, "/dev/null", "/"])
def test_what_is_no_file_is_refused(source: str) -> None:
    with pytest.raises(UnreadableError):
        api.compare(Job(), source, source)


def test_files_without_a_common_metric_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps({name: [1, 2, 3, 4, 5]}))
    with pytest.raises(InputError, match="no metric in common"):
        api.compare(Job(), str(tmp_path / "a.json"), str(tmp_path / "b.json"))


def test_readers_are_declared_by_their_modules() -> None:
    assert all(isinstance(reader, Reader) for reader in readers.all_readers())
