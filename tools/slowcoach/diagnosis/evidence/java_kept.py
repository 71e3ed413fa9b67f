"""What a map keeps since requests came, and loses again: caches that a program made by hand. Pure.

Of a class, some objects are kept that were not there before the first request; their number
stays, while several more die with each request, and as many entries of a map with them. What
requests make for themselves is not kept; what is known from the start was there before; a value
that is put anew leaves its entry where it is; a record of the last requests loses one for each.
Few of a library's classes that are kept are what requests under way have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.evidence.java_cache_libraries import family_of, is_of_the_jdk, speaks
from slowcoach.diagnosis.evidence.java_caches import Asked, Rate
from slowcoach.diagnosis.models import Growth
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame

_ENTRIES = {
    "java.util.HashMap$Node": "java.util.HashMap",
    "java.util.LinkedHashMap$Entry": "java.util.LinkedHashMap",
    "java.util.concurrent.ConcurrentHashMap$Node": "java.util.concurrent.ConcurrentHashMap",
    "java.util.TreeMap$Entry": "java.util.TreeMap",
}
_ARRAYS = {"[D": "double[]", "[F": "float[]", "[J": "long[]", "[S": "short[]"}
BY_HAND, _IN_A_LIBRARY = "objects that a map keeps and loses", "which a library keeps and loses"
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Fate:
    """Of a class: how many are kept since the first request, how many live, and how many died;
    of entries how many of their maps died.
    """

    kept: int
    lives: int
    died: int
    maps: int = 0


def _fate(name: str, idle: Counts, before: Counts, with_dead: Counts, last: Counts) -> _Fate:
    lives = last.get(name, 0)
    died, of_maps = (
        with_dead.get(of, 0) - before.get(of, 0) for of in (name, _ENTRIES.get(name, ""))
    )
    return _Fate(lives - idle.get(name, 0), lives, died, of_maps)


def replaced(
    idle: Counts, before: Counts, with_dead: Counts, last: Counts, asked: Asked, rate: Rate
) -> tuple[Growth, ...]:
    """Return the class whose objects a map keeps and loses, if any: the one that most died.

    `idle` are the live objects before the first request, `before` those amid the load, `with_dead`
    what had died soon after as well, `last` those after the load.
    """
    spoken = speaking(last)
    entries = [_fate(name, idle, before, with_dead, last) for name in _ENTRIES]
    found = {
        name: fate
        for name in with_dead
        if (place := _place(name)) is not None
        and _is_replaced(fate := _fate(name, idle, before, with_dead, last), rate)
        and before.get(name, 0) >= fate.lives / _limit("same_size")
        and any(_together(fate, of_map) for of_map in entries)
        and (not place or (place in spoken and fate.lives > _limit("under_way")))
        and asked.making(place)
    }
    if not found:
        return ()
    name = max(found, key=lambda n: (not kind(Frame(f"{n}:<init>", None)).library, found[n].died))
    fate, functions = found[name], asked.making(_place(name) or "")
    if _more_is_kept(fate, before, last):
        return ()
    young = fate.died > fate.lives
    few = fate.died <= _limit("least_added") * rate.came(young=young)
    return (
        Growth(
            name=f"map of {_ARRAYS.get(name) or name.rpartition('.')[2].replace('$', '.')}",
            kind=_IN_A_LIBRARY if _place(name) else BY_HAND,
            before=before.get(name, 0),
            after=fate.lives,
            turnover=round(min(1.0, fate.died / fate.lives), 3),
            bounded=True,
            added=rate.over_the_load(fate.died, young=young),
            returned=0,
            doubt="few" if few else "",
            file=functions[0][1],
            functions=tuple(function for function, _ in functions),
        ),
    )


def _more_is_kept(fate: _Fate, before: Counts, last: Counts) -> bool:
    """Tell whether another of the program's own classes gains more objects than a map would keep:
    then its maps are what grows, and what dies is made from them.
    """
    return any(
        count - before.get(name, 0) > fate.lives
        and count > _limit("same_size") * before.get(name, 0)
        and _place(name) == ""
        and name not in _ARRAYS
        for name, count in last.items()
    )


def _place(name: str) -> str | None:
    """Return whose a class is: empty for the program's own, a library's family, None for no
    class that is looked at.
    """
    if name in _ARRAYS:
        return ""
    if name.startswith("[") or is_of_the_jdk(name) or "$$Lambda" in name:
        return None
    if not kind(Frame(f"{name}:<init>", None)).library:
        return ""
    return family_of(name, own=False)


def _is_replaced(fate: _Fate, rate: Rate) -> bool:
    return (
        fate.lives >= _limit("least_entries")
        and fate.kept >= _limit("kept_since") * fate.lives
        and not rate.is_record(fate.died, young=fate.died > fate.lives)
    )


def _together(one: _Fate, of_map: _Fate) -> bool:
    """Tell whether as many entries of maps were kept and died, and no such maps with them: those
    have others besides.
    """
    share = _limit("as_many")
    with_maps = of_map.maps > share * one.died
    return not with_maps and of_map.died >= share * one.died and of_map.kept >= share * one.kept


def _limit(name: str) -> float:
    return rule("cache.thrashing").limit(name)


def speaking(counts: Counts) -> frozenset[str]:
    """Return the families of the libraries' classes that speak of a cache and live."""
    return frozenset(
        family_of(name, own=False)
        for name, count in counts.items()
        if count and not name.startswith("[") and speaks(name)
        if kind(Frame(f"{name}:<init>", None)).library
    )
