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
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.evidence.go_fillers import Filler, fillers
from slowcoach.diagnosis.evidence.go_lists import adders
from slowcoach.diagnosis.evidence.go_turnover import (
    Change,
    Turned,
    always,
    changed,
    growths,
    spent_in,
    turned,
)
from slowcoach.diagnosis.goroutines_memory.map_types import MapType, map_types
from slowcoach.diagnosis.goroutines_memory.maps import FoundMap, Held, held, is_map, maps_of
from slowcoach.diagnosis.goroutines_memory.reader import GoroutineReader
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.models import Activity, Growth

_SINCE = 24  # the Go 1.x from which maps are laid out so
_FIRST_S, _EACH_S = 0.4, 0.4
_SCANS = frozenset({0, 2, 5})  # the looks at which maps are searched: some have entries only then
_FEWER_SCANS = frozenset({0, 5})
_COSTLY_S = 0.4  # of our processor's time for one search, as of a heap of 100 MB
_MOST_LOOKS = 16
_QUIET_LOOKS = 2  # after which a map that does not change is looked at no more
_APART_S = 0.015
_TWICE = 2
_MINOR = re.compile(r"^(?:go)?1\.(\d+)")


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
        self._looks, self._scans = 0, _SCANS

    def begin(self) -> None:
        """Count from now."""
        self._begun = self._ended = self._seen_at = time.monotonic()
        self._tracks, self._looks, self._scans = {}, 0, _SCANS

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
        if not self._types:
            self._types = map_types(self._memory, self._minor)
        if self._types and self._looks in self._scans:
            begun = time.thread_time()
            for each in maps_of(self._memory, tuple(self._types.values())):
                if each.holders:  # others are garbage
                    self._tracks.setdefault(each.address, _Track(each, self._looks))
            if time.thread_time() - begun > _COSTLY_S:
                self._scans = _FEWER_SCANS
        tracks = [t for t in self._tracks.values() if not t.is_quiet()]
        firsts = [(t, self._now(t)) for t in tracks]
        seconds = [(t, a, time.monotonic(), self._now(t)) for t, a in firsts if a is not None]
        time.sleep(_APART_S)
        for track, a, at, b in seconds:
            c, later = self._now(track), time.monotonic()
            if b is not None and c is not None:
                track.changes.append(changed(track.ever, (a, b, c), later - at))

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
        # one map may be what several were followed to
        tracks = sorted(self._tracks.values(), key=lambda track: len(track.changes))
        each = {track.found.address: track for track in tracks}
        seen = [(track, self._turned(track)) for track in each.values()]
        turning = [(track, told) for track, told in seen if told is not None]
        if not turning:
            return ()
        with suppress(SlowcoachError, UnreadableMemoryError, OSError):
            known = fillers(
                self._memory,
                self._reader.functions,
                self._types,
                spent_in(activities),
                rule("cache.thrashing").limit("filling_share"),
            )
            library = [
                Filler(0, names, file, asked=True, loses=True, apart=False, clears=False)
                for names, file in adders(self._memory, self._reader.functions)
            ]
            found = [
                growth
                for track, told in turning
                for growth in growths(told, seconds, known, track.found.types, library)
            ]
            return tuple(sorted(found, key=lambda g: -g.added))
        return ()

    def _turned(self, track: _Track) -> Turned | None:
        """Return how a map turns over, and whether it still has its entries without requests."""
        told = turned(track.changes, self._looks - track.since, track.keys())
        if told is None or (track.remade and not always(track.changes)):
            return None
        now = held(self._memory, track.found)
        return told._replace(
            emptied=now is None
            or len(now.entries) < told.after * rule("cache.thrashing").limit("kept_idle"),
            remade=track.remade > 0,
            reseeded=track.reseeded > 0,
        )
