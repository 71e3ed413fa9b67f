"""Every version of Python is looked into alike: its threads, its tasks and its containers."""

import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import needs
from programs import FOLDER, running
from slowcoach.api.investigate import investigate
from slowcoach.core.job import Job
from slowcoach.diagnosis.evidence.states import task_state
from slowcoach.diagnosis.interpreter.executors import IN_QUEUE
from slowcoach.diagnosis.interpreter.heap import HeapReader
from slowcoach.diagnosis.interpreter.layout import LAYOUTS
from slowcoach.diagnosis.interpreter.lines import line_by_ranges, line_by_steps
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter, open_interpreter
from slowcoach.diagnosis.interpreter.stacks import PyTask
from slowcoach.diagnosis.interpreter.stacks_before_311 import stack_reader
from slowcoach.diagnosis.interpreter.task_links import linked_tasks

VERSIONS = ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"]
OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
OTHERS = [version for version in VERSIONS if version != OWN]  # test_investigate has this one
TRIES = 150


def python(version: str) -> str:
    """Return an interpreter of this version; most machines have few of them."""
    if version == OWN:
        return sys.executable
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    found = str(kept[-1]) if kept else shutil.which(f"python{version}")
    if found is None:
        pytest.skip(f"no Python {version} is installed here")
    return found


@contextmanager
def opened(program: str, version: str) -> Iterator[Interpreter]:
    """Run a program by a version of Python beside the block, and look into it."""
    with running(program, python(version)) as found:
        try:
            interpreter = open_interpreter(found.pid)
        except PermissionError:
            needs.missing("needs the right to read another process's memory")
            raise
        with interpreter.memory:
            yield interpreter


@pytest.fixture(params=VERSIONS)
def interpreter(request: pytest.FixtureRequest) -> Iterator[Interpreter]:
    version = tuple(int(part) for part in request.param.split("."))
    if version not in LAYOUTS:
        pytest.skip(f"the layout of Python {request.param} is not known")
    with opened("waiting.py", request.param) as found:
        yield found


def line_of(text: str) -> int:
    lines = (FOLDER / "waiting.py").read_text().splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


def test_threads_tasks_and_containers_are_read(interpreter: Interpreter) -> None:
    reader = stack_reader(interpreter)
    heap = HeapReader(interpreter, lambda file: file.endswith("waiting.py"))
    threads: dict[str, int] = {}
    tasks: set[str] = set()
    sizes: dict[str, int] = {}
    natives: set[int] = set()
    for _ in range(TRIES):
        with suppress(UnreadableMemoryError):
            for thread in reader.threads():
                natives.add(thread.native_id)
                threads |= {f.name: f.line for f in thread.frames}
            tasks |= {f.name for task in reader.tasks() for f in task.frames}
            sizes |= {name: c.entries for name, c in heap.read().containers.items()}
        if {"wait_for_lock", "burn"} <= set(threads) and "inner" in tasks and sizes:
            break
        time.sleep(0.02)
    assert threads["wait_for_lock"] == line_of("HELD.acquire()")
    assert {"inner", "outer", "Lock.acquire"} <= tasks
    assert sizes["waiting.KEPT"] == 7
    assert sizes["waiting.register.entries"] == 2
    assert len(natives) == 5
    assert min(natives) == interpreter.memory.pid


@pytest.mark.slow
@pytest.mark.parametrize("version", OTHERS)
def test_a_service_of_each_version_is_diagnosed(version: str) -> None:
    with running("desk.py", python(version)) as desk:
        found = investigate(
            f"http://127.0.0.1:{desk.port}/ring", Job(), pid=desk.pid, duration_s=2, concurrency=6
        )
    assert found.verdict.cause == "lock.contention", found.considered
    assert "ring_the_bell (desk.py:" in found.verdict.where[0]


def test_lines_are_decoded_from_the_tables_of_3_9_and_3_10() -> None:
    # (bytes of code, step of lines): lines 10, 11 for 4 bytes, none, then back to 9
    ranges = bytes([2, 0, 4, 1, 2, 0x80, 2, 0xFE])
    assert [line_by_ranges(ranges, 10, at) for at in (0, 2, 4, 8)] == [10, 11, 11, 9]
    steps = bytes([2, 1, 4, 2, 2, 0xFE])
    assert [line_by_steps(steps, 10, at) for at in (0, 2, 4, 6, 8)] == [10, 11, 11, 13, 11]


