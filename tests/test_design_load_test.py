"""The tool `design_load_test`, and its scripts before the programs that run them."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.api.design_load_test import TOOL, LoadTestDesign
from slowcoach.core.errors import InputError
from slowcoach.core.job import Job
from slowcoach.load.design import Design, design
from slowcoach.load.goal import parse_goal
from slowcoach.load.plan import Endpoint, LoadPlan, PassCriteria, Scenario
from slowcoach.load.scripts import write_scripts
from slowcoach.load.validation import check_scripts, k6_program

DATA = Path(__file__).parent / "data" / "load"
URL = "http://127.0.0.1:8000/search?q=shoe"
HOSTILE = "http://127.0.0.1:8000/a?b='\"`${x}\\\n*/</script>\u2028é😀#"


def call(job: Job | None = None, **arguments: Any) -> LoadTestDesign:
    result = TOOL.call(TOOL.validate(arguments), job or Job())
    assert isinstance(result, LoadTestDesign)
    return result


def k6() -> str:
    program = k6_program()
    return program or needs.program("k6")


def test_it_answers_with_plan_scripts_and_checks() -> None:
    job = Job()
    result = call(job, url=URL, goal="500 rps, p95 < 300 ms")
    assert [scenario.name for scenario in result.plan.scenarios] == [
        "Baseline",
        "Peak",
        "Stress",
        "Soak",
    ]
    assert result.plan.target == URL
    files = {"load-test-plan.yaml", "load-test.js", "locustfile.py", "testrun.yaml"}
    assert "load-test.js" in result.scripts
    assert set(result.files) == set(job.artefacts) == files
    assert [check.validator for check in result.checks] == [
        "plan",
        "k6 inspect",
        "python",
        "locust --list",
        "k6-operator schema",
    ]
    assert all(check.ok is not False for check in result.checks)
    assert "500 req/s" in result.summary
    assert result.total_s == 330 + 660 + 1250 + 7200
    assert len(result.model_dump_json()) < 6000
    again = LoadTestDesign.model_validate(result.model_dump(mode="json"))
    assert again.model_dump_json() == result.model_dump_json()
    assert all(table.rows for table in result.tables())


def test_the_other_engine_and_both_are_shown_when_asked() -> None:
    assert "locustfile.py" in call(url=URL, goal="20 users", engine="locust").scripts
    assert len(call(url=URL, goal="20 users", engine="both").scripts) == 3


def test_an_access_log_sizes_the_test_when_the_goal_does_not() -> None:
    log = str(DATA / "access_log" / "gunicorn.log")
    result = call(url="http://127.0.0.1:8000", access_log=log)
    # one of its 43 requests is for a static file
    assert result.plan.pass_criteria.throughput_rps == pytest.approx(42 / 60, rel=0.01)
    assert [endpoint.weight for endpoint in result.plan.endpoints] == [30, 10]
    assert any("99.9 % minute" in text for text in result.assumed)


def test_what_was_not_understood_is_said() -> None:
    result = call(url=URL, goal="20 rps by 2027")
    assert "not understood in the goal: 2027" in result.warnings


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "what to load"),
        ({"url": "ftp://127.0.0.1/"}, "expected http"),
        ({"url": "http://me:secret@127.0.0.1/"}, "password"),
        ({"url": URL, "goal": "as fast as possible"}, "no figure"),
        ({"url": URL, "scenarios": ["marathon"]}, "marathon"),
        ({"url": URL, "engine": "ab"}, "engine"),
        ({"openapi": "/nowhere.json"}, "nowhere"),
        ({"har": "a", "openapi": "b"}, "one source"),
        ({"url": URL, "speed": 3}, "no argument"),
    ],
)
def test_bad_input_is_explained(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        call(**arguments)
    assert caught.value.hint
    assert "secret" not in str(caught.value)


def scripts_of(goal: str, url: str = URL, **changes: Any) -> dict[str, str]:
    made = design(parse_goal(goal), ["Baseline", "Peak", "Stress", "Soak", "Smoke", "Breakpoint"])
    plan = LoadPlan(
        test_name=url,
        target=url,
        date="2026-11-26",
        scenarios=made.scenarios,
        pass_criteria=made.criteria,
        **changes,
    )
    return write_scripts(plan, made)


@pytest.mark.parametrize(
    ("goal", "url"),
    [("500 rps, p50 < 50 ms, p99 < 1 s", URL), ("200 users", HOSTILE), ("0.7 rps", HOSTILE)],
)
def test_every_script_passes_its_own_loader(goal: str, url: str) -> None:
    k6()
    needs.module("locust")
    mix = (Endpoint(url=url, weight=3), Endpoint(method="HEAD", url=HOSTILE, weight=1))
    for check in check_scripts(scripts_of(goal, url, endpoints=mix)):
        assert check.ok, check


def test_k6_reads_rates_users_and_thresholds_as_the_plan_means_them(tmp_path: Path) -> None:
    file = tmp_path / "load-test.js"
    file.write_text(scripts_of("500 rps, p95 < 300 ms")["load-test.js"])
    inspected = json.loads(
        subprocess.run([k6(), "inspect", file], capture_output=True, check=True).stdout
    )
    peak = inspected["scenarios"]["peak"]
    assert peak["executor"] == "ramping-arrival-rate"
    assert peak["preAllocatedVUs"] == 500 * 5 + 1  # Little's law with the 5 s timeout
    assert [stage["target"] for stage in peak["stages"]] == [500, 500]
    stress = [stage["target"] for stage in inspected["scenarios"]["stress"]["stages"]]
    assert stress == [rate for step in range(1, 11) for rate in (250 * step, 250 * step)]
    thresholds = inspected["thresholds"]
    assert thresholds["http_req_duration{scenario:peak}"] == ["p(95)<300"]
    assert thresholds["http_req_failed{scenario:peak}"] == ["rate<=0.001"]
    assert thresholds["http_reqs{scenario:peak}"] == ["count>=285000"]
    assert not [name for name in thresholds if "stress" in name]
    assert thresholds["http_req_failed{scenario:breakpoint}"][0]["abortOnFail"] is True


def test_a_broken_script_fails_its_check() -> None:
    k6()
    needs.module("locust")
    scripts = scripts_of("5 rps")
    broken = {
        "load-test-plan.yaml": "test_name: [",
        "load-test.js": scripts["load-test.js"].replace("export const", "export cnst"),
        "locustfile.py": scripts["locustfile.py"] + "\nraise RuntimeError('broken')\n",
    }
    checks = {check.validator: check for check in check_scripts(broken)}
    assert {name: check.ok for name, check in checks.items()} == {
        "plan": False,
        "k6 inspect": False,
        "python": True,
        "locust --list": False,
    }
    assert all(check.detail for name, check in checks.items() if name != "python")


@contextmanager
def shop() -> Iterator[tuple[str, list[str]]]:
    """Serve anything with 200 in a thread; yield its address and the paths asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/shelf?a=1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(20)


