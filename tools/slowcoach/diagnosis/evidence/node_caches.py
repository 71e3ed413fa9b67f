"""Which containers of a Node.js program are caches that lose what is asked for again. Pure.

`recorders/node_caches.cjs` counts, for a second at a time, what is asked for, and what of that was
there before and is put in again: after it was lost (`back`), or in its own place with the same
content (`again`: its time was over). How often others are found says nothing: one entry may serve
hundreds of look-ups of a request before it goes. What is under way, or kept of each request, is
put in and taken out as well, but not made again for a look-up that missed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from slowcoach.core.units import number
from slowcoach.diagnosis.evidence.node_notes import frame_of
from slowcoach.diagnosis.models import Growth
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame
from slowcoach.profiling.source_maps import Maps

_MS: Final = 1000.0


def losing(told: Sequence[Mapping[str, Any]], load_s: float) -> list[Growth]:
    """Return the caches as containers whose entries turn over though they do not grow, with what
    a load of so many seconds adds to them.
    """
    return [growth for one in told if (growth := _cache(one, load_s)) is not None]


def _cache(told: Mapping[str, Any], load_s: float) -> Growth | None:
    again = told["back"] + told["again"]
    places = _places(told["stacks"])
    if not again or not places:
        return None
    each_s = again / (max(told["ms"], 1.0) / _MS)
    names = tuple(dict.fromkeys(frame.name for frame in places))
    return Growth(
        name=f"the cache that {names[0]} fills",
        kind=f"{told['kind']} of {told['size']} entries; {_course(told, each_s)}",
        before=told["size"],
        after=told["size"],
        turnover=min(1.0, each_s / max(1, told["size"])),
        bounded=True,
        added=round(each_s * load_s),
        returned=again,
        remade=True,
        functions=names,
        file=places[0].file or "",
    )


def _course(told: Mapping[str, Any], each_s: float) -> str:
    why = (
        "were there before"
        if told["back"] >= told["again"]
        else "are there, but their time is over"
    )
    return f"{number(each_s)} a second are made again that {why}"


def _places(stacks: Sequence[Sequence[Sequence[Sequence[Any]]]]) -> list[Frame]:
    """Return the own functions that look for an entry and put it in, and those of the cache itself
    below them, the commonest stack's first.
    """
    maps, found = Maps(), list[Frame]()
    for asked, put in stacks:
        askers = {(frame.name, frame.file) for frame in _own(asked, maps)}
        fillers = _own(put, maps)
        at = max((i for i, f in enumerate(fillers) if (f.name, f.file) in askers), default=None)
        found += fillers[at:] if at is not None else fillers[-1:]
    return list({(frame.name, frame.file): frame for frame in reversed(found)}.values())[::-1]


def _own(stack: Sequence[Sequence[Any]], maps: Maps) -> list[Frame]:
    frames = (frame_of(each, maps) for each in stack)
    return [frame for frame in frames if not kind(frame).library]
