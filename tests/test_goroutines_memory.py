"""Goroutines as they are read from a process's memory: just as Go tells them itself."""

import os
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs
from slowcoach.core.errors import NotPermittedError, UnsupportedError
from slowcoach.diagnosis.goroutines_memory.functions import printed, shown, value_at
from slowcoach.diagnosis.goroutines_memory.layout import LAYOUTS, layouts_for
from slowcoach.diagnosis.goroutines_memory.reader import GoroutineReader
from slowcoach.profiling.recorders.go_goroutines import Goroutine, goroutines
from slowcoach.profiling.recorders.go_program import version

PROGRAM = Path(__file__).parent / "data" / "diagnosis" / "programs" / "waits.go"
MOVING = {"main.stir", "main.stir.func1"}
STARTED = {
    *("main.stir", "main.main", "main.small", "main.deep"),
    *("main.(*Box[...]).take", "main.(*Desk).Wait"),
}
KINDS = {
    "plain": (),
    "stripped": ("-ldflags", "-s -w"),
}


@pytest.fixture(scope="module", params=KINDS)
def program(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, int]]:
    """Yield the pid and port of a Go program that was built in one of several ways."""
    needs.program("go")
    file = tmp_path_factory.mktemp("go") / "waits"
    subprocess.run(
        ["go", "build", "-trimpath", *KINDS[request.param], "-o", str(file), PROGRAM.name],
        check=True,
        cwd=PROGRAM.parent,
        env={**os.environ, "GOTOOLCHAIN": "local"},
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([str(file)], env={**os.environ, "PORT": str(port)}) as child:
        try:
            until = time.monotonic() + 30
            while not dump(port) and time.monotonic() < until:
                time.sleep(0.1)
            yield child.pid, port
        finally:
            child.kill()


def dump(port: int) -> list[Goroutine]:
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/debug/pprof/goroutine?debug=2", timeout=30
        ) as answer:
            return goroutines(answer.read().decode())
    except OSError:
        return []


def still(found: list[Goroutine]) -> dict[int, Goroutine]:
    """Return what waits for ever, by number: neither what stirs nor what answers us."""
    return {
        each.number: each
        for each in found
        if not each.running
        and each.frames[-1].name not in MOVING
        and not each.creator.startswith("net/http.")
        and each.frames[-1].name != "main.main"
    }


def test_it_tells_of_goroutines_that_wait_what_go_tells_itself(program: tuple[int, int]) -> None:
    pid, port = program
    with GoroutineReader(pid, version(pid)) as reader:
        read = still(reader.look())
    told = still(dump(port))
    assert read == told
    assert {each.state for each in read.values()} >= {
        *("sync.Mutex.Lock", "sync.RWMutex.RLock", "sync.Cond.Wait"),
        *("sleep", "select", "chan send", "chan receive", "chan receive (nil chan)", "IO wait"),
    }
    names = {frame.name for each in read.values() for frame in each.frames}
    assert {"main.inner", "main.small", "main.(*Box[...]).take", "main.deep"} <= names


def test_goroutines_that_move_are_read_whole_or_told_to_run(program: tuple[int, int]) -> None:
    pid, _ = program
    moving: list[Goroutine] = []
    with GoroutineReader(pid, version(pid)) as reader:
        for _ in range(100):
            moving += [g for g in reader.look() if g.creator in {"main.main", "main.stir"}]
            time.sleep(0.002)
    ends = {re.split(r"\.(?:func|gowrap)\d", each.frames[-1].name)[0] for each in moving}
    assert "main.stir" in ends
    assert ends <= STARTED
    assert len({each.state for each in moving if each.frames[-1].name in MOVING}) > 1


def test_places_that_perf_cannot_name_are_named_with_the_runtimes_own(
    program: tuple[int, int],
) -> None:
    pid, _ = program
    data = Path(f"/proc/{pid}/exe").read_bytes()
    with GoroutineReader(pid, version(pid)) as reader:
        found = [reader.frames_at(at, called=False) for at in range(0, len(data), 4096)]
    names = {frame.name for frames in found for frame in frames}
    assert len(names) > 100
    assert any(name.startswith("runtime.") for name in names)
    assert any(name.startswith("net/http.") for name in names)


def test_what_is_no_go_program_is_not_read() -> None:
    with pytest.raises(UnsupportedError, match="no table of functions"):
        GoroutineReader(os.getpid(), "go1.26")


def test_a_process_that_is_not_there_is_not_read() -> None:
    with pytest.raises(NotPermittedError):
        GoroutineReader(1 << 22, "go1.26")


@pytest.mark.parametrize(
    ("told", "since"), [("go1.27.1", 27), ("go1.24.3", 23), ("1.20", 20), ("devel", 27)]
)
def test_the_likeliest_layout_comes_first(told: str, since: int) -> None:
    found = list(layouts_for(told))
    assert found[0].since == since
    assert sorted(each.since for each in found) == sorted(each.since for each in LAYOUTS)


@pytest.mark.parametrize(
    ("name", "is_shown"),
    [
        ("main.main", True),
        ("runtime.gopark", False),
        ("runtime.GC", True),
        ("runtime.(*Func).Entry", True),
        ("runtime.(*mheap).alloc", False),
        ("runtime.runFinalizers", True),
        ("aeshashbody", False),
        ("sync.runtime_SemacquireMutex", True),
    ],
)
def test_the_runtimes_inner_functions_are_not_shown(name: str, is_shown: bool) -> None:
    assert shown(name) is is_shown


def test_names_come_without_the_types_that_they_are_made_for() -> None:
    assert printed("main.(*Box[go.shape.[]string]).take") == "main.(*Box[...]).take"
    assert printed("main.plain") == "main.plain"


def test_a_table_of_changes_tells_the_value_at_an_address() -> None:
    # from -1: +1 for 4 bytes, +24 for 300, -24 for 2; the end
    table = bytes([2, 4, 48, 0xAC, 0x02, 47, 2, 0])
    at = [value_at(table, 100, pc) for pc in (100, 103, 104, 403, 404, 405, 406)]
    assert at == [0, 0, 24, 24, 0, 0, -1]


def test_a_table_that_goes_on_asks_for_more() -> None:
    with pytest.raises(IndexError):
        value_at(bytes([2, 4]), 100, 200)
