"""Lists of a Go program by which its caches evict, looked at in memory while the load lasts.

Such a cache makes a new entry for each key that it does not have. How many it takes in a time is
told by the entries that were not there some milliseconds ago; who adds them by the program's code.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.evidence.go_frames import frame_of
from slowcoach.diagnosis.goroutines_memory.calls import callers, entries_named
from slowcoach.diagnosis.goroutines_memory.functions import Functions
from slowcoach.diagnosis.goroutines_memory.lists import Entry, lists_of, walk
from slowcoach.diagnosis.interpreter.memory import ProcessMemory
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Growth
from slowcoach.profiling.model import Frame

_FIRST_S, _EACH_S = 0.5, 0.8
_MOST_LOOKS = 6
_APART_S = (0.0, 0.02)
_CALLERS = 2
_PLACES = 3
_ADDS = re.compile(
    r"container/list\.\(\*List\)\.(?:insert|Push)"
    r"|github\.com/(?:hashicorp/golang-lru|golang/groupcache/lru|jellydator/ttlcache"
    r"|karlseguin/ccache|bluele/gcache|maypok86/otter|dgraph-io/ristretto)\b"
    r".*\.(?:Add|Set|Put|Fetch|GetOrSet|ContainsOrAdd|PeekOrAdd)\w*$"
)
_MAKES = re.compile(r"runtime\.(?:newobject|mallocgc\w*)$")


class Taken(NamedTuple):
    """What a list took: entries a second, and how many it had."""

    rate: float
    size: int


class ListWatch:
    """Looks at the lists of one process."""

    def __init__(self, memory: ProcessMemory, functions: Functions) -> None:
        self._memory = memory
        self._functions = functions
        self._begun = self._ended = self._seen_at = 0.0
        self._lists: tuple[int, ...] | None = None
        self._taken: dict[int, list[Taken]] = {}
        self._ever: dict[int, set[Entry]] = {}

    def begin(self) -> None:
        """Count from now."""
        self._begun = self._ended = self._seen_at = time.monotonic()
        self._lists, self._taken, self._ever = None, {}, {}

    def look(self) -> None:
        """Look at every list, if it is time for it."""
        now = time.monotonic()
        looks = max(map(len, self._taken.values()), default=0)
        wait_s = _EACH_S if self._lists is not None else _FIRST_S
        if looks >= _MOST_LOOKS or now - self._seen_at < wait_s:
            self._ended = now
            return
        if self._lists is None:
            self._lists = lists_of(self._memory)
        for at in self._lists:
            ever = self._ever.setdefault(at, set())
            self._taken.setdefault(at, []).append(taken_by(self._memory, at, ever))
        self._seen_at = self._ended = time.monotonic()

    def evicting(self) -> tuple[Growth, ...]:
        """Return the lists that took entries while they grew no more, by who adds them."""
        seconds = self._ended - self._begun
        found = [
            (median(t.rate for t in taken) * seconds, *_sizes(taken))
            for taken in self._taken.values()
        ]
        added, before, after = max(found, default=(0.0, 0, 0))
        if added < 1 or after > before * rule("cache.thrashing").limit("same_size"):
            return ()
        return tuple(
            Growth(
                name=f"the cache that {names[-1]} adds to",
                kind="entries of a list",
                before=before,
                after=after,
                added=round(added),
                bounded=True,
                functions=names,
                file=file,
            )
            for names, file in adders(self._memory, self._functions)
        )[:_PLACES]


def taken_by(memory: ProcessMemory, at: int, ever: set[Entry]) -> Taken:
    """Return what a list takes now: the longest time in which it is not replaced as a whole.

    `ever` are the entries that were seen before, to which those seen now are added: an entry
    that changes its place while one goes by is missed, but has been or will be seen.
    """
    replaced = looking("list_replaced")
    begun, size, rate = time.monotonic(), 0, 0.0
    ever |= walk(memory, at) | walk(memory, at, back=True)
    for apart in _APART_S:
        time.sleep(apart)
        since, begun = begun, time.monotonic()
        now = walk(memory, at)
        new = len(now - ever)
        ever |= now
        size = max(size, len(now))
        if not rate or new < replaced * len(now):
            rate = new / (time.monotonic() - since)
    return Taken(rate, size)


def _sizes(taken: Sequence[Taken]) -> tuple[int, int]:
    """Return the largest size in the first half of the looks, and in the others."""
    half = (len(taken) + 1) // 2
    return max(t.size for t in taken[:half]), max((t.size for t in taken[half:]), default=0)


def adders(memory: ProcessMemory, functions: Functions) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return the program's own functions that add to lists, each after its caller, with files.

    What adds is small and mostly inlined: then the call that makes the entry stands in it.
    """
    adding, making = entries_named(functions, _ADDS), entries_named(functions, _MAKES)
    found: dict[tuple[str, ...], str] = {}
    for call in callers(memory, functions, adding | making, _may_be_own):
        if call.called in making and not any(_ADDS.match(f.name) for f in call.frames):
            continue
        if not (own := _own(call.frames)):
            continue
        names = tuple(dict.fromkeys(f.name for f in reversed(own)))
        if len(names) < _CALLERS:
            names = (*_who_calls(memory, functions, call.inside, names[0]), *names)
        found.setdefault(names[-_CALLERS:], own[0].file or "")
    return tuple(found.items())


def _who_calls(
    memory: ProcessMemory, functions: Functions, entry: int, name: str
) -> tuple[str, ...]:
    """Return the first of the program's own functions that call another."""
    for call in callers(memory, functions, {entry}, _may_be_own):
        if (own := _own(call.frames)) and own[0].name != name:
            return (own[0].name,)
    return ()


def _own(frames: Sequence[Frame]) -> list[Frame]:
    return [frame for frame in frames if frame_of(frame).own]


def _may_be_own(name: str) -> bool:
    return frame_of(Frame(name, "/", 1)).own
