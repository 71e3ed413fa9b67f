"""Locust as a load engine: the real Locust before a real server on loopback."""

import json
import os
import subprocess
import sys
from collections import Counter
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
from slowcoach.core.errors import CancelledError, ToolFailedError
from slowcoach.core.job import Job
from slowcoach.load import locust_stream
from slowcoach.load.engine_kind import Order, Watch, engine_named
from slowcoach.load.histogram import Histogram
from slowcoach.load.locust_listener import Listener, kind_of
from slowcoach.load.outcome import Moment, Outcome
from slowcoach.load.plan import Endpoint
from slowcoach.load.schedule import Schedule, Stage
from slowcoach.load.tally import Tally

OPEN = Schedule("s", "req/s", (Stage(0.0, 2.0, 10.0, 10.0, held=True),))


def run(made: Order, watch: Watch = unheard, job: Job | None = None) -> Outcome:
    """Run an order with Locust; skipped without it."""
    needs.module("locust")
    outcome = engine_named("locust").run(made, job or Job(), watch)
    assert nothing_is_left()
    return outcome


# -- what its processes write --------------------------------------------------------------------


class Answer:
    """What Locust hands on of an answer."""

    def __init__(self, status: int) -> None:
        self.status_code = status


def test_what_a_process_writes_is_counted_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    began = 1_800_000_000.25
    Path("began.json").write_text(json.dumps(began), encoding="ascii")
    listener = Listener()
    listener.path = Path("seconds-1.ndjson")
    latencies = [0.4, 12.0, 123.456, 1900.0]
    for at, latency in enumerate(latencies):
        listener.request("GET", "/a?b=1", latency, None, began + at, Answer(200))
    listener.request("GET", "/b", 30.0, ValueError("503"), began + 0.1, Answer(503))
    listener.request("GET", "/b", 2000.0, TimeoutError("timed out"), began + 0.2, Answer(0))
    listener.request("GET", "/b", 0.1, ConnectionRefusedError(111, "x"), began + 0.3, Answer(0))
    listener.request("GET", "dropped", 0, RuntimeError("too many under way"), began + 1.5)
    listener.threw(KeyError("token"))
    listener.write()
    tally = Tally(OPEN)
    seconds = locust_stream.Seconds(tmp_path, tally, {"/a?b=1": "GET /a"})
    seconds.read()
    whole = tally.whole(corrected=False)
    assert whole.errors == {"status 503": 1, "timeout": 1, "refused": 1}
    assert (whole.sent, whole.completed, whole.dropped) == (7, 5, 1)
    pooled = Histogram.of([*latencies, 30.0, 2000.0])
    assert whole.latency.histogram is not None
    assert whole.latency.histogram.encoded() == pooled.encoded()
    assert set(tally.endpoints(2.0, corrected=False)) == {"GET /a", "GET /b"}
    assert seconds.thrown == Counter({"KeyError: 'token'": 1})
    assert [m.sent for m in tally.moments()] == [4, 1, 1, 1]
    with Path("seconds-1.ndjson").open("a", encoding="ascii") as file:
        file.write('{"at": 5, "users": 3, "thro')
    seconds.read()  # a line that is not whole yet waits
    assert tally.sent == 7


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError("timed out"), "timeout"),
        (ConnectionRefusedError(111, "Connection refused"), "refused"),
        (ConnectionResetError(104, "reset"), "reset"),
        (OSError("192.0.2.1 is not the target of this test"), "not the target"),
        (ValueError("odd"), "ValueError"),
    ],
)
def test_failures_are_told_by_the_words_of_all_engines(error: Exception, kind: str) -> None:
    assert kind_of(error) == kind


# -- what it may reach ---------------------------------------------------------------------------

CONFINED = """
import socket
from slowcoach.load.locust_entry import confine
confine(frozenset({"127.0.0.1"}))
for kind, address in ((socket.SOCK_STREAM, "127.0.0.2"), (socket.SOCK_DGRAM, "127.0.0.3")):
    one = socket.socket(socket.AF_INET, kind)
    try:
        one.sendto(b"x", (address, 9)) if kind == socket.SOCK_DGRAM else one.connect((address, 9))
    except OSError as error:
        print(error)
one = socket.socket()
print(one.connect_ex(("127.0.0.1", PORT)))
"""


