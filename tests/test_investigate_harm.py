"""`investigate` does no harm: whatever dies amid it, it says so, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import needs
from services import Service, free_port, running
from slowcoach.api.investigate import Investigation, investigate
from slowcoach.core import process
from slowcoach.core.errors import SlowcoachError, UnreachableError
from slowcoach.core.job import Cancellation, Job, Progress
from slowcoach.diagnosis.target import Asked, Target
from slowcoach.diagnosis.watchman import Watchman
from slowcoach.load.driver import Request, drive
from slowcoach.load.engine_kind import StopTestError
from slowcoach.load.model import Tick

SECONDS = 25.0  # an answer comes within some seconds; a busy machine is given more
IDLE, ALONE, LOADED = 1, 3, 4
CASES = {
    "python": "py-canoe-hire",
    "node": "node-trip-sheet",
    "go": "go-quilt-parts",
    "java": "java-trip-basket",
}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Service]]:
    """Return what starts a service of a language for one test."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda language: stack.enter_context(running(CASES[language], tmp_path / language))


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def amid(service: Service, step: int, act: Callable[[], None]) -> Investigation:
    """Investigate, and do something amid a step; what is found, or the error, is passed on."""
    done: list[float] = []
    files, children = names_in(service.folder), set(process.children())

    def told(progress: Progress) -> None:
        if progress.done == step and not done:
            done.append(time.monotonic())
            threading.Timer(0.4, act).start()

    given = {name: value for name, value in service.given.items() if value is not None}
    try:
        return investigate(job=Job(on_progress=told), **given)
    finally:
        assert done
        assert time.monotonic() - done[0] < SECONDS
        assert set(process.children()) <= children
        names = [thread.name for thread in threading.enumerate()]
        assert not [name for name in names if name.startswith("slowcoach-")]
        assert names_in(service.folder) == files


def must_be_left_alone(service: Service, language: str) -> None:
    """Tell that nothing of an investigation is left in a service, and that it serves."""
    assert service.serves()
    if language == "node":
        assert within(lambda: not inspectors(service))
        assert as_it_was(service.pid)
    if language == "java":
        from slowcoach.profiling.recorders.java_attach import asked

        assert "slowcoach" not in asked(service.pid, "JFR.check")


def within(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.1)
    return holds()


def inspectors(service: Service) -> list[str]:
    """Return the inspectors that a service has open, beside the port that it serves at."""
    from slowcoach.profiling.recorders.inspector import debugger_url
    from slowcoach.profiling.recorders.node_process import own_listeners

    own = urlsplit(service.ready).port
    ports = {each.port for each in own_listeners(service.pid)} - {own}
    return [url for each in ports if (url := debugger_url(each))]


def as_it_was(pid: int) -> bool:
    """Tell whether nothing is noted in a Node.js program any more."""
    from slowcoach.profiling.recorders.node_inspector import opened_inspector

    expression = (
        "JSON.stringify([Object.hasOwn(require('net').Socket.prototype, 'write'),"
        " require('diagnostics_channel').channel('http.client.request.start').hasSubscribers,"
        " !Atomics.wait.toString().includes('[native code]')])"
    )
    with opened_inspector(pid, None, []) as inspector:
        left: list[bool] = json.loads(inspector.evaluate(expression)["value"])
    return not any(left)


# ------------------------------------------------------------------ the service


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "step"),
    [("python", IDLE), ("go", ALONE), ("java", LOADED)],
)
def test_a_service_that_is_killed_is_told(
    language: str, step: int, start: Callable[[str], Service]
) -> None:
    service = start(language)
    with pytest.raises(UnreachableError, match=f"pid {service.pid}: .* ended") as caught:
        amid(service, step, lambda: kill(service.pid))
    assert caught.value.hint


@pytest.mark.slow
def test_a_service_that_is_stopped_is_told_and_is_itself_once_it_goes_on(
    start: Callable[[str], Service],
) -> None:
    service = start("node")
    with pytest.raises(UnreachableError, match="stopped") as caught:
        amid(service, LOADED, lambda: os.kill(service.pid, signal.SIGSTOP))
    assert f"kill -CONT {service.pid}" in caught.value.hint
    os.kill(service.pid, signal.SIGCONT)
    must_be_left_alone(service, "node")


