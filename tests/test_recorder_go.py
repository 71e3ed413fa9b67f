"""The recorder of Go programs, on one that runs."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import needs
from slowcoach.api.record_profile import TOOL
from slowcoach.core import process
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation, Job
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.recorded import RecordedProfile
from slowcoach.profiling.recorders import go
from slowcoach.profiling.recorders.go_figures import collected, memory_of
from slowcoach.profiling.recorders.go_goroutines import goroutines

pytestmark = pytest.mark.slow
DATA = Path(__file__).parent / "data" / "profiles"
PROGRAMS = DATA.parent / "programs"
DUMP = """goroutine 36 [sync.Mutex.Lock, 2 minutes]:
internal/sync.runtime_SemacquireMutex(0xc000010001?, 0x0?, 0x1?)
\t/usr/local/go/src/runtime/sema.go:95 +0x25
internal/sync.(*Mutex).lockSlow(0xc0000)
\t/usr/local/go/src/internal/sync/mutex.go:149 +0x15d
sync.(*Mutex).Lock(...)
\t/usr/local/go/src/sync/mutex.go:46
main.(*Shop).reserve(0xc0000, {0x1, 0x2})
\t/srv/shop/main.go:31 +0x5b
created by main.main in goroutine 1
\t/srv/shop/main.go:45 +0xa5

goroutine 7 [runnable]:
main.price(...)
\t/srv/shop/main.go:25
main.main.func2()
\t/srv/shop/main.go:55 +0x2c

