"""The line of a byte of code: how versions of CPython keep it."""

import struct

_CODE_UNIT = 2
_NO_LINE = -128


def line_at(table: bytes, first_line: int, position: int) -> int:
    """Return the line of a code unit by the location table of PEP 626 as 3.11 writes it.

    `position` counts bytes of code. Formats are described in Objects/locations.md of CPython.
    """
    line, at, index = first_line, 0, 0
    while index < len(table):
        head = table[index]
        kind, units = (head >> 3) & 15, (head & 7) + 1
        index += 1
        if kind in {13, 14}:
            line += _signed(table, index)
        elif kind in {11, 12}:
            line += kind - 10
        at += units * _CODE_UNIT
        if position < at:
            return line
        while index < len(table) and not table[index] & 0x80:
            index += 1
    return line


def _signed(table: bytes, index: int) -> int:
    value = shift = 0
    while True:
        byte = table[index]
        value |= (byte & 63) << shift
        shift += 6
        index += 1
        if not byte & 64:
            break
    return -(value >> 1) if value & 1 else value >> 1


def line_by_ranges(table: bytes, first_line: int, position: int) -> int:
    """Return the line of a byte of code by 3.10's table: pairs of bytes and the lines' step."""
    line, end, last = first_line, 0, first_line
    for length, step in struct.iter_unpack("<Bb", table[: len(table) & ~1]):
        if step != _NO_LINE:
            line += step
            last = line
        end += length
        if position < end:
            return last
    return last


def line_by_steps(table: bytes, first_line: int, position: int) -> int:
    """Return the line of a byte of code by the table of 3.9: steps of bytes and lines."""
    line, at = first_line, 0
    for length, step in struct.iter_unpack("<Bb", table[: len(table) & ~1]):
        at += length
        if at > position:
            return line
        line += step
    return line
