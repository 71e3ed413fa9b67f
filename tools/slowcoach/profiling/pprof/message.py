"""The tables of a pprof profile: strings, functions, locations, mappings, samples."""

from functools import cached_property
from pathlib import PurePosixPath

import numpy as np

from slowcoach.profiling import protobuf, protobuf_columns
from slowcoach.profiling.columns import Stacks
from slowcoach.profiling.located import Code, code_of
from slowcoach.profiling.model import Ints
from slowcoach.profiling.names import readable
from slowcoach.profiling.protobuf import BYTES, VARINT, WireError

# field numbers of Profile
VALUE_TYPE, _SAMPLE, _MAPPING, _LOCATION, _FUNCTION, _STRING = 1, 2, 3, 4, 5, 6
_PERIOD_TYPE, _PERIOD, _DEFAULT_TYPE = 11, 12, 14
# of Sample, Label, ValueType, Mapping, Location, Line and Function
_SAMPLE_LOCATION, _SAMPLE_VALUE, _SAMPLE_LABEL = 1, 2, 3
_LABEL_KEY, _LABEL_TEXT = 1, 2
_TYPE, _UNIT = 1, 2
_ID, _MAPPING_FILE = 1, 5
_LOCATION_MAPPING, _LOCATION_ADDRESS, _LOCATION_LINE = 2, 3, 4
_LINE_FUNCTION, _LINE_NUMBER = 1, 2
_FUNCTION_NAME, _FUNCTION_MANGLED, _FUNCTION_FILE = 2, 3, 4

_DENSE = 4  # a table of ids may be so many times longer than their number


