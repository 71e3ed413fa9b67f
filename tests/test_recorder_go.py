"""The recorder of Go programs, on one that runs."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs
from slowcoach.api.record_profile import TOOL
from slowcoach.core.errors import (
    CancelledError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation, Job
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorded import RecordedProfile
from slowcoach.profiling.recorders import go

pytestmark = pytest.mark.slow
SERVICE = Path(__file__).parent / "data" / "profiles" / "service.go"


@pytest.fixture(scope="module")
def pid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Build the service and run it."""
    if not Path("/proc/self/fd").exists():
        needs.missing("needs Linux's /proc to find a process's port")
    folder = tmp_path_factory.mktemp("go")
    binary = folder / "service"
    environment = {**os.environ, "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    build = [needs.program("go"), "build", "-o", str(binary), str(SERVICE)]
    subprocess.run(build, check=True, env=environment, cwd=folder)
    with subprocess.Popen([str(binary)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip()
        yield child.pid
        child.kill()


def hottest(profile: Profile) -> str:
    """Return the function with the most weight of its own."""
    return profile.frames[int(profile.present[0])].name


def total(profile: Profile, name: str) -> float:
    """Return the share of a function with what it calls."""
    index = [frame.name for frame in profile.frames].index(name)
    return float(profile.total_weights[index]) / profile.total


def test_the_hot_function_is_named_with_file_and_line(pid: int) -> None:
    taken = go.attach(pid, 2)
    profile = taken[0]

    assert hottest(profile) == "main.price"
    place = profile.hottest(int(profile.present[0]))
    assert place.file is not None
    assert place.file.endswith("service.go")
    assert place.line is not None
    assert taken.samples == profile.samples
    assert taken.target_cpu_while is not None


def test_allocations_of_the_recorded_time_are_named(pid: int) -> None:
    profile = go.attach(pid, 2, kind="alloc")[0]

    assert profile.unit == "bytes"
    assert hottest(profile) == "main.receipt"


def test_goroutines_that_wait_for_the_lock_are_most_of_the_wall_clock(pid: int) -> None:
    profile = go.attach(pid, 2, kind="wall")[0]

    assert profile.unit == "seconds"
    assert total(profile, "main.reserve") > 0.4  # four of about eight goroutines


def test_locks_that_the_runtime_does_not_record_are_said_to_be_unknown(pid: int) -> None:
    with pytest.raises(UnsupportedError, match="records no locks"):
        go.attach(pid, 1, kind="lock")


def test_a_second_cpu_profile_is_refused_with_what_to_do(pid: int) -> None:
    url = go.endpoint(pid)
    curl = f"import httpx; httpx.get('{url}/profile?seconds=8', timeout=60, trust_env=False)"
    with subprocess.Popen([sys.executable, "-c", curl]) as other:
        time.sleep(3)
        try:
            with pytest.raises(ToolFailedError, match="in use"):
                go.attach(pid, 1)
        finally:
            other.kill()


def test_a_recording_that_is_called_off_ends_at_once_and_leaves_no_profile_running(
    pid: int,
) -> None:
    cancellation = Cancellation()

    def off(elapsed: float) -> None:
        if elapsed > 0.5:
            cancellation.ask()

    begun = time.monotonic()
    with pytest.raises(CancelledError):
        go.attach(pid, 60, cancellation=cancellation, on_tick=off)
    assert time.monotonic() - begun < 30
    for _ in range(20):  # the runtime stops the first one a moment later
        try:
            assert go.attach(pid, 1)
        except ToolFailedError:
            time.sleep(0.5)
        else:
            return
    pytest.fail("the cancelled profile goes on")


def record(job: Job | None = None, **arguments: object) -> RecordedProfile:
    """Call the tool as the faces do."""
    result = TOOL.call(TOOL.validate(arguments), job or Job())
    assert isinstance(result, RecordedProfile)
    return result


def test_the_tool_knows_go_by_itself_and_names_hot_code_and_where_goroutines_wait(pid: int) -> None:
    answer = record(pid=pid, duration_s=5)

    assert answer.format == "pprof"
    assert [profile.name for profile in answer.profiles] == ["on CPU", "wall clock"]
    assert answer.profiles[0].frames[0].name == "main.price"
    assert "of processor time in" in answer.summary
    assert any(wait.where.startswith("main.reserve") for wait in answer.waits)
    assert answer.speedscope is not None
    assert answer.speedscope.endswith("profile.speedscope.json")


@pytest.mark.parametrize(
    ("kind", "function", "said"),
    [("alloc", "main.receipt", "B of allocations"), ("wall", "main.reserve", "of wall time")],
)
def test_the_tool_says_what_the_weights_are_of(
    pid: int, kind: str, function: str, said: str
) -> None:
    answer = record(pid=pid, duration_s=3, kind=kind, top=50)

    assert answer.format == "pprof"
    assert said in answer.summary
    assert function in {frame.name for frame in answer.profiles[0].frames}
    assert all(finding.cause != "cpu.hot_function" for finding in answer.findings)


def test_the_tool_passes_on_that_it_is_called_off(pid: int) -> None:
    job = Job()
    job.cancellation.ask()
    with pytest.raises(CancelledError):
        record(job, pid=pid, duration_s=60)


def test_a_command_of_go_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnsupportedError, match="command: of Go only a pid") as caught:
        record(command=[needs.program("go"), "version"])

    assert "give its pid" in caught.value.hint


def test_a_process_without_endpoints_and_a_dead_one_are_refused() -> None:
    with pytest.raises(UnreachableError, match="net/http/pprof"):
        go.endpoint(os.getpid())
    with pytest.raises(UnreachableError, match="no such process"):
        go.endpoint(2**22 + 1)