def tasks_of(name: str) -> list[PyTask]:
    """Return the tasks that a program's interpreter has, once all of them wait."""
    from slowcoach.diagnosis.interpreter.greenlets import GreenletReader
    from slowcoach.diagnosis.interpreter.trio import TrioReader

    found: list[PyTask] = []
    with running(name) as program:
        try:
            interpreter = open_interpreter(program.pid)
        except PermissionError:
            needs.missing("needs the right to read another process's memory")
            return []
        with interpreter.memory:
            stacks = stack_reader(interpreter)
            readers = (GreenletReader(interpreter, stacks), TrioReader(interpreter, stacks))
            for _ in range(TRIES):
                with suppress(UnreadableMemoryError):
                    found = [task for reader in readers for task in reader.tasks()]
                if sum(any(f.name == "wait_for_lock" for f in t.frames) for t in found) >= 3:
                    break
                time.sleep(0.02)
    return found


def parts_of(interpreter: Interpreter) -> list[str]:
    """Return which coroutine asked for each task that runs `part`, and how that task is told."""
    stacks = stack_reader(interpreter)
    tasks = linked_tasks(interpreter, stacks, stacks.chains())
    names = [[f.name for f in task.frames] for task in tasks]
    return sorted(" < ".join(n[1:]).partition(" < main")[0] for n in names if "part" in n)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_task_is_told_by_the_coroutine_that_waits_for_it(version: str) -> None:
    with opened("behalf.py", version) as interpreter:
        found: list[str] = []
        for _ in range(TRIES):
            with suppress(UnreadableMemoryError):
                found = parts_of(interpreter)
            if len(found) >= 5:
                break
            time.sleep(0.02)
    ways = {name.split(" < ")[-1] for name in found}
    assert {"by_gather", "by_wait_for", "by_wait", "by_task"} <= ways
    assert ("by_group" in ways) == (interpreter.version >= (3, 11))
    assert sum(name.endswith("by_gather") for name in found) == 2
    assert sum(name.endswith("by_wait_for") for name in found) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_a_task_that_waits_for_a_bare_future_waits_for_no_task(version: str) -> None:
    ends: set[tuple[str, str]] = set()
    with opened("behalf.py", version) as interpreter:
        stacks = stack_reader(interpreter)
        for _ in range(TRIES):
            with suppress(UnreadableMemoryError):
                tasks = linked_tasks(interpreter, stacks, stacks.chains())
                ends = {(t.frames[0].name, t.awaits) for t in tasks}
            if any(name == "by_news" for name, _ in ends):
                break
            time.sleep(0.02)
    found = [task_state(awaits, ()) for name, awaits in ends if name == "by_news"]
    assert found == ["future"]


QUEUED = Counter(
    {
        "ask": 2,
        "ask_shielded": 1,
        "ask_shielded_task": 1,
        "ask_in_time": 1,
        "ask_together": 2,
        "ask_for_any": 1,
    }
)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_task_in_the_queue_of_an_executor_is_told_from_one_that_has_its_thread(
    version: str,
) -> None:
    found: Counter[str] = Counter()
    others: set[str] = set()
    with opened("queueing.py", version) as interpreter:
        stacks = stack_reader(interpreter)
        for _ in range(TRIES):
            with suppress(UnreadableMemoryError):
                tasks = linked_tasks(interpreter, stacks, stacks.chains())
                found = Counter(_way(t) for t in tasks if t.awaits == IN_QUEUE)
                others = {t.frames[0].name for t in tasks if t.awaits != IN_QUEUE}
            if found.total() == QUEUED.total():
                break
            time.sleep(0.02)
    assert found == QUEUED
    assert "ask" in others, "the one that has the thread"


def _way(task: PyTask) -> str:
    """Return the coroutine of the program that asks, nearest the root under `main`."""
    return [f.name for f in task.frames if f.name != "main" and "queueing.py" in f.file][-1]


def test_greenlets_show_what_they_wait_for() -> None:
    pytest.importorskip("gevent")
    tasks = tasks_of("green.py")
    found = [[f.name for f in task.frames] for task in tasks]
    locks = [names for names in found if "wait_for_lock" in names]
    assert sorted(names[0] for names in locks) == ["LockType.acquire"] * 2 + ["sleep"]
    assert any("wait_for_peer" in names for names in found)
    ends = {(task.frames[0].name, task_state(task.awaits, ())) for task in tasks}
    assert {("wait_for_turn", "semaphore"), ("wait_for_news", "queue")} <= ends


def test_tasks_of_trio_show_what_they_await() -> None:
    pytest.importorskip("trio")
    found = [[f.name for f in task.frames] for task in tasks_of("nursery.py")]
    locks = [names for names in found if "wait_for_lock" in names]
    assert sum("_LockImpl.acquire" in names for names in locks) == 2
    assert sum("sleep" in names for names in locks) == 1
