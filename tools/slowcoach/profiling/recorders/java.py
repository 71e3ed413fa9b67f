"""Record running Java programs with the JDK's own recorder: no restart, no agent.

The wall clock is thread dumps, taken again and again: the recorder's samples leave out threads
that wait, and its events short waits. A dump takes the JVM a millisecond or less.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from slowcoach.core.errors import ToolFailedError, UnreachableError
from slowcoach.core.job import Cancellation
from slowcoach.core.units import duration
from slowcoach.profiling.recorders import java_async, java_flight, java_views, proc
from slowcoach.profiling.recorders.go_java_recording import (
    RuntimeRecording,
    lives,
    pause_after,
    placed,
)
from slowcoach.profiling.recorders.java_attach import asked, is_java, must_be_java
from slowcoach.profiling.recorders.java_counters import Counted
from slowcoach.profiling.recorders.java_threads import JavaThread, threads_of
from slowcoach.profiling.recorders.java_views import Seen
from slowcoach.profiling.recorders.node_recording import Meter, pause

__all__ = ["attach", "dump", "is_java", "starts_java"]

LOOKS_A_SECOND: Final = 10
_BEFORE_S = 0.5
_LATE_S = 60.0  # more than it takes to stop a recording of a busy program
_STARTERS: Final = frozenset({"java", "mvn", "mvnw", "gradle", "gradlew", "sbt", "jbang"})


def starts_java(command: Sequence[str]) -> bool:
    """Tell whether a command starts a JVM: java itself, or a build tool that does."""
    return bool(command) and Path(command[0]).name in _STARTERS


def dump(pid: int, cancellation: Cancellation | None = None) -> list[JavaThread]:
    """Return what each thread of a Java process does now (stops it for a millisecond).

    Raises UnreachableError, NotPermittedError or InputError (not Java) saying what to do.
    """
    must_be_java(pid)
    return threads_of(asked(pid, "Thread.print", cancellation=cancellation))


def attach(
    pid: int,
    duration_s: float,
    *,
    kind: str = "cpu",
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
    looks_a_second: int = LOOKS_A_SECOND,
) -> RuntimeRecording:
    """Record a running Java program: kind cpu, wall, alloc or lock. Its recording is stopped
    and its file deleted on every way out; of a program that ends, what was seen so far is kept.

    Raises errors of core.errors saying what to do; CancelledError.
    """
    must_be_java(pid)
    before = Meter(pid)
    pause(_BEFORE_S, cancellation)
    cpu_before = before.cores()
    jdk, name = java_flight.version(pid)
    watch = Watch(pid, duration_s, cancellation, on_tick, looks_a_second)
    seen = watch.wall() if kind == "wall" else _flown(watch, kind, jdk)
    return recording(watch, seen, kind, {"runtime": name}, cpu_before)


class Watch:
    """Waits for the time to be up or the program's end, and looks at its threads meanwhile."""

    def __init__(
        self,
        pid: int,
        duration_s: float,
        cancellation: Cancellation | None,
        on_tick: Callable[[float], None] | None,
        looks_a_second: int = LOOKS_A_SECOND,
    ) -> None:
        self.pid, self.cancellation = pid, cancellation
        self.looks_a_second = looks_a_second
        self.duration_s, self._on_tick = duration_s, on_tick
        self._begin()
        self.counters: dict[str, str] = {}
        self.threads: int | None = None
        self.cores: float | None = None
        self.seconds = 0.0
        self.ended = False

    def _begin(self) -> None:
        """Count from now on: starting the recorder may take a while."""
        pid = self.pid
        self.meter, self.counted = Meter(pid), Counted(pid)
        self.recorder_before = java_views.recorder_seconds(pid)

    def until_done(self, *, dumping: bool) -> list[list[JavaThread]]:
        """Wait, and return the dumps taken meanwhile, if they are asked for."""
        self._begin()
        dumps: list[list[JavaThread]] = []
        looked, quickest = 0.0, 1.0
        while self.meter.seconds < self.duration_s and lives(self.pid):
            if dumping:
                begun = time.monotonic()
                try:
                    dumps.append(threads_of(asked(self.pid, "Thread.print")))
                    quickest = min(quickest, time.monotonic() - begun)
                except (UnreachableError, ToolFailedError):
                    if dumps or not lives(self.pid):
                        break
                    raise
            if self.meter.seconds - looked >= 1 or not looked:
                looked = self.meter.seconds
                self._note()
            if self._on_tick is not None:
                self._on_tick(self.meter.seconds)
            pause(
                max(1 / self.looks_a_second, pause_after(quickest) if dumping else 0),
                self.cancellation,
            )
        self.seconds = self.meter.seconds
        self.ended = not lives(self.pid)
        self._note()
        return dumps

    def _note(self) -> None:
        """Keep the figures as of now: when the program ends they are gone."""
        if not lives(self.pid):
            return
        self.counters = self.counted.figures()
        self.cores = self.meter.cores()
        self.threads = proc.threads(self.pid)

    def wall(self) -> Seen:
        """Return the wall clock of the time, by dumps. Raises ToolFailedError without any."""
        return self.walled(self.until_done(dumping=True))

    def walled(self, dumps: Sequence[Sequence[JavaThread]]) -> Seen:
        """Return dumps as the wall clock of the time."""
        if not dumps:
            raise ToolFailedError(
                f"pid {self.pid}: it ended before its threads were looked at",
                hint="Give it more to do, or record kind=cpu",
            )
        return java_views.dumped(dumps, self.seconds)


