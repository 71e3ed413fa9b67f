"""What a Go program's code says: which of its own functions put entries into maps, who calls them,
and which take from channels.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from slowcoach.diagnosis.evidence.go_frames import frame_of
from slowcoach.diagnosis.goroutines_memory.calls import callers, entries_named
from slowcoach.diagnosis.goroutines_memory.functions import Functions, printed
from slowcoach.diagnosis.interpreter.memory import ProcessMemory
from slowcoach.profiling.model import Frame

_MAPS = r"(?:runtime|internal/runtime/maps)\.(?:runtime_)?map"
_ASSIGNS = re.compile(_MAPS + r"assign\w*$")
_TAKES_OUT = re.compile(_MAPS + r"delete\w*$")
_CLEARS = re.compile(_MAPS + r"clear$")
_LOOKS_UP = re.compile(_MAPS + r"access\w*$")
_TAKES = re.compile(r"runtime\.(?:chanrecv\d?|selectgo|selectnbrecv)$")
_LEVELS = 3
_WIDEST = 4

Spent = Callable[[Collection[str]], float]


class Filler(NamedTuple):
    """The program's own functions that fill maps of a type (its address, 0 where the code does
    not name it), outermost first, and the inner one's file. `asked`: the outer ones look into
    such maps too; `loses`: the code takes entries out of them; `apart`: it does so elsewhere only,
    as what sweeps out what is old; `clears`: it empties them at once.
    """

    kind: int
    functions: tuple[str, ...]
    file: str
    asked: bool
    loses: bool
    apart: bool
    clears: bool


@dataclass(frozen=True, slots=True)
class _Site:
    """A place in the program's own code that uses maps of a type."""

    kind: int
    name: str
    file: str


@dataclass(slots=True)
class _Code:
    """Who calls whom among the program's own functions, and where they use maps."""

    above: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    sites: dict[_Site, None] = field(default_factory=dict[_Site, None])
    loses: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    clears: set[int] = field(default_factory=set[int])
    asks: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def up(self, names: Collection[str]) -> set[str]:
        """Return who calls some functions."""
        return {name for each in names for name in self.above.get(each, ())}

    def near(self, names: Collection[str], level: Collection[str]) -> bool:
        """Tell whether some functions call any of others, directly or nearly so."""
        found = set(names)
        for _ in range(_LEVELS):
            found |= self.up(found)
        return not found.isdisjoint(level)


def fillers(
    memory: ProcessMemory,
    functions: Functions,
    types: Collection[int],
    spent: Spent,
    enough: float,
) -> tuple[Filler, ...]:
    """Return who fills maps: up from what assigns, until the functions have `enough` of the time.

    What puts an entry in is quick; who computes it calls that, or is called beside it. `spent`
    tells the share of the time in which one of some functions is on the stack.
    """
    code = _code(memory, functions, types)
    return tuple(_filler(site, code, spent, enough) for site in code.sites)


def takers(memory: ProcessMemory, functions: Functions) -> frozenset[str]:
    """Return the program's own functions that take from channels."""
    taking = entries_named(functions, _TAKES)
    return frozenset(
        frame.name
        for call in callers(memory, functions, taking, _may_be_own)
        for frame in call.frames
        if frame_of(frame).own
    )


def _code(memory: ProcessMemory, functions: Functions, types: Collection[int]) -> _Code:
    names = {entry: name for entry, _, name in functions.named() if _may_be_own(name)}
    assigning, deleting, clearing, asking = (
        entries_named(functions, pattern) for pattern in (_ASSIGNS, _TAKES_OUT, _CLEARS, _LOOKS_UP)
    )
    code = _Code()
    wanted = assigning | deleting | clearing | asking | names.keys()
    for call in callers(memory, functions, wanted, _may_be_own):
        mine = [frame for frame in call.frames if frame_of(frame).own]
        if not mine:
            continue
        for inner, outer in pairwise(mine):
            code.above[inner.name].add(outer.name)
        kind, name = call.given if call.given in types else 0, mine[0].name
        if call.called in names:
            code.above[printed(names[call.called])].add(name)
        elif call.called in assigning:
            code.sites[_Site(kind, name, mine[0].file or "")] = None
        elif call.called in clearing:
            code.clears.add(kind)
        else:
            (code.asks if call.called in asking else code.loses)[kind].add(name)
    return code


def _filler(site: _Site, code: _Code, spent: Spent, enough: float) -> Filler:
    level: Sequence[str] = (site.name,)
    seen = {site.name}
    for _ in range(_LEVELS):
        if spent(level) >= enough:
            break
        up = code.up(level) - seen
        if not up:
            break
        seen |= up
        level = sorted(up, key=lambda name: -spent((name,)))[:_WIDEST]
    loses = code.loses.get(site.kind, set[str]())
    return Filler(
        site.kind,
        tuple(dict.fromkeys((*reversed(level), site.name))),
        site.file,
        asked=code.near(code.asks.get(site.kind, ()), level),
        loses=bool(loses),
        apart=bool(loses) and not code.near(loses, level),
        clears=site.kind in code.clears,
    )


def _may_be_own(name: str) -> bool:
    return frame_of(Frame(name, "/", 1)).own
