"""Threads of a JVM in native code: what the kernel says of them; computing that is borne out."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from slowcoach.diagnosis.activity import INSIDE, TURN
from slowcoach.diagnosis.borne_out import borne_out
from slowcoach.diagnosis.decide import UNSURE, decide
from slowcoach.diagnosis.evidence.java_native import IN_NATIVE, is_native, read, settled, told
from slowcoach.diagnosis.evidence.java_threads import units_of
from slowcoach.diagnosis.evidence.units import Unit
from slowcoach.diagnosis.evidence.waits import Wait, WaitReader
from slowcoach.diagnosis.models import Activity, Observed, Phase
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.java_threads import JavaThread, threads_of

DUMPS = Path(__file__).parent / "data" / "diagnosis" / "java"


def dump(name: str) -> list[JavaThread]:
    return threads_of((DUMPS / f"{name}-17.txt").read_text())


def units(name: str, wait: Wait) -> list[Unit]:
    return units_of(dump(name), lambda *_: Wait("other"), 0, lambda _: wait)


def at_work(name: str, wait: Wait) -> set[tuple[str, str]]:
    """Return the states and targets of what is in the program's own code."""
    return {
        (u.state, u.target)
        for u in units(name, wait)
        if u.own_at is not None and u.frames[0].name.startswith("org.")
    }


def test_native_methods_of_libraries_are_asked_for_and_no_others() -> None:
    asked = {t.frames[0].name for name in ("rocksdb", "sqlite") for t in dump(name) if is_native(t)}
    assert asked == {"org.rocksdb.RocksDB:put", "org.sqlite.core.NativeDB:step"}
    assert not any(is_native(t) for t in dump("undertow"))  # the JDK's own tell by their names
    sends = Frame("io.netty.channel.unix.Socket:send", None, None)
    assert not is_native(JavaThread("loop", 7, "RUNNABLE", (sends,), None, native=True))


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        (Wait("run"), ("native", "")),
        (Wait("disk", "/srv/log"), ("disk", "/srv/log")),
        (Wait("lock", "0x7f"), ("lock", IN_NATIVE)),
        (Wait("sleep"), ("sleep", "")),
        (Wait("socket", "10.0.0.2:9", 9), ("net", "10.0.0.2:9")),
        (Wait("select"), ("other", "")),
    ],
)
def test_a_thread_in_native_code_is_at_what_the_kernel_says(
    wait: Wait, expected: tuple[str, str]
) -> None:
    assert at_work("rocksdb", wait) == {expected}


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        (Wait("run"), ("db", INSIDE)),
        (Wait("sleep"), ("db", TURN)),
        (Wait("disk"), ("disk", "")),
    ],
)
def test_a_database_in_native_code_is_an_engine_inside_the_process(
    wait: Wait, expected: tuple[str, str]
) -> None:
    assert at_work("sqlite", wait) == {expected}
    assert told(Wait("socket", "x:1521", 1521), database=True) == ("db", "x:1521", 1521)
    assert told(Wait("socket", client=True), database=True) == ("client", "", 0)


class Waits(WaitReader):
    """Tells one wait after the other."""

    def __init__(self, *waits: Wait) -> None:
        super().__init__(os.getpid(), None, 0, None)
        self._left = list(waits)

    def read(self, thread: int) -> Wait:
        if not self._left:
            raise OSError(thread)
        return self._left.pop(0)


def test_what_runs_is_asked_again_and_what_is_gone_runs() -> None:
    assert read(Waits(Wait("run"), Wait("disk")), 7) == Wait("disk")
    assert read(Waits(Wait("lock"), Wait("run")), 7) == Wait("lock")
    assert read(Waits(), 7) == Wait("run")


def does(state: str, mean: float, target: str = "") -> Activity:
    return Activity(
        carrier="thread",
        state=state,
        function="keep",
        file="App.java",
        callee=("put",),
        mean=mean,
        target=target,
    )


@pytest.mark.parametrize(
    ("beside", "used", "expected"),
    [
        (does("disk", 0.3), 0.3, "lock"),  # a group of writes, synced by one of them
        (does("native", 0.3), 0.3, "other"),  # nobody knows
        (does("native", 0.3), 1.9, "native"),  # threads that Java does not know compute for it
        (does("db", 0.3, INSIDE), 0.3, "other"),
    ],
)
def test_locks_in_native_code_are_what_is_seen_beside_them(
    beside: Activity, used: float, expected: str
) -> None:
    found = settled((does("lock", 2.9, IN_NATIVE), beside), used)
    assert [a.state for a in found] == [expected, beside.state]
    mostly = (does("lock", 2.9, IN_NATIVE), does("native", 0.5), does("disk", 0.1))
    assert settled(mostly, 0.6)[0].state == "other"
    assert settled((beside,), used) == (beside,)


@pytest.fixture
def service() -> Callable[..., float]:
    """Return how far the computing of four threads is borne out, on two cores for ten seconds."""

    def judged(
        used: float, *, queued: float = 0.0, others: float = 0.0, runtime: str = "java"
    ) -> float:
        loaded = Phase(
            concurrency=4,
            seconds=10.0,
            completed=100,
            latencies_ms=(400.0,),
            activities=(does("cpu", 3.8),),
            looks=80,
            cpu_user_s=used * 10,
            run_queue_s=queued * 10,
            others_cpu_s=others * 10,
        )
        seen = Observed(
            url="http://x/y", port=80, runtime=runtime, cores=2, alone=loaded, loaded=loaded
        )
        return borne_out(loaded, seen)

    return judged


def test_threads_that_compute_do_not_leave_cores_idle(service: Callable[..., float]) -> None:
    assert service(0.4) == pytest.approx(0.21, abs=0.01)
    assert service(0.4, queued=1.8) == 1.0  # they wait for a core
    assert service(0.4, others=1.5) == 1.0  # others have it
    assert service(1.9) == 1.0
    assert service(0.4, runtime="go") == 1.0  # goroutines wait for threads of Go's own


def test_a_statement_of_an_engine_in_the_process_is_to_be_explained_by_that_engine() -> None:
    loaded = Phase(
        concurrency=4,
        seconds=10.0,
        completed=100,
        latencies_ms=(400.0,),
        activities=(does("db", 3.8, INSIDE),),
        looks=80,
        cpu_user_s=15.0,
    )
    alone = loaded.model_copy(update={"concurrency": 1, "activities": (does("db", 1.0, INSIDE),)})
    seen = Observed(
        url="http://x/y",
        port=80,
        runtime="java",
        cores=2,
        alone=alone,
        loaded=loaded,
        stacks_seen=True,
        tasks_seen=True,
        missing={"database": "no database_url was given"},
    )
    verdict = decide(seen)
    assert verdict.cause == UNSURE
    assert "EXPLAIN QUERY PLAN" in verdict.next_step
