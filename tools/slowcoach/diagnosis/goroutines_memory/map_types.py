"""The types of a Go program's maps: how their groups of slots are laid out, and what keys are.

From internal/abi of Go 1.24 and later (maps of groups of eight slots). Every type has a record in
the program's read-only data; those of maps are known by their kind and by what they refer to.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from slowcoach.diagnosis.interpreter.memory import (
    ProcessMemory,
    UnreadableMemoryError,
    mappings,
)

_PIECE: Final = 4 << 20
_LARGEST: Final = 64 << 20
_TYPE: Final = struct.Struct("<QQIBBBBQQii")
_KIND: Final = 0x1F
_KIND_AT: Final = 56  # bits of the third word
_ARRAY, _INTERFACE, _MAP, _STRING, _STRUCT = 17, 20, 21, 24, 25
_REFERS: Final = {_STRING: "string", _INTERFACE: "interface"}
_WORD: Final = 8
_RECORD: Final = 14  # words of a map's type that are read
_FIELDS: Final = 56  # of a struct's type: the fields, each a name, a type and an offset
_FIELD: Final = 3
_MOST_FIELDS: Final = 16
_MOST_ELEMENTS: Final = 32
_DEEPEST: Final = 4
_LARGEST_GROUP: Final = 1 << 13
SLOTS: Final = 8
_SEPARATE_SINCE: Final = 27  # the Go 1.x from which keys and elements have steps of their own


class Part(NamedTuple):
    """A part of a key: bytes as they are, or (`kind`) what they refer to."""

    kind: str
    offset: int
    size: int


class MapType(NamedTuple):
    """A type of maps, by its address: where keys and elements lie in a group of slots."""

    address: int
    group: int
    key_at: int
    key_step: int
    element_at: int
    element_step: int
    element: int
    key: tuple[Part, ...]


def map_types(memory: ProcessMemory, minor: int) -> dict[int, MapType]:
    """Return the types of maps of a program of Go 1.`minor`, by address."""
    found: dict[int, MapType] = {}
    for at in _records(memory):
        with suppress(UnreadableMemoryError, struct.error, ValueError):
            if (told := _told(memory, at, minor)) is not None:
                found[at] = told
    return found


def _records(memory: ProcessMemory) -> Iterator[int]:
    """Yield where records of types of maps may lie."""
    import numpy as np

    program = str(Path(f"/proc/{memory.pid}/exe").readlink())
    parts = [m for m in mappings(memory.pid) if m.path == program and "x" not in m.permissions]
    if sum(m.end - m.start for m in parts) > _LARGEST:
        return
    for part in parts:
        for begin in range(part.start, part.end, _PIECE):
            size = min(_PIECE + _RECORD * _WORD, part.end - begin)
            try:
                words = np.frombuffer(memory.read(begin, size), dtype="<u8")
            except UnreadableMemoryError:
                continue
            kinds = (words[2:] >> np.uint64(_KIND_AT)) & np.uint64(_KIND)
            fit = (words[:-2] == _WORD) & (words[1:-1] == _WORD) & (kinds == _MAP)
            yield from (begin + int(i) * _WORD for i in np.flatnonzero(fit))


def _told(memory: ProcessMemory, at: int, minor: int) -> MapType | None:
    words = memory.words(at, _RECORD + 1)
    key, element, group = (_type(memory, words[i]) for i in (6, 7, 8))
    size = words[10]
    if group[0] != size or not _WORD < size <= _LARGEST_GROUP:
        return None
    if minor >= _SEPARATE_SINCE:
        key_at, key_step, element_at, element_step = words[11:15]
    else:
        key_at, key_step = _WORD, words[11]
        element_at, element_step = _WORD + words[12], words[11]
    indirect_key = key_step < key[0]
    parts = (
        (Part("raw", 0, _WORD),) if indirect_key else tuple(_parts(memory, words[6], 0, _DEEPEST))
    )
    if not 0 < key_step <= size or not parts or key_at + key_step > size:
        return None
    length = min(element[0], max(0, size - element_at - (SLOTS - 1) * element_step))
    return MapType(at, size, key_at, key_step, element_at, element_step, length, parts)


def _type(memory: ProcessMemory, at: int) -> tuple[int, int]:
    """Return the size and the kind of a type."""
    raw = _TYPE.unpack(memory.read(at, _TYPE.size))
    return raw[0], raw[6] & _KIND


def _parts(memory: ProcessMemory, at: int, offset: int, deep: int) -> Iterator[Part]:
    """Yield the parts of a key of a type."""
    size, kind = _type(memory, at)
    if not deep:
        raise ValueError(at)
    inner = {_STRUCT: _of_struct, _ARRAY: _of_array}.get(kind)
    if inner is not None:
        for of, place in inner(memory, at):
            yield from _parts(memory, of, offset + place, deep - 1)
    elif size:
        yield Part(_REFERS.get(kind, "raw"), offset, size)


def _of_struct(memory: ProcessMemory, at: int) -> Iterator[tuple[int, int]]:
    """Yield the types of a struct's fields, and where they lie in it."""
    first, count = memory.words(at + _FIELDS, 2)
    if count > _MOST_FIELDS:
        raise ValueError(at)
    for index in range(count):
        _, of, place = memory.words(first + index * _FIELD * _WORD, _FIELD)
        yield of, place


def _of_array(memory: ProcessMemory, at: int) -> Iterator[tuple[int, int]]:
    """Yield the type of an array's elements, and where each lies in it."""
    of, _, count = memory.words(at + _TYPE.size, 3)
    if count > _MOST_ELEMENTS:
        raise ValueError(at)
    step = _type(memory, of)[0]
    for index in range(count):
        yield of, index * step
