"""Several runners' results are one: merging is exact, and what cannot be merged is refused."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hosts
import needs
from load_orders import order_for
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    ToolFailedError,
    UnreadableError,
)
from slowcoach.core.job import Job, Progress
from slowcoach.core.permission import Permissions
from slowcoach.load.distributed import locust_remote, on_locust_workers
from slowcoach.load.distributed.gathering import Gathering
from slowcoach.load.distributed.k6_script import runner_files, runner_script
from slowcoach.load.distributed.locust_files import fell_silent
from slowcoach.load.distributed.runner_log import RunnerLog
from slowcoach.load.engine_kind import engines
from slowcoach.load.histogram import Histogram
from slowcoach.load.merging import merged_outcomes
from slowcoach.load.outcome import Figures, Latencies, Moment, Outcome, Step, Threshold
from slowcoach.load.outcome_file import encoded
from slowcoach.load.plan import Endpoint
from slowcoach.load.reading import read
from slowcoach.load.schedule import Schedule, Stage
from slowcoach.load.validation import k6_program

RESULTS = Path(__file__).parent / "data" / "load" / "results"
QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)


def latencies(seed: int, factor: float = 1.0, n: int = 2000) -> np.ndarray:
    return factor * np.random.default_rng(seed).lognormal(3.0, 0.7, n)


def outcome_of(
    values: np.ndarray, *, started: str | None = "2026-11-26T12:00:00Z", **given: object
) -> Outcome:
    """A runner's outcome: these latencies, spread over ten seconds."""
    parts = np.array_split(values, 10)
    found = Histogram.of(values)
    figures = Figures(
        latency=Latencies(count=len(values), histogram=found, mean_ms=found.mean),
        sent=len(values),
        completed=len(values),
        failed=0,
        dropped=0,
        duration_s=10.0,
    )
    moments = tuple(
        Moment(float(i), 1.0, sent=len(part), completed=len(part), histogram=Histogram.of(part))
        for i, part in enumerate(parts)
    )
    step = Step("200 req/s", 200.0, "req/s", 0.0, 10.0, figures, "Peak")
    outcome = Outcome(
        tool="k6 1.1.0",
        model="open",
        whole=figures,
        steps=(step,),
        endpoints={"GET /": figures},
        moments=moments,
        started=started,
        target="http://10.0.0.1",
    )
    return replace(outcome, **given)  # type: ignore[arg-type]


def stated(p99: float) -> Outcome:
    figures = Figures(latency=Latencies(count=1000, stated={0.99: p99}, mean_ms=p99 / 4), sent=1000)
    return Outcome(tool="hey", model="open", whole=figures, started="2026-11-26T12:00:00Z")


def test_merged_percentiles_are_those_of_the_pooled_values() -> None:
    runners = [latencies(seed, 6.0 if seed == 0 else 1.0) for seed in range(10)]
    pooled = np.concatenate(runners)

    whole = merged_outcomes([outcome_of(values) for values in runners]).whole

    assert whole.sent == len(pooled)
    for quantile in QUANTILES:
        true = np.quantile(pooled, quantile, method="inverted_cdf")
        assert whole.latency.percentile(quantile) == pytest.approx(true, rel=0.0051)
    means = np.mean([np.quantile(values, 0.99) for values in runners])
    assert means < 0.75 * np.quantile(pooled, 0.99), "or averages would have done"


def test_merging_equals_the_histogram_of_all_values_exactly() -> None:
    runners = [latencies(seed) for seed in range(5)]

    found = merged_outcomes([outcome_of(values) for values in runners]).whole.latency.histogram

    assert found is not None
    assert found.encoded()["counts"] == Histogram.of(np.concatenate(runners)).encoded()["counts"]


def test_seconds_are_aligned_by_the_clock_on_the_wall() -> None:
    first = outcome_of(latencies(1))
    second = outcome_of(latencies(2), started="2026-11-26T13:00:03+01:00")

    found = merged_outcomes([second, first])

    assert found.started == "2026-11-26T12:00:00.000+00:00"
    assert [moment.start_s for moment in found.moments] == [float(i) for i in range(13)]
    assert [moment.sent for moment in found.moments] == [200] * 3 + [400] * 7 + [200] * 3
    assert found.whole.duration_s == 13.0
    assert found.whole.throughput_rps == pytest.approx(4000 / 13)
    (step,) = found.steps
    assert (step.load, step.start_s, step.end_s, step.name) == (400.0, 0.0, 13.0, "400 req/s")


