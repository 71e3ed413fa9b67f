"""Callgrind's format (https://valgrind.org/docs/manual/cl-format.html): Valgrind, Xdebug,
rbspy, and converters of others write it. One profile for each kind of event counted.
"""

import re
from dataclasses import dataclass, field, replace

from slowcoach.profiling import callgraph
from slowcoach.profiling.jsontext import refuse
from slowcoach.profiling.model import Frame, Profile, Reader
from slowcoach.profiling.text import opening, utf8

_HEADER = re.compile(r"\s*(\w+):\s*(.*)")
_ASSIGNED = re.compile(r"(\w+)=\s*(.*)")
_COMPRESSED = re.compile(r"\((\d+)\)\s*(.*)")
_EVENTS = re.compile(rb"^events:", re.MULTILINE)
_FUNCTION = re.compile(rb"^fn=", re.MULTILINE)
_MAGIC = b"# callgrind format"
_UNKNOWN = "(unknown)"
_KNOWN = {  # Xdebug's names: what to call it, the unit, how much of the unit
    "Time_(10ns)": ("Time", "nanoseconds", 10.0),
    "Memory_(bytes)": ("Memory", "bytes", 1.0),
}
_DIGITS = 20
_MOST_EVENTS = 100
_FILES = ("fl", "fi", "fe", "cfi", "cfl", "jfi")


def matches(data: bytes) -> bool:
    """Tell whether the first line says so, or events and functions are there."""
    start = opening(data).lstrip()
    if start.startswith(_MAGIC):
        return True
    return _EVENTS.search(start) is not None and _FUNCTION.search(start) is not None


def read(data: bytes, name: str) -> list[Profile]:
    """Return a profile for each event; raises UnreadableError naming the line."""
    graph = _Graph(name)
    lines = utf8(data, name).decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if line and not line.isspace() and not line.lstrip().startswith("#"):
            graph.take(line, number)
    if not graph.events or not graph.functions:
        refuse(name, "events and costs of functions", "neither")
    return [profile for index in range(len(graph.events)) for profile in graph.profile(index)]


