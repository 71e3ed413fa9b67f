"""Caches of a Go program that keep their entries in maps, looked at in memory amid the load.

Whatever decides what is evicted (a slice, a ring, a list of its own, chance, time), the entries
of most caches stand in a map. Like requests want the same keys: a map of bounded size that takes
keys which it has lost before is a cache that loses what is asked for again. What merely goes
through a map, as requests under way do, has keys that do not come back, or leaves few at a time.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from slowcoach.core.errors import SlowcoachError
from slowcoach.diagnosis.evidence.go_fillers import Filler, Spent, fillers
from slowcoach.diagnosis.goroutines_memory.functions import printed
from slowcoach.diagnosis.goroutines_memory.map_types import MapType, map_types
from slowcoach.diagnosis.goroutines_memory.maps import FoundMap, Held, held, is_map, maps_of
from slowcoach.diagnosis.goroutines_memory.reader import GoroutineReader
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.models import Activity, Growth

_SINCE = 24  # the Go 1.x from which maps are laid out so
_FIRST_S, _EACH_S = 0.4, 0.4
_SCANS = frozenset({0, 2, 5})  # the looks at which maps are searched: some have entries only then
_MOST_LOOKS = 16
_QUIET_LOOKS = 2  # after which a map that does not change is looked at no more
_APART_S = 0.015
_FULL = 0.8  # of the entries are new: more were added than can be told
_GROWN = 1.1
_LEAST = 4
_RETURNING = 0.1
_LEAST_RETURNING = 3
_OF_THE_LOOKS, _LEAST_LOOKS = 0.5, 3
_MOST_EVER = 50_000
_PLACES = 4
_NEARLY = 0.8
_TWICE = 2
_FEW = 16  # entries that requests under way may have
_KEPT = 0.3  # of the entries, without requests: a cache has them, what is under way is over
_ENOUGH = 0.2  # of the time: who has it computes what is put in
_CLEARED, _EMPTIED, _REPLACED = "cleared", "emptied", "replaced"
_MINOR = re.compile(r"^(?:go)?1\.(\d+)")


class Change(NamedTuple):
    """What a map took: entries a second, those with other keys and those with another element for
    a key that it had; how many of the former it had had before; how many it has.
    """

    rate: float
    fresh: int
    again: int
    replaced: int
    size: int


@dataclass(slots=True)
class _Track:
    """One map over the looks at it, and what came in its place."""

    found: FoundMap
    since: int
    ever: Counter[bytes] = field(default_factory=Counter[bytes])
    changes: list[Change] = field(default_factory=list[Change])
    last: Held | None = None
    remade: int = 0
    reseeded: int = 0

    def is_quiet(self) -> bool:
        """Tell whether it does not change."""
        return len(self.changes) >= _QUIET_LOOKS and not any(
            c.rate or c.fresh for c in self.changes
        )

    def keys(self) -> int:
        """Return how many keys it had, without those read while they were written."""
        return sum(looks >= _TWICE for looks in self.ever.values())


class MapWatch:
    """Looks at the maps of one process."""

    def __init__(self, reader: GoroutineReader, version: str) -> None:
        """Only programs of versions of Go whose maps are known are looked at."""
        minor = _MINOR.match(version)
        self._minor = int(minor[1]) if minor else 0
        self._reader = reader
        self._memory = reader.memory
        self._types: Mapping[int, MapType] = {}
        self._tracks: dict[int, _Track] = {}
        self._begun = self._ended = self._seen_at = 0.0
        self._looks = 0

    def begin(self) -> None:
        """Count from now."""
        self._begun = self._ended = self._seen_at = time.monotonic()
        self._tracks, self._looks = {}, 0

    def look(self) -> None:
        """Look at the maps, if it is time for it."""
        now = time.monotonic()
        wait_s = _EACH_S if self._looks else _FIRST_S
        self._ended = now
        known = self._minor >= _SINCE and self._looks < _MOST_LOOKS
        if not known or now - self._seen_at < wait_s:
            return
        with suppress(UnreadableMemoryError, OSError):
            self._look()
        self._looks += 1
        self._seen_at = self._ended = time.monotonic()

    def _look(self) -> None:
        if not self._looks:
            self._types = map_types(self._memory, self._minor)
        if self._types and self._looks in _SCANS:
            for each in maps_of(self._memory, tuple(self._types.values())):
                if each.holders:  # others are garbage
                    self._tracks.setdefault(each.address, _Track(each, self._looks))
        tracks = [t for t in self._tracks.values() if not t.is_quiet()]
        firsts = [(t, self._now(t)) for t in tracks]
        seconds = [
            (t, a, time.monotonic(), held(self._memory, t.found))
            for t, a in firsts
            if a is not None
        ]
        time.sleep(_APART_S)
        for track, a, at, b in seconds:
            c, later = self._now(track), time.monotonic()
            if b is not None and c is not None:
                track.changes.append(_changed(track.ever, (a, b, c), later - at))

    def _now(self, track: _Track) -> Held | None:
        """Return what a map holds; if it changes no more and another stands in its place, that."""
        now, last = held(self._memory, track.found), track.last
        if last is not None and (now is None or now.entries == last.entries):
            now = self._moved(track) or now
        elif now is not None and last is not None and now.seed != last.seed:
            track.reseeded += bool(now.entries)
        track.last = now
        return now

    def _moved(self, track: _Track) -> Held | None:
        """Follow a map to the one that came in its place, outside of the stacks."""
        stacks: list[tuple[int, int]] | None = None
        for holder in track.found.holders:
            with suppress(UnreadableMemoryError):
                other = track.found._replace(address=self._memory.word(holder), holders=(holder,))
                if other.address == track.found.address or not is_map(self._memory, other):
                    continue
                stacks = self._reader.stacks() if stacks is None else stacks
                if not any(low <= holder < high for low, high in stacks):
                    track.found = other
                    track.remade += 1
                    return held(self._memory, other)
        return None

    def evicting(self, activities: Sequence[Activity]) -> tuple[Growth, ...]:
        """Return the maps that took entries while they grew no more, by who adds them; by the
        activities is known who computes what is put in.
        """
        seconds = self._ended - self._begun
        seen = [(track, self._turned(track)) for track in self._tracks.values()]
        turning = [(track, told) for track, told in seen if told is not None]
        if not turning:
            return ()
        with suppress(SlowcoachError, UnreadableMemoryError, OSError):
            known = fillers(
                self._memory, self._reader.functions, self._types, spent_in(activities), _ENOUGH
            )
            found = [
                growth
                for track, told in turning
                for growth in _growths(told, seconds, known, track.found.types)
            ]
            return tuple(sorted(found, key=lambda g: -g.added))
        return ()

    def _turned(self, track: _Track) -> Turned | None:
        """Return how a map turns over, and whether it still has its entries without requests."""
        told = turned(track.changes, self._looks - track.since, track.keys())
        if told is None or (track.remade and not _always(track.changes)):
            return None
        now = held(self._memory, track.found)
        return told._replace(
            emptied=now is None or len(now.entries) < told.after * _KEPT,
            remade=track.remade > 0,
            reseeded=track.reseeded > 0,
        )


def _always(changes: Sequence[Change]) -> bool:
    """Tell whether a map changed in nearly all looks; one of each request is mostly done with."""
    return sum(c.rate > 0 for c in changes) >= _NEARLY * len(changes)


def _changed(ever: Counter[bytes], looks: tuple[Held, Held, Held], apart_s: float) -> Change:
    """Return what a map took between three reads, of which the first two follow at once.

    `ever` counts the looks in which each key was seen, this one is added.
    """
    first, second, third = (look.entries for look in looks)
    fresh = [key for key in second if key not in first]
    later = [key for key in third if key not in second]
    again = sum(key in ever for key in fresh) + sum(key in ever or key in first for key in later)
    replaced = sum(second[key] != third[key] for key in third if key in second)
    if len(ever) < _MOST_EVER:
        ever.update(first.keys() | second.keys() | third.keys())
    rate = (len(later) + replaced) / apart_s if apart_s else 0.0
    return Change(rate, len(fresh) + len(later), again, replaced, max(len(second), len(third)))


class Turned(NamedTuple):
    """A map that turns over: entries a second, how many it had and has, how many of its keys came
    back. Then it had more keys than places.

    `remade`: another came in its place; `reseeded`: it was empty once; `emptied`: it has few
    entries left without requests.
    """

    rate: float
    before: int
    after: int
    returned: int
    remade: bool = False
    reseeded: bool = False
    emptied: bool = False


def turned(changes: list[Change], looks: int, keys: int) -> Turned | None:
    """Return how a map turns over, None if it does not. It should do so all the time.

    `keys` is how many it ever had: of the places of a pool, which come back too, each has its own.
    """
    if len(changes) < max(_LEAST_LOOKS, looks * _OF_THE_LOOKS):
        return None
    sizes = [c.size for c in changes]
    half = (len(sizes) + 1) // 2
    before, later = max(sizes[:half]), sizes[half:] or sizes
    rate, after = median(c.rate for c in changes), max(later)
    grows = after > before * _GROWN and min(later) > before
    if rate <= 0 or before < _LEAST or grows:
        return None
    fresh, again = sum(c.fresh for c in changes), sum(c.again for c in changes)
    returns = again >= max(_LEAST_RETURNING, _RETURNING * fresh)
    if not returns and sum(c.replaced for c in changes) < _LEAST_RETURNING:
        return None
    return Turned(rate, before, after, again if returns and keys > max(before, after) else 0)


def spent_in(activities: Sequence[Activity]) -> Spent:
    """Return what tells the share of the activities in which one of some functions takes part."""
    total = sum(a.mean for a in activities if a.path) or 1.0
    means = [({printed(name) for name in a.path}, a.mean) for a in activities]

    def share(names: Collection[str]) -> float:
        return sum(mean for path, mean in means if not path.isdisjoint(names)) / total

    return share


def _short(name: str) -> str:
    """Return a function's name without package and types: it names no owner of other methods."""
    return name.replace("[...]", "").rpartition("/")[2].partition(".")[2] or name