def test_stated_percentiles_are_refused_and_counts_are_added() -> None:
    found = merged_outcomes([stated(100.0), stated(900.0)])

    assert found.whole.sent == 2000
    assert found.whole.latency.percentile(0.99) is None
    assert found.whole.latency.mean_ms == pytest.approx(125.0)
    assert "cannot be merged" in found.unknown[0]
    assert "2 of 2 results" in found.unknown[0]


def test_one_result_without_a_histogram_takes_the_percentiles_of_all() -> None:
    found = merged_outcomes([outcome_of(latencies(1)), stated(900.0)])

    assert found.whole.latency.percentile(0.99) is None
    assert "1 of 2 results" in found.unknown[0]
    assert "results of 2 tools" in found.warnings[0]


def test_what_one_runner_does_not_tell_is_not_told_of_all() -> None:
    silent = outcome_of(latencies(2), started=None)
    silent = replace(silent, whole=replace(silent.whole, dropped=None))

    found = merged_outcomes([outcome_of(latencies(1)), silent])

    assert found.whole.dropped is None
    assert found.moments == ()
    assert any("by seconds" in sentence for sentence in found.unknown)


def test_results_that_were_not_at_the_same_time_are_doubted() -> None:
    later = outcome_of(latencies(2), started="2026-11-26T15:00:00Z")

    found = merged_outcomes([outcome_of(latencies(1)), later])

    assert "were not at the same time" in found.warnings[0]
    assert found.steps == ()


def test_steps_that_each_runner_found_for_itself_are_found_anew() -> None:
    def runner(cut: int) -> Outcome:
        outcome = outcome_of(latencies(cut), steps=())
        (step,) = outcome_of(latencies(cut)).steps
        halves = ((0.0, float(cut)), (float(cut), 10.0))
        steps = tuple(replace(step, start_s=a, end_s=b, scenario="") for a, b in halves)
        due = tuple(replace(moment, due_rps=200.0) for moment in outcome.moments)
        return replace(outcome, steps=steps, moments=due)

    found = merged_outcomes([runner(2), runner(8)])

    (step,) = found.steps
    assert step.load == 400.0
    assert step.figures.sent == 3200, "without its first and last second"


def test_open_and_closed_tests_are_not_merged() -> None:
    closed = outcome_of(latencies(1), model="closed")

    with pytest.raises(InputError, match="open and of closed"):
        merged_outcomes([outcome_of(latencies(1)), closed])
    with pytest.raises(InputError, match="no results"):
        merged_outcomes([])


def test_thresholds_of_single_runners_are_no_verdict() -> None:
    judged = outcome_of(latencies(1), thresholds=(Threshold("p(95)<500", False),))

    found = merged_outcomes([judged, judged])

    assert found.thresholds == ()
    assert any("not the verdict" in sentence for sentence in found.unknown)


# --- results as files ----------------------------------------------------------------------------


def test_a_folder_of_runners_logs_is_one_test() -> None:
    together, formats = read(RESULTS / "k6_runner_log")
    parts = [read(RESULTS / "k6_runner_log" / f"runner-{i}.log")[0] for i in (1, 2)]

    assert formats == ("k6_runner_log",)
    assert together.model == "open"
    assert together.whole.sent == 239 == sum(part.whole.sent or 0 for part in parts)
    assert set(together.endpoints) == {"GET /a", "GET /b {id}"}
    assert together.warnings == ()
    assert sum(moment.sent or 0 for moment in together.moments) == 239


def test_kept_tests_of_several_machines_merge(tmp_path: Path) -> None:
    runners = [latencies(seed) for seed in range(3)]
    for number, values in enumerate(runners):
        (tmp_path / f"outcome-{number}.json").write_bytes(encoded(outcome_of(values)))

    found, formats = read(tmp_path)

    assert formats == ("slowcoach_outcome",)
    assert found.whole.latency.histogram is not None
    counts = Histogram.of(np.concatenate(runners)).encoded()["counts"]
    assert found.whole.latency.histogram.encoded()["counts"] == counts
    assert read(RESULTS / "slowcoach_outcome" / "kept.json")[0].whole.sent == 239


