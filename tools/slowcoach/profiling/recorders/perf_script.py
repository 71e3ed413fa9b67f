"""What `perf script` prints of our own recordings: samples with stacks, switches, lost events.

The recorder asks for these fields: comm, pid, tid, time, period, event, ip, sym, dso. Pure.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_HEAD = re.compile(
    r"^(.+?)\s+(-?\d+)/(-?\d+)\s+(\d+\.\d+):\s+"
    r"(?:PERF_RECORD_(\w+)\s*(.*)|(\d+)\s+(\S+?):(?:\s+(\(.*))?\s*)$"
)
_FRAME = re.compile(r"^\s+([0-9a-f]+)\s+(.*?)(?:\+0x[0-9a-f]+)?\s+\((.*)\)$")
_ARGUMENT = re.compile(r"\b[ab]=(\d+)")
_LOST = re.compile(r"lost (\d+)")
UNKNOWN = "[unknown]"


class Place(NamedTuple):
    """One address as perf shows it: in a program or library it counts from the file's start."""

    address: int
    symbol: str
    module: str


class Sample(NamedTuple):
    """One look: `stack` are indexes of places, leaf first."""

    pid: int
    tid: int
    at: float
    period: int
    stack: tuple[int, ...]
    value: int = 0  # what a probe told: the product of its arguments


class Switch(NamedTuple):
    """A thread is put on a processor (`on`) or leaves it; `forced`: it wanted to run on."""

    at: float
    on: bool
    forced: bool


@dataclass(slots=True)
class Script:
    """All that was printed. `samples` by the event's name, up to its first `/` or `:`."""

    places: list[Place] = field(default_factory=list[Place])
    samples: dict[str, list[Sample]] = field(default_factory=dict[str, list[Sample]])
    switches: dict[int, list[Switch]] = field(default_factory=dict[int, list[Switch]])
    names: dict[int, str] = field(default_factory=dict[int, str])
    processes: dict[int, int] = field(default_factory=dict[int, int])
    lost: int = 0

    def at_most(self) -> float:
        """Return the latest time that is told, or 0."""
        ends = [kind[-1].at for kind in self.samples.values() if kind]
        return max([*ends, *(each[-1].at for each in self.switches.values())], default=0.0)


def parse(lines: Iterable[str]) -> Script:
    """Take all lines; what is neither an event nor a frame is passed over."""
    return _Parser().parse(lines)


class _Parser:
    def __init__(self) -> None:
        self.script = Script()
        self._ids: dict[str, int] = {}

    def parse(self, lines: Iterable[str]) -> Script:
        rows: Iterator[str] = iter(lines)
        for line in rows:
            head = _HEAD.match(line)
            if head is None:
                continue
            if head[5]:
                self._record(head)
            else:
                self._sample(head, rows)
        return self.script

    def _record(self, head: re.Match[str]) -> None:
        kind, rest, tid = head[5], head[6], int(head[3])
        if kind.startswith("SWITCH"):
            switch = Switch(float(head[4]), rest.startswith("IN"), "preempt" in rest)
            self.script.switches.setdefault(tid, []).append(switch)
            self._known(head)
        elif kind.startswith("LOST"):
            found = _LOST.search(rest)
            self.script.lost += int(found[1]) if found else 1

    def _known(self, head: re.Match[str]) -> None:
        tid = int(head[3])
        self.script.names[tid] = head[1].strip()
        self.script.processes[tid] = int(head[2])

    def _sample(self, head: re.Match[str], rows: Iterator[str]) -> None:
        stack: list[int] = []
        for line in rows:
            if not line.strip():
                break
            index = self._ids.get(line)
            if index is None:
                index = self._ids[line] = self._place(line)
            if index >= 0:
                stack.append(index)
        self._known(head)
        event = re.split(r"[/:]", head[8], maxsplit=1)[0]
        told = math.prod(map(int, _ARGUMENT.findall(head[9]))) if head[9] else 0
        period = int(head[7])
        sample = Sample(int(head[2]), int(head[3]), float(head[4]), period, tuple(stack), told)
        self.script.samples.setdefault(event, []).append(sample)

    def _place(self, line: str) -> int:
        found = _FRAME.match(line)
        if found is None:
            return -1
        module = found[3].removesuffix(" (deleted)")
        self.script.places.append(Place(int(found[1], 16), found[2] or UNKNOWN, module))
        return len(self.script.places) - 1
