"""The built-in engine against real sockets."""

import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import needs
from load_server import Server
from slowcoach.core.errors import CancelledError, InputError, NotPermittedError
from slowcoach.core.job import Job
from slowcoach.core.permission import Permissions
from slowcoach.load.engine_kind import Order, StopTestError, engine_named
from slowcoach.load.outcome import Moment, Outcome
from slowcoach.load.plan import Endpoint, Extract, Journey, LoadPlan, Scenario, ThinkTime
from slowcoach.load.schedule import Schedule, Stage
from slowcoach.load.targets import Target, target_of

ENGINE = engine_named("builtin")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def steady(load: float, length_s: float, unit: str = "req/s") -> Schedule:
    stage = Stage(0.0, length_s, load, load, held=True)
    return Schedule("steady", "users" if unit == "users" else "req/s", (stage,))


def order(
    url: str,
    schedule: Schedule,
    folder: Path,
    *,
    timeout_s: float = 5.0,
    limit: int = 500,
    processes: int = 1,
    environment: dict[str, str] | None = None,
    target: Target | None = None,
    **plan: Any,
) -> Order:
    scenario = Scenario(name=schedule.scenario, think_time=plan.pop("think_time", None))
    return Order(
        plan=LoadPlan(
            test_name="test", target=url, date="2026-11-26", scenarios=(scenario,), **plan
        ),
        schedule=schedule,
        target=target or target_of(url, Permissions()),
        timeout_s=timeout_s,
        in_flight_limit=limit,
        folder=folder,
        processes=processes,
        environment=environment or {},
    )


def run(given: Order, watch: Callable[[Moment], None] = lambda _moment: None) -> Outcome:
    return ENGINE.run(given, Job(), watch)


def test_an_open_test_tells_each_request_once(server: Server, tmp_path: Path) -> None:
    seen: list[Moment] = []
    outcome = run(order(server.url("/ok"), steady(60, 2.0), tmp_path), seen.append)
    whole = outcome.whole
    assert (whole.sent, whole.completed, whole.failed, whole.dropped) == (120, 120, 0, 0)
    assert outcome.model == "open"
    assert whole.latency.corrected
    assert whole.latency.count == whole.latency.histogram.n == 120  # type: ignore[union-attr]
    assert whole.received_bytes == 120 * 5
    assert {name: each.sent for name, each in outcome.endpoints.items()} == {"GET /ok": 120}
    (step,) = outcome.steps
    assert (step.load, step.unit, step.figures.sent) == (60, "req/s", 120)
    assert tuple(seen) == outcome.moments
    assert sum(moment.sent or 0 for moment in seen) == 120
    assert sum(moment.histogram.n for moment in seen if moment.histogram) == 120
    assert [moment.due_rps for moment in seen[:2]] == [60, 60]
    assert outcome.generator is not None
    assert outcome.generator.slip_p99_ms is not None
    assert outcome.generator.cpu_share is not None


def test_a_closed_test_keeps_its_users_busy(server: Server, tmp_path: Path) -> None:
    stages = (Stage(0.0, 1.0, 0, 6, held=False), Stage(1.0, 1.0, 6, 6, held=True))
    before = server.connections
    given = order(server.url("/wait"), Schedule("climb", "users", stages), tmp_path)
    outcome = run(given)
    assert outcome.model == "closed"
    assert not outcome.whole.latency.corrected
    assert outcome.whole.dropped is None
    assert max(moment.users or 0 for moment in outcome.moments) == 6
    assert server.connections - before == 6
    assert (outcome.whole.sent or 0) > 20
    assert outcome.whole.failed == 0
    (step,) = outcome.steps
    assert step.figures.sent is not None
    assert step.figures.sent < (outcome.whole.sent or 0)