def _flown(watch: Watch, kind: str, jdk: int) -> Seen:
    pid = watch.pid
    agent = java_async.usable(pid) if kind == "cpu" else None
    if agent is not None:
        with java_async.flight(pid, agent, java_flight.SAMPLE_MS) as under_way:
            watch.until_done(dumping=False)
            seen = java_views.recorded(under_way.land(), kind, f"pid {pid}")
        figures = {"recorder": f"async-profiler, every {java_flight.SAMPLE_MS} ms"}
        return replace(seen, figures={**figures, **seen.figures})
    longest_s = watch.duration_s + _LATE_S
    with java_flight.flight(pid, kind, jdk, watch.cancellation, longest_s=longest_s) as under_way:
        dumps = watch.until_done(dumping=kind == "lock")
        cost = java_views.own_cost(pid, watch.recorder_before, watch.seconds)
        seen = java_views.recorded(under_way.land(), kind, f"pid {pid}")
    figures = {
        "flight recorder": f"{java_flight.settings_said(kind, jdk)}; {cost}",
        **seen.figures,
    }
    return java_views.with_holders(replace(seen, figures=figures), dumps, watch.seconds)


def recording(
    watch: Watch,
    seen: Seen,
    kind: str,
    figures: dict[str, str],
    cpu_before: float | None,
    doubts: tuple[str, ...] = (),
) -> RuntimeRecording:
    """Return what was seen, with what it cost."""
    if watch.ended:
        doubts = (*doubts, f"pid {watch.pid} ended after {duration(watch.seconds)}")
    return RuntimeRecording(
        profiles=tuple(map(placed, seen.profiles)),
        samples=seen.profiles[0].samples or 0,
        lost=0,
        seconds=watch.seconds,
        rate=watch.looks_a_second if kind == "wall" else round(1000 / java_flight.SAMPLE_MS),
        blocking=kind == "wall",
        threads=watch.threads,
        behind=False,
        target_cpu_before=cpu_before,
        target_cpu_while=watch.cores,
        profiler_cpu=watch.meter.recorder(),
        cpu_pressure=proc.cpu_pressure(),
        together=kind == "wall",
        running=seen.running,
        figures={**figures, **watch.counters, **seen.figures},
        warnings=(*doubts, *seen.warnings),
        blocked=seen.blocked,
        format="thread dumps" if kind == "wall" else "",
    )
