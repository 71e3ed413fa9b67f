"""What is seen of Node.js services: notes of waits, profiles of the loop, whole investigations."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

import needs
from slowcoach.api.investigate import Investigation, investigate
from slowcoach.core.job import Cancellation, Job
from slowcoach.diagnosis.evidence.node_cpu import computing
from slowcoach.diagnosis.evidence.node_facts import Facts
from slowcoach.diagnosis.evidence.node_heap import growers
from slowcoach.diagnosis.evidence.node_memory import HeapPoint, live_memory
from slowcoach.diagnosis.evidence.node_notes import notes_of
from slowcoach.diagnosis.evidence.node_pending import unseen, waiting
from slowcoach.diagnosis.evidence.node_told import Told, told
from slowcoach.diagnosis.eyes import Where
from slowcoach.diagnosis.models import Activity, MemoryPoint
from slowcoach.diagnosis.runtimes.node import NodeEyes
from slowcoach.profiling.recorders.node_process import own_listeners
from slowcoach.profiling.recorders.node_profiles import cpu_views

SERVICES = Path(__file__).parent / "data" / "services"
APP, POOL = "/srv/app.js", "/srv/node_modules/pg-pool/index.js"
HANDLER, ASK = ["handler", f"file://{APP}", 30, 3], ["ask", f"file://{APP}", 12, 5]
NOTHING = Told([], [], [], [])


def wait(
    leaf: str, mean: float, *frames: list[Any], count: float = 100, looked_at: int = 80
) -> dict[str, Any]:
    one = {"leaf": leaf, "frames": list(frames), "ms": mean * 10_000}
    return {**one, "count": count, "seen": looked_at}


def seen(*waits: dict[str, Any]) -> Told:
    return told(notes_of([{"seconds": 10.0, "windows": 1, "waits": list(waits)}]))


def sums(found: tuple[Activity, ...]) -> dict[tuple[str, str], float]:
    result: dict[tuple[str, str], float] = {}
    for a in found:
        key = (a.state, a.function)
        result[key] = round(result.get(key, 0.0) + a.mean, 1)
    return result


# ------------------------------------------------------------------ waits


def test_an_await_counts_only_what_the_operations_in_it_do_not() -> None:
    found = waiting(
        seen(
            wait("(http 127.0.0.1:9001)", 3, HANDLER, ASK),
            wait("(await)", 3, HANDLER, ASK),
            wait("(await)", 3, HANDLER),
        ),
        NOTHING,
        None,
        Facts(),
    )
    assert sums(found) == {("net", "ask"): pytest.approx(3, rel=0.05)}
    assert found[0].port == 9001
    assert found[0].path == ("handler", "ask")


def test_an_await_without_an_operation_waits_in_the_program_for_what_its_maker_is_called() -> None:
    acquire = ["LinePool.acquire", f"file://{APP}", 5, 3]
    found = waiting(
        seen(
            wait("(await)", 6, HANDLER),
            wait("(promise)", 6, HANDLER, acquire),
            wait("(socket 127.0.0.1:9001)", 2, ["write", POOL, 3, 3]),
        ),
        NOTHING,
        None,
        Facts(),
    )
    words = {a.state: a for a in found}
    assert words["pool"].function == "LinePool.acquire"
    assert words["pool"].line == 5


def test_an_await_of_a_pools_promise_beyond_its_queries_waits_for_a_connection() -> None:
    connect = ["BoundPool.connect", POOL, 180, 5]
    found = waiting(
        seen(
            wait("(await)", 6, HANDLER, ASK),
            wait("(promise)", 6, HANDLER, ASK, connect),
            wait("(socket 127.0.0.1:5432)", 2, ["write", POOL, 3, 3]),
        ),
        NOTHING,
        None,
        Facts(),
    )
    means = {a.state: round(a.mean) for a in found}
    assert means == {"pool": 4, "db": 2}
    assert {a.function for a in found} == {"ask"}


def test_a_timer_that_nobody_awaits_is_no_wait_beside_the_request_that_it_limits() -> None:
    found = waiting(
        seen(
            wait("(await)", 3, HANDLER),
            wait("(http 127.0.0.1:9001)", 3, HANDLER),
            wait("(timer)", 30, HANDLER),
        ),
        NOTHING,
        None,
        Facts(),
    )
    assert {a.state for a in found} == {"net"}


def test_operations_that_run_together_are_told_from_those_in_a_row() -> None:
    found = waiting(
        seen(
            wait("(await)", 2, HANDLER),
            wait("(http 127.0.0.1:9001)", 4, HANDLER, ASK),
        ),
        NOTHING,
        None,
        Facts(),
    )
    assert {a.state for a in found} == {"net", "join"}


def test_of_few_awaits_that_were_looked_at_it_is_not_told_that_their_operations_run_together() -> (
    None
):
    found = waiting(
        seen(
            wait("(await)", 2, HANDLER, looked_at=4),
            wait("(http 127.0.0.1:9001)", 4, HANDLER, ASK),
        ),
        NOTHING,
        None,
        Facts(),
    )
    assert {a.state for a in found} == {"net"}


@pytest.mark.parametrize(("requests", "inside"), [(8.0, 3.0), (5.0, 0.0), (0.0, 7.8)])
def test_no_more_wait_in_the_program_than_requests_are_there_beside_operations(
    requests: float, inside: float
) -> None:
    found = waiting(
        seen(wait("(await)", 12, HANDLER), wait("(http 127.0.0.1:9001)", 5, HANDLER, ASK)),
        NOTHING,
        None,
        Facts(requests=requests),
    )
    assert sums(found).get(("other", "handler"), 0.0) == pytest.approx(inside, abs=0.5)


def test_what_the_idle_service_waits_for_is_no_requests() -> None:
    poll = wait("(timer)", 1, ["poll", f"file://{APP}", 3, 3])
    assert waiting(seen(poll), seen(poll), None, Facts()) == ()


def test_a_busy_loop_lengthens_no_wait_for_a_peer() -> None:
    calm = seen(wait("(http 127.0.0.1:9001)", 0.2, HANDLER, count=100))
    busy = seen(wait("(http 127.0.0.1:9001)", 2.0, HANDLER, count=100))
    at_rest = waiting(busy, NOTHING, calm, Facts(busy=0.2))
    at_work = waiting(busy, NOTHING, calm, Facts(busy=0.95))
    assert sum(a.mean for a in at_rest) == pytest.approx(2.0, rel=0.2)
    assert sum(a.mean for a in at_work) < 0.4


def test_more_requests_than_connections_wait_for_the_agents_pool() -> None:
    told_ = seen(wait("(http 127.0.0.1:9001)", 8, HANDLER, count=1000))
    found = waiting(told_, NOTHING, None, Facts(connections={9001: 2.0}))
    words = {a.state: a.mean for a in found}
    assert words["net"] == pytest.approx(2, rel=0.1)
    assert words["pool"] > 5


def test_more_work_than_libuv_has_threads_waits_for_one() -> None:
    told_ = seen(wait("(crypto)", 8, HANDLER, count=1000))
    found = waiting(told_, NOTHING, None, Facts(pool_size=2))
    words = {a.state: a for a in found}
    assert words["native"].mean == pytest.approx(2, rel=0.1)
    assert "libuv" in words["native"].server
    assert words["executor"].mean > 5


def test_long_operations_count_though_windows_cut_them_off() -> None:
    # 1 s of a window of 2 s: three quarters of it are seen
    said = {"seconds": 2.0, "windows": 1, "waits": [wait("(timer)", 0, HANDLER, count=8)]}
    said["waits"][0]["ms"] = 8 * 750.0  # type: ignore[index]
    assert notes_of([said])[0].mean == pytest.approx(4.0, rel=0.01)


def test_requests_that_nothing_explains_are_told_as_such() -> None:
    assert [a.state for a in unseen([], 5.0, Facts())] == ["other"]
    assert unseen([], 5.0, Facts(busy=0.99)) == []
    assert unseen([], 0.1, Facts()) == []


# ------------------------------------------------------------------ the loop


def node(number: int, name: str, url: str, line: int, *children: int) -> dict[str, Any]:
    frame = {
        "functionName": name,
        "url": url,
        "lineNumber": line,
        "columnNumber": 0,
        "scriptId": "7",
    }
    return {"id": number, "callFrame": frame, "children": list(children), "hitCount": 0}


def test_synchronous_calls_are_told_by_the_library_function_that_makes_them() -> None:
    content = {
        "nodes": [
            node(1, "(root)", "", -1, 2, 3, 4),
            node(2, "(idle)", "", -1),
            node(3, "(garbage collector)", "", -1),
            node(4, "print", f"file://{APP}", 4, 5, 6, 8),
            node(5, "execFileSync", "node:child_process", 90),
            node(6, "readFileSync", "node:fs", 40, 7),
            node(7, "read", "", -1),
            node(8, "", f"file://{APP}", 5),
        ],
        "startTime": 0,
        "endTime": 10_000,
        "samples": [2, 5, 5, 5, 7, 7, 8, 8, 3, 2],
        "timeDeltas": [1000] * 10,
    }
    wall = cpu_views(content, "loop")[1]
    found = computing(wall, float(wall.tree.weight.sum()))
    states = {a.state: a.mean for a in found}
    assert states == {
        "child": pytest.approx(0.3, abs=0.04),
        "disk": pytest.approx(0.2, abs=0.04),
        "cpu": pytest.approx(0.2, abs=0.04),
        "gc": pytest.approx(0.1, abs=0.04),
    }
    assert {a.function for a in found} == {"print"}  # a nameless callback is its caller's
    assert {a.carrier for a in found} == {"loop"}


# ------------------------------------------------------------------ memory


def test_what_lives_on_is_told_by_the_own_function_that_made_it() -> None:
    def site(name: str, url: str, size: int, *children: dict[str, Any]) -> dict[str, Any]:
        frame = {"functionName": name, "url": url, "lineNumber": 8}
        return {"callFrame": frame, "selfSize": size, "children": list(children)}

    inner = site("Map.set", "node:internal", 3_000_000)
    head = site("(root)", "", 0, site("remember", f"file://{APP}", 1_000_000, inner))
    found = growers({"head": head})
    assert [(g.functions, g.after) for g in found] == [(("remember",), 3906)]


def test_live_memory_is_put_beside_the_answers_until_then() -> None:
    points = [MemoryPoint(at_s=t, completed=10 * t, rss=10**8) for t in range(1, 11)]
    heap = [HeapPoint(t + 0.5, 10**6 * t) for t in (0, 3, 6, 9)]
    assert [(p.completed, p.rss) for p in live_memory(heap, points)] == [
        (5, 0),
        (35, 3 * 10**6),
        (65, 6 * 10**6),
        (95, 9 * 10**6),
    ]
    assert len({p.rss for p in live_memory(heap[:2], points)}) == 1


# ------------------------------------------------------------------ services


@contextmanager
def served(name: str) -> Iterator[tuple[int, str, int]]:
    """Start a service; yields its pid, the URL of its slow endpoint and the concurrency."""
    program, folder = needs.program("node"), SERVICES / name
    case = yaml.safe_load((folder / "case.yaml").read_text())
    port, upstream = free_port(), free_port()
    environment = {**os.environ, "PORT": str(port), "UPSTREAM_PORT": str(upstream)}
    with ExitStack() as stack:

        def start(file: str) -> int:
            process = subprocess.Popen(
                [program, file],
                cwd=folder,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process.pid

        if "upstream" in case:
            start(case["upstream"])
            _listens(upstream)
        pid = start("app.js")
        _wait_for(port)
        path = case["request"]["path"]
        yield pid, f"http://127.0.0.1:{port}{path}", case["load"]["concurrency"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _listens(port: int) -> None:
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("the upstream does not listen")


def _wait_for(port: int) -> None:
    for _ in range(200):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    pytest.fail("the service does not answer")


def investigated(name: str, duration_s: float) -> Investigation:
    with served(name) as (pid, url, concurrency):
        before = own_listeners(pid)
        found = investigate(url, Job(), pid=pid, duration_s=duration_s, concurrency=concurrency)
        assert own_listeners(pid) == before, "its inspector is still open"
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "cause", "place"),
    [
        ("node-boat-hire", "pool.exhausted", "LinePool.acquire (app.js:"),
        ("node-label-press", "loop.blocked", "checksum (app.js:"),
    ],
)
def test_the_cause_is_named_with_its_place(name: str, cause: str, place: str) -> None:
    found = investigated(name, 5)
    # a machine that does other work may leave it open, but never mislead
    assert found.verdict.cause in {cause, "unsure"}, found.considered
    likely = next(c for c in found.considered if c.cause == cause)
    assert likely.score > 0
    assert found.verdict.cause == "unsure" or any(place in each for each in found.verdict.where)


@pytest.mark.slow
def test_a_program_is_left_as_it_was_when_the_work_is_called_off() -> None:
    with served("node-star-chart") as (pid, _, _):
        before = own_listeners(pid)
        eyes = NodeEyes(Where(pids=(pid,), port=0, database_port=0))
        assert not eyes.why_not
        assert own_listeners(pid) != before
        with pytest.raises(ZeroDivisionError), eyes, eyes.watch(Cancellation()):
            raise ZeroDivisionError
        assert own_listeners(pid) == before
        with eyes_again(pid) as inspector:
            asked = inspector.evaluate("Object.keys(globalThis).join() + Atomics.wait.toString()")
        assert "native code" in asked["value"]


@contextmanager
def eyes_again(pid: int) -> Iterator[Any]:
    from slowcoach.profiling.recorders.node_inspector import opened_inspector

    with opened_inspector(pid, None, []) as inspector:
        yield inspector


def test_a_process_that_is_gone_is_said_to_be_so() -> None:
    with subprocess.Popen(["true"]) as done:
        done.wait()
    eyes = NodeEyes(Where(pids=(done.pid,), port=0, database_port=0))
    with eyes, eyes.watch(Cancellation()) as sight:
        pass
    assert eyes.why_not
    assert sight().is_empty
