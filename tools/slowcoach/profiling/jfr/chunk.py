"""A recording's chunks: each has a header, events, and (as events too) metadata and constants.

The format is that of JDK 9 and later (version 2), which async-profiler writes as well. Numbers are
LEB128 with at most nine bytes, the ninth a whole byte.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slowcoach.profiling.model import Ints

MAGIC = b"FLR\0"
METADATA, CONSTANTS = 0, 1
_HEADER = struct.Struct(">4sHHqqqqqqqI")
_COMPRESSED = 1  # the feature bit of variable-length numbers
_VERSION = 2
_IN_A_SECOND = 1e9
_MOST = 16_000_000  # events of a chunk, to bound the memory
MORE = 0x80
LOW = 0x7F
BITS = 7
NINTH = 8


class JfrError(ValueError):
    """The bytes are no recording; the message says where."""


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return the number at an offset and the offset after it."""
    if at < end and data[at] < MORE:
        return data[at], at + 1
    value = shift = 0
    for place in range(at, min(at + NINTH, end)):
        byte = data[place]
        value |= (byte & LOW) << shift
        if byte < MORE:
            return value, place + 1
        shift += BITS
    if at + NINTH < end:
        return value | data[at + NINTH] << shift, at + NINTH + 1
    raise JfrError(f"byte {at}: expected a number, got one that does not end by byte {end}")


def varints_at(raw: NDArray[np.uint8], at: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return the numbers at many offsets and the offsets after them."""
    _within(at, end)
    byte = raw[at]
    value = (byte & LOW).astype(np.int64)
    after = at + 1
    left = np.flatnonzero(byte >= MORE)
    for step in range(1, NINTH + 1):
        if not len(left):
            break
        place = after[left]
        _within(place, end[left])
        byte = raw[place]
        low = byte & LOW if step < NINTH else byte
        value[left] |= low.astype(np.int64) << (BITS * step)
        after[left] = place + 1
        left = left[byte >= MORE]
    return value, after


def _within(at: Ints, end: Ints) -> None:
    if (at >= end).any():
        raise JfrError(f"byte {at[at >= end][0]}: expected more of an event, got its end")


def ends_from(raw: NDArray[np.uint8], start: int, end: int, most: int | None = None) -> Ints:
    """Return the offsets after the numbers between two offsets, at most so many, `start` first.

    Stops before a number of nine bytes (it is rare, and read otherwise) and before a cut one.
    """
    last = np.flatnonzero(raw[start:end] < MORE)[:most]
    ends = np.empty(len(last) + 1, dtype=np.int64)
    ends[0] = start
    ends[1:] = last
    ends[1:] += start + 1
    wide = np.flatnonzero(ends[1:] - ends[:-1] > NINTH)
    return ends[: wide[0] + 1] if len(wide) else ends


def chosen(raw: NDArray[np.uint8], ends: Ints, which: Ints) -> Ints:
    """Return some of the numbers that `ends_from` found, by their index."""
    begins = ends[which]
    width = ends[which + 1] - begins
    value = (raw[begins] & LOW).astype(np.int64)
    wide = np.flatnonzero(width > 1)
    for step in range(1, int(width.max(initial=0))):
        value[wide] |= (raw[begins[wide] + step] & LOW).astype(np.int64) << (BITS * step)
        wide = wide[width[wide] > step + 1]
    return value


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where a chunk's events lie, by type: the first byte after the type and the end of each.

    It began `began_s` seconds after 1970, when the clock of events stood at `began_ticks`.
    """

    start: int
    end: int
    ticks_per_second: int
    events: dict[int, array[int]]
    began_s: float = 0.0
    began_ticks: int = 0

    def spans(self, kind: int) -> Iterator[tuple[int, int]]:
        """Return where the events of a type lie."""
        known = self.events.get(kind, array("q"))
        return zip(known[::2], known[1::2], strict=True)


def chunks(data: bytes) -> tuple[list[Chunk], str | None]:
    """Return the chunks that can be read, and what is wrong with the one after them, if any.

    Raises JfrError when there is none.
    """
    found: list[Chunk] = []
    at = 0
    while at < len(data):
        try:
            found.append(_chunk(data, at))
        except JfrError as error:
            if not found:
                raise
            return found, str(error)
        at = found[-1].end
    return found, None


def _chunk(data: bytes, at: int) -> Chunk:
    if len(data) - at < _HEADER.size:
        raise JfrError(f"byte {at}: expected a chunk's header, got the end of the file")
    header = _HEADER.unpack_from(data, at)
    magic, major, minor, size, *_pools, began_ns, _lasted, began_ticks, ticks, features = header
    if magic != MAGIC:
        raise JfrError(f"byte {at}: expected a chunk, got {magic!r}")
    if major < _VERSION - 1 or not features & _COMPRESSED:
        kind = "" if features & _COMPRESSED else " with numbers of fixed width"
        raise JfrError(f"expected format 1 or 2 of JDK 9 and later, got {major}.{minor}{kind}")
    if size < _HEADER.size:
        raise JfrError(f"byte {at}: the chunk is not finished (its size is {size})")
    if size > len(data) - at:
        raise JfrError(
            f"byte {at}: expected a chunk of {size:,} bytes, got {len(data) - at:,}: it is cut"
        )
    events = _events(data, at + _HEADER.size, at + size)
    return Chunk(at, at + size, max(ticks, 1), events, began_ns / _IN_A_SECOND, began_ticks)


def _events(data: bytes, at: int, end: int) -> dict[int, array[int]]:
    found: dict[int, array[int]] = {}
    count = 0
    while at < end:
        start = at
        size, at = data[at], at + 1
        if size >= MORE:
            size, at = varint(data, start, end)
        count += 1
        if not at - start < size <= end - start or count > _MOST:
            raise JfrError(
                f"byte {start}: expected an event of at most {end - start:,} bytes, got {size:,}"
                if count <= _MOST
                else f"expected at most {_MOST:,} events in a chunk, got more"
            )
        kind = data[at]
        if kind < MORE:
            at += 1
        else:
            kind, at = varint(data, at, start + size)
        spans = found.get(kind)
        if spans is None:
            spans = found[kind] = array("q")
        spans.append(at)
        at = start + size
        spans.append(at)
    return found
