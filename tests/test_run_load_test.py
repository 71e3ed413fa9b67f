"""The tool `run_load_test`: what it asks for, runs, keeps, goes on with, stops and refuses."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from load_server import Server
from slowcoach.api.run_load_test import TOOL
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    NotPermittedError,
    SlowcoachError,
    UnreadableError,
)
from slowcoach.core.job import Job, Progress
from slowcoach.core.permission import Permissions
from slowcoach.core.runs import Runs
from slowcoach.load import asked, outcome_file, sizes
from slowcoach.load.answer import LoadAnswer
from slowcoach.load.asked import Asked
from slowcoach.load.engine_kind import StopTestError
from slowcoach.load.guard import BUDGET
from slowcoach.load.histogram import Histogram
from slowcoach.load.outcome import Moment
from slowcoach.load.plan import LoadPlan, PassCriteria, Scenario
from slowcoach.load.schedule import schedule_of
from slowcoach.load.stopping import Watcher

_CONNECTS: list[tuple[Any, ...]] = []
_watching = False


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event in {"socket.connect", "socket.sendto", "subprocess.Popen"}:
        _CONNECTS.append(arguments)


sys.addaudithook(_look)


@contextmanager
def nothing_sent() -> Iterator[None]:
    """Fail when anything is sent, or any program started, within the block."""
    global _watching
    _CONNECTS.clear()
    _watching = True
    try:
        yield
    finally:
        _watching = False
    assert _CONNECTS == []


def call(runs: Runs, **arguments: Any) -> LoadAnswer:
    result = runs.call(TOOL, arguments)
    assert isinstance(result, LoadAnswer)
    return result


def plan(url: str, **more: Any) -> dict[str, Any]:
    """Return a plan of two scenarios of a second, and a soak of two hours."""
    return {
        "test_name": "shop",
        "target": url,
        "date": "2026-11-26",
        "scenarios": [
            {"name": "Baseline", "rate": 40, "duration": "1s"},
            {"name": "Peak", "rate": 80, "duration": "1s"},
            {"name": "Soak", "rate": 40, "duration": "2h"},
        ],
        "pass_criteria": {"p50_response_ms": 5000, "error_rate_pct": 1, "throughput_rps": 80},
        **more,
    }


# -- what is run ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_one_url_at_a_rate_is_measured_and_kept(runs: Runs) -> None:
    told: list[Progress] = []
    with Server() as server:
        given = {"url": server.url("/ok"), "rate": 50, "duration_s": 2}
        result = runs.call(TOOL, given, told.append)
        assert isinstance(result, LoadAnswer)
        assert len(server.requests) == 100
    assert result.model == "open"
    assert result.latency.from_due
    assert result.error_rate == 0
    assert result.dropped == 0
    assert [(s.load, s.unit) for s in result.steps] == [(50, "req/s")]
    assert result.passed is None  # nothing was asked to hold
    assert {p.total for p in told if p.total} == {2.0}
    assert "req/s, p95" in told[-1].message
    assert "errors 0 %" in told[-1].message
    assert set(result.files) == {"load-test-plan.yaml", "outcome-steady.json"}
    assert result.run_id is not None
    data, _ = runs.store.artefact(result.run_id, "outcome-steady.json")
    outcome = outcome_file.decoded(data)
    assert outcome_file.encoded(outcome) == data
    assert outcome.whole.sent == 100


@pytest.mark.slow
def test_users_of_one_url_make_a_closed_test(runs: Runs) -> None:
    with Server() as server:
        result = call(runs, url=server.url("/wait"), vus=3, duration_s=1)
    assert result.model == "closed"
    assert result.throughput_rps is not None
    assert result.throughput_rps < 60  # three users, 50 ms each


@pytest.mark.slow
def test_of_a_plan_the_first_scenario_is_run_and_the_others_named(runs: Runs) -> None:
    with Server() as server:
        result = call(runs, plan=plan(server.url("/ok")))
        assert len(server.requests) == 40
    assert result.passed is True
    assert {c.metric: c.ok for c in result.criteria}["throughput_rps"]
    assert any("Peak (1 s), Soak (120 min)" in text for text in result.next)


@pytest.mark.slow
def test_scenarios_asked_for_are_run_in_turn_and_told_together(runs: Runs) -> None:
    with Server() as server:
        text = LoadPlan.model_validate(plan(server.url("/ok"))).yaml()
        result = call(runs, plan=text, scenario=["peak", "BASELINE"])
        assert len(server.requests) == 120
    assert [s.name for s in result.steps] == ["Baseline 40 req/s", "Peak 80 req/s"]
    assert result.latency.n == 120
    assert result.passed is True
    assert {c.metric for c in result.criteria} >= {
        "Peak: throughput_rps",
        "Baseline: error_rate_pct",
    }
    assert result.summary.startswith("Baseline, Peak together. ")


@pytest.mark.slow
def test_a_plan_is_taken_by_its_path_and_by_the_address_of_a_run(
    runs: Runs, tmp_path: Path
) -> None:
    with Server() as server:
        path = tmp_path / "plan.yaml"
        made = LoadPlan.model_validate(plan(server.url("/ok")))
        path.write_text(made.yaml(), encoding="utf-8")
        first = call(runs, plan=str(path))
        again = call(runs, plan=first.files["load-test-plan.yaml"])
        by_id = call(runs, plan=first.run_id, duration_s=2)
        assert len(server.requests) == 40 + 40 + 80
    assert first.steps[0].load == again.steps[0].load == by_id.steps[0].load


@pytest.mark.slow
def test_an_interrupted_plan_goes_on_with_what_is_left(runs: Runs) -> None:
    with Server() as server:
        given = {"plan": plan(server.url("/ok")), "scenario": ["Baseline", "Peak"]}
        handle = runs.start(TOOL, given, lambda p: handle.cancel() if p.done > 1 else None)
        assert handle.wait(60)
        with pytest.raises(CancelledError):
            handle.outcome()
        assert handle.run_id is not None
        kept = {a.name for a in runs.store.artefacts(handle.run_id)}
        assert kept == {"load-test-plan.yaml", "outcome-baseline.json", "partial-peak.json"}
        sent = len(server.requests)
        result = call(runs, resume=handle.run_id)
        assert len(server.requests) == sent + 80
    assert [s.load for s in result.steps] == [40, 80]
    assert result.latency.n == 120


def test_a_run_that_cannot_be_gone_on_with_is_refused(runs: Runs) -> None:
    with Server() as server:
        first = call(runs, url=server.url("/ok"), rate=20, duration_s=1)
        assert first.run_id is not None
        with pytest.raises(InputError, match="`resume` has them"):
            call(runs, resume=first.run_id, rate=5)
        with pytest.raises(InputError, match="no run"):
            call(runs, resume="run-load-test-none")
        again = call(runs, resume=first.run_id)  # finished: told again, nothing is sent
        assert len(server.requests) == 20
    assert again.latency.n == 20


@pytest.mark.slow
def test_what_the_process_under_load_did_is_watched(runs: Runs) -> None:
    with Server() as server:
        given = {"url": server.url("/ok"), "rate": 50, "duration_s": 3, "pid": os.getpid()}
        result = runs.call(TOOL, given)
    assert isinstance(result, LoadAnswer)
    assert not any("pid" in each.why for each in result.not_checked)


# -- when it stops by itself ---------------------------------------------------------------------


def second(at: int, sent: int, failed: int, latency_ms: float = 5.0) -> Moment:
    return Moment(
        start_s=float(at),
        length_s=1.0,
        sent=sent,
        completed=sent,
        failed=failed,
        histogram=Histogram.of([latency_ms] * sent),
    )


def watcher(key: str = "baseline", job: Job | None = None, **criteria: float) -> Watcher:
    scenario = Scenario(name=key.title(), rate=100, duration="10m")
    made = PassCriteria.model_validate(criteria)
    return Watcher(job or Job(), schedule_of(scenario), made, key=key)


def seconds_until_stop(watch: Watcher, moments: Iterator[Moment]) -> float | None:
    for moment in moments:
        try:
            watch(moment)
        except StopTestError:
            return moment.start_s + 1
    return None


@pytest.mark.parametrize(
    ("key", "share", "stops"),
    [
        ("baseline", 0.09, None),
        ("baseline", 0.11, 10.0),
        ("baseline", 1.0, 10.0),
        ("breakpoint", 0.06, 10.0),
        ("stress", 0.06, None),
    ],
)
def test_rising_errors_end_a_test(key: str, share: float, stops: float | None) -> None:
    watch = watcher(key)
    moments = (second(at, 100, round(100 * share)) for at in range(60))
    assert seconds_until_stop(watch, moments) == stops
    if stops:
        assert watch.finding is not None
        assert watch.finding.severity == ("info" if key == "breakpoint" else "warning")


def test_one_bad_second_or_a_handful_of_requests_ends_nothing() -> None:
    outage = (second(at, 100, 100 if at == 20 else 0) for at in range(60))
    assert seconds_until_stop(watcher(), outage) is None
    longer = (second(at, 100, 100 if at in {20, 21} else 0) for at in range(60))
    assert seconds_until_stop(watcher(), longer) == 22
    few = (second(at, 1, 1) for at in range(60))
    assert seconds_until_stop(watcher(), few) is None


@pytest.mark.parametrize(
    ("key", "latency_ms", "stops"),
    [("baseline", 290.0, None), ("baseline", 310.0, 30.0), ("stress", 310.0, None)],
)
def test_a_limit_broken_for_long_ends_a_test(
    key: str, latency_ms: float, stops: float | None
) -> None:
    watch = watcher(key, p95_response_ms=100.0)
    moments = (second(at, 50, 0, latency_ms) for at in range(90))
    assert seconds_until_stop(watch, moments) == stops


def test_the_switch_for_all_tests_ends_one_and_a_call_off_too() -> None:
    from slowcoach.load.guard import allow_load_again, stop_all_load

    stop_all_load()
    try:
        with pytest.raises(StopTestError, match="switched off"):
            watcher()(second(0, 1, 0))
    finally:
        allow_load_again()
    job = Job()
    job.cancellation.ask()
    with pytest.raises(CancelledError):
        watcher(job=job)(second(0, 1, 0))


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        ({}, InputError, "needs to know what to load"),
        ({"url": "http://127.0.0.1:1/"}, InputError, "either `rate` or `vus`"),
        ({"url": "http://127.0.0.1:1/", "rate": 1, "vus": 1}, InputError, "either"),
        ({"url": "file:///etc/passwd", "rate": 1}, InputError, "http"),
        ({"url": "http://192.0.2.1/", "rate": 1}, NotPermittedError, "not this machine"),
        ({"url": "http://127.0.0.1.nip.io/", "rate": 1}, NotPermittedError, "not this machine"),
        ({"url": "http://0.0.0.0:1/", "rate": 1}, NotPermittedError, "0.0.0.0"),
        ({"url": "http://127.0.0.1:1/", "rate": 10**6}, NotPermittedError, "rate: at most"),
        ({"url": "http://127.0.0.1:1/", "rate": 1, "scenario": ["A"]}, InputError, "scenario"),
        ({"plan": plan("http://127.0.0.1:1/"), "rate": 3}, InputError, "rate: the plan has"),
        ({"plan": plan("http://127.0.0.1:1/"), "scenario": ["Rush"]}, InputError, "rush"),
        ({"plan": plan("http://192.0.2.1/")}, NotPermittedError, "not this machine"),
        (
            {"plan": plan("http://127.0.0.1:1/", endpoints=[{"url": "http://192.0.2.1/x"}])},
            NotPermittedError,
            "does not go to",
        ),
        (
            {"plan": plan("http://127.0.0.1:1/", endpoints=[{"url": "http://127.0.0.1:2/x"}])},
            NotPermittedError,
            "does not go to",
        ),
        (
            {
                "plan": plan(
                    "http://127.0.0.1:1/",
                    endpoints=[{"url": "http://127.0.0.1:1/${env:NO_SUCH_SECRET}"}],
                )
            },
            InputError,
            "NO_SUCH_SECRET",
        ),
        ({"plan": "a: &x [1]\nb: *x\n"}, UnreadableError, "references"),
        ({"plan": "test_name: x\nscenarios: []\n"}, UnreadableError, "plan"),
        ({"plan": "{not: [yaml"}, UnreadableError, "YAML"),
        ({"plan": "{" + "a: {" * 100_000}, UnreadableError, "deep|depth"),
        ({"plan": "a: " + "[" * 100_000 + "\n"}, UnreadableError, "deep|depth"),
        ({"plan": "- 1\n" * 30_000}, UnreadableError, "plan"),
        ({"plan": "a: 1\n" + "x" * 5_000_000}, UnreadableError, "larger"),
        ({"plan": "a: \x00\n"}, UnreadableError, "YAML"),
        ({"plan": "/no/such/plan.yaml"}, UnreadableError, "No such file"),
        ({"plan": "/"}, UnreadableError, "a folder"),
        ({"plan": "/dev/zero"}, UnreadableError, "no regular file"),
        (
            {"plan": plan("http://127.0.0.1:1/", journeys=[{"name": "a", "steps": []}])},
            InputError,
            "steps",
        ),
    ],
)
def test_what_must_not_be_sent_is_refused_before_anything_is(
    runs: Runs, given: dict[str, Any], kind: type[SlowcoachError], says: str
) -> None:
    spent = BUDGET.spent
    for engine in ("builtin", "k6", "locust") if kind is NotPermittedError else ("builtin",):
        with nothing_sent(), pytest.raises(kind, match=says):
            call(runs, engine=engine, **given)
    assert spent == BUDGET.spent


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("s.js", {}, "a script needs `url`"),
        ("s.js", {"url": "http://192.0.2.1/"}, "not this machine"),
        ("s.js", {"url": "http://127.0.0.1:1/", "vus": 5}, "has its own load"),
        ("s.js", {"url": "http://127.0.0.1:1/", "engine": "locust"}, "this script is k6's"),
        ("s.py", {"url": "http://127.0.0.1:1/"}, "needs `vus` and `duration_s`"),
        ("s.py", {"url": "http://127.0.0.1:1/", "rate": 5.0}, "a Locust script has users"),
    ],
)
def test_a_users_own_script_is_bound_to_a_host_and_its_own_load(
    runs: Runs, tmp_path: Path, name: str, given: dict[str, Any], says: str
) -> None:
    script = tmp_path / name
    script.write_text("export const options = { vus: 1, iterations: 1 };\nexport default () => 1;")
    with pytest.raises(InputError, match=says):
        call(runs, plan=str(script), **given)


def test_a_script_needs_the_permission_to_run_code(tmp_path: Path) -> None:
    script = tmp_path / "s.py"
    script.write_text("raise SystemExit")
    runs = Runs(f"sqlite:///{tmp_path / 'r.db'}", Permissions(execute=False))
    with nothing_sent(), pytest.raises(NotPermittedError, match=r"script s\.py"):
        call(runs, plan=str(script), url="http://127.0.0.1:1/", vus=1, duration_s=1)
    with nothing_sent(), pytest.raises(NotPermittedError, match="pid"):
        call(runs, url="http://127.0.0.1:1/", rate=1, duration_s=1, pid=os.getpid())
    runs.close()


def test_a_server_that_may_not_load_sends_nothing(tmp_path: Path) -> None:
    runs = Runs(f"sqlite:///{tmp_path / 'r.db'}", Permissions(load=False))
    with nothing_sent(), pytest.raises(NotPermittedError, match="may not send"):
        call(runs, url="http://127.0.0.1:1/", rate=1)
    runs.close()


# -- sizes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scenario",
    [
        {"name": "Peak", "rate": 10, "duration": "10m"},
        {"name": "Peak", "rate": 10, "duration": "10m", "ramp_up": "2m"},
        {"name": "Breakpoint", "rate": 100, "duration": "20m"},
        {
            "name": "Stress",
            "rate_start": 10,
            "rate_end": 40,
            "rate_step": 10,
            "step_duration": "5m",
        },
        {"name": "Stress", "vus_start": 1, "vus_end": 9, "step_size": 4, "step_duration": "1m"},
    ],
)
def test_a_shorter_scenario_has_the_same_loads(scenario: dict[str, Any]) -> None:
    whole = Scenario.model_validate(scenario)
    short = schedule_of(asked.shortened(whole, 60.0))
    long = schedule_of(whole)
    assert short.length_s == pytest.approx(60, rel=0.1)
    assert [(s.first, s.last, s.held) for s in short.stages] == [
        (s.first, s.last, s.held) for s in long.stages
    ]


def test_the_budget_is_given_back_what_was_not_sent(runs: Runs) -> None:
    spent = BUDGET.spent
    with Server() as server:
        call(runs, url=server.url("/wait"), vus=2, duration_s=1)
        sent = len(server.requests)
    assert BUDGET.spent - spent == pytest.approx(sent, abs=4)


def test_folders_of_killed_tests_go_with_the_next(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone, alive = (
        tmp_path / "slowcoach-load-4194305-x",
        tmp_path / f"slowcoach-load-{os.getpid()}-x",
    )
    for folder in (gone, alive):
        folder.mkdir()
        (folder / "rows").touch()
    with Server() as server:
        call(runs, url=server.url("/ok"), rate=5, duration_s=1)
    assert [path.name for path in tmp_path.glob("slowcoach-load-*")] == [alive.name]


def test_a_scenario_is_asked_for_its_own_throughput() -> None:
    made = LoadPlan.model_validate(plan("http://127.0.0.1:1/"))
    test = Asked(made, made.scenarios)
    limits = []
    for scenario in made.scenarios:
        found = sizes.criteria(test, scenario, schedule_of(scenario))
        assert found is not None
        limits.append(found.throughput_rps)
    assert limits == [38.0, 76.0, 38.0]
    stress = Scenario(name="Stress", rate=500, duration="1m")
    assert sizes.criteria(test, stress, schedule_of(stress)) == PassCriteria()


def test_answers_round_trip_and_stay_short(runs: Runs) -> None:
    with Server() as server:
        result = call(runs, url=server.url("/fails"), rate=50, duration_s=1)
    assert result.error_rate == 1.0
    dumped = result.model_dump(mode="json")
    assert LoadAnswer.model_validate(dumped).model_dump(mode="json") == dumped
    assert len(json.dumps(dumped)) < 6_000
