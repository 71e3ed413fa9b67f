"""Results of wrk, wrk2, hey, ab, h2load, vegeta, autocannon, artillery, oha, HdrHistogram and
Prometheus, as the tools wrote them: read into one model, nothing invented.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from slowcoach.core.errors import UnreadableError
from slowcoach.load.outcome import Latencies, LoadModel, Outcome
from slowcoach.load.reader_kind import readers
from slowcoach.load.reading import read, recognize
from slowcoach.load.streams import source_of

RESULTS = Path(__file__).parent / "data" / "load" / "results"
NAMES = (
    *("ab", "ab_percentiles", "ab_requests", "artillery", "autocannon", "autocannon_text"),
    *("h2load", "h2load_log", "hdrhistogram_log", "hdrhistogram_percentiles", "hey", "hey_csv"),
    *("oha", "oha_csv", "oha_text", "prometheus", "prometheus_query", "vegeta", "vegeta_report"),
    *("wrk", "wrk2"),
)
WITHOUT_FIGURES = {
    "hey_csv/time_outs.csv": "only the header",
    "oha_csv/time_outs.csv": "only the header",
    "prometheus_query/empty.json": "an empty result",
    "prometheus_query/error.json": "unclosed left parenthesis",
}
SAMPLES = sorted(
    f"{name}/{path.name}"
    for name in NAMES
    for path in (RESULTS / name).iterdir()
    if path.name != "README.md"
)
READABLE = [sample for sample in SAMPLES if sample not in WITHOUT_FIGURES]


def outcome(sample: str) -> Outcome:
    """Return what a sample tells."""
    return read(RESULTS / sample)[0]


def close(found: float | None, wanted: float, within: float = 0.006) -> bool:
    """Tell whether a figure is what it should be, by default within a histogram's error."""
    return found is not None and abs(found - wanted) <= within * abs(wanted) + 1e-9


# ---- every sample


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_file_is_known_as_what_its_tool_wrote(sample: str) -> None:
    assert recognize(source_of(RESULTS / sample)).name == sample.split("/")[0]


@pytest.mark.parametrize("name", NAMES)
def test_each_format_says_how_its_samples_were_made(name: str) -> None:
    text = (RESULTS / name / "README.md").read_text("utf-8")
    assert readers()[name].example
    assert "run" in text or "`" in text


@pytest.mark.parametrize("sample", READABLE)
def test_counts_and_rates_of_a_file_fit_together(sample: str) -> None:
    found = outcome(sample)
    whole = found.whole
    if whole.completed is not None and whole.duration_s and whole.throughput_rps is not None:
        assert close(whole.completed / whole.duration_s, whole.throughput_rps, 0.05)
    if whole.failed is not None and whole.errors:
        assert sum(whole.errors.values()) == whole.failed
    values = sorted(whole.latency.stated.items())
    assert [value for _, value in values] == sorted(value for _, value in values)
    assert found.unknown, "every format leaves something untold"


@pytest.mark.parametrize("sample", sorted(WITHOUT_FIGURES))
def test_a_file_without_figures_is_refused_with_the_reason(sample: str) -> None:
    with pytest.raises(UnreadableError, match=re.escape(WITHOUT_FIGURES[sample])) as caught:
        outcome(sample)
    assert caught.value.hint


# ---- open, closed, corrected, and what is not told

MODELS: list[tuple[str, LoadModel, bool, str]] = [
    ("wrk/stalled.txt", "closed", False, "waits for its answer"),
    ("wrk2/stalled.txt", "open", True, r"rate that was asked for \(-R\)"),
    ("hey/stalled.txt", "closed", False, "with -q too"),
    ("hey_csv/rate.csv", "closed", False, "requests without an answer"),
    ("ab/stalled.txt", "closed", False, "waits for its answer"),
    ("ab_requests/stalled.tsv", "closed", False, "which requests failed"),
    ("ab_percentiles/stalled.csv", "closed", False, "how many requests"),
    ("h2load/rate.txt", "closed", False, "with --rps too"),
    ("h2load_log/rate.tsv", "closed", False, "with --rps too"),
    ("vegeta/stalled.csv", "open", False, "from when each was really sent"),
    ("vegeta_report/stalled.report.json", "open", False, "-rate=0"),
    ("autocannon/stalled_rate.json", "closed", False, "made-up latencies"),
    ("autocannon_text/rate.txt", "closed", False, "whether -R was given"),
    ("artillery/two_phases.json", "open", False, "end with its first byte"),
    ("oha/corrected_stalled.json", "unknown", False, "--latency-correction"),
    ("oha_csv/stalled.csv", "unknown", False, "--latency-correction"),
    ("hdrhistogram_log/java_tags.hlog", "unknown", False, "the unit of its values"),
    ("prometheus/exposition.prom", "unknown", False, "what clients waited"),
]


