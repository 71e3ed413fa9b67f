"""Load tests before and after: the results of any tool are compared by the seconds they hold."""

import gzip
from pathlib import Path

import pytest

from slowcoach.api.compare import compare
from slowcoach.benchmarks.load_results import is_load_result, metrics_of, values_of
from slowcoach.core.job import Job
from slowcoach.load.histogram import Histogram

DATA = Path(__file__).parent / "data"
RESULTS = DATA / "load" / "results"


def slower(folder: Path, times: int) -> str:
    """Return the points of a closed test whose requests took longer."""
    lines: list[str] = []
    for line in (
        gzip.decompress((RESULTS / "k6_csv" / "stalled.csv.gz").read_bytes()).decode().splitlines()
    ):
        name, time, value, rest = line.split(",", 3)
        took = f"{float(value) * times:.6f}" if name == "http_req_duration" else value
        lines.append(f"{name},{time},{took},{rest}")
    path = folder / f"{times}.csv"
    path.write_text("\n".join(lines))
    return str(path)


def test_a_slower_run_is_told_from_the_same_one(tmp_path: Path) -> None:
    before = slower(tmp_path, 1)
    worse = compare(Job(), before, slower(tmp_path, 2))
    changes = {metric.name: metric.change_pct for metric in worse.metrics}
    assert worse.verdict == "slower"
    assert worse.passed is False
    assert changes["p50"] == pytest.approx(100, rel=0.03)
    same = compare(Job(), before, before)
    assert same.verdict in {"same", "unsure"}


def test_several_files_are_one_run_each(tmp_path: Path) -> None:
    paths = [str(RESULTS / "gatling_log" / f"binary-{v}.log") for v in ("3.13", "3.15")]
    found = compare(Job(), paths, paths)
    assert {metric.runs_before for metric in found.metrics} == {2}


@pytest.mark.parametrize("sample", ["locust_csv/run_stats.csv", "gatling_stats/stats.js"])
def test_stated_percentiles_are_one_value_each(sample: str) -> None:
    found = {metric.name: metric.runs for metric in metrics_of(RESULTS / sample)}
    assert len(found["p95"]) == 1


def test_benchmarks_and_profiles_are_no_load_results() -> None:
    others = [*(DATA / "benchmarks").glob("*/*"), *(DATA / "profiles").glob("*/*")]
    assert len(others) > 20
    taken = [path for path in others if path.is_file() and is_load_result(path)]
    assert not taken


def test_values_of_a_histogram_keep_its_percentiles() -> None:
    found = Histogram.of([float(n) for n in range(1, 10_001)])
    for count in (100, 10_000):
        values = values_of(found, count)
        assert len(values) == count
        assert values[count // 2] == pytest.approx(5000, rel=0.02)
