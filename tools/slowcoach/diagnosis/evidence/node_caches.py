"""Which Maps of a Node.js program are caches that lose what is asked for again. Pure.

`recorders/node_caches.cjs` counts, for a second at a time, what is found in a Map, what is missed,
and what was lost and comes back. A Map that merely holds what is under way loses entries, too, but
they do not come back while it stays as full as it gets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.diagnosis.evidence.node_notes import frame_of
from slowcoach.diagnosis.models import Growth
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame
from slowcoach.profiling.source_maps import Maps

_MS: Final = 1000.0
# a cache's own method: who calls it is who needs what it keeps
_KEEPS: Final = re.compile(r"(?:^|[.#])(?:set|put|add|store|insert|save|write|remember|touch)$")


def losing(told: Sequence[Mapping[str, Any]]) -> list[Growth]:
    """Return the caches as containers whose entries turn over though they do not grow."""
    return [growth for one in told if (growth := _cache(one)) is not None]


def _cache(told: Mapping[str, Any]) -> Growth | None:
    asked = told["hits"] + told["misses"]
    missed = told["misses"] / asked if asked else 0.0
    places = _places(told["stacks"])
    least = rule("cache.thrashing").limit("least_miss_share")
    if not told["back"] or missed < least or not places:
        return None
    seconds = max(told["ms"], 1.0) / _MS
    names = tuple(dict.fromkeys(frame.name for frame in places))
    return Growth(
        name=f"the cache that {names[0]} fills",
        kind=(
            f"Map of {told['size']} entries; {share(missed)} of the look-ups miss, "
            f"{number(told['back'] / seconds)} a second are put in again"
        ),
        before=told["size"],
        after=told["size"],
        turnover=min(1.0, told["back"] / seconds / max(1, told["size"])),
        bounded=True,
        functions=names,
        file=places[0].file or "",
    )


def _places(stacks: Sequence[Sequence[Sequence[Any]]]) -> list[Frame]:
    """Return the own functions that put entries in, the commonest stack's first."""
    maps, found = Maps(), list[Frame]()
    for stack in stacks:
        own = [f for f in (frame_of(each, maps) for each in stack) if not kind(f).library]
        while len(own) > 1 and _KEEPS.search(own[-1].name):
            found.append(own.pop())
        found += own[-1:]
    return list(dict.fromkeys(reversed(found)))