class Pprof:
    """One profile message; its parts are read when they are asked for. Raises WireError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._fields = protobuf.split(data)
        self._starts = self._fields.starts.get(_STRING, ())
        self._ends = self._fields.ends.get(_STRING, ())
        self._texts: dict[int, str] = {}

    def text(self, index: int) -> str:
        """Return a string of the table."""
        known = self._texts.get(index)
        if known is not None:
            return known
        count = len(self._starts)
        if not count and not index:
            return ""
        if not 0 <= index < count:
            raise WireError(f"expected one of {count:,} strings, got number {index}")
        start, end = self._starts[index], self._ends[index]
        text = self._texts[index] = self._data[start:end].decode("utf-8", "replace")
        return text

    @cached_property
    def value_types(self) -> list[tuple[str, str]]:
        """Return (type, unit) of each value of a sample."""
        return [self._value_type(a, b) for a, b in self._fields.spans(VALUE_TYPE)]

    def _value_type(self, start: int, end: int) -> tuple[str, str]:
        fields = protobuf.message(self._data, start, end)
        return self.text(fields.get(_TYPE, 0)), self.text(fields.get(_UNIT, 0))

    @property
    def default_type(self) -> str:
        """Return the type that a viewer should show first, or an empty text."""
        return self.text(self._fields.value(_DEFAULT_TYPE))

    @cached_property
    def period(self) -> tuple[int, str]:
        """Return the sampling period and its unit, (0, "") when it is not known."""
        spans = list(self._fields.spans(_PERIOD_TYPE))
        unit = self._value_type(*spans[-1])[1] if spans else ""
        return max(protobuf.signed(self._fields.value(_PERIOD)), 0), unit

    @cached_property
    def _samples(self) -> dict[int, protobuf_columns.Segments]:
        starts = self._fields.starts.get(_SAMPLE, ())
        return protobuf_columns.columns(self._data, starts, self._fields.ends.get(_SAMPLE, ()))

    @property
    def count(self) -> int:
        """Return how many samples there are."""
        return len(self._fields.starts.get(_SAMPLE, ()))

    @cached_property
    def values(self) -> Ints:
        """Return the samples' values, a row for each sample."""
        width = len(self.value_types)
        segments = self._samples.get(_SAMPLE_VALUE, protobuf_columns.NONE)
        values, held = protobuf_columns.numbers(self._data, segments)
        by_sample = self._counts(segments, held)
        odd = np.flatnonzero(by_sample != width)
        if len(odd):
            raise WireError(f"sample {odd[0]}: expected {width} values, got {by_sample[odd[0]]}")
        return values.reshape(-1, width)

    @cached_property
    def stacks(self) -> Stacks:
        """Return the samples' stacks of indexes of locations, leaf first."""
        segments = self._samples.get(_SAMPLE_LOCATION, protobuf_columns.NONE)
        ids, held = protobuf_columns.numbers(self._data, segments)
        return Stacks(self._indexes(ids), self._counts(segments, held))

    def _counts(self, segments: protobuf_columns.Segments, held: Ints) -> Ints:
        sums = np.bincount(segments.owner, weights=held, minlength=self.count)
        return sums.astype(np.int64)

    def _indexes(self, ids: Ints) -> Ints:
        """Return the indexes of locations by their ids."""
        known = np.array(self._location_ids, dtype=np.int64)
        if not len(ids):
            return ids
        if not len(known):
            raise WireError("a sample has a stack, but the file holds no locations")
        low, high = int(ids.min()), int(ids.max())
        if known.min() >= 0 and known.max() <= _DENSE * len(known):
            table = np.full(int(known.max()) + 1, -1, dtype=np.int64)
            table[known] = np.arange(len(known))
            found = table[ids] if 0 <= low <= high < len(table) else None
        else:
            order = np.argsort(known)
            place = np.searchsorted(known[order], ids)
            found = order[np.minimum(place, len(known) - 1)]
            found = np.where(known[found] == ids, found, -1)
        if found is None or found.min() < 0:
            missing = int(ids[~np.isin(ids, known)][0])
            raise WireError(f"a sample stands at location {missing}, which is not in the file")
        return found

    @cached_property
    def _locations(self) -> list[tuple[int, int, list[tuple[int, int]]]]:
        """Return (mapping id, address, [(function id, line)]) of each location."""
        return [self._location(a, b) for a, b in self._fields.spans(_LOCATION)]

    @cached_property
    def _location_ids(self) -> list[int]:
        found: list[int] = []
        for start, end in self._fields.spans(_LOCATION):
            found.append(protobuf.signed(protobuf.message(self._data, start, end).get(_ID, 0)))
        return found

    def _location(self, start: int, end: int) -> tuple[int, int, list[tuple[int, int]]]:
        mapping = address = 0
        lines: list[tuple[int, int]] = []
        for number, wire, a, b in protobuf.fields(self._data, start, end):
            if number == _LOCATION_LINE and wire == BYTES:
                line = protobuf.message(self._data, a, b)
                lines.append((line.get(_LINE_FUNCTION, 0), line.get(_LINE_NUMBER, 0)))
            elif number == _LOCATION_MAPPING and wire == VARINT:
                mapping = a
            elif number == _LOCATION_ADDRESS and wire == VARINT:
                address = a
        return mapping, address, lines

    @property
    def named(self) -> int:
        """Return how many functions the file names; those of `code` from there on are made up."""
        return len(self._fields.starts.get(_FUNCTION, ()))

    @cached_property
    def code(self) -> Code:
        """Return the locations; one without lines is a frame named after its mapping."""
        functions: list[tuple[str, str | None]] = []
        ids: dict[int, int] = {}
        for start, end in self._fields.spans(_FUNCTION):
            fields = protobuf.message(self._data, start, end)
            ids[fields.get(_ID, 0)] = len(functions)
            functions.append(self._function(fields))
        places: dict[tuple[str, str | None], int] = {}
        locations: list[list[tuple[int, int]]] = []
        for mapping, address, lines in self._locations:
            if lines:
                locations.append([(self._known(ids, f), _line(line)) for f, line in lines])
                continue
            place = self._unnamed(mapping, address)
            index = places.setdefault(place, len(functions) + len(places))
            locations.append([(index, 0)])
        return code_of(locations, [*functions, *places])

    def _function(self, fields: dict[int, int]) -> tuple[str, str | None]:
        name = self.text(fields.get(_FUNCTION_NAME, 0))
        mangled = self.text(fields.get(_FUNCTION_MANGLED, 0))
        file = self.text(fields.get(_FUNCTION_FILE, 0))
        return readable(name or mangled) or "(unknown)", file or None

    def _known(self, ids: dict[int, int], function: int) -> int:
        if function not in ids:
            raise WireError(f"a location is in function {function}, which is not in the file")
        return ids[function]

    def _unnamed(self, mapping: int, address: int) -> tuple[str, str | None]:
        file = self._mappings.get(mapping, "")
        return (f"[{PurePosixPath(file).name}]", file) if file else (f"0x{address:x}", None)

    @cached_property
    def _mappings(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for start, end in self._fields.spans(_MAPPING):
            fields = protobuf.message(self._data, start, end)
            found[fields.get(_ID, 0)] = self.text(fields.get(_MAPPING_FILE, 0))
        return found

    @cached_property
    def labels(self) -> tuple[list[str], Ints, Ints]:
        """Return the texts `key=value` of labels, and by occurrence which text and sample."""
        segments = self._samples.get(_SAMPLE_LABEL, protobuf_columns.NONE)
        inner = protobuf_columns.columns(self._data, segments.start.tolist(), segments.end.tolist())
        parts = np.zeros((2, len(segments.owner)), dtype=np.int64)
        for row, number in enumerate((_LABEL_KEY, _LABEL_TEXT)):
            where = inner.get(number, protobuf_columns.NONE)
            values, held = protobuf_columns.numbers(self._data, where)
            parts[row, np.repeat(where.owner, held)] = values
        textual = parts[1] > 0  # the others are numbers
        unique, which = np.unique(parts[:, textual], axis=1, return_inverse=True)
        texts = [f"{self.text(key)}={self.text(value)}" for key, value in unique.T.tolist()]
        return texts, which.ravel(), segments.owner[textual]


def _line(value: int) -> int:
    return max(protobuf.signed(value), 0)
