"""Constant pools: what events refer to by key (stack traces, methods, classes, symbols)."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slowcoach.profiling.jfr.chunk import (
    CONSTANTS,
    NINTH,
    Chunk,
    JfrError,
    chosen,
    ends_from,
    varint,
)
from slowcoach.profiling.jfr.metadata import Type
from slowcoach.profiling.jfr.values import STRING, Layout
from slowcoach.profiling.model import Ints

_TRACE, _FRAME = "jdk.types.StackTrace", "jdk.types.StackFrame"
_KEPT = {"jdk.types.Method", "java.lang.Class", "jdk.types.Symbol", STRING}
_TRACE_HEAD = 3  # key, truncated, number of frames
_MARGIN = 3  # halves
_TRACE_BYTES = 200  # about what one takes


@dataclass(slots=True)
class Traces:
    """Stack traces in columns, leaf first: trace i has `length[i]` of the frames."""

    key: list[Ints] = field(default_factory=list[Ints])
    cut: list[Ints] = field(default_factory=list[Ints])
    length: list[Ints] = field(default_factory=list[Ints])
    method: list[Ints] = field(default_factory=list[Ints])
    line: list[Ints] = field(default_factory=list[Ints])


class Pools:
    """The pools of a chunk that profiles need; the others are read past. Raises JfrError."""

    def __init__(self, data: bytes, raw: NDArray[np.uint8], chunk: Chunk, layout: Layout) -> None:
        self._data = data
        self._raw = raw
        self._layout = layout
        self.traces = Traces()
        self._pools: dict[str, dict[int, Any]] = {name: {} for name in _KEPT}
        for at, end in chunk.spans(CONSTANTS):
            self._read(at, end)

    def _read(self, at: int, end: int) -> None:
        for _ in range(3):  # start time, duration, where the event before this one is
            _, at = varint(self._data, at, end)
        at += 1  # what kind of checkpoint it is
        count, at = varint(self._data, at, end)
        for _ in range(count):
            kind, at = varint(self._data, at, end)
            size, at = varint(self._data, at, end)
            at = self._pool(self._layout.type(kind), size, at, end)

    def _pool(self, kind: Type, count: int, at: int, end: int) -> int:
        if count > end - at:
            raise JfrError(f"byte {at}: expected at most {end - at:,} constants, got {count:,}")
        if kind.name == _TRACE:
            after = self._quick_traces(kind, count, at, end)
            return self._slow_traces(kind, count, at, end) if after is None else after
        kept = self._pools.get(kind.name)
        width = self._layout.flat(kind)
        if width is not None and count:
            after = self._quick(kept, count, width + 1, at, end)
            if after is not None:
                return after
        read = self._layout.read(kind)
        for _ in range(count):
            key, at = varint(self._data, at, end)
            value, at = read(at, end)
            if kept is not None:
                kept[key] = value
        return at

    def _quick(
        self, kept: dict[int, Any] | None, count: int, width: int, at: int, end: int
    ) -> int | None:
        """Read constants that are so many numbers each, their key first."""
        numbers = count * width
        ends = ends_from(self._raw, at, min(end, at + NINTH * numbers), numbers)
        if len(ends) <= numbers:
            return None
        if kept is not None:
            values = chosen(self._raw, ends, np.arange(numbers))
            for row in values.reshape(count, width).tolist():
                kept[row[0]] = row[1:]
        return int(ends[-1])

    def _quick_traces(self, kind: Type, count: int, at: int, end: int) -> int | None:
        """Read stack traces, which are numbers only: key, truncated, count, and the frames."""
        frame = self._layout.by_name.get(_FRAME)
        names = [part.name for part in kind.fields]
        width = self._layout.flat(frame) if frame is not None else None
        if frame is None or width is None or names != ["truncated", "frames"]:
            return None
        ends, starts, lengths = self._found(count, width, at, end)
        if not starts:
            return None
        first = np.array(starts, dtype=np.int64)
        length = np.array(lengths, dtype=np.int64)
        step = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
        frames = np.repeat(first + _TRACE_HEAD, length) + step * width
        parts = [part.name for part in frame.fields]
        self._add(
            chosen(self._raw, ends, first),
            chosen(self._raw, ends, first + 1),
            length,
            chosen(self._raw, ends, frames + parts.index("method")),
            chosen(self._raw, ends, frames + parts.index("lineNumber")),
        )
        return int(ends[starts[-1] + _TRACE_HEAD + width * lengths[-1]])

    def _found(
        self, count: int, width: int, at: int, end: int
    ) -> tuple[Ints, list[int], list[int]]:
        """Return where numbers end, which of them begin traces, and how many frames each has.

        How many bytes the traces take is not known before: look further until it is enough.
        """
        window = _TRACE_BYTES * count
        while True:
            ends = ends_from(self._raw, at, min(end, at + window))
            starts: list[int] = []
            lengths: list[int] = []
            place, known = 0, len(ends) - 1
            while len(starts) < count and place + _TRACE_HEAD <= known:
                starts.append(place)
                length, _ = varint(self._data, int(ends[place + 2]), end)
                lengths.append(length)
                place += _TRACE_HEAD + width * length
            if len(starts) == count and place <= known:
                return ends, starts, lengths
            if window >= end - at:
                return ends, [], []
            # as many bytes for each of the rest as for those seen, and some more
            window = max(2 * window, _MARGIN * window * count // max(len(starts), 1) // 2)

    def _slow_traces(self, kind: Type, count: int, at: int, end: int) -> int:
        names = [part.name for part in kind.fields]
        frame = self._layout.by_name.get(_FRAME)
        parts = [part.name for part in frame.fields] if frame is not None else []
        if "frames" not in names or not {"method", "lineNumber"} <= set(parts):
            raise JfrError(f"byte {at}: expected stack traces of methods and lines, got {names}")
        method, line = parts.index("method"), parts.index("lineNumber")
        read = self._layout.read(kind)
        for _ in range(count):
            key, at = varint(self._data, at, end)
            value, at = read(at, end)
            frames = value[names.index("frames")]
            cut = value[names.index("truncated")] if "truncated" in names else 0
            head = np.array([[_int64(key)], [cut], [len(frames)]], dtype=np.int64)
            self._add(
                head[0],
                head[1],
                head[2],
                np.array([_int64(item[method]) for item in frames], dtype=np.int64),
                np.array([_int64(item[line]) for item in frames], dtype=np.int64),
            )
        return at

    def _add(self, key: Ints, cut: Ints, length: Ints, method: Ints, line: Ints) -> None:
        self.traces.key.append(key)
        self.traces.cut.append(cut)
        self.traces.length.append(length)
        self.traces.method.append(method)
        self.traces.line.append(line)

    def method(self, key: int) -> tuple[str, str]:
        """Return (class, method) by a method's key; the class is empty for native code."""
        row = self._row("jdk.types.Method", key)
        return self.class_name(row.get("type", 0)), self._symbol(row.get("name", 0))

    def class_name(self, key: int) -> str:
        """Return a class's name with dots."""
        name = self._row("java.lang.Class", key).get("name", 0)
        text = name if isinstance(name, str) else self._symbol(name)
        return text.replace("/", ".")

    def text(self, value: str | int | None) -> str:
        """Return a string that may be a key of the pool of strings."""
        if isinstance(value, int):
            found = self._pools[STRING].get(value)
            return found if isinstance(found, str) else ""
        return value or ""

    def _symbol(self, key: Any) -> str:
        if isinstance(key, str):
            return key
        value = self._pools["jdk.types.Symbol"].get(key)
        while isinstance(value, list):
            value = value[0] if value else None
        return self.text(value)

    def _row(self, name: str, key: int) -> dict[str, Any]:
        values = self._pools[name].get(key)
        kind = self._layout.by_name.get(name)
        if values is None or kind is None:
            return {}
        return {part.name: value for part, value in zip(kind.fields, values, strict=False)}


def _int64(value: Any) -> int:
    if not isinstance(value, int):
        raise JfrError(f"expected a number in a stack trace, got {type(value).__name__}")
    kept: int = value & ((1 << 64) - 1)
    return kept - (1 << 64) if kept >> 63 else kept
