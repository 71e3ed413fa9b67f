"""Maps of a Go program, found on its heap, and what they hold now (Go 1.24 and later).

A map is known by its shape: the number of its entries, its tables, and their groups of slots,
whose control bytes tell as many entries. Cost: nothing of the program's; of ours one pass over a
heap, and some microseconds an entry. Layouts: internal/runtime/maps of Go.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, NamedTuple

from slowcoach.diagnosis.goroutines_memory.heap import heap_pieces, variables
from slowcoach.diagnosis.goroutines_memory.map_types import SLOTS, MapType, Part
from slowcoach.diagnosis.interpreter.memory import ProcessMemory, UnreadableMemoryError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

_WORD: Final = 8
_FIELDS: Final = 5  # words of a map that tell it
_AT_ONCE: Final = 1 << 17  # words, so that they stay in the processor's cache
_MAP: Final = struct.Struct("<QQQQBBBBI")
_TABLE: Final = struct.Struct("<HHHBxQQQ")
_LEAST: Final = 4
_MOST: Final = 20_000
_MOST_TABLES: Final = 256
_MOST_BYTES: Final = 8 << 20
_LARGEST: Final = 256 << 20  # bytes of a heap that are gone through
_MOST_CANDIDATES: Final = 4_000
_MOST_LOOKED_INTO: Final = 20_000
_FULL: Final = 0x80  # control bytes below it are of slots in use
_FREE: Final = frozenset({0x80, 0xFE})
_LONGEST_STRING: Final = 1 << 16
_READ: Final = 96  # bytes of a string that are read
_CHECKED: Final = 16
_OFF: Final = 2  # entries that may come or go while a table is read


class Held(NamedTuple):
    """What a map holds: pointers in the elements by key, and its seed, which clearing changes."""

    entries: Mapping[bytes, tuple[int, ...]]
    seed: int


class FoundMap(NamedTuple):
    """A map by its address, the types that it may have, and where its address stands."""

    address: int
    types: tuple[MapType, ...]
    holders: tuple[int, ...] = ()


class _Shape(NamedTuple):
    """What tells types apart by what lies in memory."""

    group: int
    key_step: int
    key: tuple[Part, ...]


class _Table(NamedTuple):
    used: int
    groups: int
    data: int


def maps_of(memory: ProcessMemory, types: Collection[MapType]) -> tuple[FoundMap, ...]:
    """Return the maps with some entries; none where the heap is very large. The heap is gone
    through twice, a piece at a time: what tells a map, and who holds it.
    """
    shapes: dict[_Shape, tuple[MapType, ...]] = {}
    for kind in types:
        shape = _Shape(kind.group, kind.key_step, kind.key)
        shapes[shape] = (*shapes.get(shape, ()), kind)
    # variables change meanwhile: as they were before and after
    own = list(variables(memory))
    candidates: list[int] = []
    for base, words in heap_pieces(memory, _LARGEST):
        candidates += _candidates(base, words)[:_MOST_CANDIDATES]
    own += variables(memory)
    found: dict[int, tuple[MapType, ...]] = {}
    for at in candidates[:_MOST_LOOKED_INTO]:
        with suppress(UnreadableMemoryError, struct.error):
            if fit := _fitting(memory, at, shapes):
                found[at] = fit
    holders = _holders(chain(heap_pieces(memory, _LARGEST), own), found)
    return tuple(
        FoundMap(at, fit, tuple(dict.fromkeys(holders.get(at, ())))) for at, fit in found.items()
    )


def held(memory: ProcessMemory, found: FoundMap) -> Held | None:
    """Return what a map holds; None where there is none any more."""
    kind = found.types[0]
    try:
        used, seed, tables = _tables(memory, found.address)
        entries: dict[bytes, tuple[int, ...]] = {}
        for table in tables:
            data = memory.read(table.data, table.groups * kind.group)
            for slot in _slots(data, kind):
                entries[_key(memory, data, slot, kind)] = _pointers(data, slot, kind)
    except (UnreadableMemoryError, struct.error):
        return None
    return Held(entries, seed) if entries or not used else None


def is_map(memory: ProcessMemory, found: FoundMap) -> bool:
    """Tell whether a map of the type, with entries, is at an address."""
    kind = found.types[0]
    shape = {_Shape(kind.group, kind.key_step, kind.key): (kind,)}
    try:
        return bool(_fitting(memory, found.address, shape))
    except (UnreadableMemoryError, struct.error):
        return False


def _tables(memory: ProcessMemory, at: int) -> tuple[int, int, tuple[_Table, ...]]:
    """Return how many entries a map has, its seed and tables; raises when it is no map."""
    used, seed, directory, length, depth, _, _, _, _ = _MAP.unpack(memory.read(at, _MAP.size))
    if not length:
        if used > SLOTS:
            raise UnreadableMemoryError(f"{at:#x}")
        return used, seed, (_Table(used, 1, directory),) if directory else ()
    if length != 1 << depth or length > _MOST_TABLES or used > _MOST:
        raise UnreadableMemoryError(f"{at:#x}")
    tables = dict.fromkeys(memory.words(directory, length))
    return used, seed, tuple(_table(memory, each) for each in tables)


def _table(memory: ProcessMemory, at: int) -> _Table:
    used, room, left, _, _, data, mask = _TABLE.unpack(memory.read(at, _TABLE.size))
    groups = mask + 1
    fits = room == groups * SLOTS and not groups & mask and used <= room and left <= room
    if not fits or not data or data % _WORD:
        raise UnreadableMemoryError(f"{at:#x}")
    return _Table(used, groups, data)


def _holders(
    parts: Iterable[tuple[int, Words]], addresses: Collection[int]
) -> dict[int, list[int]]:
    """Return where the addresses of maps stand, on the heap or in variables of the program."""
    import numpy as np

    found: dict[int, list[int]] = {}
    wanted = np.array(sorted(addresses), dtype="<u8")
    for base, words in parts if addresses else ():
        for begin in range(0, len(words), _AT_ONCE):
            part = words[begin : begin + _AT_ONCE]
            near = np.flatnonzero((part >= wanted[0]) & (part <= wanted[-1]))
            for i in near[np.isin(part[near], wanted)].tolist():
                found.setdefault(int(part[i]), []).append(base + (begin + i) * _WORD)
    return found


def _candidates(base: int, words: Words) -> list[int]:
    """Return where a map may begin."""
    import numpy as np

    found: list[int] = []
    for begin in range(0, len(words) - _FIELDS, _AT_ONCE):
        part = words[begin : begin + _AT_ONCE + _FIELDS]
        used, seed, directory, length, bits = (
            part[i : len(part) - _FIELDS + i] for i in range(_FIELDS)
        )
        fit = (used >= _LEAST) & (used < _MOST) & (length <= _MOST_TABLES) & (bits < 1 << 32)
        fit &= (directory >= np.uint64(1 << 36)) & (directory < np.uint64(0x7000 << 32))
        fit &= (directory % np.uint64(_WORD) == 0) & (seed >= np.uint64(1 << 32))
        fit &= (length > 0) | (used <= SLOTS)
        found += [base + (begin + int(i)) * _WORD for i in np.flatnonzero(fit)]
    return found


def _fitting(
    memory: ProcessMemory, at: int, shapes: Mapping[_Shape, tuple[MapType, ...]]
) -> tuple[MapType, ...]:
    """Return the types whose slots are in use as the map says, with keys that may be such."""
    used, _, tables = _tables(memory, at)
    if not tables or abs(sum(t.used for t in tables) - used) > _OFF:
        return ()
    first = tables[0]
    fit: list[MapType] = []
    groups: dict[int, bytes] = {}
    for shape, types in shapes.items():
        if shape.group not in groups:
            groups[shape.group] = _in_groups(memory, first, shape.group)
        data = groups[shape.group]
        if data and _plausible(memory, data, types[0]):
            fit += types
    return tuple(sorted(fit, key=_telling, reverse=True))


def _telling(kind: MapType) -> tuple[int, int]:
    """Return how much the keys of a type tell: those that are read as too little come last."""
    return sum(part.kind != "raw" for part in kind.key), sum(part.size for part in kind.key)


def _in_groups(memory: ProcessMemory, table: _Table, group: int) -> bytes:
    """Return a table's groups if they are of this size, by their control bytes; else nothing."""
    size = table.groups * group
    with suppress(UnreadableMemoryError):
        data = memory.read(table.data, size) if size <= _MOST_BYTES else b""
        if _controls(data, group, table.used):
            return data
    return b""


