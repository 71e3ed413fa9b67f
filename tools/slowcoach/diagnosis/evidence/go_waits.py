"""What requests wait for at channels, which Go does not tell: by how they wait alone. Pure.

A request alone never queues. Where it waits even so, it waits for a worker, or for an event;
where only requests together wait, the channel deals out something scarce.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from slowcoach.diagnosis.evidence.states import names_a_pool
from slowcoach.diagnosis.evidence.units import UnitSight
from slowcoach.diagnosis.models import Activity, Stuck
from slowcoach.diagnosis.view import NOT_SERVED

RECEIVES, SENDS = "future", "send"
_OPEN = frozenset({RECEIVES, SENDS, "semaphore", "condition"})
_STANDS = {RECEIVES: "join", SENDS: "semaphore"}
_FULL = frozenset({SENDS, "lock"})
_STANDING = _OPEN | {"join", "lock", "idle", "client"}
_PEERS = frozenset({"net", "db"})
_SEEN_ALONE = 0.15
_AT_WORK = 0.3
_SEVERAL = 1.5
Place = tuple[str, str, int]


def waits_alone(activities: Iterable[Activity]) -> dict[Place, float]:
    """Return how much of the time a request alone waits at each line whose reason is open."""
    found: dict[Place, float] = defaultdict(float)
    for a in activities:
        if a.state in _OPEN:
            for line, mean in a.lines.items():
                found[a.function, a.file, line] += mean
    return found


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
        if a.carrier != "worker" and a.state not in NOT_SERVED and a.state not in _OPEN and a.path
    ]
    having = sum(a.mean for a in holders)
    peers = sum(a.mean for a in holders if a.state in _PEERS) > _AT_WORK

    def word(a: Activity, line: int) -> str:
        seen = alone.get((a.function, a.file, line), 0.0) >= _SEEN_ALONE
        if workers > _AT_WORK and (seen or workers >= having):
            return "executor"
        if a.state == "condition":
            return a.state
        if seen and a.state != "semaphore":
            return "event"
        return _scarce(a, having, peers=peers)

    found: list[Activity] = []
    for a in every:
        if a.state not in _OPEN or a.carrier == "worker":
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


def _scarce(activity: Activity, having: float, *, peers: bool) -> str:
    """Return the word for a wait for something that other requests have.

    One sends into a full channel to take one of a number of places, and receives what is lent.
    """
    if any(names_a_pool(part) for part in activity.path):
        return "semaphore"
    places = activity.state != RECEIVES or not peers
    return "executor" if places and having > _SEVERAL else "semaphore"


def _with(activity: Activity, state: str, lines: dict[int, float]) -> Activity:
    return activity.model_copy(
        update={
            "state": state,
            "lines": lines,
            "line": max(lines, key=lambda line: lines[line]),
            "mean": round(sum(lines.values()), 4),
        }
    )
