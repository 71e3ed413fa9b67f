"""Looking into a running Python: its threads, tasks and containers, without stopping it."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

import pytest

import needs
from programs import FOLDER, Running, running
from slowcoach.diagnosis.evidence.heap import HeapWatch, is_filled
from slowcoach.diagnosis.evidence.stacks import Looks, Sampler
from slowcoach.diagnosis.evidence.waits import Wait, WaitReader
from slowcoach.diagnosis.interpreter.heap import HeapReader
from slowcoach.diagnosis.interpreter.lines import line_at
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import (
    Interpreter,
    UnknownInterpreterError,
    open_interpreter,
)
from slowcoach.diagnosis.interpreter.stacks import StackReader
from slowcoach.diagnosis.models import Growth

TRIES = 200
T = TypeVar("T")


@pytest.fixture(scope="module")
def program() -> Iterator[Running]:
    with running("waiting.py") as found:
        yield found


@pytest.fixture(scope="module")
def interpreter(program: Running) -> Iterator[Interpreter]:
    try:
        found = open_interpreter(program.pid)
    except UnknownInterpreterError as error:
        pytest.skip(f"this Python's layout is not known: {error}")
    except PermissionError:
        needs.missing("needs the right to read another process's memory")
        return
    with found.memory:
        yield found


def eventually(look: Callable[[], T | None]) -> T:
    """Look until something is found: a look may meet a structure in the middle of a change."""
    for _ in range(TRIES):
        with suppress(UnreadableMemoryError):
            found = look()
            if found is not None:
                return found
        time.sleep(0.02)
    raise AssertionError("never seen")


def line_of(text: str) -> int:
    lines = (FOLDER / "waiting.py").read_text().splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


def test_a_threads_stack_has_function_file_and_line(interpreter: Interpreter) -> None:
    reader = StackReader(interpreter)

    def leaf() -> tuple[str, int] | None:
        for thread in reader.threads():
            if thread.frames and thread.frames[0].name == "wait_for_lock":
                assert thread.frames[0].file.endswith("waiting.py")
                return thread.frames[0].name, thread.frames[0].line
        return None

    assert eventually(leaf) == ("wait_for_lock", line_of("HELD.acquire()"))


def test_a_suspended_task_shows_what_it_awaits(interpreter: Interpreter) -> None:
    reader = StackReader(interpreter)

    def awaited() -> list[str] | None:
        chains = [[f.name for f in task.frames] for task in reader.tasks()]
        return next((c for c in chains if "inner" in c and "Lock.acquire" in c), None)

    chain = eventually(awaited)
    assert chain.index("Lock.acquire") < chain.index("inner")


def test_containers_are_found_by_name_with_their_sizes(interpreter: Interpreter) -> None:
    reader = HeapReader(interpreter, lambda file: file.endswith("waiting.py"))

    def sizes() -> dict[str, int] | None:
        found = {name: c.entries for name, c in reader.read().containers.items()}
        return found if "waiting.KEPT" in found else None

    found = eventually(sizes)
    assert found["waiting.KEPT"] == 7
    assert found["waiting.SHELF.books"] == 2 + 3 + 4
    assert found["waiting.Shelf.labels"] == 2
    assert found["waiting.register.entries"] == 2
    loop = {name.rsplit(".", 1)[-1] for name in found if name.startswith("waiting.LOOP.")}
    assert "_ready" in loop, "an event loop is met"
    assert "_fd_to_key" not in loop, "but not its table of connections"


def test_a_memoizing_cache_tells_hits_and_misses(interpreter: Interpreter) -> None:
    reader = HeapReader(interpreter, lambda file: file.endswith("waiting.py"))
    memo = eventually(lambda: reader.read().memos.get("waiting.squared"))
    assert (memo.limit, memo.entries, memo.hits, memo.misses) == (4, 4, 1, 6)


def test_functions_tell_which_names_they_use(interpreter: Interpreter) -> None:
    reader = HeapReader(interpreter, lambda file: file.endswith("waiting.py"))
    heap = eventually(lambda: heap if (heap := reader.read()).functions else None)
    assert "waiting.wait_for_lock" in {f.name for f in heap.functions if "HELD" in f.names}


def test_what_grew_since_the_last_look_is_seen_by_one_more_at_once() -> None:
    with running("growing.py") as program:
        try:
            opened = open_interpreter(program.pid)
        except (UnknownInterpreterError, PermissionError) as error:
            pytest.skip(f"its memory cannot be read: {error}")
        with opened.memory:
            watch = HeapWatch([opened])
            watch.look()

            def grown() -> int | None:
                watch.look(at_once=True)
                return next((g.after - g.before for g in watch.growth()), None)

            assert eventually(grown) >= 8


def test_of_threads_that_may_run_the_one_that_holds_the_interpreter_computes(
    interpreter: Interpreter,
) -> None:
    if interpreter.version < (3, 11):
        pytest.skip("who holds the interpreter is known from 3.11 on")
    computing, others = 0, 0
    with running("convoy.py") as found, Sampler([found.pid], 0, python=True) as sampler:
        for _ in range(TRIES):
            looks = Looks()
            sampler.look(looks)
            waits = [seen.wait.kind for seen in looks.seen if not seen.without_gil]
            computing += waits.count("run")
            others += waits.count("gil")

    assert computing <= 1.2 * TRIES  # one may take over while the stacks are read
    assert others > computing


def test_a_process_that_is_no_python_is_refused() -> None:
    with pytest.raises((UnknownInterpreterError, PermissionError)):
        open_interpreter(1)


def test_lines_are_decoded_from_a_code_objects_table() -> None:
    def sample(a: int) -> int:
        b = a + 1

        return b * 2

    code = sample.__code__
    for start, end, line in code.co_lines():
        if line is not None:
            for position in range(start, end, 2):
                assert line_at(code.co_linetable, code.co_firstlineno, position) == line


def test_the_kernel_tells_what_each_thread_waits_for(
    program: Running, interpreter: Interpreter
) -> None:
    gil = (interpreter.binary.data_start, interpreter.binary.data_end)
    waits = WaitReader(program.pid, interpreter.memory, 1, gil)
    stacks = StackReader(interpreter)

    def seen(function: str, kind: str) -> Wait | None:
        for thread in stacks.threads():
            if any(f.name == function for f in thread.frames):
                found = waits.read(thread.native_id)
                return found if found.kind == kind else None
        return None

    assert not eventually(lambda: seen("wait_for_lock", "lock")).timed
    assert eventually(lambda: seen("wait_for_sleep", "sleep"))
    assert eventually(lambda: seen("wait_for_peer", "socket")).port == program.port
    assert eventually(lambda: seen("burn", "run"))


def test_a_cache_that_loses_its_entries_is_told_from_a_record_and_from_a_filled_one() -> None:
    with running("caching.py") as program:
        try:
            opened = open_interpreter(program.pid)
        except (UnknownInterpreterError, PermissionError) as error:
            pytest.skip(f"its memory cannot be read: {error}")
        with opened.memory:
            watch = HeapWatch([opened])
            watch.reset()
            begun = time.monotonic()
            found: dict[str, Growth] = {}
            # four seconds at least; on a machine that others load, until its keys came round
            while (took := time.monotonic() - begun) < 4 or (
                not ("tight.held" in found and found["tight.held"].returned) and took < 40
            ):
                for _ in range(100):
                    watch.look()
                    time.sleep(0.01)
                grown = [g for g in watch.growth() if "Sheets" in g.name]
                found = {g.name.split("Sheets.")[-1]: g for g in grown}
    tight, last = found["tight.held"], found["last"]
    assert tight.bounded
    assert tight.after == 8
    assert tight.returned, "its keys come back"
    assert last.returned == 0, "no turn comes twice"
    # 12 entries a turn and one; looks miss some when a table is made anew
    assert tight.added > last.added
    assert tight.functions == ("Kept.get",) or "Sheets.turn" in tight.functions
    assert "roomy.held" not in found


@pytest.mark.parametrize(
    ("sizes", "filled"),
    [
        ([27, 40, 48, 48], True),
        ([27, 48, 47], True),
        ([27, 40, 44, 48], False),
        ([48, 30, 30], False),
        ([48], False),
    ],
)
def test_a_container_is_filled_when_its_last_looks_find_the_largest_size(
    sizes: list[int], *, filled: bool
) -> None:
    assert is_filled(sizes) is filled
