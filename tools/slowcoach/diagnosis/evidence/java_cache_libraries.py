"""Which classes are entries of caches, and which functions belong to those: by lists of what
is known, and by how people name what they make. Pure.

A class whose name or package speaks of a cache, and which is an entry, a node, a holder of it,
is one; keys, contexts and results are made for each look-up. What shares the first parts of its
package belongs to the same cache. The JDK's own caches are no program's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from slowcoach.core.knowledge import rule
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame

_CAFFEINE = r"^com\.github\.benmanes\.caffeine\.cache\.[PF][SWD][A-Z]*$"
CONCURRENT = "java.util.concurrent.ConcurrentHashMap"
_REMEMBERED = 20_000
_SPEAKS = (
    r"(?:(?<![A-Z])(?:Cach(?:e|ed|es|ing)|LR[Uu]|Lru|MR[Uu]|Mru|LF[Uu]|Lfu|Memo|Bounded\w*Map)"
    r"(?![a-z])|ConcurrentLinkedHashMap|\.cach(?:e|es|ing)\.)"
)
_ENTRY = re.compile(
    r"^(?:Cached?(?:[A-Z]\w*)?|\w*(?:Entry|Node|Element|Holder|Item|Slot|Ref|Reference|Object|Value))$"
)
_MADE_EACH = re.compile(r"(?:Key|Context|Config\w*|Manager|Cache|Stats|Factory|Builder|Store|Map)$")
_CONTAINER = re.compile(r"(?:Cache|Storage|Store|Region|Map|L[Rr][Uu])(?:Impl)?$")
_JDK = re.compile(r"^(?:java|javax|jdk|sun|com\.sun)\.")
_GROUPS = frozenset({"org.apache", "org.eclipse", "com.github", "io.github", "com.google"})


@dataclass(frozen=True, slots=True)
class Library:
    """A library's caches: their name for people, the classes of entries, and its functions.

    `maps`: the class of a map that is no cache by itself; its entries count only while values are
    made again for it, and no such maps die with theirs. `shaped`: its kind is told by names, no
    list; `own`: the program's own.
    """

    name: str
    entries: re.Pattern[str]
    functions: re.Pattern[str]
    maps: str = ""
    title: str = ""
    shaped: bool = False
    own: bool = False


LIBRARIES = (
    Library(  # classes of nodes are made by kind: strong, weak or soft values, order of use, ...
        "Caffeine",
        re.compile(_CAFFEINE),
        re.compile(r"^com\.github\.benmanes\.caffeine\."),
    ),
    Library(
        "Guava",
        re.compile(r"^com\.google\.common\.cache\.LocalCache\$(?:Strong|Weak)\w*Entry$"),
        re.compile(r"^com\.google\.common\.cache\."),
    ),
    Library(
        "Ehcache",
        re.compile(r"^org\.ehcache\.impl\.internal\.store\.heap\.holders\.\w+ValueHolder$"),
        re.compile(r"^org\.ehcache\."),
    ),
    Library(
        "cache2k",
        re.compile(r"^org\.cache2k\.core\.\w*Entry$"),
        re.compile(r"^org\.cache2k\."),
    ),
    Library(
        "Commons Collections LRUMap",
        re.compile(
            r"^org\.apache\.commons\.collections4?\.map\.(?:AbstractLinkedMap|LRUMap)\$LinkEntry$"
        ),
        re.compile(r"^org\.apache\.commons\.collections4?\.map\."),
    ),
    Library(
        "Spring",
        re.compile(_CAFFEINE),
        re.compile(r"^org\.springframework\.cache\."),
    ),
    Library(
        "ConcurrentHashMap",
        re.compile(r"^java\.util\.concurrent\.ConcurrentHashMap\$Node$"),
        re.compile(r"^java\.util\.concurrent\.ConcurrentHashMap\.compute"),
        maps=CONCURRENT,
    ),
    Library(
        "HashMap",
        re.compile(r"^java\.util\.HashMap\$Node$"),
        re.compile(r"^java\.util\.HashMap\.compute"),
        maps="java.util.HashMap",
    ),
    Library(
        "LinkedHashMap",
        re.compile(r"^java\.util\.LinkedHashMap\$Entry$"),
        re.compile(r"^java\.util\.HashMap\.compute"),
        maps="java.util.LinkedHashMap",
    ),
)


@lru_cache(_REMEMBERED)
def speaks(name: str) -> bool:
    """Tell whether a class speaks of a cache by its name or its package."""
    return re.search(_SPEAKS, name) is not None and not _JDK.match(name)


def is_of_the_jdk(name: str) -> bool:
    """Tell whether a class or function is the JDK's."""
    return _JDK.match(name) is not None


