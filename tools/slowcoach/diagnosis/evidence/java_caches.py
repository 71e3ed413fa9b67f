"""Caches of Java libraries: their entries among the live objects, and who asks them. Pure.

A bounded cache that thrashes keeps as many entries as ever, while those that it evicted lie dead
until the next collection. Entries are told by the library's own class for them. That values are
made again for look-ups that miss is seen where the library calls the program's own code to load
them: a bounded record of the last requests, which loses entries as well, never does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.evidence.java_cache_libraries import (
    CONCURRENT,
    LIBRARIES,
    Library,
    asked_by_name,
    die_with_it,
    family_of,
    is_entry,
    is_of_the_jdk,
    named,
    shaped,
)
from slowcoach.diagnosis.evidence.units import Unit
from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.diagnosis.models import Growth

_WAITS = frozenset({"lock", "future", "condition", "event", "join", "semaphore"})


def _limit(name: str) -> float:
    return rule("cache.thrashing").limit(name)


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast what died came to lie there: within `apart` seconds, in which so many requests
    were answered, out of `lasted` seconds of load. Some was collected: it is the least. `fresh`:
    the seconds since the last collection, within which what dies young came.
    """

    apart: float
    requests: float
    lasted: float
    fresh: float = 0.0

    def is_record(self, dead: int, *, young: bool = False) -> bool:
        """Tell whether no more died than requests came, as of a record of the last ones."""
        came = self.came(young=young)
        return came > 0 and dead <= _limit("recorded") * came

    def came(self, *, young: bool = False) -> float:
        """Return how many requests came while what lies dead did."""
        return self.requests * self._within(young=young) / self.apart if self.apart > 0 else 0.0

    def _within(self, *, young: bool) -> float:
        """Return the seconds in which what lies dead came: what dies young was collected before."""
        return min(self.apart, self.fresh) if young and self.fresh > 0 else self.apart

    def over_the_load(self, dead: int, *, young: bool = False) -> int:
        """Return how many died over the load at this rate; `young`: soon after they were made."""
        within = self._within(young=young)
        return round(dead / within * self.lasted) if within > 0 else 0


