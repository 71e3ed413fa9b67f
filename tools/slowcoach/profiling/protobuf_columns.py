"""Fields of millions of protocol buffers at once, in columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slowcoach.profiling.model import Ints
from slowcoach.profiling.protobuf import (
    BITS,
    BYTES,
    FIXED32,
    FIXED64,
    LONGEST,
    LOW,
    MORE,
    NUMBER,
    SIZES,
    VARINT,
    WIRE,
    WireError,
    fields,
)

_BATCH = 1 << 14  # segments decoded at once, to bound the memory
_MOST = 64_000_000  # numbers of one field in all messages, to bound the memory
_FEW = 32  # messages; so few are read faster one by one


@dataclass(frozen=True, slots=True)
class Segments:
    """The occurrences of one field in many messages: data[start:end] belongs to message `owner`.

    A field that was not packed is a segment of one varint.
    """

    owner: Ints
    start: Ints
    end: Ints


_NO_INTS: Ints = np.zeros(0, dtype=np.int64)
NONE = Segments(_NO_INTS, _NO_INTS, _NO_INTS)


def columns(data: bytes, starts: Sequence[int], ends: Sequence[int]) -> dict[int, Segments]:
    """Return by field number where the fields of many messages lie, all messages at once.

    Takes a step for each field of the longest messages; few very long ones are read one by one.
    Raises WireError.
    """
    raw = np.frombuffer(data, dtype=np.uint8)
    at, end = np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)
    owner = np.flatnonzero(at < end)
    at, end = at[owner], end[owner]
    found: dict[int, list[Segments]] = {}
    while len(owner) > _FEW:
        number, begin, stop = _next_field(raw, at, end)
        for one in np.unique(number).tolist():
            mine = number == one
            part = Segments(owner[mine], begin[mine], stop[mine])
            found.setdefault(one, []).append(part)
        going = stop < end
        owner, at, end = owner[going], stop[going], end[going]
    rest: dict[int, list[tuple[int, int, int]]] = {}
    for message, begin_at, stop_at in zip(owner.tolist(), at.tolist(), end.tolist(), strict=True):
        for number_, wire, a, b in fields(data, begin_at, stop_at):
            span = (message, _start(data, b), b) if wire == VARINT else (message, a, b)
            rest.setdefault(number_, []).append(span)
    for one, spans in rest.items():
        table = np.array(spans, dtype=np.int64)
        found.setdefault(one, []).append(Segments(table[:, 0], table[:, 1], table[:, 2]))
    return {one: _joined(parts) for one, parts in found.items()}


def _start(data: bytes, end: int) -> int:
    """Return where the varint begins that ends at an offset."""
    at = end - 1
    while at > 0 and data[at - 1] >= MORE and end - at < LONGEST:
        at -= 1
    return at


def _next_field(raw: NDArray[np.uint8], at: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the field's number and bytes at the start of what is left of each message."""
    key, begin = _varints_at(raw, at, end)
    wire, number = key & WIRE, key >> NUMBER
    stop = begin.copy()
    counted = np.flatnonzero((wire == VARINT) | (wire == BYTES))
    size, after = _varints_at(raw, begin[counted], end[counted])
    stop[counted] = after
    sized = wire[counted] == BYTES
    begin[counted[sized]] = after[sized]
    stop[counted[sized]] += np.minimum(size[sized], len(raw) + 1)
    stop[wire == FIXED64] += SIZES[FIXED64]
    stop[wire == FIXED32] += SIZES[FIXED32]
    bad = np.flatnonzero((stop > end) | (stop == at) | (stop == begin) & (wire != BYTES))
    bad = np.union1d(bad, np.flatnonzero(number < 1))
    if len(bad):
        first = int(bad[0])
        for _ in fields(raw.tobytes(), int(at[first]), int(end[first])):
            pass  # says what is wrong
        raise WireError(f"byte {at[first]}: expected a field, got {raw[at[first]]}")
    return number, begin, stop


def _joined(parts: list[Segments]) -> Segments:
    """Put the parts in the order of messages, of one message in the order of its bytes."""
    if len(parts) == 1:
        return parts[0]
    owner = np.concatenate([part.owner for part in parts])
    order = np.argsort(owner, kind="stable")
    return Segments(
        owner[order],
        np.concatenate([part.start for part in parts])[order],
        np.concatenate([part.end for part in parts])[order],
    )


def _varints_at(raw: NDArray[np.uint8], at: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return the varints at many offsets (their low 63 bits) and the offsets after them."""
    if (at >= end).any():
        raise WireError(f"byte {at[at >= end][0]}: expected more of a message, got its end")
    byte = raw[at]
    value = (byte & LOW).astype(np.int64)
    after = at + 1
    left = np.flatnonzero(byte >= MORE)
    for step in range(1, LONGEST):
        if not len(left):
            return value, after
        place = after[left]
        if (place >= end[left]).any():
            break
        byte = raw[place]
        if step < LONGEST - 1:
            value[left] |= (byte & LOW).astype(np.int64) << (BITS * step)
        after[left] = place + 1
        left = left[byte >= MORE]
    if len(left):
        raise WireError(f"byte {at[left[0]]}: expected a varint, got one that does not end")
    return value, after


def numbers(data: bytes, where: Segments) -> tuple[Ints, Ints]:
    """Return the varints in the segments as signed 64-bit numbers, and how many each holds."""
    raw = np.frombuffer(data, dtype=np.uint8)
    values: list[Ints] = []
    counts: list[Ints] = []
    total = 0
    for first in range(0, len(where.start), _BATCH):
        part = slice(first, first + _BATCH)
        found, held = _decoded(raw, where.start[part], where.end[part])
        total += len(found)
        if total > _MOST:
            raise WireError(f"expected at most {_MOST:,} numbers in one field, got more")
        values.append(found)
        counts.append(held)
    if not values:
        return _NO_INTS, _NO_INTS
    return np.concatenate(values), np.concatenate(counts)


def _decoded(raw: NDArray[np.uint8], start: Ints, end: Ints) -> tuple[Ints, Ints]:
    size = end - start
    stops = np.cumsum(size)
    total = int(stops[-1]) if len(stops) else 0
    counts = np.zeros(len(size), dtype=np.int64)
    if not total:
        return _NO_INTS, counts
    byte = raw[np.arange(total) + np.repeat(start - (stops - size), size)]
    ends = np.flatnonzero(byte < MORE)
    filled = size > 0
    held = np.searchsorted(ends, stops[filled] - 1)  # each segment must end where a varint does
    odd = held >= len(ends)
    odd |= ends[np.minimum(held, len(ends) - 1)] != stops[filled] - 1 if len(ends) else True
    if odd.any():
        cut = end[filled][odd][0]
        raise WireError(f"byte {cut}: expected the end of a varint, got the field's end")
    counts[filled] = np.diff(held + 1, prepend=0)
    begins = np.concatenate(([0], ends[:-1] + 1))
    return _values(byte, begins, ends - begins, int(start[0])), counts


def _values(byte: NDArray[np.uint8], begins: Ints, width: Ints, where: int) -> Ints:
    widest = int(width.max())
    if widest >= LONGEST:
        raise WireError(f"byte {where}: expected varints of 10 bytes at most, got a longer one")
    value = (byte[begins] & LOW).astype(np.int64)
    wide = np.flatnonzero(width)
    for step in range(1, widest + 1):
        value[wide] |= (byte[begins[wide] + step] & LOW).astype(np.int64) << (BITS * step)
        wide = wide[width[wide] > step]
    return value
