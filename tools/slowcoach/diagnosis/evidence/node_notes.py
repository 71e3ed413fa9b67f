"""What a Node.js program's operations waited for, as notes told it: sums by own functions. Pure.

`recorders/node_waits.cjs` notes, inside of the program, what each operation waits for and the
stack that began it. Here the libraries' frames are told from the program's own.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slowcoach.diagnosis.limits import looking
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.node_waits import source_of
from slowcoach.profiling.source_maps import Maps

LENT = "(promise of a library)"
WITHIN = "(promise within libraries)"  # that no own code is on the stack of
AWAIT, PROMISE, TIMER = "(await)", "(promise)", "(timer)"
ACQUIRES = "(timer of a pool)"  # its limit of how long somebody may wait for a connection
POOLS = frozenset({"pg-pool", "generic-pool", "tarn", "knex", "sequelize-pool", "lightning-pool"})
TAKES = re.compile(
    r"pool\w*\.(?:_?acquire|_?get|check_?out|take|connect|lease|borrow|_?wait)", re.IGNORECASE
)
ADDON = "(addon "  # and the name that the addon gives to its work
HTTP, SOCKET, CONNECTS, NAMES = "(http ", "(socket", "(connecting)", "(name"
_PORT = re.compile(r":(\d+)/?\)$")
_MS = 1000.0
PACKAGE = re.compile(r"node_modules/(?:\.pnpm/[^/]+/node_modules/)?((?:@[^/]+/)?[^/]+)/")
_PLACE = 2  # a line and a column
_NEAREST = 2  # functions that say what a promise within libraries is for
Path = tuple[tuple[str, str], ...]
_Kind = tuple[Path, str, tuple[str, ...]]


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
    word: str = ""  # what it waits for, where it is known
    seen: int = 0  # of `count`, those that were looked at
    parts: float = 0.0  # of `seconds`: of those of several calls at a time each has its part

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
    def beside(self) -> float:
        """Return how many calls are under way at a time, as seen by one of them."""
        return max(1.0, self.seconds / self.parts) if self.parts else 1.0

    @property
    def each_s(self) -> float:
        """Return the mean time of one operation, in seconds."""
        return self.seconds / self.count if self.count else 0.0


def notes_of(said: Sequence[Mapping[str, Any]]) -> list[Note]:
    """Return the notes of one phase, of all processes together."""
    found: dict[_Kind, Note] = {}
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
    seen = min(each, looking("most_of_a_window"))
    factor = (1 - math.sqrt(1 - 2 * seen)) / seen
    note.mean *= factor
    note.seconds *= factor
    note.parts *= factor
    note.squares *= factor**2
    for line in note.lines:
        note.lines[line] *= factor


def _add(found: dict[_Kind, Note], wait: Mapping[str, Any], length: float, maps: Maps) -> None:
    frames = [frame_of(each, maps) for each in wait["frames"]]
    own = [not kind(frame).library for frame in frames]
    leaf = wait["leaf"]
    if leaf in {AWAIT, PROMISE} and not (own and own[-1]):
        if leaf == AWAIT or not frames:
            return  # a library waits for its own promise: who called it waits as well
        leaf = LENT if any(own) else WITHIN
    path = tuple((f.name, f.file or "") for f, mine in zip(frames, own, strict=True) if mine)
    last = max((i for i, mine in enumerate(own) if mine), default=-1)
    if leaf == TIMER and _takes(frames[last + 1 :]):
        leaf = ACQUIRES
    called = frames[last + 1 :] if leaf != WITHIN else frames[-_NEAREST:]
    names = tuple(frame.name for frame in called[:3])
    note = found.setdefault((path, leaf, names if leaf == WITHIN else ()), Note(path, leaf))
    seconds = wait["ms"] / _MS
    note.mean += seconds / length
    note.seconds += seconds
    note.parts += wait.get("part", wait["ms"]) / _MS
    note.count += wait["count"]
    note.seen += wait["seen"]
    note.squares += wait.get("squares", 0.0) / _MS**2
    if last >= 0:
        note.lines[frames[last].line or 0] += seconds / length
    note.callee = note.callee or names
    packages = [p[1] for frame in called if (p := PACKAGE.search(frame.file or ""))]
    note.packages = tuple(dict.fromkeys((*note.packages, *packages)))


def _takes(called: Sequence[Frame]) -> bool:
    """Tell whether a pool's library began something where it is asked for a connection."""
    of_pools = [f for f in called if (p := PACKAGE.search(f.file or "")) and p[1] in POOLS]
    return called[-1:] == of_pools[-1:] and any(TAKES.search(f.name) for f in of_pools)


def frame_of(told_: Sequence[Any], maps: Maps) -> Frame:
    """Return a frame as a program told it, in its source where there is a map. What has no name
    is told by where it begins (where it runs, if that is not known).
    """
    function, url, line, column, *start = told_
    file, line = source_of(url, line, column, maps)
    begins = line
    if not function and len(start) == _PLACE:
        begins = source_of(url, start[0], start[1], maps)[1]
    return Frame(function or f"(anonymous {file.rsplit('/', 1)[-1]}:{begins})", file, line)


def port_of(note: Note) -> int:
    """Return the peer's port, 0 where it is not known."""
    match = _PORT.search(note.leaf)
    return int(match[1]) if match else 0
