"""Goroutines in code of another language: what their threads wait for, and who waits for them."""

from pathlib import Path

import pytest

from slowcoach.diagnosis.activity import INSIDE, TURN
from slowcoach.diagnosis.evidence.go_foreign import abroad, is_abroad, told
from slowcoach.diagnosis.evidence.goroutines import state_of, units_of
from slowcoach.diagnosis.evidence.waits import Wait
from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.go_goroutines import Goroutine, goroutines

DUMP = Path(__file__).parent / "data" / "diagnosis" / "goroutines" / "calls_of_c.txt"
KEPT = "main.(*Journal).addReading"


class Threads:
    """Tells a thread for each goroutine, and what that waits for."""

    def __init__(self, wait: Wait) -> None:
        self._wait = wait

    def threads(self, numbers: set[int]) -> dict[int, int]:
        return {number: 1000 + number for number in numbers}

    def lasting(self, thread: int) -> Wait:
        assert thread > 1000
        return self._wait


def seen(dump: list[Goroutine], wait: Wait) -> dict[int, Wait]:
    threads = Threads(wait)
    return dict(abroad(dump, threads, threads))  # type: ignore[arg-type]


def test_a_call_of_c_is_told_by_the_compilers_name_for_it() -> None:
    calls = {g.number: is_abroad(g) for g in goroutines(DUMP.read_text())}
    assert calls == {1: False, 478: True, 231: True, 472: True, 498: False}


def test_a_statement_that_syncs_its_file_waits_for_the_disk() -> None:
    dump = goroutines(DUMP.read_text())
    away = seen(dump, Wait("disk"))
    assert set(away) == {231, 472}  # the third is back, and waits for the processor
    states = {u.key: u.state for u in units_of(dump, 0, away) if u.own_at is not None}
    assert (states[231], states[472]) == ("disk", "disk")
    assert states[478] != "disk"


def test_without_a_look_at_threads_it_is_the_databases() -> None:
    units = {u.key: u for u in units_of(goroutines(DUMP.read_text()))}
    assert (units[231].state, units[231].target) == ("db", "")


@pytest.mark.parametrize(
    ("state", "wait", "expected"),
    [
        ("db", Wait("disk", "/srv/rows.db"), ("disk", "/srv/rows.db")),
        ("db", Wait("run"), ("db", INSIDE)),
        ("other", Wait("run"), ("native", "")),
        ("db", Wait("sleep"), ("db", TURN)),
        ("db", Wait("lock"), ("db", "")),
    ],
)
def test_what_the_thread_waits_for_says_what_it_is(
    state: str, wait: Wait, expected: tuple[str, str]
) -> None:
    assert told(state, wait) == expected


def test_who_waits_for_a_librarys_goroutine_in_c_waits_for_what_that_does() -> None:
    library = Frame("github.com/mattn/go-sqlite3.(*SQLiteStmt).exec", "sqlite3.go", 2060)
    child = Goroutine(
        9, "syscall", (Frame("runtime.cgocall", "cgocall.go", 167), library), library.name, 5
    )
    parent = Goroutine(5, "select", (library, Frame(KEPT, "./app.go", 28)), "main.main", 1)
    assert seen([parent, child], Wait("disk")) == {9: Wait("disk"), 5: Wait("disk")}


@pytest.mark.parametrize("leaf", ["runtime.GC", "runtime/debug.FreeOSMemory"])
@pytest.mark.parametrize("reason", ["wait for GC cycle", "semacquire", "running", "runnable"])
def test_who_asks_for_a_collection_waits_for_the_collector(leaf: str, reason: str) -> None:
    frames = [
        StackFrame("runtime.gopark", "proc.go", 1, False),
        StackFrame(leaf, "mgc.go", 1, False),
    ]
    assert state_of(reason, frames) == "gc"