def small(url: str, p95_ms: float, *, is_open: bool) -> tuple[LoadPlan, Design]:
    """Return a plan of a few seconds."""
    load: dict[str, Any] = {"rate": 20.0, "vus": 2} if is_open else {"vus": 2, "think_time": "0.1s"}
    baseline = Scenario(name="Baseline", duration="2s", ramp_up="1s", **load)
    criteria = PassCriteria(p95_response_ms=p95_ms, error_rate_pct=0.1, throughput_rps=1)
    plan = LoadPlan(
        test_name="t", target=url, date="", scenarios=(baseline,), pass_criteria=criteria
    )
    made = design(parse_goal("20 rps" if is_open else "2 users"), ["Baseline"])
    return plan, replace(made, scenarios=plan.scenarios, criteria=criteria)


# a criterion that holds with users, and one that cannot with arrivals
CASES = [(False, 20_000.0, 0), (True, 0.001, 99)]


@pytest.mark.slow
@pytest.mark.parametrize(("is_open", "p95_ms", "code"), CASES)
def test_k6_runs_the_script_and_judges_it(
    tmp_path: Path, is_open: bool, p95_ms: float, code: int
) -> None:
    program = k6()
    with shop() as (url, asked):
        script = write_scripts(*small(url, p95_ms, is_open=is_open))["load-test.js"]
        (tmp_path / "load-test.js").write_text(script)
        argv = [program, "run", "-q", "-e", "SCENARIO=baseline", "load-test.js"]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False, timeout=90)
    assert done.returncode == code, done.stderr
    assert b"http_req_duration{scenario:baseline}" in done.stdout
    assert set(asked) == {"/shelf?a=1"}
    assert json.loads((tmp_path / "load-results.json").read_text())["metrics"]


@pytest.mark.slow
@pytest.mark.parametrize(("is_open", "p95_ms", "code"), CASES)
def test_locust_runs_the_file_and_judges_it(
    tmp_path: Path, is_open: bool, p95_ms: float, code: int
) -> None:
    needs.module("locust")
    with shop() as (url, asked):
        script = write_scripts(*small(url, p95_ms and p95_ms - 0.001, is_open=is_open))
        (tmp_path / "locustfile.py").write_text(script["locustfile.py"])
        argv = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--headless"]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False, timeout=90)
    assert done.returncode == min(code, 1), done.stderr
    assert set(asked) == {"/shelf?a=1"}
