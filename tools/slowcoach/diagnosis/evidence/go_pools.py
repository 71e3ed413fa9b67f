"""Pools of goroutines, and limits by hand, all of whose places the program's own jobs have. Pure.

Such a pool is told by where its goroutines begin: in the library, which calls the program's code.
Libraries begin workers when they are asked for; a pool is full only where none is free, others of
the program's own goroutines wait for a place, and requests bring no further worker. Where some of
them are at work in a function and others wait at one of its lines, these wait for those. Who
stands in a function whose literals a pool's workers run waits for these jobs: for a worker, if they
run for little of the time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.evidence.go_frames import package_of
from slowcoach.diagnosis.evidence.go_roles import is_server
from slowcoach.diagnosis.evidence.states import names_a_pool
from slowcoach.diagnosis.evidence.units import Unit, UnitSight
from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.diagnosis.limits import deciding

_POOLS = re.compile(r"pool|worker|errgroup", re.IGNORECASE)
_WORKS = frozenset({"net", "db", "sleep", "disk", "child", "cpu"})
_WAITS = frozenset({"idle", "join", "semaphore"})
_AWAITS = frozenset({"future", "join", "condition", "semaphore"})
Place = tuple[str, str, int]
_BEGINS = "runtime.goexit"


class FullPool(NamedTuple):
    """A library's pool, or a limit by hand, that is full without requests. `root` is where a
    pool's goroutines begin, or `inside` what function those go on that have one of so many places,
    `size` how many there are; those who wait for them stand in the library's functions `calls`, or
    at the program's own lines `places`; `by_jobs`: in functions that made the jobs.
    """

    root: str
    size: float
    calls: frozenset[str]
    places: frozenset[Place]
    inside: bool = False
    by_jobs: bool = False


@dataclass(slots=True)
class _Crew:
    at_work: float = 0.0
    free: float = 0.0
    jobs: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    packages: set[str] = field(default_factory=set[str])

    def does_for(self, function: str) -> float:
        """Return how many at a time run what a function made: its literals are named after it."""
        return sum(mean for job, mean in self.jobs.items() if job.startswith(f"{function}."))


def full_pools(idle: UnitSight) -> tuple[FullPool, ...]:
    """Return the pools all of whose workers, or places to work at, are taken without requests."""
    standing = _waiting(idle)
    return (*_of_libraries(idle, standing), *_by_hand(idle, standing))


def _of_libraries(idle: UnitSight, standing: _Waiting) -> Iterator[FullPool]:
    limits = rule("threads.starved")
    for root, crew in _crews(idle).items():
        full = crew.free <= crew.at_work * limits.limit("seldom_free")
        if not full or crew.at_work < limits.limit("crew"):
            continue
        size, more = crew.at_work + crew.free, limits.limit("more_wait")
        inside = {name: mean for name, mean in standing.calls.items() if is_of(name, crew.packages)}
        calls = frozenset(name for name, mean in inside.items() if mean >= more)
        # who waits for results of what is under way is one by worker
        places = frozenset(at for at, mean in standing.places.items() if mean >= size + more)
        made = [n for name, n in standing.functions.items() if crew.does_for(name)]
        by_jobs = sum(made) >= size + more
        if calls or places or by_jobs:
            yield FullPool(root, size, calls, places, by_jobs=by_jobs)


def _by_hand(idle: UnitSight, standing: _Waiting) -> Iterator[FullPool]:
    """Yield limits on how many go on in a function: some do, others wait there at one line."""
    limits = rule("threads.starved")
    for place, mean in standing.lines.items():
        size = _going_on(idle, place)
        named = any(names_a_pool(part) for part in standing.ways[place])
        if mean >= limits.limit("more_wait") and size >= limits.limit("crew") and not named:
            yield FullPool(place[0], size, frozenset(), frozenset({place}), inside=True)


def _going_on(sight: UnitSight, place: Place) -> float:
    """Return how many at a time are at work in a function at one of whose lines others wait."""
    return sum(
        count
        for unit, count in sight.seen.items()
        if unit.state in _WORKS
        and unit.own_at is not None
        and _at(unit.frames[unit.own_at]) != place
        and any(frame.own and frame.name == place[0] for frame in unit.frames)
    ) / max(1, sight.looks)


def packages_at_work(sight: UnitSight) -> frozenset[str]:
    """Return the packages of libraries whose pools work for the program: who waits in them waits
    for workers, which are counted themselves.
    """
    least = deciding("working")
    return frozenset(
        package
        for crew in _crews(sight).values()
        if crew.at_work >= least
        for package in crew.packages
    )


def still_full(pools: Iterable[FullPool], sight: UnitSight) -> tuple[FullPool, ...]:
    """Return the pools to which requests brought no further worker, with where these wait."""
    most = rule("threads.starved").limit("no_more")
    crews = _crews(sight)

    def size(pool: FullPool) -> float:
        if pool.inside:
            return _going_on(sight, next(iter(pool.places)))
        crew = crews.get(pool.root, _Crew())
        return crew.at_work + crew.free

    full = (pool for pool in pools if 0 < size(pool) <= pool.size + most)
    return tuple(
        pool._replace(places=pool.places | _for_jobs(crews[pool.root], sight))
        if pool.by_jobs
        else pool
        for pool in full
    )


def _for_jobs(crew: _Crew, sight: UnitSight) -> frozenset[Place]:
    """Return the lines at which requests wait for jobs that workers seldom have."""
    waiting: dict[str, float] = defaultdict(float)
    lines: dict[str, set[Place]] = defaultdict(set)
    for unit, count in sight.seen.items():
        if unit.own_at is None or unit.carrier != "thread" or unit.state not in _AWAITS:
            continue
        place = _at(unit.frames[unit.own_at])
        waiting[place[0]] += count / max(1, sight.looks)
        lines[place[0]].add(place)
    part = rule("threads.starved").limit("begun")
    return frozenset(
        place
        for function, mean in waiting.items()
        if 0 < crew.does_for(function) <= part * mean
        for place in lines[function]
    )


@dataclass(slots=True)
class _Waiting:
    """How many of the program's own goroutines wait, by the library's function that they called,
    and by the line of their own: `places` are those without a library's function, `lines` all,
    `ways` what leads to them. `functions`: by the innermost of their own, its root as well.
    """

    calls: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    places: dict[Place, float] = field(default_factory=lambda: defaultdict(float))
    lines: dict[Place, float] = field(default_factory=lambda: defaultdict(float))
    functions: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    ways: dict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))


def _crews(sight: UnitSight) -> dict[str, _Crew]:
    looks = max(1, sight.looks)
    found: dict[str, _Crew] = defaultdict(_Crew)
    for unit, count in sight.seen.items():
        outer = _begun_by(unit)
        names = [frame.name for frame in outer]
        # who works for a request as a server's worker is that request, and does not wait for it
        if is_server(names) or not any(_POOLS.search(name) for name in names):
            continue
        crew = found[outer[0].name]
        crew.packages |= {package_of(frame.name) for frame in outer}
        if unit.own_at is None:
            crew.free += count / looks
        else:
            crew.at_work += count / looks
            crew.jobs[next(f.name for f in reversed(unit.frames) if f.own)] += count / looks
    return found


def _begun_by(unit: Unit) -> list[StackFrame]:
    """Return the library's frames from which it called the program, outermost first."""
    frames = [frame for frame in reversed(unit.frames) if frame.name != _BEGINS]
    return list(takewhile(lambda frame: not frame.own, frames))


def _waiting(idle: UnitSight) -> _Waiting:
    looks = max(1, idle.looks)
    found = _Waiting()
    for unit, count in idle.seen.items():
        at = unit.own_at
        if at is None or unit.carrier != "worker" or unit.state not in _WAITS or _begun_by(unit):
            continue
        own = [frame.name for frame in unit.frames if frame.own]
        place = _at(unit.frames[at])
        found.functions[place[0]] += count / looks
        if place[0] != own[-1]:  # at the root a worker waits for work
            found.lines[place] += count / looks
            found.ways[place].update(own)
        if at and not unit.frames[at - 1].name.startswith(("runtime.", "sync.")):
            found.calls[unit.frames[at - 1].name] += count / looks
        elif place[0] != own[-1]:
            found.places[place] += count / looks
    return found


def _at(frame: StackFrame) -> Place:
    return frame.name, frame.file, frame.line


def is_of(function: str, packages: Iterable[str]) -> bool:
    """Tell whether a function is of one of some packages, or of one within or around it."""
    own = f"{package_of(function)}/"
    return any(own.startswith(f"{p}/") or f"{p}/".startswith(own) for p in packages)