@dataclass(slots=True)
class Asked:
    """Who was seen asking caches, and in what: by library and function, in looks at threads.

    `missing`: asking while a value is loaded, by itself or by another thread; `loading`: what the
    library calls to load it; `doing`: by whom which library is called; `own`: looks at any of the
    program's own code.
    """

    users: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    missing: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    loading: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    passing: Counter[str] = field(default_factory=Counter[str])
    called_by: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    doing: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    own: int = 0

    def look(self, units: Iterable[Unit]) -> None:
        """Count one look at all threads."""
        for unit in units:
            if unit.own_at is None or unit.state in {"idle", "client"}:
                continue
            self.own += 1
            self._note_doing(unit, unit.own_at)
            self.passing.update({frame.name for frame in unit.frames if frame.own})
            for library in (*LIBRARIES, *_named_so(unit.frames)):
                self._note(unit, library)

    def _note(self, unit: Unit, library: Library) -> None:
        asked = _asked_at(unit.frames, library)
        if asked is None:
            return
        at, user = asked
        key = library.name, user.name, user.file
        self.users[key] += 1
        loader = _loader(unit.frames[:at], user, library)
        if loader is not None:
            self.loading[library.name, loader.name, loader.file] += 1
        if loader is not None or unit.state in _WAITS:
            self.missing[key] += 1

    def _note_doing(self, unit: Unit, at: int) -> None:
        """Count what a thread is at: the own function, and what library it called."""
        own, called = unit.frames[at], unit.frames[at - 1].name if at else ""
        of_class = called.rpartition(".")[0]
        by = next((f.name for f in unit.frames[at + 1 :] if f.own and f.name != own.name), "")
        self.called_by.setdefault(own.name, set()).add(by or own.name)
        of_jdk = not called or is_of_the_jdk(called)
        self.doing["" if of_jdk else family_of(of_class, own=False), own.name, own.file] += 1

    def making(self, family: str) -> list[tuple[str, str]]:
        """Return the functions and files that much of the own code's time is in: in what
        they call of a library, or whatever they do (an empty `family`).
        """
        least = _limit("filling_share") * self.own
        most = self.doing.most_common()
        return [key[1:] for key, n in most if n >= least and family in {"", key[0]}]

    def around(self, functions: Iterable[str]) -> set[str]:
        """Return functions of the program's own with those that call them."""
        return {f for name in functions for f in {name, *self.called_by.get(name, ())}}

    @property
    def making_much(self) -> bool:
        """Tell whether much of the own code's time is in one function."""
        return any(n >= _limit("filling_share") * self.own for n in self.doing.values())

    def remade(self, library: str) -> int:
        """Return in how many looks values were loaded; 0 where that takes little of the time."""
        loads = sum(n for key, n in self.loading.items() if key[0] == library)
        return loads if self.share(library) > _limit("loading_share") else 0

    def share(self, library: str) -> float:
        """Return the share of the own code's time in look-ups that missed."""
        misses = sum(n for key, n in self.missing.items() if key[0] == library)
        return misses / self.own if self.own else 0.0

    def queues(self, library: str) -> bool:
        """Tell whether those who ask mostly wait for one that loads: that is a lock, no cache."""
        loads = sum(n for key, n in self.loading.items() if key[0] == library)
        return 2 * loads < sum(n for key, n in self.missing.items() if key[0] == library)

    @property
    def any_remade(self) -> bool:
        """Tell whether values are loaded for any cache."""
        return any(self.remade(name) for name in {key[0] for key in self.loading})

    def places(self, library: str) -> list[tuple[str, str]]:
        """Return the functions and files of a cache: what loads, and who does nothing but ask it;
        where nothing is loaded by the library, who was seen asking, who may load as well.
        """
        if not self.remade(library):
            return [key[1:] for key, _ in self.users.most_common() if key[0] == library]
        found = [key[1:] for key, _ in self.loading.most_common() if key[0] == library]
        found += [
            key[1:]
            for key, n in self.missing.most_common()
            if key[0] == library and n >= _limit("asking_share") * self.passing[key[1]]
        ]
        return list(dict.fromkeys(found))


def _named_so(frames: tuple[StackFrame, ...]) -> set[Library]:
    """Return the caches that are on a stack by their names."""
    families = {(asked_by_name(frame.name, own=frame.own), frame.own) for frame in frames}
    return {shaped(family, own=own) for family, own in families if family}


def _loader(inner: tuple[StackFrame, ...], user: StackFrame, library: Library) -> StackFrame | None:
    """Return what is called to load a value: the program's own code, or where the cache is a
    part of a library, that library's: then who asked for it.
    """
    own = [f for f in inner if f.own and not (library.own and library.functions.match(f.name))]
    if own:
        # a lambda is told as the method that holds it; what it calls is the loader
        return next((f for f in reversed(own) if f.name != user.name), own[-1])
    loads = library.shaped and not library.own
    return user if loads and any(_is_others(f, library) for f in inner) else None


def _is_others(frame: StackFrame, library: Library) -> bool:
    return not is_of_the_jdk(frame.name) and not library.functions.match(frame.name)


def _asked_at(frames: tuple[StackFrame, ...], library: Library) -> tuple[int, StackFrame] | None:
    """Return the outermost frame of the library's that the program's own code called, and which
    code that is. A map is asked directly; a cache by way of annotations as well.
    """
    user: StackFrame | None = None
    for at in range(len(frames) - 1, -1, -1):
        frame = frames[at]
        of_it = frame.own == library.own and library.functions.match(frame.name)
        if user is not None and of_it:
            return at, user
        if frame.own or library.maps:
            user = frame if frame.own and not of_it else None
    return None


def has_caches(counts: Mapping[str, int]) -> bool:
    """Tell whether entries of a library's cache are among the live objects."""
    return any(
        is_entry(name)
        or any(library.entries.match(name) for library in LIBRARIES if not library.maps)
        for name in counts
    )


