"""`investigate` from end to end on small real services, and what it says to bad input."""

import socket
from collections.abc import Iterator

import pytest

from programs import Running, running
from slowcoach.api.investigate import Investigation, investigate
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    NotPermittedError,
    SlowcoachError,
    UnreachableError,
)
from slowcoach.core.job import Job, Progress
from slowcoach.core.permission import Permissions


@pytest.fixture(scope="module")
def desk() -> Iterator[Running]:
    with running("desk.py") as found:
        yield found


def url(desk: Running, path: str) -> str:
    return f"http://127.0.0.1:{desk.port}{path}"


@pytest.mark.slow
def test_a_lock_that_all_requests_wait_for_is_named_with_its_place(desk: Running) -> None:
    job = Job()
    found = investigate(url(desk, "/ring"), job, pid=desk.pid, duration_s=4, concurrency=8)
    assert found.verdict.cause == "lock.contention", found.considered
    assert "ring_the_bell (desk.py:" in found.verdict.where[0]
    assert found.findings[0].cause == "lock.contention"
    assert found.findings[0].fix
    assert found.latency.p50_ms is not None
    assert found.alone_ms is not None
    assert found.latency.p50_ms > 3 * found.alone_ms
    assert {"latency.json", "evidence.json", "profile.speedscope.json"} <= set(job.artefacts)
    assert found.brief["hypothesis"]["primary"].startswith("lock.contention")
    assert Investigation.model_validate(found.model_dump(mode="json")).verdict == found.verdict


@pytest.mark.slow
def test_a_quick_endpoint_of_the_same_service_is_healthy_and_found_by_its_port(
    desk: Running,
) -> None:
    found = investigate(url(desk, "/hours"), Job(), duration_s=3, concurrency=2)
    assert found.verdict.cause == "healthy", found.considered
    assert found.verdict.where == ()
    assert not found.findings


@pytest.mark.slow
def test_a_database_that_refuses_is_said_and_the_rest_goes_on(desk: Running) -> None:
    found = investigate(
        url(desk, "/hours"),
        Job(),
        pid=desk.pid,
        database_url="postgresql://nobody:secret@127.0.0.1:9/none",
        duration_s=2,
        concurrency=2,
    )
    said = [item.why for item in found.not_checked]
    assert any("127.0.0.1:9" in why for why in said), said
    assert "secret" not in found.model_dump_json()


def test_called_off_it_stops_at_once(desk: Running) -> None:
    def stop(progress: Progress) -> None:
        if progress.done >= 1:
            job.cancellation.ask()

    job = Job(on_progress=stop)
    with pytest.raises(CancelledError):
        investigate(url(desk, "/hours"), job, pid=desk.pid)


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def refusal(**arguments: object) -> SlowcoachError:
    with pytest.raises(SlowcoachError) as caught:
        investigate(job=Job(), **arguments)  # type: ignore[arg-type]
    return caught.value


def test_a_url_without_a_server_is_unreachable() -> None:
    error = refusal(url=f"http://127.0.0.1:{closed_port()}/x")
    assert isinstance(error, UnreachableError)
    assert error.hint


def test_a_dead_pid_is_unreachable() -> None:
    error = refusal(url=f"http://127.0.0.1:{closed_port()}/x", pid=4_194_300)
    assert isinstance(error, UnreachableError)
    assert "no such process" in error.message


def test_an_endpoint_that_answers_404_is_not_investigated(desk: Running) -> None:
    error = refusal(url=url(desk, "/missing"), pid=desk.pid)
    assert isinstance(error, InputError)
    assert "404" in error.message


def test_another_host_needs_permission() -> None:
    assert isinstance(refusal(url="http://192.0.2.1/x"), NotPermittedError)


def test_a_server_that_may_not_execute_refuses(desk: Running) -> None:
    job = Job(permissions=Permissions(execute=False))
    with pytest.raises(NotPermittedError):
        investigate(url(desk, "/hours"), job)


@pytest.mark.parametrize("wrong", ["ftp://127.0.0.1/x", "127.0.0.1:80/x", "http://", ""])
def test_a_wrong_url_says_what_is_expected(wrong: str) -> None:
    assert isinstance(refusal(url=wrong), InputError)


def test_a_wrong_method_says_what_is_expected(desk: Running) -> None:
    assert isinstance(refusal(url=url(desk, "/hours"), method="GE T"), InputError)
