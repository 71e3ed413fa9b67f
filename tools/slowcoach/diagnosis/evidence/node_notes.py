"""What a Node.js program's operations waited for, as notes told it: sums by own functions. Pure.

`recorders/node_waits.cjs` notes, inside of the program, what each operation waits for and the
stack that began it. Here the libraries' frames are told from the program's own, and the time by
which an `await` is longer than the operations within it is what it waits for in the program
itself: a promise that other code of it resolves (a pool's, a queue's, a lock's).
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.node_waits import source_of
from slowcoach.profiling.source_maps import Maps

_LENT = "(promise of a library)"
AWAIT, PROMISE, TIMER = "(await)", "(promise)", "(timer)"
HTTP, SOCKET, CONNECTS, NAMES = "(http ", "(socket", "(connecting)", "(name"
_PORT = re.compile(r":(\d+)/?\)$")
_MS = 1000.0
PACKAGE = re.compile(r"node_modules/(?:\.pnpm/[^/]+/node_modules/)?((?:@[^/]+/)?[^/]+)/")
_PART = 0.3
_MOST_SEEN = 0.45
Path = tuple[tuple[str, str], ...]
Below = Mapping[tuple[str, str], set[tuple[str, str]]]


@dataclass(slots=True)
class Note:
    """Operations of one kind begun by one chain of own functions (outermost first).

    `mean`: how many at a time; `each_s`: how long one takes. `lines` of the innermost function.
    """

    path: Path
    leaf: str
    mean: float = 0.0
    count: float = 0.0
    seconds: float = 0.0
    lines: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    callee: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    squares: float = 0.0
    seen: int = 0  # of `count`, those that were looked at

    @property
    def error(self) -> float:
        """Return how far `mean` may be off, relatively."""
        return 1 / math.sqrt(self.seen) if self.seen else 0.0

    @property
    def evenness(self) -> float:
        """Return how alike the times of operations are (1: all the same): mean squared, by the
        mean square. Of n together of which one takes all the time it is 1/n.
        """
        whole = self.squares * self.count
        return min(1.0, self.seconds**2 / whole) if whole else 1.0

    @property
    def each_s(self) -> float:
        """Return the mean time of one operation, in seconds."""
        return self.seconds / self.count if self.count else 0.0


def notes_of(said: Sequence[Mapping[str, Any]]) -> list[Note]:
    """Return the notes of one phase, of all processes together."""
    found: dict[tuple[Path, str], Note] = {}
    maps = Maps()
    for one in said:
        length = max(one["seconds"], 1e-3)
        for wait in one["waits"]:
            _add(found, wait, length, maps)
    windows = sum(one.get("windows", 1) for one in said) / max(1, len(said))
    for note in found.values():
        _make_whole(note, max(1.0, windows))
    return list(found.values())


def _make_whole(note: Note, windows: float) -> None:
    """Add what windows cut off: operations under way when one begins are not seen at all, those
    when it ends only in part. Of operations that take x of a window, x - x^2/2 of it is seen.
    """
    each = note.mean * windows / note.count if note.count else 0.0
    if each <= 0:
        return
    factor = (1 - math.sqrt(1 - 2 * min(each, _MOST_SEEN))) / min(each, _MOST_SEEN)
    note.mean *= factor
    note.seconds *= factor
    note.squares *= factor**2
    for line in note.lines:
        note.lines[line] *= factor


def _add(
    found: dict[tuple[Path, str], Note], wait: Mapping[str, Any], length: float, maps: Maps
) -> None:
    frames = [frame_of(each, maps) for each in wait["frames"]]
    own = [not kind(frame).library for frame in frames]
    leaf = wait["leaf"]
    if leaf in {AWAIT, PROMISE} and not (own and own[-1]):
        if leaf == AWAIT or not any(own):
            return  # a library waits for its own promise: who called it waits as well
        leaf = _LENT
    path = tuple((f.name, f.file or "") for f, mine in zip(frames, own, strict=True) if mine)
    last = max((i for i, mine in enumerate(own) if mine), default=-1)
    note = found.setdefault((path, leaf), Note(path, leaf))
    seconds = wait["ms"] / _MS
    note.mean += seconds / length
    note.seconds += seconds
    note.count += wait["count"]
    note.seen += wait["seen"]
    note.squares += wait.get("squares", 0.0) / _MS**2
    if last >= 0:
        note.lines[frames[last].line or 0] += seconds / length
    called = frames[last + 1 :]
    note.callee = note.callee or tuple(frame.name for frame in called[:3])
    packages = [p[1] for frame in called if (p := PACKAGE.search(frame.file or ""))]
    note.packages = tuple(dict.fromkeys((*note.packages, *packages)))


def frame_of(told_: Sequence[Any], maps: Maps) -> Frame:
    """Return a frame as a program told it, in its source where there is a map."""
    function, url, line, column = told_
    file, line = source_of(url, line, column, maps)
    return Frame(function or f"(anonymous {file.rsplit('/', 1)[-1]}:{line})", file, line)


@dataclass(slots=True)
class Told:
    """The notes sorted: operations of own code, those that only libraries began, and what awaits
    waited for beyond any operation (with the own function that made the promise, where known).
    """

    operations: list[Note]
    others: list[Note]
    inside: list[Note]
    together: list[Note]


def port_of(note: Note) -> int:
    """Return the peer's port, 0 where it is not known."""
    match = _PORT.search(note.leaf)
    return int(match[1]) if match else 0


