"""k6 as a load engine: the real k6 before a real server on loopback."""

import subprocess
from pathlib import Path

import pytest

import needs
from engine_orders import (
    dies_with_its_parent,
    nothing_is_left,
    order,
    script_order,
    unheard,
    until,
)
from load_server import Server
from slowcoach.core.errors import CancelledError, InputError, ToolFailedError
from slowcoach.core.job import Job
from slowcoach.load import k6_script, pinning
from slowcoach.load.engine_kind import Order, StopTestError, engine_named
from slowcoach.load.k6_stream import Rows
from slowcoach.load.outcome import Moment, Outcome
from slowcoach.load.plan import Endpoint
from slowcoach.load.schedule import Schedule, Stage
from slowcoach.load.tally import Tally
from slowcoach.load.targets import Target
from slowcoach.load.validation import k6_program

ROWS = Path(__file__).parent / "data" / "load" / "k6"


def run(order: Order, job: Job | None = None) -> Outcome:
    """Run an order with k6; skipped without it."""
    if k6_program() is None:
        needs.missing("needs k6 on the PATH")
    outcome = engine_named("k6").run(order, job or Job(), unheard)
    assert nothing_is_left()
    return outcome


# -- k6's rows -----------------------------------------------------------------------------------


def tallied(name: str, size: int) -> tuple[Tally, Rows]:
    tally = Tally(Schedule("s", "req/s", (Stage(0.0, 2.0, 10.0, 10.0, held=True),)))
    rows = Rows(tally, {'GET /ok, "quoted"': "fine"}, None)
    data = (ROWS / name).read_bytes()
    for at in range(0, len(data), size):
        rows.feed(data[at : at + size])
    rows.feed(b"", end=True)
    return tally, rows


@pytest.mark.parametrize("name", ["rows-1.1.0.csv", "rows-2.2.0.csv"])
@pytest.mark.parametrize("size", [1, 77, 1000, 1 << 20])
def test_rows_are_counted_alike_in_pieces_of_any_size(name: str, size: int) -> None:
    tally, rows = tallied(name, size)
    whole = tally.whole(corrected=False)
    # 17 requests, of which those of setup and teardown are not the test's
    assert (whole.sent, whole.failed, whole.dropped) == (15, 5, 5)
    assert whole.errors == {"status 503": 5}
    assert rows.iterations == 15
    assert rows.unread == 0
    names = {name: f.sent for name, f in tally.endpoints(2.0, corrected=False).items()}
    assert names == {"fine": 10, "GET /err": 5}


def test_iterations_of_a_script_are_told_as_the_requests_they_made() -> None:
    tally, _ = tallied("rows-1.1.0.csv", 1000)
    tally.count_requests(3.0)
    assert [step.load for step in tally.steps(corrected=False)] == [30.0]
    assert tally.dropped == 15


def test_latency_counts_the_wait_for_a_connection_too() -> None:
    text = (ROWS / "rows-1.1.0.csv").read_text(encoding="utf-8").splitlines()
    duration, blocked = (
        sum(
            float(line.split(",")[2])
            for line in text
            if line.startswith(metric) and ",steady," in line
        )
        for metric in ("http_req_duration", "http_req_blocked")
    )
    histogram = tallied("rows-1.1.0.csv", 1000)[0].whole(corrected=False).latency.histogram
    assert histogram is not None
    assert histogram.total == pytest.approx(duration + blocked)


# -- what k6 may reach ---------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "fd00::2"])
def test_every_other_address_is_blocked(address: str) -> None:
    import ipaddress

    networks = [ipaddress.ip_network(text) for text in pinning.all_but(address)]
    inside = ipaddress.ip_address(address)
    near = [inside + 1, inside - 1, ipaddress.ip_address("8.8.8.8"), ipaddress.ip_address("2::1")]
    assert not any(inside in network for network in networks if network.version == inside.version)
    for other in near:
        assert any(other in network for network in networks if network.version == other.version)


