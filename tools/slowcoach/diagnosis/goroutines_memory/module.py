"""Where Go's runtime keeps its tables in a process: the module data of a program.

Every program holds a table of its functions (pclntab), which begins with a known number; the one
record that points at it, and agrees with it on the number of functions, is the module data.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

from slowcoach.core.errors import UnsupportedError
from slowcoach.diagnosis.interpreter.memory import (
    ProcessMemory,
    UnreadableMemoryError,
    mappings,
)

_MAGIC: Final = b"\xf1\xff\xff\xff\x00\x00\x01\x08"  # Go 1.20 and later, x86-64
_HEADER: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")
_X86_64: Final = 62
_LOAD: Final = 1
_EXECUTE, _WRITE = 1, 2
_PAGE: Final = 0xFFF
_CHUNK: Final = 8 * 1024 * 1024
_WORD: Final = struct.Struct("<Q")
# words of the module data, the same from Go 1.20 to 1.27
_NAMES, _UNITS, _FILES, _VALUES, _TABLE, _ENTRIES, _COUNT = 1, 4, 7, 10, 13, 16, 17
_TEXT, _TEXT_END, _BSS, _BSS_END, _LAST = 22, 23, 28, 29, 48


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a program's file that is loaded, with its address in the process."""

    flags: int
    offset: int
    address: int
    in_file: int
    in_memory: int


@dataclass(frozen=True, slots=True)
class Module:
    """Addresses in the process: Go's tables of functions, its code, and its zeroed variables.

    `words` are the module data as they stand, for what lies elsewhere in other versions.
    """

    names: int
    units: int
    files: int
    values: int
    table: int
    entries: int
    count: int
    text: int
    text_end: int
    bss: int
    bss_end: int
    words: tuple[int, ...]
    segments: tuple[Segment, ...]


def find_module(memory: ProcessMemory) -> Module:
    """Return the module data of a process; raises UnsupportedError without any that is known."""
    with (
        Path(f"/proc/{memory.pid}/exe").open("rb") as opened,
        mmap(opened.fileno(), 0, access=ACCESS_READ) as data,
    ):
        segments = _segments(memory.pid, data)
        for address in _addresses(data, _MAGIC, segments):
            if (found := _module(memory, address, segments)) is not None:
                return found
    raise UnsupportedError(
        f"pid {memory.pid}: no table of functions of Go 1.20 or later was found in it",
        hint="Serve net/http/pprof in it, which tells its goroutines",
    )


def find_words(memory: ProcessMemory, module: Module, text: bytes) -> Iterator[int]:
    """Yield the addresses in the data of a process at which these bytes stand, word by word."""
    for segment in sorted(module.segments, key=lambda s: not s.flags & _WRITE):
        if not segment.flags & _EXECUTE:
            yield from _found(memory, segment, text)


def find_text(memory: ProcessMemory, module: Module, text: bytes) -> list[int]:
    """Return the addresses at which a program's file has these bytes."""
    with (
        Path(f"/proc/{memory.pid}/exe").open("rb") as opened,
        mmap(opened.fileno(), 0, access=ACCESS_READ) as data,
    ):
        return list(_addresses(data, text, module.segments))


def _segments(pid: int, data: mmap) -> tuple[Segment, ...]:
    header = _HEADER.unpack_from(data)
    if header[2] != _X86_64:
        raise UnsupportedError(
            f"pid {pid}: goroutines are read from memory of programs for x86-64 only",
            hint="Serve net/http/pprof in it, which tells its goroutines",
        )
    raw = [_SEGMENT.unpack_from(data, header[5] + i * header[9]) for i in range(header[10])]
    loaded = [each for each in raw if each[0] == _LOAD]
    bias = _bias(pid, loaded)
    return tuple(Segment(s[1], s[2], s[3] + bias, s[5], s[6]) for s in loaded)


def _bias(pid: int, loaded: list[tuple[int, ...]]) -> int:
    """Return by how much addresses in the process are above those in the file."""
    path = str(Path(f"/proc/{pid}/exe").readlink())
    for mapping in mappings(pid):
        if mapping.path != path:
            continue
        for segment in loaded:
            if segment[2] & ~_PAGE == mapping.offset:
                return mapping.start - (segment[3] & ~_PAGE)
    return 0


def _addresses(data: mmap, text: bytes, segments: tuple[Segment, ...]) -> Iterator[int]:
    at = data.find(text)
    while at >= 0:
        for segment in segments:
            if segment.offset <= at < segment.offset + segment.in_file:
                yield at - segment.offset + segment.address
        at = data.find(text, at + 1)


def _found(memory: ProcessMemory, segment: Segment, text: bytes) -> Iterator[int]:
    for begin in range(0, segment.in_file, _CHUNK):
        try:
            data = memory.read(segment.address + begin, min(_CHUNK, segment.in_file - begin))
        except UnreadableMemoryError:
            continue
        at = data.find(text)
        while at >= 0:
            if at % _WORD.size == 0:
                yield segment.address + begin + at
            at = data.find(text, at + 1)


def _module(memory: ProcessMemory, table: int, segments: tuple[Segment, ...]) -> Module | None:
    """Return the record that points at a table of functions, if it agrees with it."""
    functions = memory.word(table + _WORD.size)
    for segment in sorted(segments, key=lambda s: not s.flags & _WRITE):
        if segment.flags & _EXECUTE:
            continue
        for at in _found(memory, segment, _WORD.pack(table)):
            try:
                words = memory.words(at, _LAST)
            except UnreadableMemoryError:
                continue
            if words[_COUNT] == functions + 1 and words[_TEXT] < words[_TEXT_END]:
                return _named(words, segments)
    return None


def _named(words: tuple[int, ...], segments: tuple[Segment, ...]) -> Module:
    return Module(
        names=words[_NAMES],
        units=words[_UNITS],
        files=words[_FILES],
        values=words[_VALUES],
        table=words[_TABLE],
        entries=words[_ENTRIES],
        count=words[_COUNT] - 1,
        text=words[_TEXT],
        text_end=words[_TEXT_END],
        bss=words[_BSS],
        bss_end=words[_BSS_END],
        words=words,
        segments=segments,
    )
