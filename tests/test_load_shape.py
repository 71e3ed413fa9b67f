"""How a service takes the load: a quiet path, steps of concurrency, a steady rate."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from slowcoach.diagnosis.causes._outside import resource
from slowcoach.diagnosis.evidence.control import ControlPath
from slowcoach.diagnosis.evidence.counters import Counters
from slowcoach.diagnosis.evidence.latency import Sent
from slowcoach.diagnosis.evidence.steady import (
    ErrorsClimbError,
    steady_of,
    stop_when_errors_climb,
)
from slowcoach.diagnosis.evidence.sweep import fitted, step_of, steps_to, swept
from slowcoach.diagnosis.load_shape import Control, Steady, Step, Sweep
from slowcoach.diagnosis.load_signs import (
    load_figures,
    process_free,
    process_held,
    queueing_at_rate,
    scaling_of,
    unhindered,
)
from slowcoach.diagnosis.models import Observed, Phase
from slowcoach.diagnosis.shaping import shaped
from slowcoach.diagnosis.view import View
from slowcoach.load.driver import Request
from slowcoach.load.model import LoadResult, Sample, Tick


def steps(*throughputs: float) -> Sweep:
    """Return a sweep over 1, 2, 4, 8 requests at a time."""
    return Sweep(
        steps=tuple(
            Step(
                concurrency=2**k, throughput=x, parts=(x * 0.97, x, x * 1.01, x * 1.02), answers=40
            )
            for k, x in enumerate(throughputs)
        )
    )


def result(answers: int, at_a_time: int, each_s: float) -> LoadResult:
    """Return what a service that serves so many at a time gives in order."""
    samples = tuple(
        Sample(0.0, 1000 * each_s * (1 + n // at_a_time), 1.0, 200, None, 2) for n in range(answers)
    )
    return LoadResult(samples, answers, answers, {}, 0, 0.0, 1.0, float(answers), 0.1)


def observed(**more: object) -> Observed:
    given = {
        "alone": Phase(concurrency=1, seconds=1, completed=20, latencies_ms=(50.0,) * 20),
        "loaded": Phase(concurrency=8, seconds=10, completed=200, latencies_ms=(400.0,) * 50),
        **more,
    }
    return Observed.model_validate({"url": "http://x/y", "port": 80, **given})


@pytest.mark.parametrize("concurrency", [1, 2, 3, 4, 5, 8, 12, 100, 256])
def test_steps_go_from_one_to_the_asked_concurrency(concurrency: int) -> None:
    found = steps_to(concurrency)
    assert found[0] == 1
    assert found[-1] == concurrency
    assert list(found) == sorted(set(found))
    assert len(found) >= min(4, concurrency)


def test_throughput_is_all_answers_by_the_time_to_the_last() -> None:
    found = step_of(result(20, at_a_time=2, each_s=0.05), 4)
    assert found.throughput == pytest.approx(40.0)
    assert len(found.parts) == 4


def test_a_connection_that_was_asked_for_twice_does_not_thin_the_throughput_out() -> None:
    good = result(20, at_a_time=20, each_s=0.05)
    late = Sample(0.0, 1050.0, 1050.0, 200, None, 2)
    both = LoadResult((*good.samples, late), 21, 21, {}, 0, 0.0, 1.05, 20.0, 0.1)
    assert step_of(both, 4).throughput == pytest.approx(400.0)


def test_a_step_that_fails_ends_the_steps() -> None:
    def send(concurrency: int) -> LoadResult:
        ok = result(10, 2, 0.05)
        return ok if concurrency < 4 else LoadResult((), 9, 0, {"reset": 9}, 0, 0, 1, 0, 0)

    found = swept((1, 2, 4, 8), send)
    assert [s.concurrency for s in found.steps] == [1, 2]
    assert "4 at a time" in found.why_not


@pytest.mark.parametrize(
    ("throughputs", "kind", "at_a_time"),
    [
        ((10, 10.2, 10.1, 9.9), "serial", 1.0),
        ((10, 20, 20.5, 20.1), "limited", 2.0),
        ((10, 20, 39, 78), "grows", 7.8),
        ((10, 20, 30, 14), "falls", 3.0),
        ((10, 18, 30, 42), "bends", 4.2),
    ],
)
def test_how_throughput_follows_the_requests_at_a_time(
    throughputs: tuple[float, ...], kind: str, at_a_time: float
) -> None:
    found = scaling_of(steps(*throughputs))
    assert found is not None
    assert found.kind == kind
    assert found.at_a_time == pytest.approx(at_a_time, abs=0.1)


def test_the_scalability_law_is_told_with_its_interval_where_it_fits() -> None:
    serial = fitted(steps(10, 10.1, 9.9, 10).steps)
    assert serial.sigma is not None
    assert serial.sigma_low is not None
    assert serial.sigma_high is not None
    assert serial.sigma > 0.9
    assert serial.sigma_low <= serial.sigma <= serial.sigma_high
    grows = fitted(steps(10, 20, 40, 80).steps)
    assert grows.sigma == pytest.approx(0, abs=0.01)


def test_the_scalability_law_is_not_told_where_it_does_not_fit() -> None:
    assert fitted(steps(10, 5, 40, 8).steps).sigma is None
    assert fitted(steps(10, 20).steps).why_not


def test_growing_throughput_says_that_nobody_waits_unless_the_load_was_another() -> None:
    loaded = Phase(concurrency=8, seconds=10, completed=1500, latencies_ms=(52.0,) * 50)
    assert unhindered(View(observed(loaded=loaded, sweep=steps(20, 40, 80, 150)))) == 1
    assert unhindered(View(observed(sweep=steps(20, 20, 20, 20)))) == 0
    stuck = loaded.model_copy(update={"completed": 20})
    assert unhindered(View(observed(loaded=stuck, sweep=steps(20, 40, 80, 150)))) == 0


def test_a_quiet_path_tells_whether_the_whole_process_queues() -> None:
    quick = Control(path="/z", status=404, idle_ms=1.0, loaded_ms=(2.0,) * 20)
    slow = Control(path="/z", status=404, idle_ms=1.0, loaded_ms=(300.0,) * 20)
    few = Control(path="/z", status=404, idle_ms=1.0, loaded_ms=(2.0,) * 2)
    none = Control(path="/z", why_not="it costs as much as the endpoint")
    assert process_free(View(observed(control=quick))) == 1
    assert process_held(View(observed(control=quick))) == 0
    assert process_free(View(observed(control=slow))) == 0
    assert process_held(View(observed(control=slow))) == 1
    for unknown in (few, none, None):
        assert process_free(View(observed(control=unknown))) == 0
        assert process_held(View(observed(control=unknown))) == 0


def test_locks_that_the_runtime_counts_tell_a_lock_from_other_things_of_which_there_is_one() -> (
    None
):
    quiet = Control(path="/z", status=404, idle_ms=1.0, loaded_ms=(2.0,) * 20)
    shape = {"control": quiet, "sweep": steps(20, 20, 20, 20), "pid": 1}
    scores = [
        resource(View(observed(**shape, contended=count)), "lock.contention", one=True).score
        for count in (None, 0, 150, 400)
    ]
    assert scores[0] == scores[1] > 0
    assert scores[2] == scores[3] == pytest.approx(2 * scores[0])


def test_of_several_processes_another_may_have_answered_the_quiet_path() -> None:
    quick = Control(path="/z", status=404, idle_ms=1.0, loaded_ms=(2.0,) * 20)
    assert process_free(View(observed(control=quick, workers=4))) == 0


def test_queueing_at_a_steady_rate_counts_on_a_quiet_machine_only() -> None:
    slow = Steady(rate=9, share=0.7, answers=30, p50_ms=300, p95_ms=400)
    assert queueing_at_rate(View(observed(steady=slow))) == 1
    busy = slow.model_copy(update={"others_cores": 1.5})
    assert queueing_at_rate(View(observed(steady=busy))) == 0
    figures = [str(f) for f in load_figures(View(observed(steady=slow, sweep=steps(9, 9, 9, 9))))]
    assert any("70%" in f for f in figures)
    assert any("contention" not in f and "9/s at 8" in f for f in figures)


def counters(at: float) -> Counters:
    return Counters(at, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def test_a_steady_rate_is_a_share_of_the_throughput_and_stops_when_errors_climb() -> None:
    rates: list[float] = []

    def send(rate: float) -> Sent:
        rates.append(rate)
        return Sent(result(30, 30, 0.05), counters(0.0), counters(3.0))

    found = steady_of(send, 40.0)
    assert rates == [pytest.approx(28.0)]
    assert found.p50_ms == pytest.approx(50.0)

    def fails(rate: float) -> Sent:
        stop_when_errors_climb(Tick(1.0, 3.0, int(rate), 10, 9, 0, 0))
        raise AssertionError

    assert "failed" in steady_of(fails, 40.0).why_not
    stop_when_errors_climb(Tick(1.0, 3.0, 100, 99, 1, 0, 0))
    with pytest.raises(ErrorsClimbError):
        stop_when_errors_climb(Tick(1.0, 3.0, 100, 80, 20, 0, 0))


def test_steps_are_left_out_where_requests_hang_or_take_too_long() -> None:
    def never(*_: object, **__: object) -> Sent:
        raise AssertionError

    slow = Phase(concurrency=8, seconds=10, completed=20, latencies_ms=(4000.0,) * 20)
    hangs = Phase(concurrency=8, seconds=10, completed=0)
    for loaded in (slow, hangs):
        found = shaped(observed(loaded=loaded), 5.0, never)
        assert found.sweep
        assert found.sweep.why_not
        assert found.steady
        assert found.steady.why_not


@contextmanager
def serving(other: int, held: threading.Event | None = None) -> Iterator[str]:
    """Serve /work, and anything else with this status; not before the event, if there is one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if held is not None:
                held.wait(5)
            self._answer(200 if self.path == "/work" else other)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with served_by(Handler) as url:
        yield url


