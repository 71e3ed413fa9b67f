"""One Node.js process while it is recorded: its threads, its event loop and what it waits for."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from slowcoach.core.errors import (
    InputError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders import node_process, node_waits, proc
from slowcoach.profiling.recorders.inspector import Calls, Inspector
from slowcoach.profiling.recorders.node_inlined import give_back
from slowcoach.profiling.recorders.node_inspector import (
    ENDS,
    close_again,
    coverage,
    installed,
    method,
    open_now,
    opened_inspector,
    sampling,
    stack_of_now,
)
from slowcoach.profiling.recorders.node_recording import Meter, Taken, pause
from slowcoach.profiling.recorders.node_turn import in_turn
from slowcoach.profiling.recorders.node_workers import workers

_WATCH: Final = Path(__file__).with_name("node_watch.cjs")
_ATOMICS: Final = Path(__file__).with_name("node_atomics.cjs")
_TRIES, _AGAIN_S = 4, 0.3


@dataclass(eq=False)
class Target:
    """A process and the sessions with its threads, the main one first."""

    pid: int
    kind: str
    rate: int
    inspector: Inspector
    warnings: list[str]
    threads: list[Calls] = field(default_factory=list[Calls])
    watch: str | None = None
    waits: list[tuple[Calls, str]] = field(default_factory=list[tuple[Calls, str]])
    standing: tuple[str, ...] = ()
    figures: dict[str, Any] | None = None
    meter: Meter | None = None
    kept: list[Taken] | None = None  # of one that has ended before the others

    def begin(self, stack: ExitStack) -> None:
        """Begin to record; the stack ends it and undoes what was installed."""
        self._begin(stack, self.inspector)
        for worker in workers(self.inspector):
            try:
                self._begin(stack, worker)
            except ToolFailedError as error:
                self.warnings.append(f"Not in this profile: {error.message}")
        self.watch = stack.enter_context(
            installed(self.inspector, _WATCH, self.warnings, "figures of the event loop")
        )
        self.meter = Meter(self.pid)

    def _begin(self, stack: ExitStack, thread: Calls) -> None:
        if self.kind in {"wall", "lock"}:
            locks = self.kind == "lock"
            what = "record of locks" if locks else "record of what it waits for"
            made = stack.enter_context(
                installed(thread, node_waits.SOURCE, self.warnings, what, locks)
            )
            if made is not None:
                self.waits.append((thread, made))
        if self.kind in {"cpu", "wall"}:
            stack.enter_context(installed(thread, _ATOMICS, self.warnings, "mark of its locks"))
        if self.kind != "lock":
            alloc = self.kind == "alloc"
            stack.enter_context(sampling(thread, alloc=alloc, rate=self.rate))
        self.threads.append(thread)

    def ended(self) -> bool:
        """Tell whether the program has come to its end, and waits for us to let it go."""
        return self.inspector.told(ENDS)

    def let_go(self) -> None:
        """Take what a program says that has come to its end, and let it end."""
        if self.kept is not None:
            return
        try:
            if not self.ended():
                return
            self.kept = self.taken()
        except ToolFailedError as error:
            self.warnings.append(f"Not in this profile: {error.message}")
            self.kept = []
        self.inspector.close()

    def taken_if_there(self) -> list[Taken]:
        """Return what each thread said, nothing of a process that does not answer."""
        if self.kept is None:
            try:
                self.kept = self.taken()
            except ToolFailedError as error:
                self.warnings.append(f"Not in this profile: {error.message}")
                self.kept = []
        return self.kept

    def taken(self) -> list[Taken]:
        """Return what each thread said; one that has ended meanwhile says nothing."""
        self.figures = self._figures()
        said = self._said()
        if self.kind == "lock":
            return [Taken(None, self.figures, said)]
        profiles = self._stopped()
        if self.figures and self.figures["ticks"] == 0:
            self.standing = tuple(each.place for each in stack_of_now(self.inspector))
        first, *rest = profiles
        return [Taken(first, self.figures, said), *(Taken(each, None, []) for each in rest)]

    def _figures(self) -> dict[str, Any] | None:
        if self.watch is None:
            return None
        found: dict[str, Any] = self.inspector.ask(self.watch, method("read"))
        return found

    def _said(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for thread, made in self.waits:
            try:
                found.append(thread.ask(made, method("read")))
            except ToolFailedError as error:
                self.warnings.append(f"Not in what is waited for: {error.message}")
        return found

    def _stopped(self) -> list[dict[str, Any]]:
        end = "HeapProfiler.stopSampling" if self.kind == "alloc" else "Profiler.stop"
        profiles: list[dict[str, Any]] = []
        for thread in self.threads:
            try:
                profile = thread.call(end)["profile"]
                if self.kind != "alloc":
                    give_back(profile, coverage(thread))
                profiles.append(profile)
            except ToolFailedError as error:
                if not profiles:  # the main thread's is the one that must be there
                    raise
                self.warnings.append(f"Not in this profile: {error.message}")
        return profiles


def opened(
    stack: ExitStack,
    pids: Sequence[int],
    kind: str,
    rate: int,
    cancellation: Cancellation | None,
    warnings: list[str],
) -> list[Target]:
    """Open the inspectors of processes, the first of which must be there; the stack closes them.

    All open at one port: each goes on to another before the next is opened, and leaves it to
    whoever else wants it. A cluster's primary hands the signal on to its workers, so those that
    are open already come first.
    """
    before = {pid: node_process.own_listeners(pid) for pid in pids}
    found: list[Target] = []
    left, tries = list(pids), dict.fromkeys(pids, _TRIES)
    if len(pids) > 1:
        stack.callback(close_again, before)
    while left:
        ready = (pid for pid in left if found and open_now(pid, before[pid]))
        pid = next(ready, left[0])
        left.remove(pid)
        try:
            with in_turn(node_process.wanted_port(pid), cancellation):
                inspector = stack.enter_context(
                    opened_inspector(pid, cancellation, warnings, before=before[pid], move=True)
                )
        except (ToolFailedError, InputError, UnsupportedError) as error:
            tries[pid] -= 1
            if not found:
                raise
            if isinstance(error, UnreachableError) and tries[pid]:  # the port is another's yet
                left.append(pid)
                pause(_AGAIN_S, cancellation)
            else:
                warnings.append(f"Not in this profile: {error.message}")
            continue
        found.append(Target(pid, kind, rate, inspector, warnings))
    return found


def cores(meters: Sequence[Meter]) -> float | None:
    """Return the cores that several processes used, None when none is known."""
    known = [each for meter in meters if (each := meter.cores()) is not None]
    return sum(known) if known else None


def threads(pids: Sequence[int]) -> int | None:
    """Return the number of threads of several processes."""
    known = [each for pid in pids if (each := proc.threads(pid)) is not None]
    return sum(known) if known else None
