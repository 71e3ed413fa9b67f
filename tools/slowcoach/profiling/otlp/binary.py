"""An export as protocol buffers."""

from collections.abc import Sequence

from slowcoach.profiling.otlp.export import Export, Location, OneProfile, Sample, resource_name
from slowcoach.profiling.protobuf import (
    BYTES,
    FIXED64,
    VARINT,
    Message,
    WireError,
    fields,
    message,
    signed,
    split,
    varint,
)

# field numbers: of ProfilesData, ProfilesDictionary
RESOURCE_PROFILES, DICTIONARY = 1, 2
_MAPPINGS, _LOCATIONS, _FUNCTIONS, _STRINGS, _ATTRIBUTES, _STACKS = 1, 2, 3, 5, 6, 7
# of ResourceProfiles and ScopeProfiles, Resource, Profile, ValueType
_RESOURCE, _PARTS = 1, 2
_TYPES, _SAMPLES, _OLD_LOCATIONS, _PERIOD = 1, 2, 3, 6
_TYPE, _UNIT = 1, 2
# of Sample, and as it was in 1.7
_STACK, _ATTRIBUTE, _VALUES, _TIMES = 1, 2, 4, 5
_OLD_START, _OLD_LENGTH, _OLD_VALUES, _OLD_ATTRIBUTE = 1, 2, 3, 4
# of Location, Line, Function, Mapping, KeyValue, AnyValue
_LOCATION_MAPPING, _ADDRESS, _LINES = 1, 2, 3
_FUNCTION, _LINE = 1, 2
_NAME, _MANGLED, _FILE = 1, 2, 3
_MAPPING_FILE = 4
_KEY, _VALUE, _KEY_INDEX = 1, 2, 3
_TEXT, _INTEGER, _TEXT_INDEX = 1, 3, 8
_FIXED64_SIZE = 8


def export_of(data: bytes) -> Export:
    """Return the export in a ProfilesData message. Raises WireError."""
    whole = split(data)
    reader = _Binary(data, whole)
    for start, end in whole.spans(RESOURCE_PROFILES):
        reader.resource(start, end)
    return reader.export


class _Binary:
    def __init__(self, data: bytes, whole: Message) -> None:
        self._data = data
        self.export = Export()
        self._stacks: list[Sequence[int]] = []
        for start, end in whole.spans(DICTIONARY):
            self._dictionary(split(data, start, end))

    def _dictionary(self, tables: Message) -> None:
        data, export = self._data, self.export
        export.strings += [data[a:b].decode("utf-8", "replace") for a, b in tables.spans(_STRINGS)]
        for a, b in tables.spans(_FUNCTIONS):
            known = message(data, a, b)
            name = known.get(_NAME, 0) or known.get(_MANGLED, 0)
            export.functions.append((name, known.get(_FILE, 0)))
        for a, b in tables.spans(_MAPPINGS):
            export.mappings.append(message(data, a, b).get(_MAPPING_FILE, 0))
        export.locations += [self._location(a, b) for a, b in tables.spans(_LOCATIONS)]
        export.attributes += [self._attribute(a, b) for a, b in tables.spans(_ATTRIBUTES)]
        self._stacks += [self._repeated(a, b, 1) for a, b in tables.spans(_STACKS)]

    def _location(self, start: int, end: int) -> Location:
        known = message(self._data, start, end)
        lines = [
            message(self._data, a, b)
            for number, wire, a, b in fields(self._data, start, end)
            if number == _LINES and wire == BYTES
        ]
        return Location(
            mapping=known.get(_LOCATION_MAPPING, 0),
            address=known.get(_ADDRESS, 0),
            lines=[(line.get(_FUNCTION, 0), signed(line.get(_LINE, 0))) for line in lines],
        )

    def _attribute(self, start: int, end: int) -> str:
        """Return `key=value` of a text or an integer, otherwise an empty text."""
        key = value = ""
        for number, wire, a, b in fields(self._data, start, end):
            if number in {_KEY, _KEY_INDEX} and wire == VARINT:
                key = self.export.text(a)
            elif number == _KEY and wire == BYTES:
                key = self._data[a:b].decode("utf-8", "replace")
            elif number == _VALUE and wire == BYTES:
                value = self._value(a, b)
        return f"{key}={value}" if key and value else ""

    def _value(self, start: int, end: int) -> str:
        for number, wire, a, b in fields(self._data, start, end):
            if number == _TEXT and wire == BYTES:
                return self._data[a:b].decode("utf-8", "replace")
            if number == _TEXT_INDEX and wire == VARINT:
                return self.export.text(a)
            if number == _INTEGER and wire == VARINT:
                return str(signed(a))
        return ""

    def _repeated(self, start: int, end: int, which: int) -> list[int]:
        """Return the numbers of a repeated field, packed or not."""
        found: list[int] = []
        for number, wire, a, b in fields(self._data, start, end):
            if number == which:
                found += self._packed(a, b) if wire == BYTES else [signed(a)]
        return found

    def _packed(self, start: int, end: int) -> list[int]:
        found: list[int] = []
        at = start
        while at < end:
            value, at = varint(self._data, at, end)
            found.append(signed(value))
        return found

    def resource(self, start: int, end: int) -> None:
        """Read the profiles of one process or service."""
        parts = split(self._data, start, end)
        of = ""
        for a, b in parts.spans(_RESOURCE):
            of = resource_name(self._attribute(c, d) for c, d in split(self._data, a, b).spans(1))
        for a, b in parts.spans(_PARTS):
            for c, d in split(self._data, a, b).spans(_PARTS):
                self._profile(c, d, of)

    def _profile(self, start: int, end: int, of: str) -> None:
        parts = split(self._data, start, end)
        types = [message(self._data, a, b) for a, b in parts.spans(_TYPES)]
        old: list[int] | None = None
        if not self._stacks:
            old = self._repeated(start, end, _OLD_LOCATIONS)
        samples = [self._sample(a, b, old) for a, b in parts.spans(_SAMPLES)]
        known = [(kind.get(_TYPE, 0), kind.get(_UNIT, 0)) for kind in types]
        period = max(signed(parts.value(_PERIOD)), 0) if old is None else 0
        self.export.profiles.append(OneProfile(of, known, samples, period))

    def _sample(self, start: int, end: int, old: list[int] | None) -> Sample:
        known = message(self._data, start, end)
        if old is not None:
            first, length = known.get(_OLD_START, 0), known.get(_OLD_LENGTH, 0)
            if first + length > len(old):
                raise WireError(f"byte {start}: expected locations up to {len(old)}")
            values = self._repeated(start, end, _OLD_VALUES)
            attributes = self._repeated(start, end, _OLD_ATTRIBUTE)
            return Sample(old[first : first + length], values, attributes)
        stack = known.get(_STACK, 0)
        if stack >= len(self._stacks):
            raise WireError(f"byte {start}: expected one of {len(self._stacks)} stacks")
        values = self._repeated(start, end, _VALUES) or [self._times(start, end)]
        return Sample(self._stacks[stack], values, self._repeated(start, end, _ATTRIBUTE))

    def _times(self, start: int, end: int) -> int:
        """Return the number of timestamps: without values each counts one."""
        count = 0
        for number, wire, a, b in fields(self._data, start, end):
            if number == _TIMES:
                count += (b - a) // _FIXED64_SIZE if wire in {BYTES, FIXED64} else 0
        return count