def test_the_environment_leads_no_request_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("K6_OUT", "LOCUST_HOST", "https_proxy", "HTTP_PROXY", "NO_PROXY", "SOME_KEY"):
        monkeypatch.setenv(name, "http://192.0.2.1:8080")
    target = Target("shop.test", 80, tls=False, addresses=("10.0.0.1",))
    made = pinning.environment(target, {"A": "1"}, home="/nowhere", whole=True)
    assert made["SOME_KEY"] == "http://192.0.2.1:8080"
    assert not {"K6_OUT", "LOCUST_HOST"} & set(made)
    assert "192.0.2.1" not in made["https_proxy"] + made["HTTP_PROXY"] + made["NO_PROXY"]
    assert "shop.test" in made["no_proxy"]
    assert "SOME_KEY" not in pinning.environment(target, {}, home="/nowhere", whole=False)


def test_what_a_script_asks_for_is_read_by_k6_itself(tmp_path: Path) -> None:
    program = k6_program() or needs.program("k6")
    script = tmp_path / "stairs.js"
    script.write_text(
        "export const options = { scenarios: { a: { executor: 'ramping-arrival-rate', startRate:"
        " 60, timeUnit: '1m', preAllocatedVUs: 7, stages: [{ target: 120, duration: '10s' },"
        " { target: 120, duration: '20s' }] } } };\nexport default function () {}\n",
        encoding="utf-8",
    )
    found = k6_script.requirements(program, script, {})
    assert found.schedule.unit == "req/s"
    assert found.schedule.stages == (
        Stage(0.0, 10.0, 1.0, 2.0, held=False),
        Stage(10.0, 20.0, 2.0, 2.0, held=True),
    )
    assert found.most_users == 7
    assert found.longest_s >= 30
    script.write_text("export default function (", encoding="utf-8")
    with pytest.raises(InputError, match="k6 refuses it"):
        k6_script.requirements(program, script, {})


# -- the real thing ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_plan_is_sent_as_it_says_and_told_by_endpoint_and_second(tmp_path: Path) -> None:
    with Server() as server:
        endpoints = (
            Endpoint(url=server.url("/wait"), name="GET /wait/{id}", weight=1),
            Endpoint(url=server.url("/fails"), weight=1),
        )
        moments: list[Moment] = []
        made = order(server.url("/ok"), tmp_path, rate=30, duration="3s", endpoints=endpoints)
        if k6_program() is None:
            needs.missing("needs k6 on the PATH")
        outcome = engine_named("k6").run(made, Job(), moments.append)
        whole = outcome.whole
        assert whole.sent == len(server.requests)
        assert whole.sent is not None
        assert whole.dropped is not None
        assert whole.sent + whole.dropped == pytest.approx(90, abs=3)
        assert outcome.tool.startswith("k6 ")
        assert outcome.model == "open"
        assert set(outcome.endpoints) == {"GET /wait/{id}", "GET /fails"}
        assert whole.errors == {"status 500": outcome.endpoints["GET /fails"].sent}
        slow = outcome.endpoints["GET /wait/{id}"].latency.histogram
        assert slow is not None
        assert slow.least >= 50
        assert sum(m.sent or 0 for m in outcome.moments) == whole.sent
        assert sum(m.sent or 0 for m in moments) == whole.sent
        assert [m.start_s for m in moments][:3] == [0, 1, 2]
        assert [(s.load, s.unit) for s in outcome.steps] == [(30, "req/s")]
        assert outcome.generator is not None
        assert outcome.generator.cpu_share is not None


FEW_USERS = """
import http from 'k6/http';
export const options = { scenarios: { a: { executor: 'constant-arrival-rate', rate: 40,
  timeUnit: '1s', duration: '1s', preAllocatedVUs: 1, maxVUs: 1 } },
  thresholds: { http_req_duration: ['p(95)<1'], http_req_failed: ['rate<0.5'] } };
export default function () {
  http.get(`${__ENV.BASE_URL}/wait`);
}
"""


