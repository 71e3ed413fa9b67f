"""Functions, files and lines of addresses in a Go program, and how large its frames are there.

As the runtime's own stack traces have them: functions that were inlined are told too, wrappers and
the runtime's inner functions are not. Formats: runtime/symtab.go and symtabinl.go of Go.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from slowcoach.diagnosis.goroutines_memory.module import Module
from slowcoach.diagnosis.interpreter.memory import ProcessMemory, UnreadableMemoryError
from slowcoach.profiling.model import Frame

_FUNCTION: Final = struct.Struct("<IiiIIIIIIiBBBB")
_INLINED: Final = struct.Struct("<B3xiii")
_U32: Final = struct.Struct("<I")
_NONE: Final = 0xFFFFFFFF
_INLINE_DATA, _INLINE_TREE = 2, 3
_PIECE: Final = 256
_LONGEST: Final = 1 << 16
_DEEPEST: Final = 100
_MORE: Final = 0x80  # of a number of variable length: another byte follows
_RUNTIME: Final = "runtime."
_SHOWN: Final = ("runtime.runFinalizers", "runtime.runCleanups", "runtime.gopanic")


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of an address: frames (leaf first), the function, the bytes of its frame."""

    frames: tuple[Frame, ...]
    function: str
    entry: int
    size: int


@dataclass(frozen=True, slots=True)
class _Function:
    entry: int
    name: int
    sizes: int
    files: int
    lines: int
    unit: int
    kind: int
    inline_index: int
    inline_tree: int


