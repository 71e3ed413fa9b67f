"""Which classes of a JVM gain live objects with the requests, and what they take.

Cost: each look has the JVM collect its whole heap (some 50 ms for 100 MB), which stops it. There
are three or four: before the load, amid it, after it; none before or amid it where the heap holds
more than half a gigabyte. Where what lives grew, `evidence.java_allocations` is asked once.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.evidence.java_allocations import allocating
from slowcoach.diagnosis.evidence.java_caches import Asked, Rate, evicting, has_caches, loading
from slowcoach.diagnosis.evidence.java_class_files import evicts_by_hand
from slowcoach.diagnosis.evidence.java_kept import BY_HAND, replaced
from slowcoach.diagnosis.limits import harm, looking
from slowcoach.diagnosis.models import LIVE_OBJECTS, Growth, MemoryPoint
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.java_attach import asked
from slowcoach.profiling.recorders.java_counters import counters

_ROW = re.compile(r"^\s*\d+:\s+(?P<count>\d+)\s+(?P<bytes>\d+)\s+(?P<name>\S+)")
_USED = re.compile(r"^sun\.gc\.generation\.\d+\.space\.\d+\.used$")
_COLLECTED = re.compile(r"^sun\.gc\.collector\.\d+\.lastExitTime$")
_FREQUENCY, _NOW, _CLOCK_S = "sun.os.hrt.frequency", "sun.os.hrt.ticks", 0.05
_AFTER_S, _CACHE_AFTER_S, _AGAIN_AFTER_S = 2.5, 1.0, 5.0
_SETTLED_S, _PATIENCE_S = 0.4, 1.5
_ORDERED_MAP, _ENTRY = "java.util.LinkedHashMap", "java.util.LinkedHashMap$Entry"
_CLASS = re.compile(r"^[| ]*\|--(?P<name>[\w.$]+)")
_WARM = 2
_KEPT = 12


@dataclass(frozen=True, slots=True)
class Histogram:
    """The live objects at a moment: count by class, and the bytes of all."""

    at: float
    bytes: int
    counts: dict[str, int] = field(default_factory=dict[str, int])


def histogram_of(text: str, at: float) -> Histogram:
    """Return what `GC.class_histogram` told."""
    counts: dict[str, int] = {}
    total = 0
    for row in map(_ROW.match, text.splitlines()):
        if row:
            counts[row["name"]] = int(row["count"])
            total += int(row["bytes"])
    return Histogram(at, total, counts)


class JavaHeap:
    """Looks at the live objects of one JVM, seldom."""

    def __init__(self, pid: int, jdk: int) -> None:
        self.asked = Asked()
        self._asked_who = False
        self._fresh = 0.0
        self._pid = pid
        self._jdk = jdk
        self._allocate: tuple[str, ...] = ()
        self._looks: list[Histogram] = []
        self._idle: list[Histogram] = []
        self._died: tuple[Histogram, Histogram] | None = None
        self._caches: tuple[str, ...] = ()
        self._begun = 0.0

    def idle(self) -> None:
        """Look before the first request."""
        self._looks = []
        self._look()
        self._idle, self._looks = self._looks, []

    def begin(self) -> None:
        """Look before the load."""
        self._looks, self._died, self._allocate = [], None, ()
        self.asked, self._asked_who = Asked(), False
        self._look()
        self._caches = self._cache_classes()
        self._begun = time.monotonic()

    def amid(self) -> None:
        """Look once while the load runs; where there are caches at what died soon after; once
        more where what lives grew, as a warm-up does and a leak.
        """
        now, looks = time.monotonic(), len(self._looks)
        since = now - (self._looks[-1].at if looks > 1 else self._begun)
        if looks == 1 and since > _AFTER_S:
            self._look()
        elif looks > 1 and self._may_evict and self._died is None:
            if since > _CACHE_AFTER_S:
                self._look_at_dead(last=since > _CACHE_AFTER_S + _PATIENCE_S)
        elif looks == _WARM and self._grew and not self._asked_who:
            self._ask_who_allocates()
        elif looks == _WARM and self._grew and since > _AGAIN_AFTER_S:
            self._look()

    def _look_at_dead(self, *, last: bool) -> None:
        """Count what died since the last look as well, for which nothing is collected. Right after
        a collection there is hardly anything: later then, unless this is the `last` chance.
        """
        self._fresh = self._since_collection()
        if 0 < self._fresh < _SETTLED_S and not last:
            return
        if with_dead := self._taken("-all"):
            self._died = self._looks[-1], with_dead

    def _since_collection(self) -> float:
        """Return the seconds since the last collection, as the JVM counts; 0: not known."""
        told = counters(self._pid)
        ended = max((v for k, v in told.items() if _COLLECTED.match(k)), default=0)
        ticks, now = told.get(_FREQUENCY, 0), told.get(_NOW, 0)
        return max(_CLOCK_S, (now - ended) / ticks) if ticks and ended and now else 0.0

    @property
    def _may_evict(self) -> bool:
        known = bool(self._caches) or has_caches(self._looks[-1].counts)
        return known or self.asked.any_remade or self.asked.making_much

    @property
    def _grew(self) -> bool:
        gained = self._looks[-1].bytes - self._looks[0].bytes
        return gained > looking("grown_heap") and bool(grown(self._looks))

    def _ask_who_allocates(self) -> None:
        """Ask who allocates, once."""
        self._asked_who = True
        with suppress(SlowcoachError):
            self._allocate = allocating(self._pid, self._jdk)

    def end(self) -> None:
        """Look after the load."""
        if len(self._looks) > 1 and self._died is None and self._may_evict:
            self._look_at_dead(last=True)
        if self._looks:
            self._look("largest_java_heap_after")

    def _look(self, largest: str = "largest_java_heap") -> None:
        used = sum(v for k, v in counters(self._pid).items() if _USED.match(k))
        if used > harm(largest):
            return
        if look := self._taken():
            self._looks.append(look)

    def _taken(self, *words: str) -> Histogram | None:
        with suppress(SlowcoachError):
            text = asked(self._pid, "GC.class_histogram", *words)
            return histogram_of(text, time.monotonic())
        return None

    def _cache_classes(self) -> tuple[str, ...]:
        with suppress(SlowcoachError):
            return extending(asked(self._pid, "VM.class_hierarchy", "-s", _ORDERED_MAP))
        return ()

    def growth(self, a_second: float = 0.0) -> tuple[Growth, ...]:
        """Return the classes that gained live objects, most first; own ones before others; and
        the caches that lost entries. `a_second` is how many requests were answered.
        """
        found = [g.model_copy(update={"functions": self._allocate}) for g in grown(self._looks)]
        if self._died is None:
            return (*found, *loading(self.asked))
        before, with_dead = self._died
        apart, lasted = with_dead.at - before.at, self._looks[-1].at - self._begun
        rate = Rate(apart, a_second * apart, lasted, self._fresh)
        if self._idle and rate.requests:
            idle, last = self._idle[0].counts, self._looks[-1].counts
            kept = replaced(idle, before.counts, with_dead.counts, last, self.asked, rate)
            found += self._by_hand(kept, last)
        found += evicted(self._looks, self._died, self._caches, rate)
        found += evicting(before.counts, with_dead.counts, self._looks[-1].counts, self.asked, rate)
        return (*found, *(() if any(g.remade for g in found) else loading(self.asked)))

    def _by_hand(self, kept: tuple[Growth, ...], last: Mapping[str, int]) -> tuple[Growth, ...]:
        """Return what a map keeps and loses, unless none of the program's classes takes anything
        out of a map; a doubt where they cannot be read.
        """
        if not kept or kept[0].kind != BY_HAND:
            return kept
        own = (name for name in last if is_own_class(name))
        doubt = evicts_by_hand(self._pid, own, self.asked.around(kept[0].functions))
        if doubt is None:
            return ()
        return tuple(g.model_copy(update={"doubt": g.doubt or doubt}) for g in kept)

    def memory(self, points: Sequence[MemoryPoint], begun: float) -> tuple[MemoryPoint, ...]:
        """Return the points with the bytes of live objects for resident memory, which a heap
        fills whether they live or not. `begun` is when the load began (monotonic).
        """
        if not points or not self._looks:
            return tuple(p.model_copy(update={"rss": 0}) for p in points)
        times = [begun + p.at_s for p in points]
        answers = [float(p.completed) for p in points]
        done = [between(times, answers, look.at) for look in self._looks]
        lives = [float(look.bytes) for look in self._looks]
        return tuple(
            p.model_copy(update={"rss": round(between(done, lives, p.completed))}) for p in points
        )


def between(places: Sequence[float], values: Sequence[float], at: float) -> float:
    """Return the value at a place, on the line between its neighbours. Places ascend."""
    for (left, one), (right, other) in pairwise(zip(places, values, strict=True)):
        if left <= at < right:
            return one + (at - left) / (right - left) * (other - one)
    return values[0] if at < places[0] else values[-1]


def grown(looks: Sequence[Histogram]) -> tuple[Growth, ...]:
    """Return what grew between the first and the last look, and went on growing."""
    if len(looks) < 2:  # noqa: PLR2004 - a difference has two ends
        return ()
    first, last = looks[0].counts, looks[-1].counts
    least, parts = looking("least_gained"), looking("parts_of_one")
    found: list[tuple[bool, int, Growth]] = []
    for name, after in last.items():
        before = first.get(name, 0)
        between = [look.counts.get(name, 0) for look in looks[1:-1]]
        if after - before < least or any(count >= after for count in between):
            continue
        if name.startswith("jdk.jfr."):  # the recorder's, which was asked for
            continue
        own = is_own_class(name)
        growth = Growth(
            name=name.replace("$", ".") if own else name,
            kind=LIVE_OBJECTS,
            before=before,
            after=after,
            file=f"{name.rpartition('.')[2].partition('$')[0]}.java" if own else "the heap",
            listed_as=name if own and "$" in name else "",
        )
        found.append((own, after - before, growth))
    found.sort(key=lambda each: (not each[0], -each[1]))
    most = max((gained for own, gained, _ in found if own), default=0)
    kept = [
        growth
        for own, gained, growth in found
        # arrays, texts and numbers are parts of what gains as often
        if own or gained > parts * most or not growth.name.startswith(("[", "java.lang."))
    ]
    return tuple(kept[:_KEPT])


def extending(hierarchy: str) -> tuple[str, ...]:
    """Return the program's own classes in what `VM.class_hierarchy` told."""
    names = [match["name"] for match in map(_CLASS.match, hierarchy.splitlines()) if match]
    return tuple(name for name in names if is_own_class(name))