@pytest.mark.slow
def test_a_stalled_server_shows_how_long_users_would_have_waited(tmp_path: Path) -> None:
    """Compared with the truth: each request due in a stop waits until it ends."""
    length_s, rate, stops = 5.0, 200, [(0.9, 0.5), (3.4, 0.5)]
    script = (
        "import asyncio\n"
        "async def one(r, w):\n"
        "    while await r.readuntil(b'\\r\\n\\r\\n'):\n"
        "        w.write(b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok')\n"
        "async def main():\n"
        "    s = await asyncio.start_server(one, '127.0.0.1', 0, backlog=500)\n"
        "    print(s.sockets[0].getsockname()[1], flush=True)\n"
        "    await asyncio.sleep(120)\n"
        "asyncio.run(main())\n"
    )
    argv = [sys.executable, "-c", script]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        url = f"http://127.0.0.1:{int(child.stdout.readline())}/"
        begun: list[float] = []
        really: list[tuple[float, float]] = []

        def stall() -> None:
            for at, length in stops:
                time.sleep(max(begun[0] + at - time.monotonic(), 0))
                child.send_signal(signal.SIGSTOP)
                stopped = time.monotonic() - begun[0]
                time.sleep(length)
                child.send_signal(signal.SIGCONT)
                really.append((stopped, time.monotonic() - begun[0]))

        begun.append(time.monotonic())
        thread = threading.Thread(target=stall)
        thread.start()
        outcome = run(order(url, steady(rate, length_s), tmp_path, timeout_s=10, limit=2000))
        thread.join()
        child.kill()
    due = np.arange(0, length_s, 1 / rate)
    waits = sum(np.where((due >= a) & (due < b), b - due, 0.0) for a, b in really)
    true_ms = float(np.quantile(waits, 0.99)) * 1000
    measured = outcome.whole.latency.percentile(0.99)
    service = outcome.whole.service
    assert (outcome.whole.sent, outcome.whole.dropped) == (rate * length_s, 0)
    assert measured is not None
    assert service is not None
    # a busy machine makes waits longer, never shorter
    assert true_ms * 0.9 < measured < true_ms * 1.2 + 400


def test_what_is_due_beyond_the_cap_is_dropped_and_told(server: Server, tmp_path: Path) -> None:
    given = order(server.url("/hang"), steady(50, 1.0), tmp_path, timeout_s=1.5, limit=3)
    outcome = run(given)
    assert (outcome.whole.sent, outcome.whole.dropped) == (3, 47)
    assert outcome.whole.errors == {"timeout": 3}
    assert outcome.whole.latency.count == 3
    assert (outcome.whole.latency.least_ms or 0) >= 1500
    assert outcome.whole.good is not None
    assert outcome.whole.good.count == 0
    assert outcome.generator is not None
    assert outcome.generator.in_flight_limit == 3


def test_a_mix_keeps_its_weights_headers_and_values(server: Server, tmp_path: Path) -> None:
    server.requests.clear()
    outcome = run(
        order(
            server.url("/ok"),
            steady(300, 1.0),
            tmp_path,
            endpoints=(
                Endpoint(url=server.url("/ok?q=${term}"), weight=3, headers={"X-Term": "${term}"}),
                Endpoint(url="/item", method="POST", body='{"q": "${term}", "k": "${env:KEY}"}'),
                Endpoint(url="/fails", weight=0),
            ),
            data={"term": ("red shoe", "blue&hat", "grün")},
            environment={"KEY": "s3cret"},
        )
    )
    counts = {name: each.sent or 0 for name, each in outcome.endpoints.items()}
    assert set(counts) == {"GET /ok", "POST /item"}
    assert sum(counts.values()) == 300
    assert counts["GET /ok"] == pytest.approx(225, abs=45)
    assert outcome.whole.failed == 0
    lines = {request.split(b"\r\n")[0] for request in server.requests}
    assert b"GET /ok?q=red%20shoe HTTP/1.1" in lines
    assert b"GET /ok?q=gr%C3%BCn HTTP/1.1" in lines
    bodies = {request.partition(b"\r\n\r\n")[2] for request in server.requests}
    assert '{"q": "grün", "k": "s3cret"}'.encode() in bodies
    assert any(b"X-Term: blue&hat" in request for request in server.requests)