def test_a_confined_process_reaches_its_target_alone() -> None:
    with Server() as server:
        code = CONFINED.replace("PORT", str(server.port))
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        )
    assert done.stdout.splitlines() == [
        "127.0.0.2 is not the target of this test",
        "127.0.0.3 is not the target of this test",
        "0",
    ]


ELSEWHERE = """
import socket
from locust import HttpUser, constant, task
class Visitor(HttpUser):
    wait_time = constant(0.2)
    @task
    def go(self):
        self.client.get("/ok", name="here")
        self.client.get("http://127.0.0.2:PORT/ok", name="other address")
        self.client.get("http://nowhere.invalid/ok", name="other name")
        self.client.get("http://localhost:PORT/moved", name="moved", allow_redirects=False)
"""


@pytest.mark.slow
def test_a_users_script_reaches_nothing_but_its_target(tmp_path: Path) -> None:
    with Server() as server:
        text = ELSEWHERE.replace("PORT", str(server.port))
        made = script_order(server.url("/"), tmp_path, text, "elsewhere.py", seconds=1.0)
        outcome = run(made)
    sent = outcome.endpoints
    assert sent["GET here"].failed == 0
    # a name that is not the target's own is asked of nobody, "localhost" neither
    for name in ("GET other address", "GET other name", "GET moved"):
        assert sent[name].errors == {"not the target": sent[name].sent}
    assert all(b"GET /ok" in request for request in server.requests)


# -- the real thing ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_plan_is_sent_by_several_processes_and_merged(tmp_path: Path) -> None:
    with Server() as server:
        endpoints = (
            Endpoint(url=server.url("/wait"), name="GET /wait/{id}"),
            Endpoint(url=server.url("/fails"), name="GET /fails"),
        )
        moments: list[Moment] = []
        made = order(
            server.url("/ok"), tmp_path, rate=40, duration="2s", endpoints=endpoints, processes=2
        )
        outcome = run(made, moments.append)
        whole = outcome.whole
        assert whole.sent == len(server.requests)
        assert whole.sent is not None
        # Locust begins unevenly; what it did not send is told
        assert whole.sent + (whole.dropped or 0) == pytest.approx(80, rel=0.25)
        assert outcome.tool.startswith("Locust ")
        assert set(outcome.endpoints) == {"GET /wait/{id}", "GET /fails"}
        assert whole.errors == {"status 500": outcome.endpoints["GET /fails"].sent}
        slow = outcome.endpoints["GET /wait/{id}"].latency.histogram
        assert slow is not None
        assert slow.least >= 50
        assert sum(m.sent or 0 for m in outcome.moments) == whole.sent
        assert sum(m.sent or 0 for m in moments) == whole.sent
        assert outcome.generator is not None
        assert outcome.generator.processes == 2
        assert outcome.generator.cpu_share is not None
        assert [s.load for s in outcome.steps] == [40]


THROWS = """
from locust import HttpUser, constant, task
class Visitor(HttpUser):
    wait_time = constant(0.1)
    @task
    def go(self):
        raise RuntimeError("boom")
"""


@pytest.mark.slow
def test_a_script_that_sends_nothing_has_not_succeeded(tmp_path: Path) -> None:
    says = "sent nothing: RuntimeError: boom"
    with Server() as server, pytest.raises(ToolFailedError, match=says):
        run(script_order(server.url("/"), tmp_path, THROWS, "broken.py"))


@pytest.mark.slow
def test_a_test_that_is_called_off_ends_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    job = Job()
    with Server() as server:
        made = order(server.url("/ok"), tmp_path, rate=20, duration="60s", processes=2)
        with pytest.raises(CancelledError):
            run(made, lambda _moment: job.cancellation.ask(), job)
        assert nothing_is_left()
        count = len(server.requests)
        assert not until(lambda: len(server.requests) > count, 0.5)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="processes of POSIX")
def test_locust_and_its_workers_end_with_their_parent(tmp_path: Path) -> None:
    needs.module("locust")
    with Server() as server:
        assert dies_with_its_parent("locust", server.url("/ok"), tmp_path, processes=2)
