"""What a chunk says of its types: names and fields, as a tree of elements with attributes."""

from dataclasses import dataclass

from slowcoach.profiling.jfr.chunk import JfrError, varint

_NULL, _EMPTY, _CONSTANT, _UTF8, _CHARS, _LATIN1 = range(6)
_DEEPEST = 32
_DIGITS = 20  # of a type's number, 64 bits


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a type: its own type's id; whether it is a key into that type's pool.

    `units` are the words of its annotations, such as TICKS.
    """

    name: str
    type: int
    constant: bool
    array: bool
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Type:
    """A type of events or values."""

    id: int
    name: str
    fields: tuple[Field, ...]


def string(data: bytes, at: int, end: int) -> tuple[str | int | None, int]:
    """Return a string (an int: its key in the pool of strings) and the offset after it."""
    if at >= end:
        raise JfrError(f"byte {at}: expected a string, got the end")
    kind, at = data[at], at + 1
    if kind <= _EMPTY:
        return ("" if kind == _EMPTY else None), at
    size, at = varint(data, at, end)
    if kind == _CONSTANT:
        return size, at
    if kind in {_UTF8, _LATIN1}:
        if size > end - at:
            raise JfrError(f"byte {at}: expected at most {end - at:,} bytes of text, got {size:,}")
        text = data[at : at + size]
        return text.decode("utf-8" if kind == _UTF8 else "latin-1", "replace"), at + size
    if kind == _CHARS:
        return _characters(data, at, end, size)
    raise JfrError(f"byte {at}: expected a string's encoding of 0 to 5, got {kind}")


def _characters(data: bytes, at: int, end: int, size: int) -> tuple[str, int]:
    plain = data[at : at + size] if size <= end - at else b"\xff"
    if plain.isascii():  # each character is one byte
        return plain.decode("ascii"), at + size
    units = bytearray()
    for _ in range(size):
        unit, at = varint(data, at, end)
        units += (unit & 0xFFFF).to_bytes(2, "big")
    return units.decode("utf-16-be", "replace"), at


def types(data: bytes, start: int, end: int) -> dict[int, Type]:
    """Return the types that a metadata event declares, by id. Raises JfrError."""
    at = start
    for _ in range(3):  # start time, duration, the metadata's id
        _, at = varint(data, at, end)
    count, at = varint(data, at, end)
    texts: list[str] = []
    for _ in range(count):
        text, at = string(data, at, end)
        texts.append(text if isinstance(text, str) else "")
    found: dict[int, Type] = {}
    _Elements(data, end, texts, found).read(at, _DEEPEST)
    if not found:
        raise JfrError(f"byte {start}: expected types in the metadata, got none")
    return found


@dataclass(frozen=True, slots=True)
class _Elements:
    data: bytes
    end: int
    texts: list[str]
    found: dict[int, Type]

    def read(self, at: int, deeper: int) -> tuple["_Element", int]:
        """Return an element and the offset after it; note the types below it."""
        if not deeper:
            raise JfrError(f"byte {at}: expected metadata at most {_DEEPEST} deep, got deeper")
        name, at = self._text(at)
        count, at = varint(self.data, at, self.end)
        found = _Element(name, {}, [], [])
        for _ in range(count):
            key, at = self._text(at)
            found.attributes[key], at = self._text(at)
        count, at = varint(self.data, at, self.end)
        for _ in range(count):
            child, at = self.read(at, deeper - 1)
            if child.name == "field":
                found.fields.append(_field(child))
            elif child.name == "annotation":
                found.units.extend(v for k, v in child.attributes.items() if k.startswith("value"))
        if name == "class":
            number = _number(found.attributes.get("id", ""))
            title = found.attributes.get("name", "")
            self.found[number] = Type(number, title, tuple(found.fields))
        return found, at

    def _text(self, at: int) -> tuple[str, int]:
        index, at = varint(self.data, at, self.end)
        if index >= len(self.texts):
            raise JfrError(f"byte {at}: expected one of {len(self.texts)} texts, got {index}")
        return self.texts[index], at


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    attributes: dict[str, str]
    fields: list[Field]
    units: list[str]


def _field(element: _Element) -> Field:
    attributes = element.attributes
    return Field(
        name=attributes.get("name", ""),
        type=_number(attributes.get("class", "")),
        constant=attributes.get("constantPool") == "true",
        array=attributes.get("dimension", "0") not in {"", "0"},
        units=tuple(element.units),
    )


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _DIGITS:
        raise JfrError(f"expected a type's number in the metadata, got {text[:40]!r}")
    return int(text)