@pytest.mark.slow
def test_what_a_service_depends_on_is_killed_and_the_rest_is_told(
    start: Callable[[str], Service],
) -> None:
    service = start("go")
    found = amid(service, LOADED, lambda: kill(service.upstream))
    assert found.verdict.summary
    assert any("ended early" in said for said in found.warnings), found.warnings
    assert service.serves()


@pytest.mark.slow
def test_a_database_that_is_killed_is_told_and_the_rest_goes_on(
    start: Callable[[str], Service],
) -> None:
    needs.module("psycopg")
    from slowcoach.diagnosis.evidence.process import listeners
    from slowcoach.queries.embedded import embedded_postgres

    service = start("python")
    with embedded_postgres() as url:
        port = int(url.rsplit(":", 1)[1].split("/")[0])
        server = listeners(port)[0]
        service.given["database_url"] = url
        found = amid(service, LOADED, lambda: os.kill(server, signal.SIGQUIT))
    assert found.latency.p50_ms is not None
    assert any("database" in str(each.why) for each in found.not_checked), found.not_checked
    assert service.serves()


# ------------------------------------------------------------------ Slowcoach itself


def called(service: Service) -> "subprocess.Popen[str]":
    """Return the command line that investigates a service, amid its load."""
    child = subprocess.Popen(
        [sys.executable, "-m", "slowcoach_server", "call", "investigate", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stderr is not None
    given = {name: value for name, value in service.given.items() if value is not None}
    child.stdin.write(json.dumps({**given, "duration_s": 20}))
    child.stdin.close()
    child.stdin = None  # communicate() would flush it
    for line in child.stderr:  # it tells how far it is
        if line.startswith(f"{LOADED}/"):
            return child
    raise AssertionError(child.stdout and child.stdout.read())


def family(pid: int) -> list[int]:
    from slowcoach.diagnosis.evidence.process import descendants

    return descendants(pid)[1:]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "number"),
    [("node", signal.SIGKILL), ("java", signal.SIGTERM)],
)
def test_slowcoach_is_called_off_or_killed_and_the_service_is_left_as_it_was(
    language: str, number: signal.Signals, start: Callable[[str], Service]
) -> None:
    service = start(language)
    files = names_in(service.folder)
    child = called(service)
    below = family(child.pid)
    child.send_signal(number)
    out = child.communicate(timeout=SECONDS)[0]
    if number == signal.SIGKILL:
        assert child.returncode == -number
    else:
        assert child.returncode == 128 + number
        assert number.name in json.loads(out)["error"]["message"]
    for each in below:
        assert within(lambda pid=each: not Path(f"/proc/{pid}").exists())  # type: ignore[misc]
    must_be_left_alone(service, language)
    assert names_in(service.folder) == files


@pytest.mark.slow
def test_a_service_with_worker_threads_goes_on_serving_meanwhile_and_afterwards(
    tmp_path: Path,
) -> None:
    """It sends every path to one function, whose threads end at a request without a query."""
    served: list[bool] = []
    with running("node-key-cards", tmp_path / "node") as service:
        found = amid(service, LOADED, lambda: served.append(service.serves()))
        must_be_left_alone(service, "node")
    assert served == [True]
    assert found.verdict.cause != "healthy"


