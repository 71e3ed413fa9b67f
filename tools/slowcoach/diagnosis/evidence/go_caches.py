"""Caches of Go programs that evict: entries of lists of what was used last, by who adds them. Pure.

Such caches keep an entry of a list for each key, and make a new one for each key that they did
not have. A heap profile counts those made so far, and those that live, by the functions that add
them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from slowcoach.diagnosis.evidence.go_profiles import stacks_of
from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Growth
from slowcoach.profiling.model import Profile

# the list of Go itself, of which caches by hand are made, and libraries of caches
_LISTS = re.compile(
    r"^container/list\.\(\*List\)\.(?:insert|Push)"
    r"|^github\.com/(?:hashicorp/golang-lru|golang/groupcache/lru|jellydator/ttlcache"
    r"|karlseguin/ccache|bluele/gcache|maypok86/otter|dgraph-io/ristretto)\b"
)
# sync.Map makes an entry for each key, and one in the place of another for each new value
_SYNC_MAP = re.compile(r"^internal/sync\.(?:newEntryNode|\(\*HashTrieMap)")
_IN_PLACE = re.compile(r"^internal/sync\.\(\*entry")
_MADE, _LIVING = "alloc_objects", "inuse_objects"
_CALLERS = 2
_PLACES = 3


class Adder(NamedTuple):
    """The program's own functions that add entries, outermost first, and the inner one's file.

    `to_map`: to a sync.Map, which serves as much for what is under way.
    """

    functions: tuple[str, ...]
    file: str
    to_map: bool = False


class Entries(NamedTuple):
    """Entries of lists: made so far, and living as of the last collection."""

    made: float = 0.0
    living: float = 0.0


def entries_of(profiles: Iterable[Profile]) -> dict[Adder, Entries]:
    """Return the entries of lists that a heap profile knows, by who adds them."""
    found: dict[Adder, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for profile in profiles:
        if profile.value not in {_MADE, _LIVING}:
            continue
        for frames, weight in stacks_of(profile):
            if (adder := _adder(frames)) is not None:
                found[adder][profile.value] += weight
    return {adder: Entries(n[_MADE], n[_LIVING]) for adder, n in found.items()}


def _adder(frames: tuple[StackFrame, ...]) -> Adder | None:
    """Return who adds an entry of a list by a stack (leaf first), if it does."""
    at = next((i for i, frame in enumerate(frames) if frame.own), None)
    if at is None:
        return None
    inner = [frame.name for frame in frames[:at]]
    to_map = any(map(_SYNC_MAP.match, inner)) and not any(map(_IN_PLACE.match, inner))
    if not to_map and not any(map(_LISTS.match, inner)):
        return None
    names = tuple(dict.fromkeys(frame.name for frame in frames[at:] if frame.own))
    return Adder(tuple(reversed(names[:_CALLERS])), frames[at].file, to_map)


def evicting(before: dict[Adder, Entries], after: dict[Adder, Entries]) -> tuple[Growth, ...]:
    """Return the lists to which entries were added between two looks while few more live."""
    none, most = Entries(), looking("kept_of_added")
    found: list[Growth] = []
    for adder, now in after.items():
        then = before.get(adder, none)
        added, gained = now.made - then.made, now.living - then.living
        bounded = gained <= most * added
        if added > 0:
            found.append(
                Growth(
                    name=f"the cache that {adder.functions[-1]} adds to",
                    kind=f"entries of a {'map' if adder.to_map else 'list'}",
                    before=round(now.living if bounded else then.living),
                    after=round(now.living),
                    added=round(added),
                    bounded=bounded,
                    functions=adder.functions,
                    file=adder.file,
                    doubt="emptied" if adder.to_map else "",
                )
            )
    return tuple(sorted(found, key=lambda g: -g.added)[:_PLACES])
