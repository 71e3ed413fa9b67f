"""Goroutines of programs without net/http/pprof, read from memory; where they compute, by perf.

Cost: nothing of the program's own, some milliseconds of ours a look; perf at about 1 % of a core
for some seconds of each phase. What is allocated and kept is not seen, but for how much lives,
and the entries of lists and maps of caches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.go_eyes import GoroutineEyes
from slowcoach.diagnosis.evidence.go_lists import ListWatch
from slowcoach.diagnosis.evidence.go_live import LiveWatch
from slowcoach.diagnosis.evidence.go_maps import MapWatch
from slowcoach.diagnosis.evidence.go_perf import PerfEyes, PerfSight
from slowcoach.diagnosis.evidence.go_profiles import computed
from slowcoach.diagnosis.evidence.unit_watch import Pace, watched
from slowcoach.diagnosis.evidence.units import Unit
from slowcoach.diagnosis.eyes import Sight, Where
from slowcoach.diagnosis.goroutines_memory.reader import GoroutineReader
from slowcoach.diagnosis.limits import harm
from slowcoach.diagnosis.models import Activity, Growth, MemoryPoint
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.perf_script import Place

_INTERVAL_S = 0.05


class InsideEyes(GoroutineEyes):
    """Reads the goroutines of one process again and again."""

    is_partial = True

    def __init__(self, where: Where, why: str, version: str) -> None:
        """`why` there are no better ones. Raises the errors of `GoroutineReader`."""
        super().__init__(where)
        self._inside = GoroutineReader(where.pids[0], version)
        self._reader = self._inside
        self._program = str(Path(f"/proc/{where.pids[0]}/exe").readlink())
        self._perf = PerfEyes(where.pids[0], why, self._named)
        self._computing: list[tuple[Sight, Sight]] = []
        self._lists = ListWatch(self._inside.memory, self._inside.functions)
        self.version = version.removeprefix("go")
        self._maps = MapWatch(self._inside, self.version)
        self._live = LiveWatch(self._inside.memory, version)
        self._seen: tuple[Activity, ...] = ()
        self.why_not = f"what it allocates and keeps is told by net/http/pprof only: {why}"

    def _named(self, place: Place, called: bool) -> tuple[Frame, ...]:
        """Name a place of the program by its own tables, which stripped programs have too."""
        if place.module != self._program.removesuffix(" (deleted)"):
            return ()
        return self._inside.frames_at(place.address, called=called)

    def close(self) -> None:
        """Give the process's memory back."""
        self._inside.close()

    @contextmanager
    def watch(
        self, cancellation: Cancellation, each: Callable[[], None] | None = None
    ) -> Iterator[Callable[[], Sight]]:
        """Look at the goroutines in a thread of its own while the block runs."""
        turn = 0

        def look() -> Iterable[Unit]:
            nonlocal turn
            turn += 1
            self._live.look()
            return self._units(self._inside.look(), turn, _INTERVAL_S)

        share = harm("goroutines_inside_share")
        with (
            self._perf.watch(cancellation) as computing,
            watched(look, cancellation, each, Pace(_INTERVAL_S, share)) as sight,
        ):
            yield lambda: sight
        self._computing.append((sight, computing()))

    def learn(self, idle: Sight) -> None:
        """Take the idle goroutines as the baseline."""
        super().learn(idle)
        self._perf.learn(idle)
        self._live.begin()

    def begin_load(self) -> None:
        """Count growth from now, and look for longer at where it computes."""
        super().begin_load()
        self._perf.begin_load()
        self._lists.begin()
        self._maps.begin()
        self._live.begin_load()

    def look_at_heap(self) -> None:
        """Look at the lists and maps of caches amid the load."""
        if self._loaded:
            self._lists.look()
            self._maps.look()

    def growth(self) -> tuple[Growth, ...]:
        """Return the goroutines that remain, and lists and maps that evict."""
        maps = self._maps.evicting(self._seen)
        return (*super().growth(), *self._lists.evicting(), *maps)

    def activities(self, sight: Sight) -> tuple[Activity, ...]:
        """Return what requests did; those of the phase alone first."""
        beside = next((perf for seen, perf in self._computing if seen is sight), None)
        spent = computed(beside.profiles if isinstance(beside, PerfSight) else ())
        self._seen = self._told(sight, spent, spent.allocating)
        return self._seen

    def memory(self, points: Sequence[MemoryPoint]) -> tuple[MemoryPoint, ...]:
        """Return the memory that lives, where the collector tells; as the system counts it, if
        goroutines remain, which keep their stacks, or if it outgrew what garbage may take.
        """
        if super().growth():
            return tuple(points)
        return self._live.memory(points) or self._perf.memory(points)
