"""Which containers grow with the requests, which caches miss: read from the interpreter's memory.

Cost: 5 to 50 ms of this process's CPU per look, every two seconds; the target is not stopped.
Needs a CPython whose layout is known and the right to ptrace.
"""

import time
from collections import Counter
from contextlib import suppress

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.evidence.frames import origin_of
from slowcoach.diagnosis.evidence.insertions import InsertionCounter
from slowcoach.diagnosis.interpreter.heap import HeapReader
from slowcoach.diagnosis.interpreter.heap_model import Heap, Memo
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter
from slowcoach.diagnosis.limits import harm
from slowcoach.diagnosis.models import CacheUse, Growth

_EVERY_S = 1.0
_KEPT = 8
_USERS = 6


class HeapWatch:
    """Looks at the containers of the first worker now and then; `finish` tells what changed."""

    def __init__(self, interpreters: list[Interpreter]) -> None:
        self._interpreters = interpreters[:1]
        self._readers = [HeapReader(i, _is_own) for i in interpreters[:1]]
        self._first: Heap | None = None
        self._last: Heap | None = None
        self._lost: dict[str, list[float]] = {}
        self._gone: dict[str, set[int]] = {}
        self._returned: Counter[str] = Counter()
        self._insertions: InsertionCounter | None = None
        self._begun = self._ended = 0.0
        self._sizes: dict[str, list[int]] = {}
        self._next = 0.0
        self._pause = _EVERY_S

    def reset(self) -> None:
        """Begin anew: what is there now is the beginning."""
        self._first = self._last = None
        self._lost, self._sizes = {}, {}
        self._gone = {}
        self._returned.clear()
        self._insertions = InsertionCounter(self._interpreters[0]) if self._interpreters else None
        self._begun = time.monotonic()
        self._next = 0.0

    def look(self, at_once: bool = False) -> None:
        """Look, if it is time for it (or at once)."""
        if self._insertions is not None:
            self._insertions.look()
        if not self._readers or (time.monotonic() < self._next and not at_once):
            return
        begun = time.thread_time()
        with suppress(UnreadableMemoryError, OSError):
            heap = self._readers[0].read()
            if self._last is not None:
                self._note_replaced(self._last, heap)
            for name, container in heap.containers.items():
                self._sizes.setdefault(name, []).append(container.entries)
            self._first = self._first or heap
            self._last = heap
            self._ended = time.monotonic()
        took = time.thread_time() - begun
        self._pause = max(_EVERY_S, took / harm("containers_share"))
        self._next = time.monotonic() + self._pause

    def _note_replaced(self, then: Heap, now: Heap) -> None:
        for name, container in now.containers.items():
            known = then.containers.get(name)
            if known and known.keys and container.keys:
                lost = known.keys - container.keys
                self._lost.setdefault(name, []).append(len(lost) / len(known.keys))
                gone = self._gone.setdefault(name, set())
                self._returned[name] += len(gone & (container.keys - known.keys))
                gone |= lost
                if lost and self._insertions is not None:
                    self._insertions.follow(name, container.address)

    def _added(self, name: str) -> int:
        """Return how many entries came over the load, scaled from when they were counted.

        The least that came is told of keys that come back; else only what is known well (0).
        """
        counter = self._insertions
        rate = counter.per_second(name) if counter else None
        if not counter or not rate or not (self._came_back(name) or counter.exact(name)):
            return 0
        return round(rate * (self._ended - self._begun))

    def _came_back(self, name: str) -> int | None:
        if name not in self._gone:
            return None
        followed = self._insertions.returned(name) if self._insertions else 0
        return self._returned[name] + followed

    def _filling(self, name: str, sizes: list[int]) -> bool:
        """Tell whether a container became full meanwhile, and takes keys again that it lost."""
        back = self._came_back(name) or 0
        return is_filled(sizes) and back >= rule("cache.thrashing").limit("least_returning")

    def growth(self) -> tuple[Growth, ...]:
        """Return the containers that grew, or whose entries were replaced, most first."""
        if self._first is None or self._last is None:
            return ()
        found: list[Growth] = []
        grown = rule("memory.leak").limit("seen_growth")
        turned = rule("cache.thrashing").limit("seen_turnover")
        for name, now in self._last.containers.items():
            then = self._first.containers.get(name)
            before = then.entries if then else 0
            lost = self._lost.get(name, [])
            turnover = sum(lost) / len(lost) if lost else 0.0
            sizes = self._sizes.get(name, [])
            filling = not _bounded(sizes) and self._filling(name, sizes)
            if abs(now.entries - before) >= grown or turnover > turned:
                users = _users(name, self._last)
                found.append(
                    Growth(
                        name=name,
                        kind=now.kind,
                        before=before,
                        after=now.entries,
                        turnover=round(turnover, 3),
                        added=self._added(name),
                        returned=self._came_back(name),
                        bounded=_bounded(sizes) or filling,
                        filling=filling,
                        functions=users,
                        file=now.file,
                        library=now.library,
                    )
                )
        found += self._endless_memos()
        found.sort(key=lambda g: -(abs(g.after - g.before) + g.turnover * g.after))
        return tuple(found[:_KEPT])

    def _endless_memos(self) -> list[Growth]:
        """Return memoizing caches without a limit that grew."""
        found: list[Growth] = []
        first, last = self._first, self._last
        for name, now in last.memos.items() if first and last else ():
            then = first.memos.get(name) if first else None
            before = then.entries if then else 0
            if now.limit < 0 and now.entries - before >= rule("memory.leak").limit("seen_growth"):
                kind = "functools.lru_cache without a limit"
                own = (name.rsplit(".", 1)[-1],)
                found.append(
                    Growth(
                        name=name,
                        kind=kind,
                        before=before,
                        after=now.entries,
                        functions=own,
                        file=now.file,
                    )
                )
        return found

    def caches(self) -> tuple[CacheUse, ...]:
        """Return the use of memoizing caches between the first look and the last."""
        if self._first is None or self._last is None:
            return ()
        found: list[CacheUse] = []
        for name, now in self._last.memos.items():
            then = self._first.memos.get(name, Memo(name, now.file, 0, 0, 0, 0))
            found.append(
                CacheUse(
                    name=name,
                    limit=now.limit,
                    entries=now.entries,
                    hits=max(0, now.hits - then.hits),
                    misses=max(0, now.misses - then.misses),
                    file=now.file,
                )
            )
        return tuple(sorted(found, key=lambda c: -c.misses)[:_KEPT])


def _bounded(sizes: list[int]) -> bool:
    """Tell whether a container reached its largest size in the first half of the looks."""
    half = len(sizes) // 2
    return half > 0 and max(sizes[half:]) <= max(sizes[:half]) * rule("cache.thrashing").limit(
        "same_size"
    )


def is_filled(sizes: list[int]) -> bool:
    """Tell whether the last two looks found the largest size: an entry may be on its way."""
    return len(sizes) > 1 and min(sizes[-2:]) >= max(sizes) - 1


def _is_own(file: str) -> bool:
    return origin_of(file)[0] == "user"


def _users(name: str, heap: Heap) -> tuple[str, ...]:
    """Return the functions whose code names the container, or what it is a part of: a library's
    object has its entries in an attribute of its own. A function that keeps it in a closure (a
    decorator's) uses it itself.
    """
    for part in reversed(name.split(".")[1:]):
        users = [f.name.split(".", 1)[-1] for f in heap.functions if part in f.names]
        if users:
            return tuple(users)[:_USERS]
    return ()
