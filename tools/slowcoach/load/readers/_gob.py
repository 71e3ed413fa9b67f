"""Go's gob encoding, as much of it as a stream of plain structs takes.

A stream is messages: a length, a type's number and a value, or a type's definition (its number
negative). Source: the documentation of Go's package encoding/gob, "Encoding Details".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

LARGEST_MESSAGE = 32 << 20  # bytes: bodies of answers are in it
_BOOL, _INT, _UINT, _FLOAT, _BYTES, _STRING = range(1, 7)
_SHORT = 0x80
_LONGEST = 8
_MOST_TYPES = 1_000
_MOST_FIELDS = 200
_STRUCT, _OPAQUE = 3, (5, 6, 7)  # of a definition: a struct; what writes itself, as bytes
_COMMON, _FIELDS, _NAME, _ID = 1, 2, 1, 2


class GobError(ValueError):
    """The bytes are no gob."""


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct's fields as (name, type) in order."""

    name: str
    fields: tuple[tuple[str, int], ...]


def messages(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield each message without its length; a cut last one raises GobError."""
    held, at = b"", 0
    for part in parts:
        held, at = held[at:] + part, 0
        while (found := _length(held, at)) is not None:
            begin, size = found
            if size > LARGEST_MESSAGE:
                raise GobError("a message of more than 32 MB")
            if begin + size > len(held):
                break
            yield held[begin : begin + size]
            at = begin + size
    if at < len(held):
        raise GobError("the end of the file within a message")


def _length(data: bytes, at: int) -> tuple[int, int] | None:
    """Return where a message begins and its length; None where more bytes are needed."""
    if at >= len(data):
        return None
    width = 0 if data[at] < _SHORT else 256 - data[at]
    if width > _LONGEST:
        raise GobError("a length of more than eight bytes")
    if at + width >= len(data):
        return None
    begin = at + 1 + width
    return begin, int.from_bytes(data[at + 1 : begin], "big") if width else data[at]


@dataclass(slots=True)
class Cursor:
    """A place in a message."""

    data: bytes
    at: int = 0

    def uint(self) -> int:
        """Return an unsigned number."""
        data, at = self.data, self.at
        if at >= len(data):
            raise GobError("the end of a message within a value")
        first = data[at]
        if first < _SHORT:
            self.at = at + 1
            return first
        width = 256 - first
        if width > _LONGEST or at + width >= len(data):
            raise GobError("a number that is too long")
        self.at = at + 1 + width
        return int.from_bytes(data[at + 1 : self.at], "big")

    def int(self) -> int:
        """Return a signed number."""
        value = self.uint()
        return ~(value >> 1) if value & 1 else value >> 1

    def bytes(self) -> bytes:
        """Return a run of bytes."""
        size = self.uint()
        begin, self.at = self.at, self.at + size
        if self.at > len(self.data):
            raise GobError("a text that is longer than its message")
        return self.data[begin : self.at]


def definition(cursor: Cursor) -> Struct | None:
    """Return a struct's definition, None for what writes itself as bytes or is of no interest."""
    kind = cursor.uint()
    if kind in _OPAQUE:
        return Struct("", ())
    if kind != _STRUCT:
        return None
    name, fields = "", list[tuple[str, int]]()
    at = 0
    while delta := cursor.uint():
        at += delta
        if at == _COMMON:
            name, _ = _named(cursor)
        elif at == _FIELDS:
            count = cursor.uint()
            if count > _MOST_FIELDS:
                raise GobError("a struct of more than 200 fields")
            fields = [_named(cursor) for _ in range(count)]
        else:
            raise GobError("a definition with more parts than it can have")
    return Struct(name, tuple(fields))


def _named(cursor: Cursor) -> tuple[str, int]:
    """Return a name and a number: a type's, or a field's with that of its type."""
    name, number, at = "", 0, 0
    while delta := cursor.uint():
        at += delta
        if at == _NAME:
            name = cursor.bytes().decode("utf-8", "replace")
        elif at == _ID:
            number = cursor.int()
        else:
            raise GobError("a name with more parts than it can have")
    return name, number


@dataclass(slots=True)
class Decoder:
    """The types that a stream has defined so far."""

    types: dict[int, Struct | None] = field(default_factory=dict[int, Struct | None])

    def value(self, message: bytes, wanted: frozenset[str]) -> Mapping[str, Any] | None:
        """Return these fields of a struct; those of no value are left out. None: a definition.

        Fields after the last wanted one are not looked at. Raises GobError.
        """
        cursor = Cursor(message)
        number = cursor.int()
        if number < 0:
            if len(self.types) > _MOST_TYPES:
                raise GobError("more than 1,000 types")
            self.types[-number] = definition(cursor)
            return None
        found = self.types.get(number)
        if found is None or not found.fields:
            raise GobError("a value that is no struct")
        return self._fields(cursor, found, wanted)

    def _fields(self, cursor: Cursor, of: Struct, wanted: frozenset[str]) -> Mapping[str, Any]:
        values: dict[str, Any] = {}
        last = max((i for i, (name, _) in enumerate(of.fields) if name in wanted), default=-1)
        at = -1
        while delta := cursor.uint():
            at += delta
            if at > last:
                break
            name, kind = of.fields[at]
            read = self._one(cursor, kind)
            if name in wanted:
                values[name] = read
        return values

    def _one(self, cursor: Cursor, kind: int) -> Any:
        if kind in (_BOOL, _UINT):
            return cursor.uint()
        if kind == _INT:
            return cursor.int()
        if kind == _STRING:
            return cursor.bytes().decode("utf-8", "replace")
        defined = self.types.get(kind)
        if kind == _BYTES or (defined is not None and not defined.fields):
            return cursor.bytes()
        raise GobError(f"a field of type {kind} before the last that is needed")