@pytest.mark.parametrize(("sample", "model", "corrected", "told"), MODELS)
def test_open_is_told_from_closed_and_what_is_not_known_is_said(
    sample: str, model: LoadModel, corrected: bool, told: str
) -> None:
    found = outcome(sample)
    assert found.model == model
    assert found.whole.latency.corrected is corrected
    assert re.search(told, " | ".join(found.unknown))


def test_a_closed_test_has_one_step_of_its_connections() -> None:
    for sample, users in (
        ("wrk/latency.txt", 8),
        ("ab/queue.txt", 4),
        ("h2load/queue.txt", 4),
        ("autocannon/closed.json", 4),
    ):
        (step,) = outcome(sample).steps
        assert (step.load, step.unit) == (users, "users")


# ---- stalls: what each tool makes of 0.7 s (0.9 s, 1.6 s) in which the server stood still


def test_of_one_stall_wrk2_knows_both_what_users_and_what_requests_waited() -> None:
    whole = outcome("wrk2/uncorrected_stalled.txt").whole
    due, sent = whole.latency, whole.service
    assert due.corrected
    assert sent is not None
    assert not sent.corrected
    # 700 ms of 3 s: a fifth of the requests that were due waited, but 4 connections asked
    p90, p90_of_sent = due.percentile(0.9), sent.percentile(0.9)
    assert p90 is not None
    assert p90_of_sent is not None
    assert p90 > 300
    assert p90_of_sent < 5
    assert close(due.percentile(0.95), 561.151)  # the row at 0.95
    assert close(sent.percentile(0.95), 6.131)


def test_a_timeout_of_wrk_is_left_out_of_its_latencies_and_that_is_said() -> None:
    found = outcome("wrk/time_outs.txt")
    assert found.whole.errors == {"timeout": 4}
    assert found.whole.latency.count == 19_967
    assert found.whole.latency.most_ms == 65.9  # though the server stood still for 1.6 s
    assert any("left out of its latencies" in text for text in found.warnings)


def test_percentiles_that_autocannon_made_up_are_not_repeated() -> None:
    document = json.loads((RESULTS / "autocannon/stalled_rate.json").read_bytes())
    assert document["latency"]["totalCount"] > 5 * document["requests"]["total"]
    found = outcome("autocannon/stalled_rate.json").whole.latency
    assert not found.stated
    assert found.mean_ms is None
    assert found.most_ms == document["latency"]["max"]
    kept = outcome("autocannon/closed.json").whole.latency
    assert kept.percentile(0.99) == 24
    assert kept.resolution_ms == 1


# ---- one run, told in several formats


def test_three_encodings_of_vegeta_tell_the_same() -> None:
    found = [outcome(f"vegeta/results.{form}") for form in ("csv", "gob", "json")]
    for other in found[1:]:
        assert other.whole.latency.histogram is not None
        assert found[0].whole.latency.histogram is not None
        first, second = found[0].whole.latency.histogram, other.whole.latency.histogram
        assert first.encoded() == second.encoded()
        assert other.whole.errors == found[0].whole.errors == {"HTTP 404": 30}
        assert list(other.endpoints) == list(found[0].endpoints)
        assert len(other.moments) == len(found[0].moments)


def test_vegetas_report_agrees_with_its_results() -> None:
    results, report = outcome("vegeta/stalled.csv"), outcome("vegeta_report/stalled.report.json")
    text, plot = (
        outcome("vegeta_report/stalled.report.text"),
        outcome("vegeta_report/stalled.report.hdrplot"),
    )
    histogram = outcome("vegeta_report/stalled.report.hist")
    whole = results.whole
    for other in (report, text):
        assert other.whole.sent == whole.sent == 400
        assert close(other.whole.latency.mean_ms, 133.354144, 1e-4)
        assert close(other.whole.latency.percentile(0.95), 630.186, 0.001)
        assert close(whole.latency.percentile(0.95), 630.186, 0.01)
        assert other.whole.failed == whole.failed == 0
        assert close(other.whole.throughput_rps, whole.throughput_rps or 0, 0.001)
    assert close(plot.whole.latency.percentile(0.9), 529.93)
    assert plot.whole.failed is None
    assert histogram.whole.sent == 400
    assert not histogram.whole.latency.stated  # its buckets are too wide
    assert any("p95 is above 500 ms" in text for text in histogram.unknown)