def journey(server: Server) -> Journey:
    taken = (
        Extract(name="json", source="json", path="data[0].token"),
        Extract(name="header", source="header", path="x-token"),
        Extract(name="cookie", source="cookie", path="sid"),
        Extract(name="regex", source="regex", path='"n": (\\d+)'),
    )
    return Journey(
        name="buy",
        steps=(
            Endpoint(url=server.url("/login"), method="POST", body="u=${user}", extract=taken),
            Endpoint(
                url=server.url("/item?t=${json}&n=${regex}"),
                headers={"X-Token": "${header}", "Cookie": "sid=${cookie}", "X-User": "${user}"},
            ),
            Endpoint(url=server.url("/ok")),
        ),
    )


def test_a_journey_hands_values_on_and_pauses(server: Server, tmp_path: Path) -> None:
    server.requests.clear()
    outcome = run(
        order(
            server.url("/ok"),
            steady(30, 2.0),
            tmp_path,
            journeys=(journey(server),),
            think=ThinkTime(median_s=0.1, sigma=0.2),
            data={"user": ("ann", "bob")},
        )
    )
    counts = {name: each.sent or 0 for name, each in outcome.endpoints.items()}
    assert counts["POST /login"] == 20  # 30 requests a second are 10 journeys of three
    assert 10 <= counts["GET /item"] <= 20
    assert outcome.whole.failed == 0
    items = [r.decode() for r in server.requests if r.startswith(b"GET /item")]
    for item in items:
        number = item.split("n=")[1].split(" ")[0]
        assert f"t=json-{number}" in item
        assert f"X-Token: header-{number}" in item
        assert f"sid=cookie-{number}" in item
    users = [request.partition(b"\r\n\r\n")[2] for request in server.requests]
    assert {b"u=ann", b"u=bob"} <= set(users)


def test_a_journey_without_its_value_ends_there(server: Server, tmp_path: Path) -> None:
    steps = (
        Endpoint(url="/ok", extract=(Extract(name="t", source="json", path="token"),)),
        Endpoint(url="/item?t=${t}"),
    )
    given = order(
        server.url("/ok"), steady(40, 0.5), tmp_path, journeys=(Journey(name="j", steps=steps),)
    )
    outcome = run(given)
    assert outcome.whole.errors == {"no value t": 10}
    assert "GET /item" not in {name for name, each in outcome.endpoints.items() if each.sent}
    assert any("10 journeys ended early" in warning for warning in outcome.warnings)


def test_users_of_a_closed_test_walk_journeys(server: Server, tmp_path: Path) -> None:
    given = order(
        server.url("/ok"),
        steady(3, 1.0, "users"),
        tmp_path,
        journeys=(journey(server),),
        data={"user": ("ann",)},
        think_time="10-30ms",
    )
    outcome = run(given)
    counts = [each.sent or 0 for each in outcome.endpoints.values()]
    assert min(counts) > 5
    assert max(counts) - min(counts) <= 3
    assert outcome.whole.failed == 0


def without_sending(server: Server, given: Callable[[], Order], error: type[Exception]) -> None:
    """Make sure that it is refused and that nobody connects meanwhile."""
    before = server.connections
    with pytest.raises(error):
        run(given())
    assert server.connections == before