def _controls(data: bytes, group: int, used: int) -> bool:
    """Tell whether the control bytes of groups of this size tell so many slots in use."""
    count = 0
    for at in range(0, len(data), group):
        for each in data[at : at + SLOTS]:
            if each < _FULL:
                count += 1
            elif each not in _FREE:
                return False
    return abs(count - used) <= _OFF


def _slots(data: bytes, kind: MapType) -> Iterator[tuple[int, int]]:
    """Yield the slots in use: where their group begins, and their number in it."""
    for at in range(0, len(data), kind.group):
        for index, each in enumerate(data[at : at + SLOTS]):
            if each < _FULL:
                yield at, index


def _plausible(memory: ProcessMemory, data: bytes, kind: MapType) -> bool:
    """Tell whether the first slots have keys of a type: strings that are some, and no two alike."""
    slots = list(islice(_slots(data, kind), _CHECKED))
    for group, index in slots:
        begin = group + kind.key_at + index * kind.key_step
        for part in kind.key:
            if part.kind == "string" and _string(memory, data, begin + part.offset) is None:
                return False
    return len({_key(memory, data, slot, kind) for slot in slots}) == len(slots)


def _key(memory: ProcessMemory, data: bytes, slot: tuple[int, int], kind: MapType) -> bytes:
    begin = slot[0] + kind.key_at + slot[1] * kind.key_step
    return b"\0".join(_part(memory, data, begin, part) for part in kind.key)


def _part(memory: ProcessMemory, data: bytes, begin: int, part: Part) -> bytes:
    at = begin + part.offset
    if part.kind == "string":
        return _string(memory, data, at) or b""
    raw = data[at : at + part.size]
    if part.kind == "interface":
        value = int.from_bytes(raw[_WORD:], "little")
        with suppress(UnreadableMemoryError):
            boxed = memory.read(value, 2 * _WORD)
            text = _string(memory, boxed, 0)
            return raw[:_WORD] + (boxed[:_WORD] if text is None else text)
    return raw


def _string(memory: ProcessMemory, data: bytes, at: int) -> bytes | None:
    """Return the text of a string; None where there is none."""
    address, length = struct.unpack_from("<QQ", data, at)
    if not length:
        return b""
    if length > _LONGEST_STRING or not address:
        return None
    try:
        return memory.read(address, min(length, _READ))
    except UnreadableMemoryError:
        return None


def _pointers(data: bytes, slot: tuple[int, int], kind: MapType) -> tuple[int, ...]:
    """Return what may be pointers in an element: words of the heap's addresses."""
    begin = slot[0] + kind.element_at + slot[1] * kind.element_step
    size = min(kind.element, kind.element_step) // _WORD * _WORD
    if size <= 0 or begin + size > len(data):
        return ()
    words = struct.unpack_from(f"<{size // _WORD}Q", data, begin)
    return tuple(w for w in words if 1 << 36 <= w < 0x7000 << 32)