goroutine 40 [running]:
runtime/pprof.writeGoroutineStacks({0x8b5e60, 0xc0001})
\t/usr/local/go/src/runtime/pprof/pprof.go:817 +0x6b
"""
MEMORY = """heap profile: 1: 2 [3: 4] @ heap/1048576
# runtime.MemStats
# Alloc = 10
# TotalAlloc = {allocated}
# HeapAlloc = 1000000
# PauseNs = [100000 200000 300000 0]
# NumGC = {collections}
"""


FAR = "a/checkout/of/this/project/that/lies/deep/in/the/folders/of/a/machine/which/builds/it"


def built(folder: Path, source: str) -> Path:
    """Build one of the programs of the tests; its files have long paths."""
    if not Path("/proc/self/fd").exists():
        needs.missing("needs Linux's /proc to find a process's port")
    binary = folder / source.removesuffix(".go")
    environment = {**os.environ, "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    far = folder / FAR / source
    far.parent.mkdir(parents=True)
    far.write_bytes((DATA / source).read_bytes())
    build = [needs.program("go"), "build", "-o", str(binary), str(far)]
    subprocess.run(build, check=True, env=environment, cwd=folder)
    return binary


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the service with net/http/pprof."""
    return built(tmp_path_factory.mktemp("go"), "service.go")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the program without net/http/pprof."""
    return built(tmp_path_factory.mktemp("plain"), "plain.go")


@pytest.fixture(scope="module")
def pid(service: Path) -> Iterator[int]:
    """Run the service."""
    with subprocess.Popen([str(service)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip()
        yield child.pid
        child.kill()


def hottest(profile: Profile) -> str:
    """Return the function with the most weight of its own."""
    return profile.frames[int(profile.present[0])].name


def share(profile: Profile, name: str) -> float:
    """Return the share of a function with what it calls, its lines together."""
    lines = [index for index, frame in enumerate(profile.frames) if frame.name == name]
    return sum(float(profile.total_weights[index]) for index in lines) / profile.total


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
    names = {frame.name for frame in profile.frames}
    assert {"main.reserve", "main.price"} <= names
    assert share(profile, "main.reserve") > 0.4  # four of about eight goroutines


def test_locks_are_named_with_their_line_though_the_runtime_does_not_record_them(pid: int) -> None:
    taken = go.attach(pid, 3, kind="lock")
    place = taken[0].frames[int(taken[0].present[0])]

    assert (place.name, place.line) == ("main.reserve", line_of("lock.Lock()"))
    assert taken.figures["mutex profile"] == "not switched on"
    assert any("who holds a lock is not told" in warning for warning in taken.warnings)


def test_the_runtime_tells_of_itself(pid: int) -> None:
    figures = go.attach(pid, 2).figures

    assert figures["runtime"].startswith("go1.")
    assert "of processor time" in figures["garbage collector"]
    assert "runs" in figures["garbage collection"]
    assert "sync.Mutex.Lock" in figures["goroutines"]


def test_a_dump_gives_states_lines_and_who_waits_for_a_mutex() -> None:
    blocked, running = goroutines(DUMP)

    assert (blocked.number, blocked.state, blocked.running) == (36, "sync.Mutex.Lock", False)
    assert blocked.lock is not None
    assert tuple(blocked.lock[0]) == ("main.(*Shop).reserve", "/srv/shop/main.go", 31)
    assert running.running
    assert running.lock is None
    assert running.frames[0] == Frame("main.price", "/srv/shop/main.go", 25)


def test_pauses_between_two_looks_are_told_of_the_ring_that_the_runtime_keeps() -> None:
    before = memory_of(MEMORY.format(allocated=5_000_000, collections=1))
    after = memory_of(MEMORY.format(allocated=25_000_000, collections=3))

    assert collected(before, after, 10.0) == {
        "garbage collection": "2 runs, stopped all for 500 µs, at most 300 µs",
        "allocated": "2 MB a second, 1 MB on the heap",
    }
    assert memory_of("no figures") is None


def test_a_second_cpu_profile_is_refused_with_what_to_do(pid: int) -> None:
    address = urlsplit(go.endpoint(pid))
    with socket.create_connection((address.hostname or "", address.port or 0)) as other:
        other.sendall(f"GET {address.path}/profile?seconds=30 HTTP/1.0\r\n\r\n".encode())
        time.sleep(1)
        with pytest.raises(ToolFailedError, match="in use"):
            go.attach(pid, 1)
    for _ in range(40):  # the runtime stops it a moment after its reader is gone
        try:
            assert go.attach(pid, 1)
        except ToolFailedError:
            time.sleep(0.5)
        else:
            return
    pytest.fail("the other profile goes on")


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


def line_of(text: str, source: str = "service.go") -> int:
    """Return the line of a source file that holds a text."""
    folder = PROGRAMS if source.startswith("gomodule") else DATA
    lines = (folder / source).read_text(encoding="utf-8").splitlines()
    return next(i for i, line in enumerate(lines, 1) if text in line)


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
    assert FAR in answer.findings[0].where[0]
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


def test_a_command_is_recorded_by_its_endpoint_and_stopped(service: Path) -> None:
    answer = record(command=[str(service)], duration_s=4, top=50)

    assert [profile.name for profile in answer.profiles] == ["on CPU", "wall clock"]
    row = answer.profiles[0].frames[0]
    assert (row.name, row.line) == ("main.price", line_of("sum = (sum*31"))
    assert any(wait.where.startswith("main.reserve") for wait in answer.waits)
    assert "profile.lock_wait" in {finding.rule for finding in answer.findings}
    assert process.children() == ()


@pytest.mark.parametrize(
    ("kind", "function"), [("alloc", "main.receipt"), ("lock", "main.reserve")]
)
def test_allocations_and_locks_of_a_command_are_named_with_file_and_line(
    service: Path, kind: str, function: str
) -> None:
    row = record(command=[str(service)], duration_s=3, kind=kind, top=20).profiles[0].frames[0]

    assert row.name == function
    assert row.file is not None
    assert row.file.endswith("service.go")
    assert row.line is not None


def test_of_go_run_the_program_is_recorded_that_it_starts(tmp_path: Path) -> None:
    (tmp_path / "main.go").write_bytes((DATA / "service.go").read_bytes())
    answer = record(command="go run main.go", duration_s=3, cwd=str(tmp_path))

    assert answer.profiles[0].frames[0].name == "main.price"


def test_a_program_without_an_endpoint_is_recorded_by_perf(plain: Path) -> None:
    needs.program("perf")
    answer = record(command=[str(plain)], duration_s=4)

    row = answer.profiles[0].frames[0]
    assert answer.format == "perf"
    assert row.name == "main.price"
    assert row.file is not None
    assert row.file.endswith("plain.go")
    assert any("serves no net/http/pprof" in warning for warning in answer.warnings)


def test_without_an_endpoint_other_kinds_are_refused_with_what_to_do(plain: Path) -> None:
    with pytest.raises(UnsupportedError, match="cannot be asked for alloc") as caught:
        record(command=[str(plain)], duration_s=2, kind="alloc")

    assert "net/http/pprof" in (caught.value.hint or "")


def test_of_a_program_that_ends_early_what_was_seen_is_kept(service: Path) -> None:
    with subprocess.Popen([str(service)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip()

        def end(elapsed: float) -> None:
            if elapsed > 6:
                child.kill()

        taken = go.attach(child.pid, 60, sliced=True, on_tick=end)
    assert hottest(taken[0]) == "main.price"
    assert any("ended after" in warning for warning in taken.warnings)


def test_a_command_that_ends_before_it_is_seen_says_how(service: Path) -> None:
    with pytest.raises(ToolFailedError, match="it ended with 1 before a Go program"):
        record(command="go run missing.go", duration_s=2, cwd=str(service.parent), language="go")


def test_a_benchmark_is_timed_and_profiled() -> None:
    needs.program("go")
    answer = record(target="./shop:BenchmarkTotal", cwd=str(PROGRAMS / "gomodule"), duration_s=4)

    assert answer.timing is not None
    assert answer.timing.ci_low_ms is not None
    assert answer.timing.repeats >= 5
    assert answer.timing.ci_low_ms <= answer.timing.mean_ms < 10
    hot = answer.profiles[0].frames[0]
    assert hot.name == "example.com/shop/shop.price"
    assert hot.line == line_of("sum = (sum*31", "gomodule/shop/shop.go")
    assert "a call" in answer.runtime_figures["allocated"]


@pytest.mark.parametrize(
    ("target", "kind", "arguments", "function"),
    [
        ("./shop:Total", "alloc", [10, ["tea"]], "example.com/shop/shop.Total"),
        ("shop/shop.go:price", "cpu", [5000], "example.com/shop/shop.price"),
    ],
)
def test_a_function_is_called_by_a_benchmark_that_is_not_written_into_its_package(
    target: str, kind: str, arguments: list[object], function: str
) -> None:
    needs.program("go")
    before = sorted((PROGRAMS / "gomodule" / "shop").iterdir())
    answer = record(
        target=target,
        kind=kind,
        arguments=arguments,
        cwd=str(PROGRAMS / "gomodule"),
        duration_s=3,
        language="go",
    )

    assert answer.profiles[0].frames[0].name == function
    assert answer.timing is not None
    assert sorted((PROGRAMS / "gomodule" / "shop").iterdir()) == before


def test_locks_of_a_benchmark_are_named() -> None:
    needs.program("go")
    answer = record(
        target="./shop:BenchmarkSell",
        kind="lock",
        cwd=str(PROGRAMS / "gomodule"),
        duration_s=3,
        top=30,
    )

    assert "example.com/shop/shop.sell" in {frame.name for frame in answer.profiles[0].frames}


@pytest.mark.parametrize(
    ("target", "arguments", "said"),
    [
        ("./shop:BenchmarkSizes", None, "2 benchmarks: BenchmarkSizes/large, BenchmarkSizes/small"),
        ("./shop:Total", ["tea"], "not enough arguments in call to Total"),
        ("./shop:BenchmarkNone", None, "no benchmark ran"),
        ("./none:Total", None, "no such file or folder"),
        ("./shop:Total", {"items": 1}, "by position only"),
    ],
)
def test_a_target_that_cannot_be_run_says_why(target: str, arguments: object, said: str) -> None:
    needs.program("go")
    given: dict[str, Any] = {} if arguments is None else {"arguments": arguments}
    with pytest.raises(InputError, match=said):
        record(target=target, cwd=str(PROGRAMS / "gomodule"), duration_s=2, **given)


def test_a_process_without_endpoints_and_a_dead_one_are_refused() -> None:
    with pytest.raises(UnreachableError, match="net/http/pprof"):
        go.endpoint(os.getpid())
    with pytest.raises(UnreachableError, match="no such process"):
        go.endpoint(2**22 + 1)