@pytest.mark.slow
def test_dropped_iterations_make_latency_doubtful_and_thresholds_are_results(
    tmp_path: Path,
) -> None:
    with Server() as server:
        made = script_order(server.url("/"), tmp_path, FEW_USERS, "few.js")
        stage = Stage(0.0, 1.0, 40.0, 40.0, held=True)
        object.__setattr__(made, "schedule", Schedule("few", "req/s", (stage,)))
        outcome = run(made)
    assert outcome.whole.dropped is not None
    assert outcome.whole.dropped > 10
    assert not outcome.whole.latency.corrected
    assert any("dropped" in text for text in outcome.warnings)
    assert {t.expression: t.ok for t in outcome.thresholds} == {
        "http_req_duration: p(95)<1": False,
        "http_req_failed: rate<0.5": True,
    }


ELSEWHERE = """
import http from 'k6/http';
export const options = { vus: 1, iterations: 1, hosts: { 'other.test': '127.0.0.1' } };
export default function () {
  http.get('http://127.0.0.2:PORT/ok', { timeout: '2s' });
  http.get('http://localhost:PORT/moved');
  http.get('http://nowhere.invalid/ok', { timeout: '2s' });
}
"""


@pytest.mark.slow
def test_a_script_reaches_nothing_but_its_target(tmp_path: Path) -> None:
    with Server() as server:
        text = ELSEWHERE.replace("PORT", str(server.port))
        outcome = run(script_order(server.url("/"), tmp_path, text, "elsewhere.js"))
    assert outcome.whole.errors["not the target"] == 1
    assert outcome.whole.failed == 2
    assert all(b"127.0.0.2" not in head for head in server.requests)


THROWS = """
import http from 'k6/http';
export const options = { vus: 1, iterations: 3 };
export default function () {
  EARLY http.get(`${__ENV.BASE_URL}/ok`); LATE
}
"""


@pytest.mark.slow
def test_a_script_that_always_throws_has_not_succeeded(tmp_path: Path) -> None:
    with Server() as server:
        text = THROWS.replace("EARLY", "throw new Error('boom');").replace("LATE", "")
        with pytest.raises(ToolFailedError, match=r"each of its 3 iterations: Error: boom"):
            run(script_order(server.url("/"), tmp_path, text, "throws.js"))
    assert server.requests == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("export default function (", "exception"),
        (
            "export const options = { scenarios: { a: { executor: 'none' } } };",
            "unknown executor",
        ),
        ("import 'https://192.0.2.1/x.js'; export default function () {}", "127.0.0.1:1"),
    ],
)
def test_a_script_that_k6_cannot_run_is_the_callers_to_mend(
    tmp_path: Path, text: str, says: str
) -> None:
    made = script_order("http://127.0.0.1:1/", tmp_path, text, "broken.js")
    with pytest.raises(InputError, match=says):
        run(made)


@pytest.mark.slow
def test_a_test_that_is_stopped_tells_what_it_saw(tmp_path: Path) -> None:
    def enough(_moment: Moment) -> None:
        raise StopTestError("errors rise")

    with Server() as server:
        made = order(server.url("/ok"), tmp_path, rate=20, duration="60s")
        if k6_program() is None:
            needs.missing("needs k6 on the PATH")
        outcome = engine_named("k6").run(made, Job(), enough)
    assert nothing_is_left()
    assert outcome.whole.sent
    assert "stopped early: errors rise" in outcome.warnings


@pytest.mark.slow
def test_a_test_that_is_called_off_ends_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    job = Job()
    with Server() as server:
        made = order(server.url("/ok"), tmp_path, rate=20, duration="60s")
        if k6_program() is None:
            needs.missing("needs k6 on the PATH")
        with pytest.raises(CancelledError):
            engine_named("k6").run(made, job, lambda _moment: job.cancellation.ask())
        assert nothing_is_left()
        count = len(server.requests)
        assert count
        assert not until(lambda: len(server.requests) > count, 0.5)


@pytest.mark.slow
def test_k6_ends_with_its_parent(tmp_path: Path) -> None:
    if k6_program() is None:
        needs.missing("needs k6 on the PATH")
    with Server() as server:
        assert dies_with_its_parent("k6", server.url("/ok"), tmp_path)


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    import os
    import sys

    from slowcoach.load import ending_with_parent

    argv = [sys.executable, "-I", ending_with_parent.__file__, str(os.getpid()), "no-such-k6"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "no-such-k6" in done.stderr
