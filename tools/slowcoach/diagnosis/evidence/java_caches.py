"""Caches of Java libraries: their entries among the live objects, and who asks them. Pure.

A bounded cache that thrashes keeps as many entries as ever, while those that it evicted lie dead
until the next collection. Entries are told by the library's own class for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from slowcoach.diagnosis.evidence.units import Unit
from slowcoach.diagnosis.models import Growth

_LEVEL = 0.1


@dataclass(frozen=True, slots=True)
class _Library:
    """A library's caches: their name for people, the classes of entries, and its functions."""

    name: str
    entries: re.Pattern[str]
    functions: re.Pattern[str]


_LIBRARIES = (
    _Library(  # classes of nodes are made by kind: strong, weak or soft values, order of use, ...
        "Caffeine",
        re.compile(r"^com\.github\.benmanes\.caffeine\.cache\.[PF][SWD][A-Z]*$"),
        re.compile(r"^com\.github\.benmanes\.caffeine\."),
    ),
    _Library(
        "Guava",
        re.compile(r"^com\.google\.common\.cache\.LocalCache\$(?:Strong|Weak)\w*Entry$"),
        re.compile(r"^com\.google\.common\.cache\."),
    ),
    _Library(
        "Ehcache",
        re.compile(r"^org\.ehcache\.impl\.internal\.store\.heap\.holders\.\w+ValueHolder$"),
        re.compile(r"^org\.ehcache\."),
    ),
    _Library(
        "cache2k",
        re.compile(r"^org\.cache2k\.core\.\w*Entry$"),
        re.compile(r"^org\.cache2k\."),
    ),
    _Library(
        "Commons Collections LRUMap",
        re.compile(
            r"^org\.apache\.commons\.collections4?\.map\.(?:AbstractLinkedMap|LRUMap)\$LinkEntry$"
        ),
        re.compile(r"^org\.apache\.commons\.collections4?\.map\."),
    ),
)


def has_caches(counts: Mapping[str, int]) -> bool:
    """Tell whether entries of a library's cache are among the live objects."""
    return any(library.entries.match(name) for library in _LIBRARIES for name in counts)


def users_of(units: Iterable[Unit]) -> set[tuple[str, str, str]]:
    """Return the own functions seen calling a library's cache: library, function and file."""
    found: set[tuple[str, str, str]] = set()
    for unit in units:
        for inner, outer in zip(unit.frames, unit.frames[1:], strict=False):
            if not outer.own or inner.own:
                continue
            for library in _LIBRARIES:
                if library.functions.match(inner.name):
                    found.add((library.name, outer.name, outer.file))
    return found


def evicting(
    before: Mapping[str, int],
    with_dead: Mapping[str, int],
    last: Mapping[str, int],
    users: Iterable[tuple[str, str, str]],
) -> tuple[Growth, ...]:
    """Return the libraries' caches that lost entries since the look `before`.

    `with_dead` counts what lies dead as well, `last` what lives at the end.
    """
    asked = sorted(users)
    found: list[Growth] = []
    for library in _LIBRARIES:
        lived, held, after = (
            sum(n for name, n in counts.items() if library.entries.match(name))
            for counts in (before, with_dead, last)
        )
        if not after:
            continue
        own = [(function, file) for name, function, file in asked if name == library.name]
        found.append(
            Growth(
                name=own[0][0] if own else library.name,
                kind=f"{library.name} caches",
                before=lived,
                after=after,
                turnover=round(max(0.0, min(1.0, (held - lived) / after)), 3),
                bounded=abs(after - lived) <= _LEVEL * after,
                file=own[0][1] if own else "the heap",
                functions=tuple(function for function, _ in own),
            )
        )
    return tuple(found)
