"""How maps of a Go program turn over, by reads of what they hold, and who fills them. Pure.

A cache takes keys which it has lost before: it has more keys than places. What requests under way
have in a map is gone without them; a pool's keys each have their place; state that is kept up to
date gets new elements for the keys that it has; what each request clears for itself has all its
keys at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from statistics import median
from typing import NamedTuple

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.evidence.go_fillers import Filler, Spent
from slowcoach.diagnosis.goroutines_memory.functions import printed
from slowcoach.diagnosis.goroutines_memory.map_types import MapType
from slowcoach.diagnosis.goroutines_memory.maps import Held
from slowcoach.diagnosis.models import Activity, Growth

_MOST_EVER = 50_000
_PLACES = 4
_OF_A_SET = 1  # bytes of an element
_CLEARED, _EMPTIED, _REPLACED = "cleared", "emptied", "replaced"


def _limit(name: str) -> float:
    return rule("cache.thrashing").limit(name)


class Change(NamedTuple):
    """What a map took: entries a second, those with other keys and those with another element for
    a key that it had; how many of the former it had had before; how many it has.
    """

    rate: float
    fresh: int
    again: int
    replaced: int
    size: int


def always(changes: Sequence[Change]) -> bool:
    """Tell whether a map changed in nearly all looks; one of each request is mostly done with."""
    return sum(c.rate > 0 for c in changes) >= _limit("nearly_all_looks") * len(changes)


def changed(ever: Counter[bytes], looks: tuple[Held, Held, Held], apart_s: float) -> Change:
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

    `limited`: it was as large as it gets more than once; `remade`: another came in its place;
    `reseeded`: it was empty once; `emptied`: it has few entries left without requests.
    """

    rate: float
    before: int
    after: int
    returned: int
    limited: bool = False
    remade: bool = False
    reseeded: bool = False
    emptied: bool = False


def turned(changes: list[Change], looks: int, keys: int) -> Turned | None:
    """Return how a map turns over, None if it does not. It should do so all the time.

    `keys` is how many it ever had: of the places of a pool, which come back too, each has its own.
    """
    if len(changes) < max(_limit("least_looks"), looks * _limit("of_the_looks")):
        return None
    sizes = [c.size for c in changes]
    half = (len(sizes) + 1) // 2
    before, later = max(sizes[:half]), sizes[half:] or sizes
    rate, after = median(c.rate for c in changes), max(later)
    grows = after > before * _limit("same_size") and min(later) > before
    if rate <= 0 or min(before, after) < _limit("least_entries") or grows:
        return None
    fresh, again = sum(c.fresh for c in changes), sum(c.again for c in changes)
    returns = again >= max(_limit("least_returning"), _limit("returning") * fresh)
    if not returns and sum(c.replaced for c in changes) < _limit("least_returning"):
        return None
    returned = again if returns and keys > max(before, after) else 0
    return Turned(rate, before, after, returned, limited=sizes.count(max(sizes)) > 1)


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


def growths(
    told: Turned,
    seconds: float,
    known: Iterable[Filler],
    types: tuple[MapType, ...],
    library: Sequence[Filler] = (),
) -> list[Growth]:
    """Return the map as a container that evicts, for each of the functions that may fill it;
    `library`: those that add to caches of libraries, whose maps no code of the program's own fills.
    """
    # a set keeps nothing that could be spared
    mine = {kind.address for kind in types if kind.element > _OF_A_SET}
    fit = _fitting(told, known, mine) or (list(library) if told.returned else [])
    doubts = [(filler, doubt_of(told, filler)) for filler in fit[:_PLACES]]
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
        if doubt != _EMPTIED or told.after > _limit("under_way")
    ]


def _fitting(told: Turned, known: Iterable[Filler], mine: Collection[int]) -> list[Filler]:
    """Return who may fill a map: of its type, and where the code evicts if any does."""
    asked = [filler for filler in known if filler.asked]
    # one of a generic cache does not name its type in the code
    fit = [f for f in asked if f.kind in mine] or [f for f in asked if mine and not f.kind]
    return fit if told.remade else [f for f in fit if f.loses or f.clears] or fit


def doubt_of(told: Turned, filler: Filler) -> str:
    """Return why a map may be no cache: what requests under way have in it, state that is kept up
    to date, or what each request clears for itself.
    """
    if filler.apart:
        return ""
    if told.remade or (told.reseeded and filler.clears):
        return "" if told.returned and told.limited else _CLEARED
    # what no code clears was empty as well where another map stands at its address
    if told.emptied or (told.reseeded and not filler.clears):
        return _EMPTIED
    return "" if told.returned else _REPLACED