@lru_cache(_REMEMBERED)
def family_of(of_class: str, *, own: bool) -> str:
    """Return what the classes of one cache have in common: the first parts of the package, or of
    the program's own the class that is named so (with those that it lies in).
    """
    if own:
        parts = of_class.split(".")
        at = next((i for i, part in enumerate(parts) if speaks(part)), None)
        return "" if at is None else ".".join(parts[: at + 1])
    first = ".".join(of_class.split(".")[:2])
    return ".".join(of_class.split(".")[:3]) if first in _GROUPS else first


@lru_cache(_REMEMBERED)
def shaped(family: str, *, own: bool, entry: str = "") -> Library:
    """Return a cache that is told by names: `entry` is the class of its entries."""
    begins = rf"^{re.escape(family)}\."
    name = entry.rpartition(".")[2].partition("$")[0]
    return Library(
        name=family,
        entries=re.compile(rf"^{re.escape(entry)}$" if entry else r"(?!)"),
        functions=re.compile(begins if own else rf"{begins[:-2]}(?=\..*{_SPEAKS}|.*{_SPEAKS})"),
        title=family if own else name,
        shaped=True,
        own=own,
    )


@lru_cache(_REMEMBERED)
def asked_by_name(function: str, *, own: bool) -> str:
    """Return the family of the cache that a function belongs to by its class's name; empty: none,
    or one of a library that is known.
    """
    of_class = function.rpartition(".")[0]
    if not speaks(of_class) or any(each.functions.match(function) for each in LIBRARIES):
        return ""
    return family_of(of_class, own=own)


def named(before: Mapping[str, int], with_dead: Mapping[str, int]) -> tuple[Library, ...]:
    """Return the caches whose entries have a name that speaks of one: of each family the class of
    which most died. What dies with what holds it is left out: requests make such for themselves.
    """
    found: dict[tuple[str, bool], tuple[int, str]] = {}
    for name, count in with_dead.items():
        dead = count - before.get(name, 0)
        if dead <= 0 or not before.get(name) or not is_entry(name):
            continue
        own = not kind(Frame(f"{name}:<init>", None)).library
        key = family_of(_as_function(name) if own else name, own=own), own
        if key[0] and not die_with_it(name, before, with_dead, dead):
            found[key] = max(found.get(key, (0, "")), (dead, name))
    return tuple(
        shaped(family, own=own, entry=entry) for (family, own), (_, entry) in found.items()
    )


@lru_cache(_REMEMBERED)
def is_entry(name: str) -> bool:
    """Tell whether a class is an entry of a cache by its name, and of none that is known."""
    simple = re.split(r"[.$]", name)[-1]
    return (
        not name.startswith("[")
        and speaks(name)
        and _ENTRY.match(simple) is not None
        and not _MADE_EACH.search(simple)
        and not any(each.entries.match(name) for each in LIBRARIES)
    )


def _as_function(name: str) -> str:
    """Return an own class as functions name it: without its package, nested ones by a dot."""
    return name.rpartition(".")[2].replace("$", ".")


def die_with_it(
    entry: str, before: Mapping[str, int], with_dead: Mapping[str, int], dead: int
) -> bool:
    """Tell whether so many entries of this class died with what holds them, by names."""
    outer = entry.rpartition("$")[0]
    package = entry.rpartition(".")[0]
    holders = {outer} if outer else set[str]()
    holders |= {
        name
        for name in with_dead
        if name.startswith(f"{package}.") and speaks(name) and _CONTAINER.search(name)
    }
    died = max((with_dead.get(name, 0) - before.get(name, 0) for name in holders), default=0)
    return died * rule("cache.thrashing").limit("of_a_map") > dead
