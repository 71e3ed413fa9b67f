"""How the values of each type are laid out, and how they are read one by one."""

import struct
from collections.abc import Callable
from typing import Any

from slowcoach.profiling.jfr.chunk import JfrError, varint
from slowcoach.profiling.jfr.metadata import Field, Type, string

NUMBERS = frozenset({"int", "long", "short", "char", "boolean"})
_WIDTHS = {"byte": 1, "float": 4, "double": 8}
_REALS = {"float": struct.Struct(">f"), "double": struct.Struct(">d")}
STRING = "java.lang.String"
_DEEPEST = 16

Value = Any  # a number, a text or None, a list of an object's fields or of an array's items
Read = Callable[[int, int], tuple[Value, int]]


class Layout:
    """The types of one chunk, compiled to functions that read a value and go past it."""

    def __init__(self, data: bytes, types: dict[int, Type]) -> None:
        self._data = data
        self.types = types
        self.by_name = {kind.name: kind for kind in types.values()}
        self._reads: dict[int, Read] = {}

    def flat(self, kind: Type) -> int | None:
        """Return how many numbers a value of a type is, None when it is more than numbers."""
        if kind.name in NUMBERS and not kind.fields:
            return 1
        if not kind.fields or kind.name in _WIDTHS or kind.name == STRING:
            return None
        if any(
            field.array or not self._number(field.type, field.constant) for field in kind.fields
        ):
            return None
        return len(kind.fields)

    def _number(self, kind: int, constant: bool) -> bool:
        return constant or self.type(kind).name in NUMBERS

    def type(self, number: int) -> Type:
        """Return a type by its id; raises JfrError for one that is not declared."""
        found = self.types.get(number)
        if found is None:
            raise JfrError(f"expected a type that the metadata declares, got type {number}")
        return found

    def read(self, kind: Type, deeper: int = _DEEPEST) -> Read:
        """Return the function that reads a value of a type: (offset, end) to (value, offset)."""
        known = self._reads.get(kind.id)
        if known is None:
            known = self._reads[kind.id] = self._compiled(kind, deeper)
        return known

    def _compiled(self, kind: Type, deeper: int) -> Read:
        data = self._data
        if not deeper:
            raise JfrError(f"type {kind.name[:80]!r} holds itself")
        if kind.name in NUMBERS:
            return lambda at, end: varint(data, at, end)
        if kind.name == STRING:
            return lambda at, end: string(data, at, end)
        if kind.name in _WIDTHS:
            return _fixed(data, kind.name)
        if not kind.fields:
            raise JfrError(f"expected fields in type {kind.name[:80]!r}, got none")
        return _object([self.field(field, deeper - 1) for field in kind.fields])

    def field(self, field: Field, deeper: int = _DEEPEST) -> Read:
        """Return the function that reads a field: a value, a key into a pool, or an array."""
        if field.constant:
            item: Read = self._key
        else:
            item = self.read(self.type(field.type), deeper)
        return _array(self._data, item) if field.array else item

    def _key(self, at: int, end: int) -> tuple[Value, int]:
        return varint(self._data, at, end)


def _fixed(data: bytes, name: str) -> Read:
    width = _WIDTHS[name]
    real = _REALS.get(name)

    def read(at: int, end: int) -> tuple[Value, int]:
        if width > end - at:
            raise JfrError(f"byte {at}: expected {width} bytes, got the end")
        return (data[at] if real is None else real.unpack_from(data, at)[0]), at + width

    return read


def _array(data: bytes, item: Read) -> Read:
    def read(at: int, end: int) -> tuple[Value, int]:
        count, at = varint(data, at, end)
        if count > end - at:
            raise JfrError(f"byte {at}: expected at most {end - at:,} items, got {count:,}")
        items: list[Value] = []
        for _ in range(count):
            value, at = item(at, end)
            items.append(value)
        return items, at

    return read


def _object(reads: list[Read]) -> Read:
    def read(at: int, end: int) -> tuple[Value, int]:
        values: list[Value] = []
        for part in reads:
            value, at = part(at, end)
            values.append(value)
        return values, at

    return read