def evicted(
    looks: Sequence[Histogram],
    died: tuple[Histogram, Histogram] | None,
    caches: Sequence[str],
    rate: Rate | None = None,
) -> tuple[Growth, ...]:
    """Return a map of bounded size whose entries die while their number stays.

    A class of its own that extends the map in order of use is there to evict. Entries that died
    since the look before (`died`: both), while no plain map of this kind did, are such a cache's.
    How many the load evicted is told by the rate of this time. The JVM itself has a thousand
    entries that stay, beside which few are seen. A record of the last requests loses one each.
    """
    if died is None or not looks or not caches:
        return ()
    before, with_dead, last = died[0].counts, died[1].counts, looks[-1].counts
    limits, entries = rule("cache.thrashing"), last.get(_ENTRY, 0)
    dead = with_dead.get(_ENTRY, 0) - before.get(_ENTRY, 0)
    maps = with_dead.get(_ORDERED_MAP, 0) - before.get(_ORDERED_MAP, 0)
    if not entries or maps * looking("with_a_map") > dead:
        return ()
    level = abs(entries - before.get(_ENTRY, 0)) <= (limits.limit("same_size") - 1) * entries
    living = [name for name in caches if last.get(name)] or list(caches)
    if rate is not None and rate.is_record(dead):
        return ()
    certain = maps * limits.limit("of_a_map") <= dead and not (
        rate is not None and not rate.requests
    )
    return (
        Growth(
            name=living[0].replace("$", "."),
            kind="a LinkedHashMap that evicts; entries of all such maps",
            before=before.get(_ENTRY, 0),
            after=entries,
            turnover=round(max(0.0, min(1.0, dead / entries)), 3),
            added=rate.over_the_load(max(0, dead)) if certain and rate is not None else 0,
            bounded=level,
            # as well as the cache's they may be those of maps that requests make
            doubt="" if certain else "shared",
            file=f"{living[0].rpartition('.')[2].partition('$')[0]}.java",
        ),
    )


def is_own_class(name: str) -> bool:
    """Tell whether a class is the program's own: no array, no library."""
    return not name.startswith("[") and not kind(Frame(f"{name}:<init>", None)).library
