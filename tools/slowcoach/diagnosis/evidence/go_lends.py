"""What requests wait for inside one call of a library: its connections, or to be let on. Pure.

Where others talk to a peer inside that very call, with none of the program's code between, the
library keeps who waits in a queue of its own for what these have: a connection. Where the library
has called the program's code from there for the others, it limits how many go on at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.evidence.go_frames import is_primitive, package_of
from slowcoach.diagnosis.evidence.units import Unit, UnitSight
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity

Call = tuple[str, str, int, str]
"""The program's function, its file, its line, and the library's function that it calls there."""
Place = tuple[str, str, int]
_Chain = tuple[str, ...]
_PEERS = frozenset({"net", "db"})
_HANDLES = ".ServeHTTP"


@dataclass(frozen=True, slots=True)
class Lending:
    """The calls of libraries in which requests wait for connections, or to be let on."""

    connections: frozenset[Call] = frozenset()
    limits: frozenset[Call] = frozenset()


def lending(sight: UnitSight, waits: Collection[str], alone: Mapping[Place, float]) -> Lending:
    """Return what libraries lend in calls in which some wait and others go on.

    `waits` are the states whose reason is open; `alone`: how much a request alone waits so at each
    line, for who waits there alone waits for no other.
    """
    standing = _standing(sight, waits, alone)
    talk: dict[Call, float] = defaultdict(float)
    let_on: dict[Call, float] = defaultdict(float)
    for unit, count in sight.seen.items() if standing else ():
        for call, chain, inside in _calls(unit):
            waiting = standing.get(call, ())
            if any(_limited(each, chain, inside=inside) for each in waiting):
                let_on[call] += count / max(1, sight.looks)
            elif waiting and not inside and unit.state in _PEERS:
                talk[call] += count / max(1, sight.looks)
    connections = _at_least(talk, rule("pool.exhausted").limit("one"))
    return Lending(connections, _at_least(let_on, looking("several_have_it")) - connections)


def _standing(
    sight: UnitSight, waits: Collection[str], alone: Mapping[Place, float]
) -> Mapping[Call, set[_Chain]]:
    """Return the calls in which requests wait, though one alone does not, and how they wait."""
    found: dict[Call, set[_Chain]] = defaultdict(set)
    for unit in sight.seen:
        if unit.state in waits and unit.carrier == "thread":
            for call, chain, inside in _calls(unit):
                if not inside and alone.get(call[:3], 0.0) < looking("seen_alone"):
                    found[call].add(chain)
    return found


def _at_least(means: Mapping[Call, float], least: float) -> frozenset[Call]:
    return frozenset(call for call, mean in means.items() if mean >= least)


def lent(activities: Iterable[Activity], waits: Collection[str], by: Lending) -> list[Activity]:
    """Return the activities with words for waits in such calls: `pool` for a connection,
    `executor` for one of so many places.
    """
    found: list[Activity] = []
    for a in activities:
        called = a.callee[0] if a.callee else ""
        calls = {(a.function, a.file, line, called) for line in a.lines}
        word = a.state
        if a.state in waits and a.carrier != "worker":
            for_connections, for_places = calls <= by.connections, calls <= by.limits
            word = "pool" if for_connections else "executor" if for_places else a.state
        found.append(a.model_copy(update={"state": word}))
    return found


def _limited(waiting: _Chain, chain: _Chain, *, inside: bool) -> bool:
    """Tell whether who is at `chain` was let on by what holds up who is `waiting`: where their
    ways part, those wait in the same package, and this one is called on from it.
    """
    common = next(
        (n for n, (one, other) in enumerate(zip(waiting, chain, strict=False)) if one != other),
        min(len(waiting), len(chain)),
    )
    package = package_of(waiting[common - 1])
    near = all(package_of(name) == package for name in waiting[common:])
    return near and (inside or any(name.endswith(_HANDLES) for name in chain[common:]))


def _calls(unit: Unit) -> Iterator[tuple[Call, _Chain, bool]]:
    """Yield the program's calls of libraries, innermost first, with the library's functions from
    there on, outermost first, and whether they have called the program's code in turn.
    """
    chain: list[str] = []
    inside = False
    for frame in unit.frames:
        if not frame.own:
            chain.append(frame.name)
            continue
        named = tuple(name for name in reversed(chain) if not is_primitive(name))
        if chain and named and not is_primitive(chain[-1]):
            yield (frame.name, frame.file, frame.line, chain[-1]), named, inside
        chain, inside = [], True
