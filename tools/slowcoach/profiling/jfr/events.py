"""Fields of one type of event in columns: all events of a chunk are read at once."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slowcoach.profiling.jfr.chunk import JfrError, varints_at
from slowcoach.profiling.jfr.metadata import Field, Type
from slowcoach.profiling.jfr.values import NUMBERS, STRING, Layout
from slowcoach.profiling.model import Ints

_WIDTHS = {"byte": 1, "float": 4, "double": 8}
_NULL_OR_EMPTY, _KEY = 1, 2


@dataclass(frozen=True, eq=False)
class Columns:
    """Numbers by field (keys into pools are numbers too); texts by field, where asked for."""

    count: int
    numbers: dict[str, Ints]
    texts: dict[str, list[str | int | None]]


def columns(
    data: bytes,
    raw: NDArray[np.uint8],
    layout: Layout,
    kind: Type,
    spans: array[int],
    wanted: frozenset[str],
) -> Columns:
    """Return the wanted fields of events that lie at these spans. Raises JfrError."""
    table = np.frombuffer(spans, dtype=np.int64).reshape(-1, 2)
    walk = _Walk(data, raw, layout, table[:, 0].copy(), table[:, 1])
    known = [field.name for field in kind.fields]
    last = max((index for index, name in enumerate(known) if name in wanted), default=-1)
    found = Columns(len(table), {}, {})
    for part in kind.fields[: last + 1]:
        walk.field(part, found if part.name in wanted else None)
    return found


@dataclass(slots=True)
class _Walk:
    """Goes through the fields of many events side by side."""

    data: bytes
    raw: NDArray[np.uint8]
    layout: Layout
    at: Ints
    end: Ints

    def field(self, part: Field, into: Columns | None) -> None:
        name = self.layout.type(part.type).name
        if part.array:
            self._one_by_one(part)
        elif part.constant or name in NUMBERS:
            value, self.at = varints_at(self.raw, self.at, self.end)
            if into is not None:
                into.numbers[part.name] = value
        elif name in _WIDTHS:
            self.at = self.at + _WIDTHS[name]
            if (self.at > self.end).any():
                raise JfrError(f"expected a field {part.name!r} of {_WIDTHS[name]} bytes")
        elif name == STRING and into is None:
            self._past_strings(part)
        else:
            values = self._one_by_one(part)
            if into is not None and name == STRING:
                into.texts[part.name] = values

    def _past_strings(self, part: Field) -> None:
        if (self.at >= self.end).any():
            raise JfrError(f"expected a text {part.name!r}, got the end of an event")
        kind = self.raw[self.at]
        if (kind > _KEY).any():
            self._one_by_one(part)
            return
        after = self.at + 1
        keyed = np.flatnonzero(kind == _KEY)
        _, after[keyed] = varints_at(self.raw, after[keyed], self.end[keyed])
        self.at = after

    def _one_by_one(self, part: Field) -> list[Any]:
        read = self.layout.field(part)
        values: list[Any] = []
        after: list[int] = []
        for at, end in zip(self.at.tolist(), self.end.tolist(), strict=True):
            value, place = read(at, end)
            values.append(value)
            after.append(place)
        self.at = np.array(after, dtype=np.int64)
        return values