@pytest.mark.slow
def test_a_client_calls_it_off_and_the_server_goes_on(start: Callable[[str], Service]) -> None:
    service = start("node")
    given = {name: value for name, value in service.given.items() if value is not None}
    child = subprocess.Popen(
        [sys.executable, "-m", "slowcoach_server", "serve", "--allow-exec", "--allow-load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None

    def send(message: dict[str, Any]) -> None:
        assert child.stdin is not None
        child.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        child.stdin.flush()

    about = {"name": "test", "version": "1"}
    version = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": about}
    try:
        send({"id": 1, "method": "initialize", "params": version})
        child.stdout.readline()
        send({"method": "notifications/initialized"})
        arguments = {**given, "duration_s": 20}
        send(
            {
                "id": 2,
                "method": "tools/call",
                "params": {"name": "investigate", "arguments": arguments},
            }
        )
        assert within(lambda: bool(inspectors(service)), 30)
        time.sleep(0.5)
        send({"method": "notifications/cancelled", "params": {"requestId": 2}})
        must_be_left_alone(service, "node")
        send({"id": 3, "method": "ping", "params": {}})
        assert child.poll() is None
    finally:
        child.kill()
        child.communicate()


# ------------------------------------------------------------------ errors climb


class Fragile(ThreadingHTTPServer):
    """Sheds what comes while more than `most` requests are answered."""

    daemon_threads = True
    request_queue_size = 64
    most, under_way, asked = 3, 0, 0


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "slowcoach-control" in self.path:
            return self.answer(404)
        if self.path == "/moved":
            return self.answer(302, {"Location": "http://192.0.2.1/elsewhere"})
        server = self.server
        assert isinstance(server, Fragile)
        server.asked += 1
        server.under_way += 1
        try:
            time.sleep(0.05)
            self.answer(503 if server.under_way > server.most else 200)
        finally:
            server.under_way -= 1

    def answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": "0", **(headers or {})}.items():
            self.send_header(name, value)
        with suppress(OSError):
            self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
        pass


@pytest.fixture
def fragile() -> Iterator[Fragile]:
    with Fragile(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def asked_of(server: Fragile, path: str, seconds: float) -> Investigation:
    """Investigate a server of this process, which is not looked into."""
    url = f"http://127.0.0.1:{server.server_address[1]}{path}"
    return investigate(url, Job(), duration_s=seconds, concurrency=8)


@pytest.mark.slow
def test_the_load_ends_when_the_service_sheds_it_and_what_was_seen_is_told(
    fragile: Fragile,
) -> None:
    begun = time.monotonic()
    found = asked_of(fragile, "/desk", 60)
    assert time.monotonic() - begun < 30
    early = [said for said in found.warnings if "ended early" in said]
    assert early, found.warnings
    assert "refused" in early[0]
    assert found.latency.p50_ms is not None


def test_a_redirect_is_not_followed(fragile: Fragile) -> None:
    url = f"http://127.0.0.1:{fragile.server_address[1]}/moved"
    result = drive(Request("GET", url), duration_s=0.2, concurrency=2)
    assert {sample.status for sample in result.samples} == {302}
    assert not result.errors


def ticks(*refused: int, each: int = 50) -> Iterator[Tick]:
    """Yield what is told each second, with so many refused in it of `each` that were sent."""
    total = 0
    for second, more in enumerate(refused, 1):
        total += more
        sent = second * each
        yield Tick(second, 20.0, sent, sent - total, total, 0, 8, refused=total)


def stopped_at(*refused: int, fails_alone: bool = False) -> int | None:
    """Return the second at which load that is refused so is ended, None if it is not."""
    request = Request("GET", f"http://127.0.0.1:{free_port()}/x")
    watchman = Watchman(Target(Asked(request, None, None, 20.0, 8), Cancellation()))
    if fails_alone:
        watchman.fails_alone()
    watchman.begin()
    watchman.begin_load()
    for second, tick in enumerate(ticks(*refused), 1):
        try:
            watchman.look(tick)
        except StopTestError:
            assert watchman.why
            return second
    return None


def test_load_ends_within_two_seconds_of_errors_that_climb() -> None:
    assert stopped_at(50, 50, 50) == 2
    assert stopped_at(0, 0, 0, 45, 50, 50) == 4


def test_a_few_refusals_or_those_of_a_lone_request_too_do_not_end_it() -> None:
    assert stopped_at(4, 0, 5, 3, 0, 2) is None
    assert stopped_at(50, 50, 50, fails_alone=True) is None


def test_load_that_was_switched_off_is_refused(
    fragile: Fragile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slowcoach.load.guard.is_stopped", lambda: True)
    with pytest.raises(SlowcoachError, match="switched off"):
        asked_of(fragile, "/desk", 2)
    assert not fragile.asked