class Functions:
    """The functions of one process."""

    def __init__(self, memory: ProcessMemory, module: Module, inlined: int, wrapper: int) -> None:
        """`inlined` is the address of the data of functions, `wrapper` the kind of wrappers."""
        self._memory = memory
        self._module = module
        self._inlined = inlined
        self._wrapper = wrapper
        pairs = array("I")
        pairs.frombytes(memory.read(module.entries, module.count * 8))
        self._starts, self._at = pairs[0::2], pairs[1::2]
        self._functions: dict[int, _Function] = {}
        self._places: dict[tuple[int, bool], Place | None] = {}
        self._strings: dict[int, str] = {}

    def place(self, pc: int, *, called: bool = True) -> Place | None:
        """Return what stands at an address, None outside of Go's code.

        `called`: the address is the one to which a call returns.
        """
        key = (pc, called)
        if key not in self._places:
            try:
                self._places[key] = self._place(pc, called=called)
            except (UnreadableMemoryError, IndexError):
                self._places[key] = None
        return self._places[key]

    def every(self, pc: int, *, called: bool) -> tuple[Frame, ...]:
        """Return all functions at an address, leaf first, those that Go does not show too."""
        try:
            found = self._function_at(pc, called=called)
            return tuple(self._frames(*found, every=True)) if found else ()
        except (UnreadableMemoryError, IndexError):
            return ()

    def named(self) -> Iterator[tuple[int, int, str]]:
        """Yield every function: where its code begins, how long it is, and its name."""
        text, ends = self._module.text, (*self._starts[1:], None)
        for index, (start, end) in enumerate(zip(self._starts, ends, strict=True)):
            try:
                name = self._string(self._module.names + self._function(index).name)
            except (UnreadableMemoryError, struct.error):
                continue
            size = (self._module.text_end - text if end is None else end) - start
            yield text + start, size, name

    def _function_at(self, pc: int, *, called: bool) -> tuple[_Function, int] | None:
        """Return the function of an address, and the address of the call."""
        module = self._module
        if not module.text <= pc < module.text_end:
            return None
        index = bisect_right(self._starts, pc - module.text) - 1
        if index < 0:
            return None
        function = self._function(index)
        return function, pc - 1 if called and pc > function.entry else pc

    def _place(self, pc: int, *, called: bool) -> Place | None:
        module = self._module
        found = self._function_at(pc, called=called)
        if found is None:
            return None
        function, at = found
        return Place(
            frames=tuple(self._frames(function, at)),
            function=self._string(module.names + function.name),
            entry=function.entry,
            size=self._value(function.sizes, function.entry, pc),
        )

    def _function(self, index: int) -> _Function:
        if index not in self._functions:
            self._functions[index] = self._read(self._module.table + self._at[index])
        return self._functions[index]

    def _read(self, at: int) -> _Function:
        raw = _FUNCTION.unpack(self._memory.read(at, _FUNCTION.size))
        (offset, name, _, _, sizes, files, lines, tables, unit, _, kind, _, _, more) = raw
        words = self._memory.read(at + _FUNCTION.size, _U32.size * (tables + more))
        index = words[_INLINE_DATA * 4 :][:4] if tables > _INLINE_DATA else b""
        tree = words[(tables + _INLINE_TREE) * 4 :][:4] if more > _INLINE_TREE else b""
        return _Function(
            entry=self._module.text + offset,
            name=name,
            sizes=sizes,
            files=files,
            lines=lines,
            unit=unit,
            kind=kind,
            inline_index=_U32.unpack(index)[0] if index else 0,
            inline_tree=_U32.unpack(tree)[0] if tree else _NONE,
        )

    def _frames(self, function: _Function, pc: int, *, every: bool = False) -> list[Frame]:
        """Return the functions at an address that Go shows (or every one), inlined ones first."""
        found: list[Frame] = []
        for _ in range(_DEEPEST):
            inlined = self._inlined_at(function, pc)
            kind, name = (inlined[0], inlined[1]) if inlined else (function.kind, function.name)
            text = self._string(self._module.names + name)
            if kind != self._wrapper and (every or shown(text)):
                found.append(
                    Frame(
                        printed(text),
                        self._file(function, pc),
                        max(0, self._value(function.lines, function.entry, pc)),
                    )
                )
            if inlined is None:
                break
            pc = function.entry + inlined[2]
        return found

    def _inlined_at(self, function: _Function, pc: int) -> tuple[int, int, int] | None:
        """Return (kind, name, offset of the call) of the inlined function at an address."""
        if function.inline_tree == _NONE or not function.inline_index:
            return None
        index = self._value(function.inline_index, function.entry, pc)
        if index < 0:
            return None
        at = self._inlined + function.inline_tree + index * _INLINED.size
        kind, name, parent, _ = _INLINED.unpack(self._memory.read(at, _INLINED.size))
        return kind, name, parent

    def _file(self, function: _Function, pc: int) -> str:
        number = self._value(function.files, function.entry, pc)
        if number < 0:
            return "?"
        at = self._module.units + _U32.size * (function.unit + number)
        offset = _U32.unpack(self._memory.read(at, _U32.size))[0]
        return "?" if offset == _NONE else self._string(self._module.files + offset)

    def _value(self, table: int, entry: int, pc: int) -> int:
        """Return the value that a table of changes has at an address; -1 where it has none."""
        if not table:
            return -1
        start, size = self._module.values + table, _PIECE
        while size <= _LONGEST:
            try:
                return value_at(self._memory.read(start, size), entry, pc)
            except IndexError:
                size *= 4
        return -1

    def _string(self, at: int) -> str:
        if at not in self._strings:
            size = _PIECE
            while (data := self._memory.read(at, size)).find(0) < 0 and size < _LONGEST:
                size *= 4
            self._strings[at] = data.split(b"\0", 1)[0].decode("utf-8", "replace")
        return self._strings[at]


def value_at(data: bytes, entry: int, pc: int) -> int:
    """Return the value at an address of a table: pairs of (change of value, bytes of code).

    Raises IndexError when the table goes on beyond `data`.
    """
    value, at, here = -1, 0, entry
    while True:
        change, at = _number(data, at)
        if not change and here != entry:
            return -1
        value += -1 - (change >> 1) if change & 1 else change >> 1
        length, at = _number(data, at)
        here += length
        if pc < here:
            return value


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & ~_MORE) << shift
        if byte < _MORE:
            return value, at
        shift += 7


def shown(name: str) -> bool:
    """Tell whether Go's stack traces show a function."""
    if "." not in name:
        return False
    if not name.startswith(_RUNTIME) or name in _SHOWN:
        return True
    last = name.removeprefix(_RUNTIME).rpartition(".")
    receiver = last[0].removeprefix("(*").removesuffix(")")
    return last[2][:1].isupper() and (not receiver or receiver[:1].isupper())


def printed(name: str) -> str:
    """Return a function's name as stack traces have it: without the types it is made for."""
    begin, end = name.find("["), name.rfind("]")
    return f"{name[:begin]}[...]{name[end + 1 :]}" if 0 <= begin < end else name