def test_a_log_that_was_cut_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = (RESULTS / "k6_runner_log" / "runner-1.log").read_bytes()
    cut = tmp_path / "cut.log"
    cut.write_bytes(whole[: len(whole) // 2])

    found, _ = read(cut)

    assert 0 < (found.whole.sent or 0) < 120
    assert "ends before the runner's result" in found.warnings[0]


@pytest.mark.parametrize(
    "content",
    [
        b"slowcoach-rows nothing of the kind\n" * 5,
        b"slowcoach-result 1/1 " + b"[" * 60_000 + b"\n",
        b'{"slowcoach_outcome":' + b"[" * 100_000,
        b'{"slowcoach_outcome":1}',
        b'{"slowcoach_outcome":99,"tool":"x"}',
    ],
)
def test_what_only_looks_like_a_result_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "results.txt"
    file.write_bytes(content)

    with pytest.raises(UnreadableError, match=r"expected|kept outcome"):
        read(file)


# --- what a runner's log tells -------------------------------------------------------------------


def gathering() -> Gathering:
    schedule = Schedule("Peak", "req/s", (Stage(0.0, 2.0, 1.0, 1.0, held=True),))
    return Gathering(schedule, ("GET /",))


def result(**given: object) -> str:
    data = {
        "slowcoach_runner": 1,
        "growth": 1.01,
        "least_ms": 0.001,
        "good": [[925, 2]],
        "bad": [],
        "requests": 2,
        "iterations": 2,
        "dropped": 0,
        "received_bytes": 100,
        "min_ms": 10.0,
        "max_ms": 10.0,
        "mean_ms": 10.0,
        "ended_ms": 1795733002000,
        "length_ms": 2000,
        "endpoints": ["GET /"],
        "thresholds": [],
        **given,
    }
    return f"slowcoach-result 1/1 {json.dumps(data)}"


ROWS = 'time="..." level=info msg="slowcoach-rows 1795733000000 a.0.255s,rs.0.255s" source=console'


def test_rows_and_result_of_a_runner_make_an_outcome() -> None:
    gathered = gathering()
    gathered.read(1, ROWS)
    gathered.read(1, result())

    found = gathered.outcome("k6", 1, target="http://10.0.0.1", ended=True)

    assert found.whole.sent == 2
    assert found.warnings == ()
    assert [moment.sent for moment in found.moments] == [1, 1]
    assert found.whole.latency.percentile(0.5) == pytest.approx(10.0, rel=0.005)
    assert found.started == "2026-11-26T22:43:20.000+00:00"


def test_requests_that_a_log_lost_still_count_in_the_whole() -> None:
    gathered = gathering()
    gathered.read(1, ROWS)
    gathered.read(1, result(good=[[925, 4]], requests=5))

    found = gathered.outcome("k6", 2, target="http://10.0.0.1", ended=False)

    assert (found.whole.sent, found.whole.failed) == (5, 1)
    assert found.whole.latency.count == 4
    assert any("3 of 5 requests are missing" in warning for warning in found.warnings)
    assert any("runner 2 of 2 told no result" in warning for warning in found.warnings)


def test_a_request_long_after_the_tests_end_is_left_out() -> None:
    gathered = gathering()
    gathered.read(1, ROWS)
    gathered.read(1, "slowcoach-rows 1795733000000 1bfgk0.0.255s")  # 22 hours later

    found = gathered.outcome("k6", 1, target="http://10.0.0.1", ended=False)

    assert (found.whole.sent, len(found.moments)) == (2, 2)
    assert any("could not be read" in warning for warning in found.warnings)


def test_requests_that_were_due_and_not_sent_count_as_dropped() -> None:
    gathered = Gathering(
        Schedule("Peak", "req/s", (Stage(0.0, 2.0, 5.0, 5.0, held=True),)), ("GET /",)
    )
    gathered.read(1, ROWS)
    gathered.read(1, result())

    found = gathered.outcome("k6", 1, target="http://10.0.0.1", ended=True)

    assert found.whole.dropped == 8
    assert not found.whole.latency.corrected
    assert found.steps[0].figures.dropped is None, "when they were due is not known"


@pytest.mark.parametrize(
    "line",
    [
        "x" * 100_000,
        "slowcoach-rows 1795733000000 " + "a.0.1," * 5000,
        "slowcoach-rows 1795733000000 zzzzzzzzzzz.0.1",
        "slowcoach-rows 1795733000000 a.0.1.9.9.9",
        "slowcoach-rows 1795733000000 a",
        "slowcoach-rows 1795733000000 a.0.1.7",
        "slowcoach-rows 1795733000000 a.0.1.e99999",
        "slowcoach-rows 1795733000000 a.0.zzzzzzzzzzzz",
        "slowcoach-result 7/3 {}",
        "slowcoach-result 1/1 {",
        "slowcoach-result 1/1 []",
        "slowcoach-result 1/1 {}",
        result(growth=1.02),
        result(good=[[99999, 1]]),
        result(good=[[1, -4]]),
        result(good=[[1.5, 1]]),
        result(good=[["a", 1]]),
        result(requests=1e400),
        result(min_ms=20.0),
        result(thresholds=[1]),
        result(endpoints=None),
    ],
)
def test_a_line_that_no_runner_writes_is_counted_and_left_out(line: str) -> None:
    log = RunnerLog()

    assert log.read(line) == []

    assert log.unreadable == 1
    assert log.result is None


def test_the_script_holds_a_users_texts_as_literals_only() -> None:
    url = "http://10.0.0.1:80/`${process.exit()}`</script>"
    order = order_for("http://10.0.0.1:80", Path())
    endpoint = Endpoint(url=url, body="\u2028'\"\\", headers={"X": "*/ alert(1)"})
    plan = order.plan.model_copy(update={"endpoints": (endpoint,)})

    script = runner_script(replace(order, plan=plan))

    assert "</script>" not in script
    assert '"body":"\\u2028' in script


def test_a_script_of_the_users_own_must_tell_histograms_and_is_kept_to_the_target(
    tmp_path: Path,
) -> None:
    own = tmp_path / "own.js"
    own.write_text("export default function () {}")
    order = replace(order_for("http://10.0.0.1:80", tmp_path), script=own)

    with pytest.raises(InputError, match="expected a script that tells histograms"):
        runner_files(order)
    own.write_text(runner_script(order))
    files = runner_files(order)

    assert set(files) == {"load-test.js", "own.js"}
    assert '"128.0.0.0/1"' in files["load-test.js"], "other addresses are blocked"
    if k6_program() is None:
        needs.missing("needs k6")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    inspect = [str(k6_program()), "inspect", str(tmp_path / "load-test.js")]
    options = json.loads(subprocess.run(inspect, check=True, capture_output=True).stdout)
    assert "slowcoach_39{bucket:bad39}" in options["thresholds"]
    assert "128.0.0.0/1" in options["blacklistIPs"]


# --- Locust's workers ----------------------------------------------------------------------------


# told by each worker itself, for the tests to compare with: every latency as it was
RAW = """
from locust import events as _events
_raw = open("raw.txt", "a", buffering=1)
@_events.request.add_listener
def _note(name, response_time, exception, **_):
    if name != "dropped":
        _raw.write(f"{response_time}\\n")
"""


@contextmanager
def workers(network: hosts.Network, command: list[str], folder: Path) -> Iterator[list[Path]]:
    """Start a worker on each host, each in a folder of its own."""
    started: list[subprocess.Popen[bytes]] = []
    folders = [folder / f"worker-{i}" for i in range(len(network.others))]
    try:
        for host, own in zip(network.others, folders, strict=True):
            own.mkdir()
            argv = [sys.executable, "-m", *command]
            with (own / "log.txt").open("wb") as log:
                started.append(
                    subprocess.Popen(host.command(*argv), cwd=own, stdout=log, stderr=log)
                )
        yield folders
        for process in started:
            process.wait(30)
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_workers_on_other_hosts_merge_to_the_percentiles_of_their_pooled_raw_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs.module("locust")
    said: list[str] = []

    def tell(progress: Progress) -> None:
        said.append(progress.message)

    of = on_locust_workers.remote_script
    monkeypatch.setattr(on_locust_workers, "remote_script", lambda s, o: of(s + RAW, o))
    folder = tmp_path / "master"
    folder.mkdir()
    with (
        hosts.network(2) as network,
        hosts.serving(network.server, 8080, [(network.others[1], 6.0)]) as url,
    ):
        monkeypatch.setenv(on_locust_workers.BIND, f"{network.here}:5571")
        order = order_for(url, folder, rate=80, seconds=4)
        job = Job(permissions=Permissions(hosts=frozenset({order.target.host})), on_progress=tell)
        command = on_locust_workers.place().command.split()
        with workers(network, command, tmp_path) as folders:
            outcome = engines()["locust_workers"].run(order, job, lambda _: None)
        raw = [float(line) for f in folders for line in (f / "raw.txt").read_text().split()]
        logs = [(f / "log.txt").read_text()[-400:] for f in folders]

    assert (
        command == f"locust -f - --worker --master-host {network.here} --master-port 5571".split()
    )
    assert any("on each: locust -f - --worker" in text for text in said)
    assert outcome.whole.latency.count == len(raw), (outcome.warnings, logs)
    for quantile in QUANTILES[:4]:
        true = np.quantile(raw, quantile, method="inverted_cdf")
        assert outcome.whole.latency.percentile(quantile) == pytest.approx(true, rel=0.0051)
    assert set(outcome.endpoints) == {"GET /items", "POST /broken"}
    assert set(outcome.whole.errors) <= {"status 503"}
    assert sum(moment.sent or 0 for moment in outcome.moments) == len(raw)


@pytest.mark.slow
def test_workers_that_do_not_come_are_awaited_for_a_while_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs.module("locust")
    monkeypatch.setattr(on_locust_workers, "wait_s", lambda: 1.0)
    monkeypatch.setenv(on_locust_workers.BIND, "127.0.0.1:5572")

    with pytest.raises(
        ToolFailedError, match=r"2 workers did not connect to 127\.0\.0\.1:5572"
    ) as e:
        engines()["locust_workers"].run(order_for("http://127.0.0.1:9", tmp_path), Job(), print)

    assert "locust -f - --worker --master-host 127.0.0.1 --master-port 5572" in e.value.hint
    assert on_locust_workers.BIND in e.value.hint


def test_a_cancelled_wait_for_workers_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs.module("locust")
    monkeypatch.setenv(on_locust_workers.BIND, "127.0.0.1:5573")
    job = Job()
    threading.Timer(0.5, job.cancellation.ask).start()

    with pytest.raises(CancelledError):
        engines()["locust_workers"].run(order_for("http://127.0.0.1:9", tmp_path), job, print)


def test_a_worker_that_fell_silent_is_said(tmp_path: Path) -> None:
    for number, seconds in ((1, 30), (2, 12)):
        lines = "".join(f'{{"at": {at}.5, "users": 1}}\n' for at in range(seconds))
        (tmp_path / f"seconds-worker{number}.ndjson").write_text(lines)

    said = fell_silent(sorted(tmp_path.glob("*.ndjson")))

    assert said == [
        "worker2 fell silent at second 12 of 30: what it sent after that is not counted"
    ]


@pytest.mark.parametrize("text", ["10.0.0.1:http", "10.0.0.1:0", "10.0.0.1:70000"])
def test_an_address_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(on_locust_workers.BIND, text)

    with pytest.raises(InputError, match="expected HOST:PORT"):
        on_locust_workers.place()


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"users": 1, "requests": [[1]]},
        {"users": 1, "requests": [[0, 0, "GET /", None, True, {"counts": [[-1, 1]]}]]},
        {"users": "x", "requests": [], "thrown": {}},
        {"users": 1, "requests": [], "thrown": ["a"]},
        {"users": 1, "requests": [], "thrown": {"a": None}},
    ],
)
def test_a_message_that_no_worker_sends_is_counted_and_left_out(
    told: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "began.json").write_text("1795733000.0")
    master = locust_remote.Master()
    message = type("Message", (), {"data": told, "node_id": "a"})

    master.hear(message)

    assert master.refused == 1, "or it was taken"
    assert not list(tmp_path.glob("seconds-*"))