def test_abs_three_files_of_a_run_agree_within_what_each_can_tell() -> None:
    text, rows, exact = (
        outcome("ab/stalled.txt").whole.latency,
        outcome("ab_requests/stalled.tsv").whole.latency,
        outcome("ab_percentiles/stalled.csv").whole.latency,
    )
    for q in (0.95, 0.99):
        wanted = exact.percentile(q)
        assert wanted is not None
        for told in (text, rows):
            assert told.resolution_ms == 1
            value = told.percentile(q)
            assert value is not None
            assert abs(value - wanted) <= 1.1
    assert rows.count == text.count == 1500
    assert exact.count is None
    assert rows.interval(0.95) is not None
    assert text.interval(0.95) is exact.interval(0.95) is None


def test_h2loads_log_has_what_its_text_has_and_the_percentiles() -> None:
    for name in ("queue", "rate", "stalled"):
        text = outcome(f"h2load/{name}.txt").whole
        log = outcome(f"h2load_log/{'requests' if name == 'queue' else name}.tsv").whole
        assert log.completed == text.completed
        assert log.failed == text.failed
        assert close(log.latency.mean_ms, text.latency.mean_ms or 0, 0.01)
        assert close(log.latency.most_ms, text.latency.most_ms or 0, 0.001)
        assert text.latency.percentile(0.99) is None
        assert log.latency.percentile(0.99) is not None
        assert any("--log-file gives all" in said for said in outcome(f"h2load/{name}.txt").unknown)


def test_h2loads_rate_leaves_its_warm_up_out() -> None:
    whole = outcome("h2load/warm_up.txt").whole
    assert whole.throughput_rps == pytest.approx(20_559.5)
    assert whole.duration_s == pytest.approx(2.0, abs=0.001)  # "finished in 3.01s" counts it


def test_hdrhistograms_log_and_percentiles_agree() -> None:
    for log, spectrum in (("java_tags.hlog", "java.hgrm"), ("python.hlog", "python.hgrm")):
        values = outcome(f"hdrhistogram_log/{log}").whole.latency
        rows = (RESULTS / "hdrhistogram_percentiles" / spectrum).read_text().splitlines()
        told = [row.split() for row in rows if re.match(r" +\d", row)]
        assert values.count == int(told[-1][2])
        for row in told:
            assert close(values.percentile(float(row[1])), float(row[0]), 0.02), row
        assert close(values.most_ms, float(told[-1][0]), 0.001)
        drawn = outcome(f"hdrhistogram_percentiles/{spectrum}").whole.latency
        for row in told:
            assert close(drawn.percentile(float(row[1])), float(row[0])), row


def test_a_spectrum_says_between_which_rows_a_percentile_lies() -> None:
    found = outcome("hdrhistogram_percentiles/python.hgrm")
    low, high = 34.8, 215.7
    assert any(f"p95 lies between {low} and {high} ms" in text for text in found.unknown)
    assert found.whole.latency.error > 1
    value = found.whole.latency.percentile(0.95)
    assert value is not None
    assert low <= value <= high
    true = outcome("hdrhistogram_log/python.hlog").whole.latency.percentile(0.95)
    assert true is not None
    assert low <= true <= high


def test_tags_of_a_log_are_endpoints_and_intervals_are_moments() -> None:
    found = outcome("hdrhistogram_log/java_tags.hlog")
    assert {name: f.completed for name, f in found.endpoints.items()} == {
        "(no tag)": 900,
        "search": 900,
        "cart": 900,
    }
    assert [moment.completed for moment in found.moments] == [900, 900, 900]
    p99 = [moment.percentile(0.99) or 0 for moment in found.moments]
    assert p99[1] > 600 > 60 > max(p99[0], p99[2])
    assert found.started == "2026-11-26T22:26:40.123000+00:00"
    assert close(outcome("hdrhistogram_log/java_double.hlog").whole.latency.most_ms, 3.199, 0.001)


def test_prometheus_counts_are_those_of_its_page_in_both_formats_and_in_the_api() -> None:
    page = outcome("prometheus/exposition.prom").whole
    for other in ("prometheus/openmetrics.txt", "prometheus_query/instant_buckets.json"):
        whole = outcome(other).whole
        assert whole.completed == page.completed == 876
        assert whole.failed == page.failed == 55
        assert whole.latency.percentile(0.95) == page.latency.percentile(0.95)
    assert page.latency.mean_ms == pytest.approx(4.7109, abs=0.001)