def _once(notes: Sequence[Note]) -> list[Note]:
    """Leave out what an HTTP request's own wait has in it: names, connecting, its socket."""
    ports = {port_of(n) for n in notes if n.leaf.startswith(HTTP)}

    def stays(note: Note) -> bool:
        if note.leaf.startswith(SOCKET):
            return port_of(note) not in ports
        return not (ports and note.leaf.startswith((CONNECTS, NAMES)))

    return list(filter(stays, notes))


def told(notes: Sequence[Note]) -> Told:
    """Sort the notes of a phase."""
    operations, others, awaits, promises = list[Note](), list[Note](), list[Note](), list[Note]()
    for note in _once(notes):
        if note.leaf == AWAIT:
            awaits.append(note)
        elif note.leaf in {PROMISE, _LENT}:
            promises.append(note)
        elif note.path:
            operations.append(note)
        elif note.leaf != TIMER:
            others.append(note)
    below = _below((*operations, *awaits, *promises))
    _cap_timers(operations, awaits, below)
    inside, together = _inside(operations, awaits, below)
    return Told(operations, others, [_named(note, promises) for note in inside], together)


def _below(notes: Iterable[Note]) -> Below:
    """Return by function the own functions that were seen below it in any stack."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for note in notes:
        for i, function in enumerate(note.path):
            found[function].update(set(note.path[i + 1 :]) - {function})
    return found


def _within(inner: Path, outer: Path, below: Below) -> bool:
    """Tell whether what one stack began is awaited by another: the longer one, or one that goes
    on after an await, whose callers are not on the stack any more.
    """
    return inner[: len(outer)] == outer or inner[0] in below.get(outer[-1], ())


def _inside(
    operations: Sequence[Note],
    awaits: Sequence[Note],
    below: Below,
) -> tuple[list[Note], list[Note]]:
    """Return what awaits wait for beyond operations; and those whose operations run together."""
    inside: list[Note] = []
    together: list[Note] = []
    for note in sorted(awaits, key=lambda n: -len(n.path)):
        known = [o for o in operations if _within(o.path, note.path, below)]
        inner = sum(o.mean for o in known)
        if inner > note.mean:
            together.append(_with_mean(note, note.mean))
        rest = [i for i in inside if i.path != note.path and _within(i.path, note.path, below)]
        left = note.mean - inner - sum(i.mean for i in rest)
        if left > 0:
            inside.append(_with_mean(note, left))
    return inside, [t for t in together if _several(t, operations, below)]


_SEVERAL = 1.5


def _several(note: Note, operations: Sequence[Note], below: Below) -> bool:
    """Tell whether clearly more operations are under way than awaits that wait for them."""
    inner = [o for o in operations if _within(o.path, note.path, below)]
    seen = sum(o.seen for o in inner)
    least = sum(o.mean for o in inner) * (1 - 1 / math.sqrt(seen) if seen else 1.0)
    return note.mean > 0 and least >= _SEVERAL * note.mean * (1 + note.error)


def _with_mean(note: Note, mean: float) -> Note:
    part = mean / note.mean if note.mean else 0.0
    return replace(
        note,
        mean=mean,
        seconds=note.seconds * part,
        lines=defaultdict(float, {line: m * part for line, m in note.lines.items()}),
        squares=note.squares * part**2,
    )


def _cap_timers(
    operations: list[Note],
    awaits: Sequence[Note],
    below: Below,
) -> None:
    """A timer that nobody awaits is a limit of time, not a wait: no more than awaits leave."""
    timers = [note for note in operations if note.leaf == TIMER]
    for timer in timers:
        holding = [a for a in awaits if _within(timer.path, a.path, below)]
        if not holding:
            continue
        most = max(a.mean for a in holding)
        most -= sum(
            o.mean
            for o in operations
            if o.leaf != TIMER and any(_within(o.path, a.path, below) for a in holding)
        )
        if timer.mean > max(most, 0.0):
            operations.remove(timer)
            if most > 0:
                operations.append(_with_mean(timer, most))


def _named(note: Note, promises: Sequence[Note]) -> Note:
    """Return what an await waits for at the own function that made its promise, if one did."""
    found = [
        p
        for p in promises
        if p.leaf == PROMISE
        and len(p.path) == len(note.path) + 1
        and p.path[:-1] == note.path
        and p.mean >= _PART * note.mean
    ]
    if not found:
        return _lent(note, promises)
    maker = max(found, key=lambda p: p.mean)
    named = replace(note, path=maker.path, lines=_spread(note.mean, maker.lines))
    return _lent(named, promises)  # what that awaits may be of a library


def _lent(note: Note, promises: Sequence[Note]) -> Note:
    """Return what an await waits for with the library function that made its promise, if any; at
    the own function that hands that promise on.
    """
    for p in promises:
        handed = p.path[:-1] == note.path
        if p.leaf == _LENT and (handed or p.path == note.path) and p.mean >= _PART * note.mean:
            lent = _with_mean(note, note.mean)
            lent.callee, lent.packages = p.callee, p.packages
            if handed:
                lent.path, lent.lines = p.path, _spread(note.mean, p.lines)
            return lent
    return note


def _spread(mean: float, lines: Mapping[int, float]) -> dict[int, float]:
    total = sum(lines.values()) or 1.0
    return defaultdict(float, {line: mean * part / total for line, part in lines.items()})
