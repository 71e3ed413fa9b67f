"""What requests wait for at channels, which Go does not tell: by how they wait alone. Pure.

A request alone never queues. Where it waits even so, it waits for a worker, or for an event;
where only requests together wait, the channel deals out something scarce.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.activity import UNSTARTED
from slowcoach.diagnosis.evidence.go_pools import FullPool, is_of
from slowcoach.diagnosis.evidence.states import names_a_pool
from slowcoach.diagnosis.evidence.units import Unit, UnitSight
from slowcoach.diagnosis.limits import deciding, looking
from slowcoach.diagnosis.models import Activity, Stuck
from slowcoach.diagnosis.view import NOT_SERVED

RECEIVES, SENDS = "future", "send"
OPEN = frozenset({RECEIVES, SENDS, "semaphore", "condition"})
_STANDS = {RECEIVES: "join", SENDS: "semaphore"}
_FULL = frozenset({SENDS, "lock"})
_LENT = frozenset({RECEIVES, "condition"})
_STANDING = OPEN | {"join", "lock", "idle", "client"}
_PEERS = frozenset({"net", "db"})
_WORKS = frozenset({"net", "db", "sleep", "disk", "child", "cpu"})
_WAITS = frozenset({"idle", "join"})
_ASKS = re.compile(
    r"^net/http\.\(\*(?:Client|Transport)\)\.|^google\.golang\.org/grpc\.\(\*ClientConn\)\.Invoke"
)
Place = tuple[str, str, int]


def waits_alone(activities: Iterable[Activity]) -> dict[Place, float]:
    """Return how much of the time a request alone waits at each line whose reason is open."""
    found: dict[Place, float] = defaultdict(float)
    for a in activities:
        if a.state in OPEN:
            for line, mean in a.lines.items():
                found[a.function, a.file, line] += mean
    return found


class Queues(NamedTuple):
    """Lines at which goroutines of the program's own wait, though none of them is a request's:
    for its workers, or (`open`) perhaps for what these hear from outside. `calls` are functions
    of libraries in which one waits for workers of theirs; `packages` those of libraries whose
    workers are at work.
    """

    certain: frozenset[Place] = frozenset()
    open: frozenset[Place] = frozenset()
    calls: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()

    def beside(self, pools: Iterable[FullPool], packages: frozenset[str]) -> Queues:
        """Return them with those for pools in libraries: the full ones, and those at work."""
        every = tuple(pools)
        return Queues(
            self.certain.union(*(pool.places for pool in every)),
            self.open,
            self.calls.union(*(pool.calls for pool in every)),
            packages,
        )


def queues_at(idle: UnitSight, receives: Callable[[], Collection[str] | None]) -> Queues:
    """Return where the program's own goroutines wait for its workers, none of which is free.

    Workers are several goroutines that stand alike, and at work, all the time, begun in a function
    that takes from channels (`receives` returns those; None: not known). Those who wait for them
    are as many or more. A request that waits at such a line stands in the same queue. Where
    workers merely read from a connection, it may be news that all wait for.
    """
    looks = max(1, idle.looks)
    crews: dict[tuple[str, str, bool], float] = defaultdict(float)
    free: dict[str, float] = defaultdict(float)
    waiting: dict[Place, float] = defaultdict(float)
    for unit, count in idle.seen.items():
        at = unit.own_at
        if at is None or unit.carrier != "worker":
            continue
        root = next(frame.name for frame in reversed(unit.frames) if frame.own)
        place = unit.frames[at]
        if unit.state in _WORKS:
            crews[root, unit.server, _asks(unit)] += count / looks
        elif unit.state in _WAITS:
            free[root] += count / looks
            if place.name != root:  # at the root a worker waits for work
                waiting[place.name, place.file, place.line] += count / looks
    full = {
        (root, asks): mean
        for (root, _, asks), mean in crews.items()
        if mean >= rule("threads.starved").limit("crew")
        and free[root] <= mean * rule("threads.starved").limit("seldom_free")
    }
    if not full or not waiting:
        return Queues()
    takers = receives()
    taking = [key for key in full if takers is None or key[0] in takers]
    sure = [full[key] for key in taking if key[1] and takers is not None]
    every = [full[key] for key in taking]
    certain = _at_least(waiting, sure)
    return Queues(certain, _at_least(waiting, every) - certain)


def _at_least(waiting: Mapping[Place, float], crews: Sequence[float]) -> frozenset[Place]:
    most = max(crews, default=0.0)
    return frozenset(place for place, mean in waiting.items() if crews and mean >= most)


def _asks(unit: Unit) -> bool:
    """Tell whether a worker asks and is answered, or works; else it may wait for news."""
    return unit.state != "net" or any(_ASKS.match(frame.name) for frame in unit.frames)


def queued(activities: Iterable[Activity], queues: Queues) -> tuple[Activity, ...]:
    """Return the activities with those in a queue for workers as such (`queues_at`)."""
    found: list[Activity] = []
    for a in activities:
        if a.state not in OPEN | {"join"} or a.carrier == "worker":
            found.append(a)
            continue
        if word := _at_pool(a, queues):
            found.append(a.model_copy(update={"state": word}))
            continue
        by_word: dict[str, dict[int, float]] = defaultdict(dict)
        for line, mean in a.lines.items():
            place = (a.function, a.file, line)
            open_word = "other" if place in queues.open else a.state
            by_word[UNSTARTED if place in queues.certain else open_word][line] = mean
        found += [_with(a, state, lines) for state, lines in by_word.items()]
    return tuple(found)


def _at_pool(activity: Activity, queues: Queues) -> str:
    """Return the word for a wait inside of a library with a pool of workers ('' for others)."""
    called = activity.callee[:1]
    if queues.calls.intersection(called):
        return UNSTARTED
    asks = activity.state != "join" and any(is_of(name, queues.packages) for name in called)
    return "executor" if asks else ""


def for_workers(activities: Iterable[Activity], places: Collection[Place]) -> tuple[Activity, ...]:
    """Return the activities with waits at these lines alone as such for a worker."""
    return tuple(
        a.model_copy(update={"state": UNSTARTED})
        if a.carrier == "thread"
        and a.state in OPEN | {"event", "executor", "join"}
        and all((a.function, a.file, line) in places for line in a.lines)
        else a
        for a in activities
    )


def settled(activities: Iterable[Activity], alone: Mapping[Place, float]) -> tuple[Activity, ...]:
    """Return the activities with words for waits at channels.

    executor: for workers that are counted themselves, or for one of several places to work at;
    semaphore: for something that others have; event: for what is no request's doing.
    """
    every = tuple(activities)
    workers = sum(
        a.mean for a in every if a.carrier == "worker" and a.state not in NOT_SERVED and a.path
    )
    holders = [
        a
        for a in every
        if a.carrier != "worker" and a.state not in NOT_SERVED and a.state not in OPEN and a.path
    ]
    having = sum(a.mean for a in holders)
    at_work, seen_alone = deciding("working"), looking("seen_alone")
    several = having > looking("several_have_it")
    peers = sum(a.mean for a in holders if a.state in _PEERS) > at_work
    # where requests are known to queue for workers, few need be seen at work for them
    least = 0.0 if any(a.state == UNSTARTED for a in every) else at_work

    def word(a: Activity, line: int) -> str:
        seen = alone.get((a.function, a.file, line), 0.0) >= seen_alone
        if workers > least and (seen or workers >= having):
            return "executor"
        if a.state == "condition" and (seen or not several):
            return a.state
        if seen and a.state != "semaphore":
            return "event"
        return _scarce(a, several=several, peers=peers)

    found: list[Activity] = []
    for a in every:
        if a.state not in OPEN or a.carrier == "worker":
            found.append(a)
            continue
        by_word: dict[str, dict[int, float]] = defaultdict(dict)
        for line, mean in a.lines.items():
            by_word[word(a, line)][line] = mean
        found += [_with(a, state, lines) for state, lines in by_word.items()]
    return tuple(sorted(found, key=lambda a: -a.mean))


def knotted(stuck: Sequence[Stuck], last: UnitSight, idle: UnitSight) -> tuple[Stuck, ...]:
    """Return what stands still, with channels as locks where nobody is at work any more.

    Whoever sends then stands before a place that others have, whoever receives waits for one that
    stands too. Where all merely receive, what they wait for may still come from outside.
    """
    before = {(unit.state, unit.stack) for _, unit in idle.still.values()}
    works = any(
        unit.own_at is not None
        and unit.state not in _STANDING
        and (unit.state, unit.stack) not in before
        for _, unit in last.still.values()
    )
    if works or not any(each.state in _FULL for each in stuck):
        return tuple(stuck)
    return tuple(
        each.model_copy(update={"state": _STANDS.get(each.state, each.state)}) for each in stuck
    )


def on_database(activities: Iterable[Activity], port: int) -> tuple[Activity, ...]:
    """Return the activities with every wait for a peer as one for the database."""
    database = {"state": "db", "port": port}
    return tuple(a.model_copy(update=database) if a.state == "net" else a for a in activities)


def _scarce(activity: Activity, *, several: bool, peers: bool) -> str:
    """Return the word for a wait for something that other requests have.

    One sends into a full channel to take one of a number of places, and receives what is lent, or
    waits for the news that something was given back.
    """
    if any(names_a_pool(part) for part in activity.path):
        return "semaphore"
    places = activity.state not in _LENT or not peers
    return "executor" if places and several else "semaphore"


def _with(activity: Activity, state: str, lines: dict[int, float]) -> Activity:
    return activity.model_copy(
        update={
            "state": state,
            "lines": lines,
            "line": max(lines, key=lambda line: lines[line]),
            "mean": round(sum(lines.values()), 4),
        }
    )
