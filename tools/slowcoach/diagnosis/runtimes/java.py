"""Java services: threads by the JVM's own dumps, its collector, and the objects that live.

What is in native code, which a dump calls runnable, is at what the kernel says. Cost: a dump stops
the program for about a millisecond, a few times a second; what `evidence.java_heap` says for the
live objects. The JVM's attach socket is all it takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.awaited import Answers, Awaited
from slowcoach.diagnosis.evidence.java_class_files import calling
from slowcoach.diagnosis.evidence.java_collector import (
    Spent,
    collector_share,
    contended,
    spent,
    with_collector,
)
from slowcoach.diagnosis.evidence.java_heap import JavaHeap
from slowcoach.diagnosis.evidence.java_native import read, settled
from slowcoach.diagnosis.evidence.java_threads import asks, loops_of, units_of
from slowcoach.diagnosis.evidence.java_virtual import SINCE_JDK, uses_virtual, virtual_threads
from slowcoach.diagnosis.evidence.unit_watch import Pace, watched
from slowcoach.diagnosis.evidence.units import Unit, UnitSight, UnitSorter
from slowcoach.diagnosis.evidence.unseen import together, unseen
from slowcoach.diagnosis.evidence.waits import Wait, WaitReader
from slowcoach.diagnosis.eyes import Eyes, Runtime, Sight, StackFrame, Where
from slowcoach.diagnosis.interpreter.memory import ProcessMemory
from slowcoach.diagnosis.limits import deciding, harm
from slowcoach.diagnosis.models import Activity, Growth, MemoryPoint, Stuck
from slowcoach.profiling.recorders import java_flight
from slowcoach.profiling.recorders.java_attach import asked, must_be_java
from slowcoach.profiling.recorders.java_threads import JavaThread, threads_of

_INTERVAL_S = 0.12
_SIGNALS = frozenset({"condition", "event", "queue", "semaphore"})
_NO_WAIT = Wait("other")
_NO_ATTACH = "DisableAttachMechanism"


class JavaSight(Sight):
    """The threads that were seen, the collector's part of the computing, the cores that were used,
    and the answers that its connections awaited, by the peer's port.
    """

    def __init__(
        self, units: UnitSight, collected: float, used: float, awaited: Mapping[int, Awaited]
    ) -> None:
        self.units = units
        self.looks = units.looks
        self.collected = collected
        self.used = used
        self.awaited = awaited

    @property
    def is_empty(self) -> bool:
        """Tell whether no thread was seen."""
        return self.units.is_empty


class JavaEyes(Eyes):
    """Asks one JVM for its threads again and again."""

    one_core_each = False

    def __init__(self, where: Where) -> None:
        self._pid = where.pids[0]
        self._database_port = where.database_port
        self._sorter = UnitSorter()
        self._memory: ProcessMemory | None = None
        self._jdk = 0
        self._loops: frozenset[int] = frozenset()
        self._sockets: dict[tuple[StackFrame, ...], Wait] = {}
        self._begun: float | None = None
        self._contended: int | None = None
        self._watching = False
        self._calm: frozenset[str] = frozenset()
        self._awaits: dict[int, float] = {}
        self._beside = 1.0
        self._collected = self._ended = Spent(0.0, 0.0, 0.0, (0, 0, 0))
        try:
            must_be_java(self._pid)
            self._jdk, self.version = java_flight.version(self._pid)
            self.tasks_seen = True
        except SlowcoachError as error:
            self.why_not = f"threads are told by the JVM's attach socket only: {_why(error)}"
            return
        self._heap = JavaHeap(self._pid, self._jdk)
        with suppress(OSError):
            self._memory = ProcessMemory(self._pid)
        self._waits = WaitReader(self._pid, self._memory, where.port, None)
        self._answers = Answers(self._pid, where.port)

    def close(self) -> None:
        """Close what was opened of the process."""
        if self._memory is not None:
            self._memory.close()
            self._memory = None

    @contextmanager
    def watch(
        self, cancellation: Cancellation, each: Callable[[], None] | None = None
    ) -> Iterator[Callable[[], Sight]]:
        """Look at the threads in a thread of its own while the block runs."""
        if not self.tasks_seen:
            with super().watch(cancellation, each) as nothing:
                yield nothing
            return
        begun, before = time.monotonic(), self._spent()
        collected, used = 0.0, 0.0
        with (
            self._answers.counted() as awaited,
            watched(self._look, cancellation, each, _pace()) as sight,
        ):
            self._watching = True
            yield lambda: JavaSight(sight, collected, used, awaited)
            self._watching = False
            self._ended = self._spent()
            seconds = time.monotonic() - begun
            collected = collector_share(before, self._ended, seconds)
            used = (self._ended.all_s - before.all_s) / seconds

    def _look(self) -> Iterable[Unit]:
        dump = threads_of(asked(self._pid, "Thread.print"))
        if self._jdk >= SINCE_JDK and uses_virtual(dump):
            dump += self._virtual()
        reader = self._waits
        units = units_of(
            dump, self._wait_of, self._database_port, lambda thread: read(reader, thread)
        )
        self._loops |= loops_of(units)
        if self._begun is not None:
            self._heap.asked.look(units)
        return [replace(u, carrier="loop") if u.key in self._loops else u for u in units]

    def _virtual(self) -> list[JavaThread]:
        try:
            return virtual_threads(self._pid)
        except (SlowcoachError, OSError, ValueError):  # in a container, say
            self.hidden_tasks = True
            return []

    def _wait_of(self, thread: int, frames: Sequence[StackFrame]) -> Wait:
        """Return where a thread waits; what has gone on since the dump is where the like were."""
        with suppress(OSError, ValueError, IndexError):
            wait = self._waits.read(thread)
            if wait.kind == "socket":
                self._sockets[tuple(frames)] = wait
                return wait
        return self._sockets.get(tuple(frames), _NO_WAIT)

    def _spent(self) -> Spent:
        with suppress(OSError):
            return spent(self._pid)
        return self._ended

    def learn(self, idle: Sight) -> None:
        """Take the idle threads as the baseline, and what lives before the first request."""
        if self.tasks_seen:
            self._heap.idle()
        self._sorter = UnitSorter(_units(idle))
        if isinstance(idle, JavaSight):
            self._awaits = {port: each.mean for port, each in idle.awaited.items()}

    def begin_load(self) -> None:
        """Count live objects and collections from now."""
        if self.tasks_seen:
            self._heap.begin()
            self._collected = self._spent()
        self._contended = contended(self._pid)
        self._begun = time.monotonic()

    def activities(self, sight: Sight) -> tuple[Activity, ...]:
        """Return what requests did."""
        some = deciding("working")
        collected = sight.collected if isinstance(sight, JavaSight) else 0.0
        used = sight.used if isinstance(sight, JavaSight) else 0.0
        found = settled(self._sorter.activities(_units(sight)), used)
        if self._begun is None:
            self._calm = frozenset(
                a.function for a in found if a.state in _SIGNALS and a.mean >= some
            )
        worked_for = sum(a.mean for a in found if a.carrier == "worker") >= some
        return with_collector((self._told(a, worked_for) for a in found), collected)

    def _told(self, activity: Activity, worked_for: bool) -> Activity:
        """Return it with the right word for a wait that a lone request has too: nobody contends
        there. It waits for a thread that works for it, which is counted itself, or for an event.
        """
        if activity.state not in _SIGNALS or activity.function not in self._calm:
            return activity
        return activity.model_copy(update={"state": "join" if worked_for else "event"})

    def unseen(
        self, sight: Sight, concurrency: int, seen: Sequence[Activity]
    ) -> tuple[Activity, ...]:
        """Return what callbacks await: answers at connections that no thread waits for."""
        if not isinstance(sight, JavaSight):
            return ()
        if concurrency == 1:
            self._beside = together(sight.awaited)
        return unseen(
            sight.awaited,
            self._awaits,
            self._beside,
            concurrency,
            seen,
            self._database_port,
            asks,
            lambda runs: calling(self._pid, ((a.function, a.file) for a in runs), asks),
        )

    def loop_busy(self, sight: Sight) -> float | None:
        """Return the share of time in which the busiest event loop was not in its selector."""
        seen = _units(sight)
        held: dict[int, int] = {}
        for unit, count in seen.seen.items():
            if unit.carrier == "loop":
                busy = count if unit.state != "idle" else 0
                held[unit.key] = held.get(unit.key, 0) + busy
        return max(held.values()) / max(1, seen.looks) if held else None

    def stuck(self, sight: Sight, idle: Sight, least_s: float) -> tuple[Stuck, ...]:
        """Return the threads that did not move."""
        return self._sorter.stuck(_units(sight), _units(idle), least_s)

    def look_at_heap(self) -> None:
        """Look at the live objects amid the load; what it left is looked at by `growth`."""
        if self.tasks_seen and self._watching:
            self._heap.amid()

    def growth(self) -> tuple[Growth, ...]:
        """Look at the live objects once more, and return the classes that gained."""
        if not self.tasks_seen:
            return ()
        self._heap.end()
        return self._heap.growth(self._answers.served_a_second)

    def memory(self, points: Sequence[MemoryPoint]) -> tuple[MemoryPoint, ...]:
        """Return the bytes of live objects in place of resident memory."""
        if not self.tasks_seen or self._begun is None:
            return tuple(points)
        return self._heap.memory(points, self._begun)

    def collections(self) -> tuple[int, int, int] | None:
        """Return the young and old collections since the load began."""
        if not self.tasks_seen:
            return None
        young, middle, old = (
            after - before
            for before, after in zip(self._collected.runs, self._ended.runs, strict=True)
        )
        return young, middle, old

    def contended(self) -> int | None:
        """Return how often monitors were waited for, which needs no attaching."""
        now = contended(self._pid)
        return None if now is None or self._contended is None else now - self._contended

    def stacks(self, sight: Sight) -> Iterable[tuple[tuple[StackFrame, ...], float]]:
        """Return the threads' stacks, less those that wait for work."""
        for unit, count in _units(sight).seen.items():
            if unit.own_at is not None:
                yield tuple(reversed(unit.frames)), float(count)


def _pace() -> Pace:
    return Pace(
        interval_s=_INTERVAL_S,
        share=harm("java_threads_share"),
        later=harm("java_threads_later"),
        enough=harm("java_looks_enough"),
        longest_s=harm("java_threads_pause"),
    )


def _why(error: SlowcoachError) -> str:
    """Return why a JVM cannot be asked, and what tells its threads all the same."""
    if _NO_ATTACH not in error.message:
        return error.message
    return (
        f"{error.message}. `jhsdb jstack --pid` of the same JDK reads them from outside (it stops "
        "the program for a second or two); `kill -3` has the JVM write them to its own output"
    )


def _units(sight: Sight) -> UnitSight:
    return sight.units if isinstance(sight, JavaSight) else UnitSight()


RUNTIME = Runtime(name="java", open=JavaEyes)