@dataclass
class _Graph:
    """The costs by function and by call, and where in the file's context we are."""

    name: str
    events: list[str] = field(default_factory=list)
    functions: dict[tuple[str, str], int] = field(default_factory=dict)
    _own: list[list[float]] = field(default_factory=list)
    _calls: list[dict[int, list[float]]] = field(default_factory=list)
    _lines: list[dict[tuple[str, int], list[float]]] = field(default_factory=list)
    _positions: int = 1
    _previous: list[int] = field(default_factory=list)
    _files: dict[str, str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _file: str = ""
    _source: str = ""
    _function: str = ""
    _called_file: str = ""
    _called: str = ""
    _is_call: bool = False

    def take(self, line: str, number: int) -> None:
        """Take one line; raises UnreadableError for one that is neither cost nor context."""
        if line[0] in "0123456789+-*":
            self._cost(line, number)
        elif assigned := _ASSIGNED.match(line):
            self._assign(assigned[1], assigned[2].strip(), number)
        elif header := _HEADER.match(line):
            self._head(header[1], header[2].split(), number)
        else:
            refuse(f"{self.name}: line {number}", "a cost, a name or a header", line)

    def _head(self, key: str, values: list[str], number: int) -> None:
        if key == "positions":
            self._positions = len(values)
        elif key == "events":
            if len(values) > _MOST_EVENTS:
                refuse(
                    f"{self.name}: line {number}", f"up to {_MOST_EVENTS} events", f"{len(values)}"
                )
            if self.events and self.events != values:
                refuse(f"{self.name}: line {number}", " ".join(self.events), " ".join(values))
            self.events = values

    def _assign(self, key: str, value: str, number: int) -> None:
        if key in _FILES:
            self._set_file(key, self._uncompressed(value, self._files, number))
        elif key == "fn":
            self._function = self._uncompressed(value, self._names, number)
            self._source = self._file
        elif key == "cfn":
            self._called = self._uncompressed(value, self._names, number)
        elif key == "jfn":
            self._uncompressed(value, self._names, number)
        elif key == "calls":
            self._is_call = True

    def _set_file(self, key: str, file: str) -> None:
        if key in ("cfi", "cfl"):
            self._called_file = file
        elif key != "jfi":  # a jump's target, of no account here
            self._source = file
        if key == "fl":  # fi and fe: code inlined from another file; the function stays the same
            self._file = file

    def _uncompressed(self, value: str, known: dict[str, str], number: int) -> str:
        found = _COMPRESSED.fullmatch(value)
        if found is None:
            return value
        if found[2]:
            known[found[1]] = found[2]
        if found[1] not in known:
            refuse(f"{self.name}: line {number}", f"the name of ({found[1]}) before its use", value)
        return known[found[1]]

    def _cost(self, line: str, number: int) -> None:
        """Add the cost line to the function, or to the call just announced."""
        values = self._numbers(line, number)
        costs = values[self._positions :][: len(self.events)]
        costs += [0] * (len(self.events) - len(costs))
        if not self.events or min(costs) < 0:
            refuse(f"{self.name}: line {number}", "costs of the events named before", line)
        function = self._id(self._file, self._function)
        if self._is_call:
            callee = self._id(self._called_file or self._source, self._called)
            into = self._calls[function].setdefault(callee, [0] * len(costs))
            self._is_call, self._called_file, self._called = False, "", ""
        else:
            into = self._own[function]
            place = (self._source or self._file, values[self._positions - 1])
            at = self._lines[function].setdefault(place, [0] * len(costs))
            for index, cost in enumerate(costs):
                at[index] += cost
        for index, cost in enumerate(costs):
            into[index] += cost

    def _numbers(self, line: str, number: int) -> list[int]:
        """Return the line's numbers; `+3`, `-3` and `*` are relative to the line before."""
        values: list[int] = []
        try:
            for column, text in enumerate(line.split()):
                if len(text) > _DIGITS:
                    raise ValueError
                if text == "*":
                    values.append(self._previous[column])
                elif text[0] in "+-":
                    values.append(self._previous[column] + int(text, 0))
                else:
                    values.append(int(text, 16 if text.startswith("0x") else 10))
        except (ValueError, IndexError):
            refuse(f"{self.name}: line {number}", "positions and costs", line)
        self._previous = values
        return values

    def _id(self, file: str, function: str) -> int:
        key = (file or _UNKNOWN, function or _UNKNOWN)
        known = self.functions.get(key)
        if known is None:
            known = self.functions[key] = len(self.functions)
            self._own.append([0] * len(self.events))
            self._calls.append({})
            self._lines.append({})
        return known

    def profile(self, event: int) -> list[Profile]:
        """Return the profile of one event, or none when it was never counted."""
        title, unit, size = _KNOWN.get(self.events[event], (self.events[event], "none", 1.0))
        own = [costs[event] * size for costs in self._own]
        calls = [
            {callee: costs[event] * size for callee, costs in to.items()} for to in self._calls
        ]
        own = callgraph.completed(own, calls)
        total = callgraph.totals(own, calls)
        kept = [index for index, cost in enumerate(total) if cost > 0]
        if not kept:
            return []
        new = {old: index for index, old in enumerate(kept)}
        own = [own[old] for old in kept]
        total = [total[old] for old in kept]
        calls = [
            {new[callee]: cost for callee, cost in calls[old].items() if callee in new and cost}
            for old in kept
        ]
        frames = list(self.functions)
        found = tuple(Frame(frames[old][1], frames[old][0]) for old in kept)
        made = callgraph.profile(f"{self.name} -- {title}", unit, found, own, total, calls)
        lines = tuple(
            self._hottest(old, event, frame) for old, frame in zip(kept, found, strict=True)
        )
        return [replace(callgraph.without_repeats(made, calls), lines=lines)]

    def _hottest(self, function: int, event: int, frame: Frame) -> Frame:
        """Return the function with the line of its file that costs most, inlined code aside."""
        own = {
            line: costs[event]
            for (file, line), costs in self._lines[function].items()
            if file == frame.file and line > 0 and costs[event] > 0
        }
        return frame._replace(line=max(own, key=own.__getitem__)) if own else frame


READER = Reader("callgrind", matches, read)
