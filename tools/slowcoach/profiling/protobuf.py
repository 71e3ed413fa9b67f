"""Protocol buffers' wire format: messages field by field, every length checked.

Only what profiles need: varints, fixed numbers and length-delimited fields; groups are refused.
The format: https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
SIZES = {FIXED64: 8, FIXED32: 4}
MORE = 0x80
LOW = 0x7F
BITS = 7
LONGEST = 10  # bytes of a varint of 64 bits
WIRE = 7
NUMBER = 3
_MOST = 16_000_000  # fields of a message, to bound the memory
_SIGN = 1 << 63


class WireError(ValueError):
    """The bytes are no protocol buffer; the message says where."""


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return the varint at an offset and the offset after it."""
    if at < end and data[at] < MORE:
        return data[at], at + 1
    if at + 1 < end and data[at + 1] < MORE:
        return data[at] & LOW | data[at + 1] << BITS, at + 2
    value = shift = 0
    for place in range(at, min(at + LONGEST, end)):
        byte = data[place]
        value |= (byte & LOW) << shift
        if byte < MORE:
            return value, place + 1
        shift += BITS
    raise WireError(f"byte {at}: expected a varint, got one that does not end by byte {end}")


def signed(value: int) -> int:
    """Return a varint's value as the 64-bit signed number that it stands for."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value & _SIGN else value


def fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (number, wire type, a, b) of each field of a message.

    For a varint a is its value (b its end); otherwise the field's bytes are data[a:b].
    Raises WireError for a length beyond the message's end, a group or a field number of 0.
    """
    at = start
    while at < end:
        key = data[at]
        if key < MORE:
            at += 1
        else:
            key, at = varint(data, at, end)
        number, wire = key >> NUMBER, key & WIRE
        if wire == BYTES:
            size, at = varint(data, at, end)
        elif wire == VARINT:
            value, at = varint(data, at, end)
            yield _checked(number, at), wire, value, at
            continue
        else:
            size = SIZES.get(wire, -1)
        if size < 0 or size > end - at:
            raise WireError(f"byte {at}: field {number}: {_fault(wire, size, end - at)}")
        yield _checked(number, at), wire, at, at + size
        at += size


def _checked(number: int, at: int) -> int:
    if number < 1:
        raise WireError(f"byte {at}: expected a field number, got {number}")
    return number


def _fault(wire: int, size: int, left: int) -> str:
    if size < 0:
        return f"expected wire type 0, 1, 2 or 5, got {wire}"
    return f"expected at most the {left:,} bytes that are left, got a length of {size:,}"


def message(data: bytes, start: int, end: int) -> dict[int, int]:
    """Return the last varint of each field of a small message; other fields are skipped."""
    return {number: a for number, wire, a, _ in fields(data, start, end) if wire == VARINT}


@dataclass(frozen=True, slots=True)
class Message:
    """The fields of one large message: byte ranges and varints by field number, in file order."""

    starts: dict[int, array[int]]
    ends: dict[int, array[int]]
    values: dict[int, list[int]]

    def spans(self, number: int) -> Iterator[tuple[int, int]]:
        """Return the byte ranges of a length-delimited field."""
        return zip(self.starts.get(number, ()), self.ends.get(number, ()), strict=True)

    def value(self, number: int) -> int:
        """Return the last varint of a field, 0 when there is none."""
        return self.values.get(number, [0])[-1]


def split(data: bytes, start: int = 0, end: int | None = None) -> Message:
    """Return where the fields of a message lie. Raises WireError for lengths that lie."""
    stop = len(data) if end is None else end
    found = Message({}, {}, {})
    starts, ends = array("q"), array("q")
    at, append_start, append_end, open_key = start, starts.append, ends.append, -1
    count = 0
    while at < stop:
        count += 1
        if count > _MOST:
            raise WireError(f"expected at most {_MOST:,} fields in a message, got more")
        key = data[at]
        # the common case, a million times over
        if key < MORE and key & WIRE == BYTES and at + 2 < stop:
            size, at = data[at + 1], at + 2
            if size >= MORE:
                size, at = varint(data, at - 1, stop)
            if key != open_key:
                number = _checked(key >> NUMBER, at)
                append_start = found.starts.setdefault(number, array("q")).append
                append_end = found.ends.setdefault(number, array("q")).append
                open_key = key
            if size > stop - at:
                raise WireError(f"byte {at}: field {key >> NUMBER}: {_fault(0, size, stop - at)}")
            append_start(at)
            at += size
            append_end(at)
            continue
        number, wire, a, b = next(fields(data, at, stop))
        if wire == VARINT:
            found.values.setdefault(number, []).append(a)
        else:
            found.starts.setdefault(number, array("q")).append(a)
            found.ends.setdefault(number, array("q")).append(b)
        at, open_key = b, -1
    return found
