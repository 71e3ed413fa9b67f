"""Python programs with known faults, recorded by pid and by command: each named with its line."""

import dis
import json
import os
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.api.record_profile import TOOL
from slowcoach.core.errors import MissingDependencyError, NotPermittedError, SlowcoachError
from slowcoach.core.job import Job
from slowcoach.diagnosis.evidence.stacks import Seen
from slowcoach.diagnosis.evidence.waits import RUN, Wait
from slowcoach.diagnosis.interpreter.locks import exception_ranges
from slowcoach.diagnosis.interpreter.stacks import PyFrame
from slowcoach.profiling import python_findings, python_session
from slowcoach.profiling.recorded import RecordedProfile
from slowcoach.profiling.recorders import allocation_runner, allocations, python, sampling
from slowcoach.profiling.recorders.function_names import function_at
from slowcoach.profiling.recorders.python_process import version_of
from slowcoach.profiling.recorders.watched import watched
from slowcoach.profiling.recorders.watching import ProcessTimes, Watch

DATA = Path(__file__).parent / "data" / "profiles"
FAULTS, WORKERS = DATA / "faults.py", DATA / "workers.py"


def line(mark: str, file: Path = FAULTS) -> int:
    """Return the number of the line with a comment."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number, text in enumerate(lines, 1) if text.endswith(f"# {mark}"))


def at(mark: str, file: Path = FAULTS) -> str:
    """Return the end of a place as answers write it."""
    return f"{file.name}:{line(mark, file)})"


def record(**arguments: object) -> RecordedProfile:
    """Call the tool as the faces do."""
    result = TOOL.call(TOOL.validate(arguments), Job())
    assert isinstance(result, RecordedProfile)
    if "top" not in arguments:
        assert len(result.model_dump_json()) < 6_000
    return result


def rows(answer: RecordedProfile, view: str) -> list[tuple[str, int | None]]:
    """Return the functions and lines that a view shows."""
    profile = next(profile for profile in answer.profiles if profile.name == view)
    return [(row.name, row.line) for row in profile.frames]


@contextmanager
def running(program: Path) -> Iterator[int]:
    """Run a program beside the block, until it can be looked at."""
    child = subprocess.Popen([sys.executable, str(program), "200"], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if python.dump(child.pid):
                    break
            except NotPermittedError as error:
                needs.missing(f"py-spy may not attach: {error.message}")
            except SlowcoachError:
                time.sleep(0.2)
        yield child.pid
    finally:
        child.terminate()
        child.wait()


@pytest.fixture(scope="module")
def faults() -> Iterator[int]:
    """Return the pid of the program with known faults."""
    if not Path("/proc/self/mem").exists():
        pytest.skip("needs /proc")
    with running(FAULTS) as pid:
        yield pid


def has_the_lock(answer: RecordedProfile) -> None:
    """Check that the lock is named: who stands at it, and the line that holds it."""
    assert answer.profiles[0].name == "locks"
    assert ("stands", line("STANDS")) in rows(answer, "locks")
    stands = next(wait for wait in answer.waits if wait.where.endswith(at("STANDS")))
    assert stands.what == "a lock"
    assert at("HELD") in stands.held_by
    found = next(f for f in answer.findings if f.rule == "profile.lock_wait")
    assert found.cause == "lock.contention"
    assert "GIL" in answer.runtime_figures


@pytest.mark.slow
def test_a_lock_of_a_running_program_is_named_with_the_line_that_holds_it(faults: int) -> None:
    answer = record(pid=faults, kind="lock", duration_s=3, top=40)  # whole, not made to fit
    for _ in range(3):  # on a busy machine few looks come through
        if any(wait.where.endswith(at("WANTS")) for wait in answer.waits):
            break
        answer = record(pid=faults, kind="lock", duration_s=6, top=40)

    has_the_lock(answer)
    task = next(wait for wait in answer.waits if wait.where.endswith(at("WANTS")))
    assert task.what == "a lock (task)"
    assert at("KEEPS") in task.held_by


@pytest.mark.slow
def test_a_running_program_is_seen_on_cpu_by_the_clock_and_by_its_interpreter(faults: int) -> None:
    answer = record(pid=faults, kind="wall", duration_s=3, top=40)

    assert ("sleeps", line("SLEEPS")) in rows(answer, "wall clock")
    assert any(name.endswith("wants") for name, _ in rows(answer, "wall clock"))
    assert "asyncio task" in dict(rows(answer, "wall clock"))
    assert ("hot", line("HOT")) in rows(answer, "on CPU")
    assert any(
        wait.where.endswith(at("SLEEPS")) and wait.what == "a sleep" for wait in answer.waits
    )
    assert {"GIL", "garbage collection", "asyncio"} <= set(answer.runtime_figures)


@pytest.mark.slow
def test_a_command_has_the_same_views_as_a_running_program() -> None:
    answer = record(command=[sys.executable, str(FAULTS), "100"], kind="lock", duration_s=3, top=40)

    has_the_lock(answer)
    assert "hot" in dict(rows(answer, "on CPU"))
    assert "threads" in answer.runtime_figures


@pytest.mark.slow
def test_one_worker_unlike_the_others_is_told_apart() -> None:
    with running(WORKERS) as pid:
        answer = record(pid=pid, duration_s=3, top=5)

    found = next(f for f in answer.findings if f.rule == "profile.uneven_workers")
    assert found.where[0].endswith(at("SPINS", WORKERS))
    assert len([name for name in answer.runtime_figures if name.startswith("process ")]) == 4


@pytest.mark.slow
@pytest.mark.parametrize("how", ["pid", "command", "target"])
def test_the_site_of_allocations_is_named(how: str, faults: int) -> None:
    needs.module("memray")
    asked: dict[str, object] = {"target": f"{FAULTS}:allocates"}
    if how == "pid":
        needs.program("gdb", "lldb")
        asked = {"pid": faults}
    elif how == "command":
        asked = {"command": [sys.executable, str(FAULTS), "100"]}
    answer = record(**asked, kind="alloc", duration_s=1)

    assert answer.format == "memray"
    assert answer.profiles[0].unit == "bytes"
    assert rows(answer, "allocated")[0] == ("allocates", line("ALLOCATES"))
    assert rows(answer, "held at the highest point")[0] == ("allocates", line("ALLOCATES"))
    assert "of allocations" in answer.summary


@pytest.mark.slow
def test_a_program_that_ends_by_itself_still_tells_its_allocations(tmp_path: Path) -> None:
    program = tmp_path / "short.py"
    program.write_text("kept = [bytearray(100_000) for _ in range(50)]\n", encoding="utf-8")
    answer = record(command=[sys.executable, str(program)], kind="alloc", duration_s=60)

    assert any((row.file or "").endswith("short.py") for row in answer.profiles[0].frames)


def test_without_memray_what_is_held_is_told_with_functions(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("def keeps(into):\n    into.append(bytearray(200_000))\n", encoding="utf-8")
    space: dict[str, Any] = {}
    exec(compile(source.read_text(encoding="utf-8"), str(source), "exec"), space)
    kept: list[bytearray] = []
    folder = tmp_path / "out"
    folder.mkdir()
    allocation_runner.called(lambda: space["keeps"](kept), 0.2, str(folder), use_memray=False)
    (found,) = allocations.read(folder, None)

    assert found.by == "tracemalloc"
    assert found.calls == len(kept)
    frames, size, _ = max(found.held, key=lambda row: row[1])
    assert frames[-1] == [str(source), 2]
    assert size >= 200_000 * (len(kept) - 1)
    assert function_at(*frames[-1]) == "keeps"


def test_a_debugger_is_asked_for_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingDependencyError) as caught:
        allocations.attach(os.getpid(), 1)

    assert "gdb" in caught.value.hint


def test_the_version_that_a_command_runs_is_known_before_it_runs(tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text(f"#!{sys.executable}\nprint()\n", encoding="utf-8")
    script.chmod(0o755)
    ours = sys.version_info[:2]

    assert version_of([sys.executable, "x.py"]) == ours
    assert version_of([str(script)]) == ours
    assert version_of([str(tmp_path / "missing")]) is None
    assert version_of([]) is None


def test_the_innermost_function_around_a_line_is_named(tmp_path: Path) -> None:
    source = tmp_path / "nested.py"
    source.write_text(
        textwrap.dedent("""\
        def outer():
            async def inner():
                return 1
            return inner
        x = 1
        """),
        encoding="utf-8",
    )

    assert [function_at(str(source), n) for n in (1, 3, 4, 5)] == [
        "outer",
        "inner",
        "outer",
        "<module>",
    ]
    assert function_at(str(tmp_path / "missing.py"), 3) == "<module>"


def test_the_ranges_of_with_blocks_are_read_as_the_standard_library_reads_them() -> None:
    def nested(a: Any, b: Any) -> None:
        with a, b:
            try:
                a.read()
            finally:
                b.close()

    code = nested.__code__
    expected = [
        (entry.start, entry.end, entry.depth)
        for entry in dis._parse_exception_table(code)  # type: ignore[attr-defined]
    ]

    assert list(exception_ranges(code.co_exceptiontable)) == expected
    assert any(depth == 2 for _, _, depth in expected)


def seen(kind: str, *frames: PyFrame, thread: int = 1, pid: int = 7, target: str = "") -> Seen:
    """Return what one look saw of a thread, its frames leaf first."""
    wait = RUN if kind == "run" else Wait(kind, target)
    return Seen(pid, thread, task=False, wait=wait, frames=frames)


def watch(counts: dict[Seen, int], **given: Any) -> Watch:
    """Return ten looks in five seconds at one process."""
    times = {7: ProcessTimes(7, begun=0.0, ended=5.0, cpu=2.5, ready=0.5, threads=2)}
    fields: dict[str, Any] = {"seen": Counter(counts), "looks": 10, "seconds": 5.0, "times": times}
    return Watch(**(fields | given))


PLACE = PyFrame("Shop.total", "/srv/shop.py", 12)
IDLE = PyFrame("Queue.get", "/usr/lib/python3.11/queue.py", 171)


def test_states_become_views_in_seconds_of_all_threads() -> None:
    blocked = seen("lock", PLACE, target="0x10")
    found = watched(
        watch(
            {blocked: 4, seen("run", PLACE): 6, seen("lock", IDLE, thread=2): 10},
            held=Counter({(blocked, PyFrame("Shop.sell", "/srv/shop.py", 30)): 3}),
        )
    )

    assert found is not None
    assert found.wall.total == pytest.approx(10.0)
    assert found.running.total == pytest.approx(3.0)
    assert found.locks is not None
    assert found.locks.total == pytest.approx(2.0)
    assert found.contended == pytest.approx(0.4)
    first, last = found.waits
    assert (first.what, first.held_by) == ("a lock", "Shop.sell (/srv/shop.py:30)")
    assert (first.threads, last.what) == (0.4, "a queue")


def test_nothing_seen_is_nothing() -> None:
    assert watched(Watch()) is None


@pytest.mark.parametrize(("cores", "uneven"), [((0.9, 0.1, 0.1), True), ((0.9, 0.8, 0.7), False)])
def test_workers_are_uneven_when_one_uses_many_times_the_others(
    cores: tuple[float, ...], uneven: bool
) -> None:
    times = {
        pid: ProcessTimes(pid, begun=0.0, ended=10.0, cpu=10 * used, threads=1)
        for pid, used in enumerate(cores, 1)
    }
    found = watched(watch({seen("run", PLACE, pid=1): 10}, times=times))

    assert found is not None
    rules = [finding.rule for finding in python_findings.findings(found)]
    assert ("profile.uneven_workers" in rules) is uneven


def gecko() -> dict[str, Any]:
    """Return what profiling.sampling writes of a thread: 4 of 10 looks off the processor."""
    names = ["(root)", "hot", "main", "app.py", "Off CPU", "Waiting for GIL", "Has GIL"]
    columns = {"category": [1, 1], "subcategory": [0, 0], "length": 2}
    thread = {
        "name": "Thread-1",
        "isMainThread": True,
        "pid": "7",
        "tid": 1,
        "processType": "default",
        "processName": "Python Process",
        "registerTime": 0,
        "samples": {
            "stack": [1] * 10,
            "time": [float(10 * i) for i in range(10)],
            "eventDelay": [None] * 10,
            "weight": None,
            "weightType": "samples",
            "length": 10,
        },
        "stackTable": {"frame": [0, 1], "prefix": [None, 0], **columns},
        "frameTable": {
            "address": [-1, -1],
            "func": [0, 1],
            "line": [9, 4],
            "column": [None, None],
            "inlineDepth": [0, 0],
            "nativeSymbol": [None, None],
            "implementation": [None, None],
            **columns,
        },
        "funcTable": {
            "name": [2, 1],
            "isJS": [True, True],
            "relevantForJS": [True, True],
            "resource": [0, 0],
            "fileName": [3, 3],
            "lineNumber": [9, 4],
            "columnNumber": [None, None],
            "length": 2,
        },
        "resourceTable": {"lib": [None], "name": [3], "host": [None], "type": [1], "length": 1},
        "nativeSymbols": {"libIndex": [], "address": [], "name": [], "length": 0},
        "markers": {
            "data": [{}, {}],
            "name": [4, 5],
            "startTime": [30.0, 0.0],
            "endTime": [70.0, 20.0],
            "phase": [1, 1],
            "category": [5, 4],
            "length": 2,
        },
    }
    meta = {"interval": 10.0, "startTime": 0, "version": 32, "preprocessedProfileVersion": 57}
    return {
        "meta": {**meta, "product": "Python", "categories": []},
        "libs": [],
        "threads": [thread],
        "shared": {"stringArray": names, "sources": {"length": 0, "uuid": [], "filename": []}},
    }


@pytest.mark.slow
def test_the_interpreters_own_sampling_profiler_gives_both_views(tmp_path: Path) -> None:
    """A program that answers its command line as Python 3.15 documents it."""
    recorded = tmp_path / "recorded.json"
    recorded.write_text(json.dumps(gecko()), encoding="utf-8")
    answering = tmp_path / "python3.15"
    answering.write_text(
        f"#!{sys.executable}\n"
        "import argparse, shutil, sys\n"
        "assert sys.argv[1:4] == ['-m', 'profiling.sampling', 'attach']\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('-a', '--all-threads', action='store_true', required=True)\n"
        "parser.add_argument('--gecko', action='store_true', required=True)\n"
        "parser.add_argument('-r', '--sampling-rate', type=int)\n"
        "parser.add_argument('-d', '--duration', type=int)\n"
        "parser.add_argument('-o', '--output')\n"
        "parser.add_argument('pid', type=int)\n"
        "given = parser.parse_args(sys.argv[4:])\n"
        f"shutil.copy({str(recorded)!r}, given.output)\n",
        encoding="utf-8",
    )
    answering.chmod(0o755)
    taken = sampling.attach(os.getpid(), 2, rate=100, interpreter=str(answering))

    assert taken.cpu is not None
    wall, cpu = taken.wall[0], taken.cpu[0]
    assert (wall.samples, cpu.samples) == (10, 6)
    assert any((frame.name, frame.line) == ("hot", 4) for frame in wall.frames)
    assert taken.lasted["Waiting for GIL"] == pytest.approx(0.02)


@pytest.mark.slow
def test_an_interpreter_whose_profiler_does_not_work_is_recorded_by_py_spy(
    faults: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_session, "version", lambda _pid: (3, 15))
    answer = record(pid=faults, duration_s=3)

    assert [profile.name for profile in answer.profiles] == ["on CPU", "wall clock"]
    assert any("py-spy was used" in text for text in answer.warnings)
