"""Threads, goroutines and the like as dumps tell them: counted, sorted into activities. Pure.

For runtimes that tell the stacks of all their units at once. What the idle service does is
subtracted by stack; what remains is the requests' work.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from slowcoach.diagnosis.activity import UNSTARTED
from slowcoach.diagnosis.eyes import Sight, StackFrame
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity, Stuck

PATH_KEPT = 8
CALLEE_KEPT = 3
_BURNS = frozenset({"cpu", "gc", "native"})
_PEERS = frozenset({"net", "db"})
_TARGETED = frozenset({"lock", "net", "db", "disk", "pool", "semaphore", "queue"})


@dataclass(frozen=True, slots=True)
class Unit:
    """What one thread or goroutine did at one moment; frames are leaf first.

    `state` is a word of `evidence.states`; `carrier` loop, thread, worker (of an executor) or
    task; `packages` the libraries between its own code and the leaf, `waits_in` their function
    nearest to the leaf; `server` whose thread it is; `target` the lock, path or peer; `port` the
    peer's; `beside` how many like it work for the same request.
    """

    key: int
    state: str
    carrier: str
    frames: tuple[StackFrame, ...]
    packages: tuple[str, ...] = ()
    waits_in: str = ""
    server: str = ""
    target: str = ""
    port: int = 0
    beside: int = 1

    @property
    def own_at(self) -> int | None:
        """Return the index of the innermost frame of the program's own code."""
        return next((i for i, frame in enumerate(self.frames) if frame.own), None)

    @property
    def waits_at(self) -> int:
        """Return the index of the libraries' function nearest to the leaf, or of the outermost."""
        names = [frame.name for frame in self.frames]
        return names.index(self.waits_in) if self.waits_in in names else len(names) - 1

    @property
    def stack(self) -> tuple[tuple[str, str], ...]:
        """Return its functions without lines, by which the idle service's are told."""
        return tuple((frame.name, frame.file) for frame in self.frames)


class _Key(NamedTuple):
    """By what activities are told apart; the fields are those of Activity."""

    carrier: str
    state: str
    function: str
    file: str
    path: tuple[str, ...]
    files: tuple[str, ...]
    callee: tuple[str, ...]
    waits_in: str
    packages: tuple[str, ...]
    server: str
    target: str
    port: int


class UnitSight(Sight):
    """All that was seen in a phase."""

    def __init__(self) -> None:
        self.looks = 0
        self.seen: Counter[Unit] = Counter()
        self.still: dict[int, tuple[float, Unit]] = {}
        self.ended_at = 0.0

    @property
    def is_empty(self) -> bool:
        """Tell whether no unit was seen."""
        return not self.seen

    def add(self, units: Iterable[Unit], at: float) -> None:
        """Take one look at all units, made at a monotonic time in seconds."""
        here: dict[int, tuple[float, Unit]] = {}
        for unit in units:
            self.seen[unit] += 1
            since, last = self.still.get(unit.key, (at, None))
            here[unit.key] = (since if last == unit else at, unit)
        self.still = here
        self.looks += 1
        self.ended_at = at


class UnitSorter:
    """Sorts what was seen into activities, given what the idle service does."""

    def __init__(self, idle: UnitSight | None = None) -> None:
        looks = max(1, idle.looks) if idle else 1
        counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        for unit, count in idle.seen.items() if idle else ():
            counts[unit.state, unit.stack] += count
        self._standing = {key: count / looks for key, count in counts.items()}

    def activities(self, sight: UnitSight) -> tuple[Activity, ...]:
        """Return the requests' activities, most first."""
        lines: dict[_Key, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        beside: dict[_Key, float] = defaultdict(float)
        looks = max(1, sight.looks)
        for unit, count in self._requests(sight):
            if (found := _key(unit)) is not None:
                key, line = found
                lines[key][line] += count / looks
                beside[key] += unit.beside * count / looks
        made = [_activity(key, means, beside[key]) for key, means in lines.items()]
        least = looking("least_activity")
        return tuple(sorted((a for a in made if a.mean >= least), key=lambda a: -a.mean))

    def _requests(self, sight: UnitSight) -> Iterable[tuple[Unit, float]]:
        """Yield what was seen, less what stands there without requests."""
        standing = {key: mean * sight.looks for key, mean in self._standing.items()}
        for unit, count in sight.seen.items():
            key = (unit.state, unit.stack)
            taken = min(float(count), standing.get(key, 0.0))
            if taken:
                standing[key] -= taken
            if count > taken:
                yield unit, count - taken

    def stuck(self, sight: UnitSight, idle: UnitSight, least_s: float) -> tuple[Stuck, ...]:
        """Return what did not move for `least_s` at the end of the phase, longest first.

        What stood so before the first request counts only if it stands at a lock.
        """
        found: list[Stuck] = []
        for since, unit in sight.still.values():
            age, at = sight.ended_at - since, unit.own_at
            if age < least_s or at is None:
                continue
            then = idle.still.get(unit.key)
            before = then is not None and then[1] == unit
            if before and unit.state != "lock":
                continue
            found.append(
                Stuck(
                    carrier="task" if unit.carrier == "task" else "thread",
                    place=place_of(unit.frames[at]),
                    seconds=round(age, 1),
                    state=unit.state,
                    target=unit.target,
                    path=_path(unit.frames),
                    before=before,
                )
            )
        return tuple(sorted(found, key=lambda each: -each.seconds))


def place_of(frame: StackFrame) -> str:
    """Return `function (file:line)` for texts."""
    return f"{frame.name} ({frame.file.rsplit('/', 1)[-1]}:{frame.line})"


def _path(frames: Sequence[StackFrame]) -> tuple[str, ...]:
    return tuple(_ways(frames))


def _files(frames: Sequence[StackFrame]) -> tuple[str, ...]:
    """Return the files of the path's functions."""
    return tuple(_ways(frames).values())


def _ways(frames: Sequence[StackFrame]) -> dict[str, str]:
    """Return the last of the program's functions, outermost first, with their files."""
    names: dict[str, str] = {}
    for frame in reversed(frames):
        if frame.own:
            names.setdefault(frame.name, frame.file.rsplit("/", 1)[-1])
    return dict(list(names.items())[-PATH_KEPT:])


def _key(unit: Unit) -> tuple[_Key, int] | None:
    """Return by what a unit is counted, and its line; None for what is no request's work."""
    at = unit.own_at
    if at is None:
        # outside its own code only what burns the processor counts, or waits to begin
        if unit.state not in _BURNS | {UNSTARTED} or not unit.frames:
            return None
        at = unit.waits_at if unit.state == UNSTARTED else len(unit.frames) - 1
    place = unit.frames[at]
    callee = unit.frames[:at] if place.own else ()
    key = _Key(
        carrier=unit.carrier,
        state=unit.state,
        function=place.name,
        file=place.file,
        path=_path(unit.frames),
        files=_files(unit.frames),
        callee=tuple(frame.name for frame in reversed(callee[-CALLEE_KEPT:])),
        waits_in="" if unit.state in _BURNS else unit.waits_in,
        packages=unit.packages,
        server=unit.server,
        target=unit.target if unit.state in _TARGETED else "",
        port=unit.port if unit.state in _PEERS else 0,
    )
    return key, place.line


def _activity(key: _Key, lines: dict[int, float], beside: float) -> Activity:
    mean = sum(lines.values())
    return Activity(
        **key._asdict(),
        mean=round(mean, 4),
        beside=round(beside / mean, 2) if mean else 1.0,
        line=max(lines, key=lambda line: lines[line]),
        lines={line: round(mean, 3) for line, mean in sorted(lines.items())},
    )
