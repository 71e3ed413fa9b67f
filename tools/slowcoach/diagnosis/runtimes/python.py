"""Python services: threads, tasks and containers, read from the interpreters' memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.activities import Baseline, Sorter, baseline_of
from slowcoach.diagnosis.evidence.frames import function_of, is_user
from slowcoach.diagnosis.evidence.heap import HeapWatch
from slowcoach.diagnosis.evidence.peer_links import PeerLinks, waiting_inside
from slowcoach.diagnosis.evidence.runtime import (
    collections_of,
    difference,
    hidden_tasks,
    version_of,
)
from slowcoach.diagnosis.evidence.stacks import Looks, Sampler
from slowcoach.diagnosis.evidence.standing import computing_idle, standing
from slowcoach.diagnosis.eyes import Eyes, Runtime, Sight, StackFrame, Where
from slowcoach.diagnosis.models import Activity, CacheUse, Growth, Stuck

_SELECTS = "select"


class PythonSight(Sight):
    """What the sampler saw."""

    def __init__(self, seen: Looks, links: float | None) -> None:
        self.seen = seen
        self.looks = seen.looks
        self.links = links

    @property
    def is_empty(self) -> bool:
        """Tell whether no stack was seen."""
        return not self.seen.seen


class PythonEyes(Eyes):
    """Looks at the workers' interpreters."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._sampler = Sampler(where.pids, where.port, python=True)
        self._heap = HeapWatch(self._sampler.interpreters)
        self._database_port = where.database_port
        self._sorter = Sorter(Baseline({}, {}), where.database_port)
        self._computing_idle: Mapping[tuple[int, int], float] = {}
        self._collected = collections_of(self._sampler)
        self.why_not, self.is_partial = self._sampler.why_not, True
        self.version = version_of(self._sampler)
        self.tasks_seen = bool(self._sampler.interpreters)

    @property
    def hidden_tasks(self) -> bool:  # type: ignore[override]  # libraries may be imported late
        """Tell whether it runs tasks of a kind that is not read."""
        return hidden_tasks(self._sampler)

    def close(self) -> None:
        """Close what was opened of the processes."""
        self._sampler.__exit__()

    @contextmanager
    def watch(
        self, cancellation: Cancellation, each: Callable[[], None] | None = None
    ) -> Iterator[Callable[[], Sight]]:
        """Look in a thread of its own while the block runs."""
        links = PeerLinks(self._where.pids, self._where.port, (self._where.database_port,))

        def also() -> None:
            links.look()
            if each is not None:
                each()

        with self._sampler.watch(cancellation, also) as watch:
            yield lambda: PythonSight(watch.looks, links.mean)

    def learn(self, idle: Sight) -> None:
        """Take the idle stacks and tasks as the baseline."""
        self._sorter = Sorter(baseline_of(_looks(idle)), self._database_port)
        self._computing_idle = computing_idle(_looks(idle))

    def begin_load(self) -> None:
        """Begin to count containers and collections anew."""
        self._heap.reset()
        self._collected = collections_of(self._sampler)

    def activities(self, sight: Sight) -> tuple[Activity, ...]:
        """Return what requests did."""
        found = self._sorter.activities(_looks(sight))
        links = sight.links if isinstance(sight, PythonSight) else None
        return waiting_inside(found, links)

    def standing(self, sight: Sight) -> tuple[Activity, ...]:
        """Return what threads compute with or without requests, as these wait for the same
        interpreter.
        """
        return standing(_looks(sight), self._sorter, self._computing_idle)

    def loop_busy(self, sight: Sight) -> float | None:
        """Return the share of time of the busiest event loop."""
        return self._sorter.loop_busy(_looks(sight))

    def stuck(self, sight: Sight, idle: Sight, least_s: float) -> tuple[Stuck, ...]:
        """Return the threads and tasks that did not move."""
        return self._sorter.stuck(_looks(sight), _looks(idle), least_s)

    def look_at_heap(self) -> None:
        """Look at the containers now and then."""
        self._heap.look()

    def growth(self) -> tuple[Growth, ...]:
        """Return the containers that grew, up to now: the last look may be seconds old."""
        self._heap.look(at_once=True)
        return self._heap.growth()

    def caches(self) -> tuple[CacheUse, ...]:
        """Return the use of memoizing caches."""
        return self._heap.caches()

    def collections(self) -> tuple[int, int, int] | None:
        """Return the collections of each generation."""
        return difference(self._collected, collections_of(self._sampler))

    def stacks(self, sight: Sight) -> Iterable[tuple[tuple[StackFrame, ...], float]]:
        """Return the stacks, less threads that only wait in a selector."""
        for seen, count in _looks(sight).seen.items():
            frames = seen.frames
            if not frames or _SELECTS in frames[0].name.lower():
                continue
            yield (
                tuple(
                    StackFrame(function_of(f), f.file, f.line, is_user(f)) for f in reversed(frames)
                ),
                float(count),
            )


def _looks(sight: Sight) -> Looks:
    return sight.seen if isinstance(sight, PythonSight) else Looks()


RUNTIME = Runtime(name="python", open=PythonEyes)