@pytest.mark.parametrize(
    ("plan", "error"),
    [
        ({"endpoints": (Endpoint(url="/x?k=${env:NO_SUCH_KEY_HERE}"),)}, InputError),
        ({"endpoints": (Endpoint(url="/x?k=${nobody}"),)}, InputError),
        ({"endpoints": (Endpoint(url="/x", weight=0),)}, InputError),
        ({"endpoints": (Endpoint(url="/x", method="GET /"),)}, InputError),
        ({"endpoints": (Endpoint(url="/x", headers={"A": "1\r\nB: 2"}),)}, InputError),
        ({"endpoints": (Endpoint(url="/x?${a}"),), "data": {"a": ()}}, InputError),
        ({"endpoints": (Endpoint(url="http://elsewhere.invalid/x"),)}, NotPermittedError),
        ({"endpoints": (Endpoint(url="https://127.0.0.1/x"),)}, NotPermittedError),
        ({"endpoints": (Endpoint(url="//elsewhere.invalid/x"),)}, NotPermittedError),
        ({"endpoints": (Endpoint(url="file:///etc/passwd"),)}, NotPermittedError),
        ({"endpoints": (Endpoint(url="http://[::1/x"),)}, InputError),
        (
            {"endpoints": (Endpoint(url="http://${h}/x"),), "data": {"h": ("127.0.0.1",)}},
            NotPermittedError,
        ),
        (
            {"endpoints": (Endpoint(url="PORT${h}/x"),), "data": {"h": ("@elsewhere.invalid",)}},
            NotPermittedError,
        ),
        (
            {
                "journeys": (
                    Journey(
                        name="j",
                        steps=(
                            Endpoint(
                                url="/x", extract=(Extract(name="v", source="regex", path="a(b"),)
                            ),
                        ),
                    ),
                )
            },
            InputError,
        ),
    ],
)
def test_what_may_not_or_cannot_be_sent_is_refused_first(
    server: Server, tmp_path: Path, plan: dict[str, Any], error: type[Exception]
) -> None:
    if "endpoints" in plan and plan["endpoints"][0].url.startswith("PORT"):
        url = plan["endpoints"][0].url.replace("PORT", server.url(""))
        plan = {**plan, "endpoints": (Endpoint(url=url),)}
    without_sending(
        server, lambda: order(server.url("/ok"), steady(10, 1.0), tmp_path, **plan), error
    )


_watched: list[str] = []
_audited: list[str] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watched:
        return
    if event == "socket.connect":
        _audited.append(str(arguments[1][0]))
    if event == "socket.getaddrinfo" and arguments[0] is not None:
        _audited.append(str(arguments[0]))


def test_only_the_checked_addresses_are_asked_whatever_the_name(
    server: Server, tmp_path: Path
) -> None:
    sys.addaudithook(_audit)
    target = Target("shop.invalid", server.port, tls=False, addresses=("127.0.0.1",))
    url = f"http://shop.invalid:{server.port}/moved"
    server.requests.clear()
    _watched.append("on")
    try:
        outcome = run(order(url, steady(20, 0.5), tmp_path, target=target))
    finally:
        _watched.clear()
    assert outcome.whole.completed == 10
    assert set(_audited) == {"127.0.0.1"}
    assert all(f"Host: shop.invalid:{server.port}".encode() in r for r in server.requests)
    assert not any(b"GET /ok" in request for request in server.requests)  # a redirect is an answer


HOSTILE = {
    "/endless": "timeout",
    "/endless-chunks": "timeout",
    "/loris": "timeout",
    "/endless-head": "protocol",
    "/endless-early": "protocol",
    "/huge-head": "protocol",
    "/long-number": "protocol",
    "/no-number": "protocol",
    "/odd-chunk": "protocol",
    "/too-much": "protocol",
    "/nonsense": "protocol",
    "/cut": "reset",
    "/half-head": "reset",
    "/gone": "reset",
    "/resets": "reset",
    "/fails": "status 500",
    "/tiny-chunks": None,
    "/pieces": None,
}


def test_hostile_answers_are_bounded_and_counted_by_kind(server: Server, tmp_path: Path) -> None:
    def one(path: str) -> Outcome:
        return run(order(server.url(path), steady(10, 0.5), tmp_path, timeout_s=1.5, limit=50))

    begun = time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        outcomes = dict(zip(HOSTILE, pool.map(one, HOSTILE), strict=True))
    assert time.monotonic() - begun < 60
    assert {path: dict(outcome.whole.errors) for path, outcome in outcomes.items()} == {
        path: {kind: 5} if kind else {} for path, kind in HOSTILE.items()
    }
    answered = {path for path, outcome in outcomes.items() if outcome.whole.completed == 5}
    assert answered == {"/fails", "/tiny-chunks", "/pieces"}


