"""Where a Go program computes, by perf, for programs without net/http/pprof.

Needs perf and the right to look at the process. Cost: about 1 % of a core for some seconds of
each phase. What goroutines wait for is not seen.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.go_profiles import computed, spent_at, stacks_of
from slowcoach.diagnosis.evidence.unit_watch import Pace, watched
from slowcoach.diagnosis.evidence.units import Unit
from slowcoach.diagnosis.eyes import Eyes, Sight, StackFrame
from slowcoach.diagnosis.limits import harm, looking
from slowcoach.diagnosis.models import Activity, MemoryPoint
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders.go_program import version
from slowcoach.profiling.recorders.native_symbols import Told

_ALONE_S = (1.0,)
_LOADED_S = (3.0, 3.0)
_BEGINS_S = 0.6
_EACH_S = 0.1
_JOIN_S = 10.0


class PerfSight(Sight):
    """The processor's profiles of a phase; `looks` are perf's samples. `wanting`: how many
    threads ran or would have, at looks at them.
    """

    def __init__(self) -> None:
        self.looks = 0
        self.profiles: list[Profile] = []
        self.seconds = 0.0
        self.due = 0.0
        self.wanting: list[int] = []


def _wanting(pid: int) -> int:
    """Return how many of a process's threads run, or would if they had a processor."""
    found = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            text = (task / "stat").read_text(errors="replace")
            found += text[text.rindex(")") + 2 :].startswith("R")
    return found


class PerfEyes(Eyes):
    """Looks at where one process computes, and at nothing else."""

    one_core_each = False
    is_partial = True
    hidden_tasks = True

    def __init__(self, pid: int, why: str, told: Told | None = None) -> None:
        """`why` there are no better ones; `told` names places of the program."""
        self._pid = pid
        self._told = told
        self._slices: tuple[float, ...] = ()
        self.why_not = f"goroutines are told by net/http/pprof only: {why}"
        self.version = version(pid).removeprefix("go")

    @contextmanager
    def watch(
        self, cancellation: Cancellation, each: Callable[[], None] | None = None
    ) -> Iterator[Callable[[], Sight]]:
        """Record slices in a thread of its own while the block runs."""
        sight, ended = PerfSight(), Cancellation()
        thread = threading.Thread(
            target=self._record, args=(sight, ended), name="slowcoach-perf", daemon=True
        )

        def look() -> Iterable[Unit]:
            sight.wanting.append(_wanting(self._pid))
            return ()

        beside = watched(look, cancellation, each, Pace(_EACH_S, harm("thread_states_share")))
        with cancellation.on_ask(ended.ask), beside:
            thread.start()
            try:
                yield lambda: sight
            finally:
                if time.monotonic() < sight.due:  # it would go on into the next phase
                    ended.ask()
                thread.join(_JOIN_S)
                ended.ask()
                thread.join(_JOIN_S)

    def _record(self, sight: PerfSight, ended: Cancellation) -> None:
        from slowcoach.profiling.recorders import perf

        with suppress(SlowcoachError):  # among them: no perf, no right, and the phase's end
            for seconds in self._slices:
                ended.check()
                sight.due = time.monotonic() + seconds + _BEGINS_S
                taken = perf.record(self._pid, seconds, cancellation=ended, told=self._told)
                sight.profiles += taken.profiles[:1]
                sight.looks += taken.samples
                sight.seconds += taken.seconds
                if time.monotonic() > sight.due + seconds:
                    return  # the machine is busy: reading it took longer than recording
        sight.due = 0.0

    def learn(self, idle: Sight) -> None:
        """Look from now on; the idle service computes little."""
        self._slices = _ALONE_S

    def begin_load(self) -> None:
        """Look for longer."""
        self._slices = _LOADED_S

    def activities(self, sight: Sight) -> tuple[Activity, ...]:
        """Return where it computed."""
        if not isinstance(sight, PerfSight) or not sight.seconds:
            return ()
        self.tasks_seen = True  # the collector among them
        wanting = sum(sight.wanting) / max(1, len(sight.wanting))
        return spent_at(computed(sight.profiles), sight.seconds, wanting)

    def memory(self, points: Sequence[MemoryPoint]) -> tuple[MemoryPoint, ...]:
        """Return the memory as the system counts it if it outgrew what garbage may take.

        By default Go collects when the heap is twice what lived after the last collection: memory
        that becomes several times as large is in use. Less is not known to be, and left out.
        """
        if not points or points[-1].rss >= looking("outgrown") * points[0].rss:
            return tuple(points)
        return tuple(p.model_copy(update={"rss": points[0].rss}) for p in points)

    def stacks(self, sight: Sight) -> Iterable[tuple[tuple[StackFrame, ...], float]]:
        """Return the stacks that computed."""
        for profile in sight.profiles if isinstance(sight, PerfSight) else ():
            for frames, weight in stacks_of(profile):
                yield tuple(reversed(frames)), weight