def test_prometheus_percentiles_are_those_of_histogram_quantile_or_none_in_wide_buckets() -> None:
    found = outcome("prometheus/exposition.prom")
    # histogram_quantile(0.95, sum by (le) (...)) of that page
    assert found.whole.latency.percentile(0.95) == pytest.approx(18.7692, abs=0.001)
    assert found.whole.latency.percentile(0.5) is None  # anywhere up to 5 ms
    assert any("p50 lies between 0 and 5 ms" in text for text in found.unknown)
    assert found.whole.latency.interval(0.95) is None


def test_prometheus_over_time_counts_what_grew() -> None:
    found = outcome("prometheus_query/range_buckets.json")
    assert found.whole.completed == 281
    assert sum(moment.completed or 0 for moment in found.moments) == 281
    assert found.whole.duration_s == 14
    assert list(found.endpoints) == ["GET /search"]


def test_native_histograms_are_fine_enough_for_percentiles() -> None:
    found = outcome("prometheus_query/native_range.json").whole
    assert found.completed == 499
    assert found.latency.histogram is not None
    # exponential with a mean of 5 ms, besides the timer's 1 ms
    assert 4 < (found.latency.percentile(0.5) or 0) < 6
    assert found.latency.error < 0.1
    rates = outcome("prometheus_query/native_rate.json")
    assert rates.whole.completed is rates.whole.latency.count is None
    assert any("may be rates" in text for text in rates.unknown)


# ---- errors and units


@pytest.mark.parametrize(
    ("sample", "sent", "errors"),
    [
        ("hey/time_outs.txt", 10, {"timeout": 10}),
        ("hey/refused.txt", 20, {"connection refused": 20}),
        ("h2load/time_outs.txt", 5, {"timeout": 5}),
        ("vegeta/time_outs.gob", 10, {"timeout": 10}),
        ("vegeta_report/time_outs.report.text", 10, {"timeout": 10}),
        ("vegeta/refused.json", 10, {"connection refused": 10}),
        ("autocannon/time_outs.json", 8, {"timeout": 8}),
        ("autocannon_text/time_outs.txt", 11, {"timeout": 11}),
        ("artillery/time_outs.json", 6, {"timeout": 6}),
        ("oha/time_outs.json", 10, {"timeout": 10}),
        ("oha_text/time_outs.txt", 10, {"timeout": 10}),
        ("oha/refused.json", 10, {"Connection refused (os error 111)": 10}),
    ],
)
def test_a_test_without_an_answer_failed_wholly(
    sample: str, sent: int, errors: dict[str, int]
) -> None:
    found = outcome(sample)
    assert found.whole.error_rate == 1
    assert found.whole.sent == sent
    assert sum(found.whole.errors.values()) == found.whole.failed
    assert set(errors) <= set(found.whole.errors)
    assert found.whole.completed == 0
    if "vegeta" not in sample:  # the one tool that says how long those waited
        assert found.whole.latency.percentile(0.5) is None


def test_errors_by_status_and_redirects_are_told_apart() -> None:
    assert outcome("hey/some_errors.txt").whole.errors == {"HTTP 503": 6}
    assert outcome("hey_csv/some_errors.csv").whole.errors == {"HTTP 503": 10}
    assert outcome("oha_csv/some_errors.csv").whole.errors == {"HTTP 503": 15}
    assert outcome("autocannon/redirects.json").whole.failed == 0
    assert outcome("oha/redirects.json").whole.failed == 0
    assert outcome("artillery/two_phases.json").whole.errors == {"HTTP 404": 180, "HTTP 503": 8}
    assert outcome("ab/some_errors.txt").whole.errors == {"not 2xx": 152}


def test_users_that_artillery_held_back_are_dropped() -> None:
    found = outcome("artillery/time_outs.json")
    assert found.whole.dropped == 4
    assert outcome("artillery/two_phases.json").whole.dropped == 0


def test_a_machines_language_and_colours_do_not_matter() -> None:
    assert outcome("autocannon_text/german.txt").whole.throughput_rps == 21_768
    found = outcome("autocannon_text/colours.txt").whole
    assert (found.completed, found.failed) == (25_738, 1_278)
    assert found.latency.percentile(0.99) == 3


def test_older_and_newer_versions_are_read_too() -> None:
    old = outcome("artillery/version_1.json")
    assert old.whole.latency.histogram is not None
    assert old.whole.completed == 540
    assert close(old.whole.latency.percentile(0.99), 24.1, 0.02)
    assert outcome("autocannon/version_4.json").whole.completed == 25_431
    assert figures(outcome("h2load/percentiles.txt").whole.latency) == [0.03, 12.98, 0.631, 184.01]
    assert outcome("oha/version_1.4.json").whole.completed == 39_331
    assert figures(outcome("oha_text/version_1.4.txt").whole.latency) == [0.0, 2.8, 0.1, 10.1]
    assert outcome("hey/go_latest.txt").whole.latency.percentile(0.99) == pytest.approx(4.2)
    assert outcome("autocannon_text/version_4.txt").whole.completed == 34_170