def test_nobody_listening_is_a_result_and_not_a_storm(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can answer there
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        outcome = run(order(url, steady(2, 0.5, "users"), tmp_path))
    assert set(outcome.whole.errors) == {"refused"}
    assert 2 <= (outcome.whole.sent or 0) <= 12


@pytest.mark.parametrize("length_s", [9.0, 60.0])  # in this process, and in one of its own
def test_who_watches_may_stop_it(server: Server, tmp_path: Path, length_s: float) -> None:
    def watch(_moment: Moment) -> None:
        raise StopTestError("errors rise")

    given = order(server.url("/ok"), steady(50, length_s), tmp_path)
    begun = time.monotonic()
    outcome = run(given, watch)
    assert time.monotonic() - begun < 30
    assert 40 < (outcome.whole.sent or 0) <= 50 * length_s
    assert outcome.whole.duration_s is not None
    assert 1 <= outcome.whole.duration_s < 30
    assert any("errors rise" in warning for warning in outcome.warnings)
    assert outcome.steps[0].end_s == outcome.whole.duration_s


@pytest.mark.parametrize(("processes", "length_s"), [(1, 9.0), (1, 60.0), (2, 60.0)])
def test_cancellation_ends_it_at_once(
    server: Server, tmp_path: Path, processes: int, length_s: float
) -> None:
    job = Job()
    given = order(server.url("/hang"), steady(5, 60.0), tmp_path, timeout_s=60, processes=processes)
    seen: list[Moment] = []

    def watch(moment: Moment) -> None:
        seen.append(moment)
        threading.Thread(target=job.cancellation.ask).start()

    begun = time.monotonic()
    with pytest.raises(CancelledError):
        ENGINE.run(given, job, watch)
    assert time.monotonic() - begun < 30
    assert 1 <= len(seen) <= 3
    assert not _workers(os.getpid())


def test_processes_share_a_load_and_merge_exactly(server: Server, tmp_path: Path) -> None:
    seen: list[Moment] = []
    given = order(
        server.url("/ok"),
        steady(90, 2.0),
        tmp_path,
        processes=2,
        endpoints=(Endpoint(url="/ok"), Endpoint(url="/fails?k=${env:KEY}")),
        environment={"KEY": "a"},
    )
    outcome = run(given, seen.append)
    whole = outcome.whole
    assert (whole.sent, whole.completed, whole.dropped) == (180, 180, 0)
    failed = outcome.endpoints["GET /fails"].sent
    assert whole.errors == {"status 500": failed}
    assert whole.latency.count == 180
    assert sum(moment.sent or 0 for moment in outcome.moments) == 180
    assert sum(moment.failed or 0 for moment in outcome.moments) == failed
    assert outcome.generator is not None
    assert outcome.generator.processes == 2
    assert tuple(seen) == outcome.moments
    assert not _workers(os.getpid())
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_processes_end_with_the_one_that_began_them(server: Server, tmp_path: Path) -> None:
    code = f"""
import sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
from test_builtin_engine import order, run, steady
run(order({server.url("/ok")!r}, steady(10, 60.0), Path({str(tmp_path)!r}), processes=2),
    lambda moment: print("second", flush=True))
"""
    argv = [sys.executable, "-c", code]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"second\n"
        workers = _workers(parent.pid)
        assert len(workers) == 2
        parent.kill()
    until = time.monotonic() + 30
    while time.monotonic() < until and any(_is_running(pid) for pid in workers):
        time.sleep(0.1)
    assert not [pid for pid in workers if _is_running(pid)]


def _workers(parent: int) -> list[int]:
    """Return the children of a process that send load."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            above = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if above == parent and b"builtin.worker" in words:
            found.append(int(folder.name))
    return found


def _is_running(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_tls_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ssl

    openssl = needs.program("openssl")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    argv = [*make.split(), *names, "-keyout", str(key), "-out", str(cert)]
    subprocess.run(argv, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with Server(context) as secure:
        given = order(secure.url("/ok"), steady(20, 0.5), tmp_path)
        refused = run(given)
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        trusted = run(given)
    assert refused.whole.errors == {"tls": 10}
    assert trusted.whole.completed == 10
    assert not math.isnan(trusted.whole.throughput_rps or math.nan)


def test_a_handshake_that_never_ends_is_given_up(server: Server, tmp_path: Path) -> None:
    url = server.url("/ok").replace("http:", "https:")
    outcome = run(order(url, steady(10, 0.3), tmp_path, timeout_s=0.7))
    assert set(outcome.whole.errors) <= {"timeout", "tls", "reset"}
    assert outcome.whole.failed == 3