@contextmanager
def served_by(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve by a handler; yield the address of /work."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/work"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_quiet_path_waits_while_the_whole_service_is_held() -> None:
    goes_on = threading.Event()
    goes_on.set()
    with serving(404, goes_on) as url:
        path = ControlPath(Request("GET", url), ())
        path.learn()
        path.compare(200, 400.0)
        with path.asked() as seen:
            goes_on.clear()
            time.sleep(1.0)
            goes_on.set()
            time.sleep(0.3)
        found = seen[0]
    assert not found.why_not
    assert found.status == 404
    assert max(found.loaded_ms) > 200


def test_a_path_that_answers_as_the_endpoint_does_is_not_asked() -> None:
    with serving(200) as url:
        path = ControlPath(Request("GET", url), ())
        path.learn()
        path.compare(200, 400.0)
        with path.asked() as seen:
            time.sleep(0.3)
    assert "answers 200 too" in seen[0].why_not
    assert seen[0].loaded_ms == ()


def test_all_but_the_quiet_path_is_as_at_the_endpoint_and_no_other_is_changed() -> None:
    """A service that sends every path to one function reads the query, and what was sent."""
    seen: list[tuple[str, str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append((self.command, self.path.partition("?")[2], body))
            self.send_error(404)

        do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815 - as in the base

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with served_by(Handler) as url:
        ControlPath(Request("GET", f"{url}?room=21"), ()).learn()
        assert set(seen) == {("GET", "room=21", b"")}
        seen.clear()
        ControlPath(Request("POST", url, body=b"{}"), ()).learn()
        assert set(seen) == {("POST", "", b"{}")}
        seen.clear()
        for method in ("PUT", "DELETE", "PATCH"):
            ControlPath(Request(method, url, body=b"{}"), ()).learn()
        assert not seen


def test_a_service_that_does_not_answer_the_quiet_path_is_left_alone() -> None:
    path = ControlPath(Request("GET", "http://127.0.0.1:9/x"), ())
    path.learn()
    with path.asked() as seen:
        pass
    assert seen[0].why_not