def figures(found: Latencies) -> list[float | None]:
    """Return what a text says of latencies."""
    return [found.percentile(0.5), found.percentile(0.99), found.mean_ms, found.most_ms]


UNITS: list[tuple[str, list[Any]]] = [
    ("wrk/latency.txt", [0.133, 16.92, 1.81, 41.33]),  # us and ms mixed
    ("wrk/stalled.txt", [0.06, 654.43, 51.28, 703.22]),
    ("hey/stalled.txt", [0.5, 703.0, 9.6, 703.4]),  # s
    ("vegeta_report/stalled.report.text", [0.352081, 710.385, 133.354, 724.549]),  # µs and ms
    ("vegeta_report/stalled.report.json", [0.352081, 710.384619, 133.354143, 724.549233]),  # ns
    ("oha_text/corrected_stalled.txt", [0.2481, 679.9166, 84.5983, 706.4763]),
    ("autocannon_text/stalled.txt", [0, 7, 0.42, 911]),
    ("artillery/two_phases.json", [16.9, 98.5, 23.7, 278]),
    ("ab/stalled.txt", [0, 16, 3, 712]),
]


@pytest.mark.parametrize(("sample", "wanted"), UNITS)
def test_every_unit_becomes_ms(sample: str, wanted: list[Any]) -> None:
    assert figures(outcome(sample).whole.latency) == pytest.approx(wanted, rel=1e-6)


# ---- odd files


def test_a_cut_file_is_read_up_to_there_with_a_warning(tmp_path: Path) -> None:
    for sample in ("vegeta/results.csv", "vegeta/results.gob", "h2load_log/rate.tsv"):
        data = (RESULTS / sample).read_bytes()
        path = tmp_path / Path(sample).name
        path.write_bytes(data[: len(data) * 2 // 3])
        found = read(path)[0]
        whole = outcome(sample).whole.completed or 0
        assert 0 < (found.whole.completed or 0) < whole
        assert any("cut" in text for text in found.warnings), sample


def test_figures_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    text = (RESULTS / "vegeta_report/stalled.report.json").read_text()
    path = tmp_path / "report.json"
    path.write_text(text.replace('"duration":1994908279', '"duration":-1994908279'))
    with pytest.raises(UnreadableError, match="fit together"):
        read(path)


def test_a_report_amid_a_terminals_output_is_found(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    for sample in ("wrk/latency.txt", "hey/closed.txt", "ab/queue.txt", "h2load/queue.txt"):
        path.write_text(f"$ the command\nwarming up\n{(RESULTS / sample).read_text()}\nreal 0m3s\n")
        assert read(path)[0].whole.completed == outcome(sample).whole.completed


def test_secrets_in_addresses_are_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "wrk.txt"
    text = (RESULTS / "wrk/latency.txt").read_text()
    path.write_text(text.replace("/queue", "/queue?token=hunter2"))
    assert "hunter2" not in str(read(path)[0])


# ---- files of one run beside each other


def beside(folder: Path, *names: str) -> Outcome:
    """Return what a folder of these samples tells."""
    for name in names:
        (folder / name.replace("/", "-")).write_bytes((RESULTS / name).read_bytes())
    return read(folder)[0]


def test_several_files_of_one_run_are_one_result(tmp_path: Path) -> None:
    files = ("ab/stalled.txt", "ab_requests/stalled.tsv", "ab_percentiles/stalled.csv")
    assert beside(tmp_path, *files).whole.completed == 1_500


def test_one_attack_in_three_encodings_and_its_report_are_one_result(tmp_path: Path) -> None:
    files = ("vegeta/results.gob", "vegeta/results.csv", "vegeta_report/mixed.report.json")
    assert beside(tmp_path, *files).whole.completed == 120


def test_results_of_two_machines_are_one_test(tmp_path: Path) -> None:
    found = beside(tmp_path, "h2load_log/rate.tsv", "h2load_log/stalled.tsv").whole
    assert found.completed == 400
    assert found.latency.count == 400
    assert close(found.latency.most_ms, 691.308, 1e-6)


def test_percentiles_of_texts_cannot_be_merged_and_are_not_averaged(tmp_path: Path) -> None:
    found = beside(tmp_path, "wrk/latency.txt", "wrk/stalled.txt")
    assert found.whole.completed == 57_274 + 53_238
    assert found.whole.latency.percentile(0.99) is None
    assert close(found.whole.latency.most_ms, 703.22, 1e-6)
