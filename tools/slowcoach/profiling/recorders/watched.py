"""What looks at Python processes say, as profiles and figures: waits, locks, the GIL. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from slowcoach.diagnosis.evidence.frames import is_user
from slowcoach.diagnosis.evidence.stacks import Seen
from slowcoach.diagnosis.interpreter.stacks import PyFrame
from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.frames import shortened
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.recorders.recording import Waiting
from slowcoach.profiling.recorders.waiting_states import CONTENDED, state_of
from slowcoach.profiling.recorders.watching import Watch
from slowcoach.profiling.values import WALL

LOCKS, GIL = "locks", "GIL"
BLOCKED = "block"  # the value of waiting for locks, as pprof calls it
_IDLE = frozenset({"queue", "event", "select", "client", "join", "executor", "future", "idle"})
_WORDS = {
    "gil": "the GIL",
    "lock": "a lock",
    "semaphore": "a semaphore",
    "condition": "a condition",
    "pool": "a free place in a pool",
    "queue": "a queue",
    "event": "an event",
    "sleep": "a sleep",
    "select": "what comes in",
    "client": "its client",
    "join": "another thread or task",
    "executor": "a thread of a pool",
    "child": "another process",
    "disk": "a file",
    "future": "a future",
}
_LEAST = 0.02  # threads on average; less is noise of two looks
_HOLDERS = 2
_HARDLY = 0.05  # of a core
_LAST = 2  # rank of waits that have nothing to do


@dataclass(frozen=True, slots=True)
class Worker:
    """One process: cores used and waited for, threads, and the place where it runs most."""

    pid: int
    cores: float
    ready: float
    threads: int
    place: str

    @property
    def wanted(self) -> float:
        """Return the cores it would use if none were taken by others.

        One that hardly runs is made ready by the recording itself: its queueing says nothing.
        """
        return self.cores if self.cores < _HARDLY else self.cores + self.ready


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """What the looks say; `running` and `blocked` are parts of `wall`. Shares are of looks."""

    wall: Profile
    running: Profile
    locks: Profile | None
    gil: Profile | None
    waits: tuple[Waiting, ...]
    workers: tuple[Worker, ...]
    looks: int
    rate: float
    seconds: float
    cost: float
    lost: int
    gil_held: float
    gil_waiting: float
    collecting: float
    collections: int
    tasks: float
    ran: float
    ready: float
    version: str

    @property
    def contended(self) -> float:
        """Return how many threads and tasks stood at locks on average."""
        return self.locks.total / self.seconds if self.locks is not None else 0.0


def watched(watch: Watch) -> Watched | None:
    """Return what was seen, or None when nothing could be looked at."""
    if not watch.looks or not watch.seen:
        return None
    states = {seen: state_of(seen) for seen in watch.seen}
    runs = {seen for seen, state in states.items() if state == "cpu"}

    def part(name: str, wanted: Callable[[Seen], bool], value: str) -> Profile:
        rows = [(seen, count) for seen, count in watch.seen.items() if wanted(seen)]
        return _profile(name, rows, watch, value)

    def where(count: Callable[[Seen], bool]) -> float:
        return sum(n for seen, n in watch.seen.items() if count(seen)) / watch.looks

    locks = part(LOCKS, lambda seen: states[seen] in CONTENDED, BLOCKED)
    gil = part(GIL, lambda seen: states[seen] == "gil", BLOCKED)
    processes = max(len(watch.times), 1)
    return Watched(
        wall=part(WALL, lambda _seen: True, "wall"),
        running=part(WALL, lambda seen: seen in runs, "wall"),
        locks=locks if locks.total else None,
        gil=gil if gil.total else None,
        waits=_waits(watch, states),
        workers=_workers(watch, runs),
        looks=watch.looks,
        rate=watch.looks / watch.seconds,
        seconds=watch.seconds,
        cost=watch.cpu_s / watch.seconds,
        lost=watch.failures,
        gil_held=min(sum(watch.gil.values()) / watch.looks / processes, 1.0),
        gil_waiting=where(lambda seen: states[seen] == "gil"),
        collecting=where(lambda seen: seen.collecting) / processes,
        collections=watch.collections,
        tasks=where(lambda seen: seen.task),
        ran=sum(times.cpu for times in watch.times.values()) / watch.seconds,
        ready=sum(times.ready for times in watch.times.values()) / watch.seconds,
        version=watch.version,
    )


def _profile(name: str, rows: Iterable[tuple[Seen, int]], watch: Watch, value: str) -> Profile:
    tree, ids = NodeTree(), dict[Frame, int]()
    several = len(watch.times) > 1
    step, looks = watch.seconds / watch.looks, 0
    for seen, count in rows:
        looks += count
        node = tree.child(0, ids.setdefault(_root(seen, watch, several=several), len(ids)))
        for frame in reversed(seen.frames):
            node = tree.child(node, ids.setdefault(_frame(frame), len(ids)))
        tree.add(node, count * step)
    return Profile(name, "seconds", tuple(ids), tree.finish(), looks, value=value)


def _root(seen: Seen, watch: Watch, *, several: bool) -> Frame:
    what = "asyncio task" if seen.task else f"thread {watch.names.get(seen.thread, seen.thread)}"
    return Frame(f"process {seen.pid}: {what}" if several else what)


def _frame(frame: PyFrame) -> Frame:
    """Return a frame as py-spy names it."""
    return Frame(frame.name, frame.file or None, frame.line or None)


def place(frame: PyFrame) -> str:
    """Return `function (file:line)`."""
    return shortened(_frame(frame)).place


def _waits(watch: Watch, states: dict[Seen, str]) -> tuple[Waiting, ...]:
    """Return the places of waiting: contention first, then waits that end by themselves or by
    others' work, at last what has nothing to do; the most threads first in each.
    """
    groups: Counter[_Group] = Counter()
    holders: dict[_Group, Counter[str]] = {}
    for seen, count in watch.seen.items():
        if states[seen] != "cpu" and seen.frames:
            groups[_group(seen, states[seen])] += count
    for (seen, frame), count in watch.held.items():
        if states[seen] in CONTENDED:
            group = _group(seen, states[seen])
            holders.setdefault(group, Counter())[place(frame)] += count
    ranked = sorted(groups.items(), key=lambda item: (item[0].rank, -item[1]))
    return tuple(
        Waiting(
            round(count / watch.looks, 3),
            group.where,
            group.at,
            group.what,
            ", ".join(name for name, _ in holders.get(group, Counter()).most_common(_HOLDERS)),
        )
        for group, count in ranked
        if count / watch.looks >= _LEAST
    )


class _Group(NamedTuple):
    where: str
    at: str
    what: str
    rank: int


def _group(seen: Seen, state: str) -> _Group:
    owner = next((frame for frame in seen.frames if is_user(frame)), None)
    target = seen.wait.target if state in {"db", "net"} else ""
    what = target or _WORDS.get(state, state)
    rank = 0 if state in CONTENDED else 1
    if state in _IDLE or owner is None:
        rank = _LAST
    leaf = place(seen.frames[0])
    return _Group(
        place(owner) if owner else leaf, leaf, f"{what} (task)" if seen.task else what, rank
    )


def _workers(watch: Watch, runs: set[Seen]) -> tuple[Worker, ...]:
    """Return the processes, those that use most first."""
    places: dict[int, Counter[str]] = {pid: Counter() for pid in watch.times}
    for seen in runs:
        own = next((frame for frame in seen.frames if is_user(frame)), None)
        if own is not None and seen.pid in places:
            places[seen.pid][place(own)] += watch.seen[seen]
    found = [
        Worker(
            pid,
            times.cpu / max(times.ended - times.begun, 1e-9),
            times.ready / max(times.ended - times.begun, 1e-9),
            times.threads,
            next((name for name, _ in places[pid].most_common(1)), ""),
        )
        for pid, times in watch.times.items()
    ]
    return tuple(sorted(found, key=lambda worker: -worker.wanted))