def evicting(
    before: Mapping[str, int],
    with_dead: Mapping[str, int],
    last: Mapping[str, int],
    asked: Asked,
    rate: Rate | None = None,
) -> tuple[Growth, ...]:
    """Return the libraries' caches that lost entries since the look `before`.

    `with_dead` counts what lies dead as well, `last` what lives at the end.
    """
    found: list[Growth] = []
    for library in (*LIBRARIES, *named(before, with_dead)):
        remade = asked.remade(library.name)
        lived, held, after = (_entries(counts, library) for counts in (before, with_dead, last))
        dead = max(0, held - lived)
        # one that can keep nothing has no entries but those that are just loaded
        known = not (library.maps or library.shaped)
        keeps = after > 0 or (known and remade > 0 and dead > 0)
        if not keeps or (library.maps and (not remade or asked.queues(library.name))):
            continue
        if not after and _of_requests(before, with_dead, library):
            continue
        doubt = _doubt(before, with_dead, library) if library.maps else ""
        if doubt and library.maps != CONCURRENT:  # the others are requests' own more often
            continue
        # where more lie dead than live, an entry lives shorter than from one collection to the next
        young = dead > max(lived, after)
        if not remade and (library.shaped or (rate and rate.is_record(dead, young=young))):
            continue
        young = young or (bool(remade) and asked.share(library.name) > _limit("mostly_loading"))
        places = asked.places(library.name)
        found.append(
            Growth(
                name=library.title or f"{library.name} cache",
                kind=f"entries of {library.title or f'all {library.name} caches'}",
                before=lived,
                after=after,
                turnover=round(min(1.0, dead / max(1, after)), 3),
                # of few entries one more or less is no growth where hundreds go
                bounded=after - lived <= (_limit("same_size") - 1) * max(after, dead),
                added=rate.over_the_load(dead, young=young) if rate is not None else 0,
                returned=remade if rate is not None else None,
                remade=remade > 0,
                loading=0.0 if library.maps else round(asked.share(library.name), 3),
                doubt=doubt if remade or rate is None or rate.requests else "shared",
                file=places[0][1] if places else "the heap",
                functions=tuple(function for function, _ in places),
            )
        )
    return tuple(found)


def loading(asked: Asked) -> tuple[Growth, ...]:
    """Return the caches for which values are loaded in much of the program's time, though no
    entries of theirs are known or seen to be lost: what loads may be no fault of its own.
    """
    return tuple(
        Growth(
            name=name,
            kind="a cache by its name",
            before=0,
            after=0,
            bounded=True,
            remade=True,
            loading=round(asked.share(name), 3),
            file=asked.places(name)[0][1],
            functions=tuple(function for function, _ in asked.places(name)),
        )
        for name in sorted({key[0] for key in asked.loading})
        if asked.remade(name)
        and asked.share(name) >= _limit("mostly_loading")
        and not asked.queues(name)
    )


def _entries(counts: Mapping[str, int], library: Library) -> int:
    return sum(n for name, n in counts.items() if library.entries.match(name))


def _of_requests(before: Mapping[str, int], with_dead: Mapping[str, int], library: Library) -> bool:
    """Tell whether caches died with their entries: requests make such for themselves."""
    dead = {
        name: count - before.get(name, 0)
        for name, count in with_dead.items()
        if library.entries.match(name)
    }
    return any(n > 0 and die_with_it(name, before, with_dead, n) for name, n in dead.items())


def _doubt(before: Mapping[str, int], with_dead: Mapping[str, int], library: Library) -> str:
    """Return whether the entries that died may be of maps that died with them (`shared`): a map
    that a request makes for itself holds what it needs more than once.
    """
    dead = _entries(with_dead, library) - _entries(before, library)
    maps = with_dead.get(library.maps, 0) - before.get(library.maps, 0)
    return "" if maps * _limit("of_a_map") <= dead else "shared"
