"""What `perf script` prints of Linux's perf: an event's line, and under it its stack, leaf first.

Each thread is a profile. As in speedscope, an event weighs the time from half way to the one
before it until half way to the next, and only events of the first one's kind count.
"""

import re
from dataclasses import dataclass, field

import numpy as np

from slowcoach.profiling.calltree import tree_of_stacks
from slowcoach.profiling.jsontext import refuse
from slowcoach.profiling.model import Frame, Profile, Reader
from slowcoach.profiling.text import opening, utf8

_EVENT = re.compile(rb"(\S.*?)\s+(-?\d+)(?:/(\d+))?\s+(.*)")
_TIME = re.compile(rb"(?:^|\s)(\d+\.\d+):\s")
_KIND = re.compile(rb"(\S+):\s*$")
_ONE_LINE = re.compile(rb"(.*\S:)\s+([0-9a-f]+ .+ \(.*\))\s*$")
_FRAME = re.compile(rb"\s*([0-9a-f]+)\s*(.+) \((.*)\)")
_OFFSET = re.compile(rb"\+0x[\da-f]+$")
_CORES = re.compile(rb"^cpu_(core|atom)/(.*?)/")
_DELETED = b" (deleted))"
_LOOKED_AT = 200
_KINDS = 3


def matches(data: bytes) -> bool:
    """Tell whether an event's line with a frame below or beside it comes early."""
    lines = opening(data).replace(b"\r\n", b"\n").split(b"\n", _LOOKED_AT)[:_LOOKED_AT]
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith(b"#")]
    for line, below in zip(lines, [*lines[1:], b""], strict=True):
        if _is_event(line) and (_ONE_LINE.match(line) or _is_frame(below)):
            return True
    return False


def _is_event(line: bytes) -> bool:
    found = _EVENT.match(line.lstrip())
    if found is None:
        return False
    return bool(_KIND.search(line) or _TIME.search(found[4]))


def _is_frame(line: bytes) -> bool:
    return line[:1] in (b"\t", b" ") and _FRAME.match(line) is not None


@dataclass
class _Thread:
    """One thread's events: weight by stack, and the event whose end is not known yet."""

    weights: dict[tuple[int, ...], float] = field(default_factory=dict)
    count: int = 0
    last: tuple[int, ...] = ()
    since: float = 0.0
    at: float | None = None

    def add(self, stack: tuple[int, ...], at: float | None) -> None:
        """Add an event; without a time each weighs one."""
        self.count += 1
        if at is None:
            self._weigh(stack, 1.0)
            return
        if self.at is None:
            self.since = at
        else:
            middle = (max(at, self.at) + self.at) / 2
            self._weigh(self.last, middle - self.since)
            self.since = middle
        self.at = at if self.at is None else max(at, self.at)
        self.last = stack

    def finish(self) -> str:
        """Give the last event its weight and return the unit."""
        if self.at is None:
            return "samples"
        self._weigh(self.last, self.at - self.since)
        if self.weights:
            return "seconds"
        self._weigh(self.last, 1.0)  # nothing but one moment: times say nothing
        return "samples"

    def _weigh(self, stack: tuple[int, ...], weight: float) -> None:
        if weight > 0:
            self.weights[stack] = self.weights.get(stack, 0.0) + weight


class _Script:
    """The events of a file, taken line by line."""

    def __init__(self) -> None:
        self.threads: dict[str, _Thread] = {}
        self.kinds: dict[bytes, int] = {}
        self.ids: dict[tuple[bytes, bytes], int] = {}
        self._frames: dict[bytes, int] = {}
        self._timed = False

    def read(self, lines: list[bytes]) -> None:
        """Take all lines: an event, its frames below it, perhaps an empty line."""
        head, stack = b"", list[int]()
        known = self._frames
        for line in lines:
            frame = known.get(line)
            if frame is None:
                if not line or _is_event(line):
                    self._event(head, stack)
                    head, stack = line, []
                    continue
                frame = known[line] = -1 if line.lstrip().startswith(b"#") else self._frame(line)
            if frame >= 0:
                stack.append(frame)
        self._event(head, stack)

    def _frame(self, line: bytes) -> int:
        """Return the frame's index, or -1 when the line is none (source lines)."""
        if line.endswith(_DELETED):
            line = line.removesuffix(_DELETED) + b")"
        found = _FRAME.match(line)
        if found is None:
            return -1
        key = (_OFFSET.sub(b"", found[2]), found[3])
        return self.ids.setdefault(key, len(self.ids))

    def _event(self, head: bytes, stack: list[int]) -> None:
        one_line = _ONE_LINE.match(head)
        if one_line:
            head = one_line[1]
            frame = self._frame(b"\t" + one_line[2])
            stack = [frame] if frame >= 0 else []
        found = _EVENT.match(head.lstrip())
        if found is None:
            return
        time = _TIME.search(found[4])
        at = float(time[1]) if time else None
        if self._timed and at is None:
            return
        kind = _KIND.search(head)
        word = _CORES.sub(rb"\2", kind[1]) if kind else b""
        self.kinds[word] = self.kinds.get(word, 0) + 1
        if word != next(iter(self.kinds)):
            return
        self._timed = self._timed or at is not None
        thread = self.threads.setdefault(_title(found), _Thread())
        thread.add(tuple(reversed(stack)), at)


def _title(found: re.Match[bytes]) -> str:
    command, first, second = (part.decode("utf-8", "replace") for part in found.groups(b"")[:3])
    return f"{command} pid: {first} tid: {second}" if second else f"{command} tid: {first}"


def read(data: bytes, name: str) -> list[Profile]:
    """Return a profile of each thread; raises UnreadableError when there is no event."""
    script = _Script()
    script.read(utf8(data, name).replace(b"\r\n", b"\n").split(b"\n"))
    frames = tuple(_shown(*key) for key in script.ids)
    others = list(script.kinds.items())[1:]
    warnings = tuple(
        f"{count:,} events {kind.decode('utf-8', 'replace') or 'of no kind'} were left out: only "
        "the first kind counts"
        for kind, count in others[:_KINDS]
    )
    found = [_profile(title, thread, frames, warnings) for title, thread in script.threads.items()]
    if not found:
        refuse(name, "events of `perf script`", "none; print them with stacks (perf record -g)")
    return found


def _shown(symbol: bytes, file: bytes) -> Frame:
    place = file.decode("utf-8", "replace")
    if symbol == b"[unknown]":
        return Frame(f"??? ({place})", place)
    return Frame(symbol.decode("utf-8", "replace"), place)


def _profile(
    title: str, thread: _Thread, frames: tuple[Frame, ...], warnings: tuple[str, ...]
) -> Profile:
    unit = thread.finish()
    stacks = [list(stack) for stack in thread.weights]
    weights = np.array(list(thread.weights.values()), dtype=np.float64)
    tree = tree_of_stacks(stacks, weights)
    return Profile(title, unit, frames, tree, thread.count, None, title, warnings)


READER = Reader("perf", matches, read)
