"""What `perf script` prints of Linux's perf: an event's line, and under it its stack, leaf first.

Each thread is a profile. As in speedscope, an event weighs the time from half way to the one
before it until half way to the next, and only events of the first one's kind count.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from slowcoach.profiling.calltree import tree_with_leaves
from slowcoach.profiling.happened import at_times
from slowcoach.profiling.jsontext import refuse
from slowcoach.profiling.model import Floats, Frame, Profile, Reader
from slowcoach.profiling.text import opening, utf8

_EVENT = re.compile(rb"(\S.*?)\s+(-?\d+)(?:/(\d+))?\s+(.*)")
_USUAL = re.compile(
    rb"(\S.*?\s+-?\d+(?:/\d+)?)\s+(?:\[\d+\]\s+)?(\d{1,15}\.\d{1,15}):\s+(?:\d+\s+)?(\S+):\s*"
)
_TIME = re.compile(rb"(?:^|\s)(\d{1,15}\.\d{1,15}):\s")
_ONE_LINE = re.compile(rb"(.*\S:)\s+([0-9a-f]{1,16} .+ \(.*\))\s*$")
_FRAME = re.compile(rb"\s*([0-9a-f]{1,16})\s*(.+) \((.*)\)")
_BARE = re.compile(rb"\t\s*([0-9a-f]{4,16}) (\S.*)()")  # printed without the file (-F ip,sym)
_THREAD = re.compile(rb"(\S.*?)\s+(-?\d+)(?:/(\d+))?")
_OFFSET = re.compile(rb"\+0x[\da-f]+$")
_CORES = re.compile(rb"^cpu_(core|atom)/(.*?)/")
_DELETED = b" (deleted))"
_LOOKED_AT = 200
_KINDS = 3
_LONGEST = 10_000  # characters of a frame's line
_LONGEST_EVENT = 1_000


def matches(data: bytes) -> bool:
    """Tell whether an event's line with a frame below or beside it comes early."""
    lines = opening(data).replace(b"\r\n", b"\n").split(b"\n", _LOOKED_AT)[:_LOOKED_AT]
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith(b"#")]
    for line, below in zip(lines, [*lines[1:], b""], strict=False):
        if _one_line(line) or (_event_of(line) and _is_frame(below)):
            return True
    return False


class _Event(NamedTuple):
    """An event's line: the thread as it stands there, when (if said), and what kind."""

    thread: bytes
    at: float | None
    kind: bytes


def _event_of(line: bytes) -> _Event | None:
    """Return what an event's line says, or None when it is none."""
    if len(line) > _LONGEST_EVENT or not line:
        return None
    usual = _USUAL.fullmatch(line.lstrip())
    if usual:
        return _Event(usual[1], float(usual[2]), usual[3])
    line = line.lstrip()
    found = _EVENT.match(line)
    if found is None:
        return None
    time, last = _TIME.search(found[4]), line.split()[-1]
    kind = last[:-1] if last.endswith(b":") else b""
    if time is None and not kind:
        return None
    return _Event(line[: found.start(4)].strip(), float(time[1]) if time else None, kind)


def _is_frame(line: bytes) -> bool:
    return line[:1] in (b"\t", b" ") and _frame_of(line) is not None


def _one_line(line: bytes) -> re.Match[bytes] | None:
    """Tell whether the frame stands beside the event (recorded without stacks)."""
    if len(line) > _LONGEST or b" (" not in line or not line.rstrip().endswith(b")"):
        return None
    found = _ONE_LINE.match(line)
    return found if found and _event_of(found[1]) else None


def _frame_of(line: bytes) -> re.Match[bytes] | None:
    if len(line) > _LONGEST:
        return None
    found = _FRAME.match(line) if line.rstrip().endswith(b")") else None
    return found or _BARE.match(line)


@dataclass
class _Thread:
    """One thread's events: the stack of each, and when."""

    stacks: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def weights(self) -> tuple[Floats, str]:
        """Return what each event weighs, and the unit."""
        times = np.array(self.times, dtype=np.float64)
        middle = (times[1:] + times[:-1]) / 2
        weights = np.diff(np.concatenate((times[:1], middle, times[-1:])))
        if len(times) and weights.sum() > 0:
            return weights, "seconds"
        # no times, or nothing but one moment: then the first event weighs all
        alone = np.zeros(len(self.stacks))
        alone[: 1 if len(times) else None] = 1.0
        return alone, "samples"

    def sort(self) -> None:
        """Put the events in order of time; files put together are not."""
        if self.times and any(after < time for time, after in pairwise(self.times)):
            order = sorted(range(len(self.times)), key=self.times.__getitem__)
            self.stacks = [self.stacks[index] for index in order]
            self.times = [self.times[index] for index in order]