def _growths(
    told: Turned, seconds: float, known: Iterable[Filler], types: tuple[MapType, ...]
) -> list[Growth]:
    """Return the map as a container that evicts, for each of the functions that may fill it."""
    fit = _fitting(told, known, {kind.address for kind in types})
    doubts = [(filler, _doubt(told, filler)) for filler in fit[:_PLACES]]
    return [
        Growth(
            name=f"the cache that {_short(filler.functions[-1])} adds to",
            kind="entries of a map",
            before=told.before,
            after=told.after,
            added=round(told.rate * seconds),
            bounded=True,
            returned=(told.returned or None) if not doubt else None,
            functions=filler.functions,
            file=filler.file,
            doubt=doubt,
        )
        for filler, doubt in doubts
        if doubt != _EMPTIED or told.after > _FEW
    ]


def _fitting(told: Turned, known: Iterable[Filler], mine: Collection[int]) -> list[Filler]:
    """Return who may fill a map: of its type, and where the code evicts if any does."""
    asked = [filler for filler in known if filler.asked]
    # one of a generic cache does not name its type in the code
    fit = [f for f in asked if f.kind in mine] or [f for f in asked if not f.kind]
    return fit if told.remade else [f for f in fit if f.loses or f.clears] or fit


def _doubt(told: Turned, filler: Filler) -> str:
    """Return why a map may be no cache: what requests under way have in it, state that is kept up
    to date, or what each request clears for itself.
    """
    if filler.apart:
        return ""
    if told.remade or (told.reseeded and filler.clears):
        return "" if told.returned else _CLEARED
    if told.emptied:
        return _EMPTIED
    return "" if told.returned else _REPLACED