class _Script:
    """The events of a file, taken line by line."""

    def __init__(self) -> None:
        self.threads: dict[str, _Thread] = {}
        self.kinds: dict[bytes, list[int]] = {}
        self.ids: dict[tuple[bytes, bytes], int] = {}
        self.stacks: dict[tuple[int, ...], int] = {}
        self._frames: dict[bytes, int] = {}
        self._kinds: dict[bytes, list[int]] = {}
        self._threads: dict[bytes, _Thread] = {}
        self._timed = False

    def read(self, lines: list[bytes]) -> None:
        """Take all lines: an event, its frames below it, perhaps an empty line."""
        event: _Event | None = None
        stack: list[int] = []
        known = self._frames
        for line in lines:
            frame = known.get(line)
            if frame is None:
                beside = _one_line(line)
                begun = _event_of(beside[1] if beside else line)
                if begun or not line:
                    self._take(event, stack)
                    event, stack = begun, []
                    frame = self._frame(b"\t" + beside[2]) if beside else -1
                else:
                    frame = known[line] = self._frame(line)
            if frame >= 0:
                stack.append(frame)
        self._take(event, stack)

    def _frame(self, line: bytes) -> int:
        """Return the frame's index, or -1 when the line is none (source lines)."""
        if line.endswith(_DELETED):
            line = line.removesuffix(_DELETED) + b")"
        found = _frame_of(line)
        if found is None:
            return -1
        key = (_OFFSET.sub(b"", found[2]), found[3])
        return self.ids.setdefault(key, len(self.ids))

    def _take(self, event: _Event | None, stack: list[int]) -> None:
        if event is None or (self._timed and event.at is None):
            return
        kind = event.kind
        if kind not in self._kinds:
            word = _CORES.sub(rb"\2", kind)  # kinds of both sorts of cores are one
            self._kinds[kind] = self.kinds.setdefault(word, [])
        counted = self._kinds[kind]
        counted.append(1)
        if counted is not next(iter(self.kinds.values())):
            return
        if event.at is not None and not self._timed:
            self._timed = True  # what came before without a time cannot be weighed
            self.threads.clear()
            self._threads.clear()
        thread = self._threads.get(event.thread)
        if thread is None:
            title = _title(event.thread)
            thread = self._threads[event.thread] = self.threads.setdefault(title, _Thread())
        thread.stacks.append(self.stacks.setdefault(tuple(stack[::-1]), len(self.stacks)))
        if event.at is not None:
            thread.times.append(event.at)


def _title(thread: bytes) -> str:
    found = _THREAD.fullmatch(thread)
    parts = found.groups(b"") if found else (thread, b"", b"")
    command, first, second = (part.decode("utf-8", "replace") for part in parts)
    if first == "0" and not second:
        return command  # the kernel's idle tasks, one for each core
    return f"{command} pid: {first} tid: {second}" if second else f"{command} tid: {first}"


def read(data: bytes, name: str) -> list[Profile]:
    """Return a profile of each thread; raises UnreadableError when there is no event."""
    script = _Script()
    script.read(utf8(data, name).replace(b"\r\n", b"\n").split(b"\n"))
    frames = tuple(_shown(*key) for key in script.ids)
    others = list(script.kinds.items())[1:]
    warnings = tuple(
        f"{len(count):,} events {kind.decode('utf-8', 'replace') or 'of no kind'} were left out: "
        "only the first kind counts"
        for kind, count in others[:_KINDS]
    )
    stacks = [list(stack) for stack in script.stacks]
    start = min(
        (min(thread.times) for thread in script.threads.values() if thread.times), default=0
    )
    found = [
        _profile(title, thread, stacks, frames, warnings, start)
        for title, thread in script.threads.items()
    ]
    if not found:
        refuse(name, "events of `perf script`", "none; print them with stacks (perf record -g)")
    return found


def _shown(symbol: bytes, file: bytes) -> Frame:
    place = file.decode("utf-8", "replace") or None
    if symbol == b"[unknown]":
        return Frame(f"??? ({place})" if place else "???", place)
    return Frame(symbol.decode("utf-8", "replace"), place)


def _profile(
    title: str,
    thread: _Thread,
    stacks: list[list[int]],
    frames: tuple[Frame, ...],
    warnings: tuple[str, ...],
    start: float,
) -> Profile:
    thread.sort()
    weights, unit = thread.weights()
    by_stack = np.bincount(thread.stacks, weights=weights).astype(np.float64)
    kept = np.flatnonzero(by_stack)
    tree, leaves = tree_with_leaves([stacks[index] for index in kept.tolist()], by_stack[kept])
    count = len(thread.stacks)
    leaf = np.zeros(len(by_stack), dtype=np.int64)
    leaf[kept] = leaves
    times = np.array(thread.times, dtype=np.float64) - start
    begin = np.concatenate((times[:1], (times[1:] + times[:-1]) / 2))
    moments = at_times(begin, leaf[thread.stacks], weights)
    return Profile(title, unit, frames, tree, count, None, title, warnings, moments=moments)


READER = Reader("perf", matches, read)
