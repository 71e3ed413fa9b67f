"""pprof's protocol buffer in gzip, for `go tool pprof`, Pyroscope, Parca, Polar Signals and others.

The format: github.com/google/pprof, proto/profile.proto. The same profiles give the same bytes.
"""

import gzip
from collections.abc import Sequence

from slowcoach.profiling.exports import Export
from slowcoach.profiling.model import SECONDS_IN, Frame, Profile
from slowcoach.profiling.protobuf import BITS, BYTES, LOW, MORE, VARINT
from slowcoach.profiling.samples import stacks
from slowcoach.profiling.values import LOOKS

_NANOSECONDS = 1e9
_SHIFT = 3
# field numbers of Profile
_SAMPLE_TYPE, _SAMPLE, _LOCATION, _FUNCTION, _STRING = 1, 2, 4, 5, 6
_PERIOD_TYPE, _PERIOD, _DEFAULT_TYPE = 11, 12, 14
# of ValueType, Sample, Label, Location, Line and Function
_TYPE, _UNIT = 1, 2
_LOCATIONS, _VALUES, _LABELS = 1, 2, 3
_KEY, _TEXT = 1, 2
_ID, _LINE = 1, 4
_LINE_FUNCTION, _LINE_NUMBER = 1, 2
_NAME, _SYSTEM_NAME, _FILE = 2, 3, 4
_LARGEST = (1 << 63) - 1  # values are signed numbers of 64 bits


def varint(value: int) -> bytes:
    """Return a whole number of 0 or more as the wire has it."""
    found = bytearray()
    while value >= MORE:
        found.append(value & LOW | MORE)
        value >>= BITS
    found.append(value)
    return bytes(found)


def number(field: int, value: int) -> bytes:
    """Return a field of a whole number; 0 is what is not written."""
    return varint(field << _SHIFT | VARINT) + varint(value) if value else b""


def block(field: int, data: bytes) -> bytes:
    """Return a field of bytes, a text or a message."""
    return varint(field << _SHIFT | BYTES) + varint(len(data)) + data


class _Tables:
    """The texts, functions and places in code of a file, each once."""

    def __init__(self) -> None:
        self.texts: dict[str, int] = {"": 0}
        self.functions: dict[tuple[str, str | None], int] = {}
        self.places: dict[Frame, int] = {}

    def text(self, text: str) -> int:
        """Return the number of a text."""
        return self.texts.setdefault(text, len(self.texts))

    def place(self, frame: Frame) -> int:
        """Return the id of a frame's place."""
        self.functions.setdefault((frame.name, frame.file), len(self.functions) + 1)
        return self.places.setdefault(frame, len(self.places) + 1)

    def written(self) -> bytes:
        """Return the tables' fields."""
        found = bytearray()
        for frame, place in self.places.items():
            function = self.functions[frame.name, frame.file]
            line = number(_LINE_FUNCTION, function)
            line += number(_LINE_NUMBER, max(frame.line or 0, 0))
            found += block(_LOCATION, number(_ID, place) + block(_LINE, line))
        for (name, file), function in self.functions.items():
            texts = self.text(name), self.text(file or "")
            found += block(
                _FUNCTION,
                number(_ID, function)
                + number(_NAME, texts[0])
                + number(_SYSTEM_NAME, texts[0])
                + number(_FILE, texts[1]),
            )
        for text in self.texts:
            found += block(_STRING, text.encode("utf-8", "replace"))
        return bytes(found)


def write(profiles: Sequence[Profile], _name: str = "") -> bytes:
    """Return one file with a value type for each view; threads of a view are told by a label."""
    tables, body = _Tables(), bytearray()
    kinds = list(dict.fromkeys(map(_kind, profiles)))
    for kind, unit in kinds:
        body += block(_SAMPLE_TYPE, _value_type(tables, kind, unit))
    for profile in profiles:
        column = kinds.index(_kind(profile))
        for row in _samples(profile, tables, column, len(kinds)):
            body += block(_SAMPLE, row)
    body += _period(profiles, tables)
    default = number(_DEFAULT_TYPE, tables.text(kinds[0][0]) if kinds else 0)
    return gzip.compress(bytes(body) + default + tables.written(), mtime=0)


def _kind(profile: Profile) -> tuple[str, str]:
    """Return a profile's type and unit in pprof's words."""
    if profile.unit in SECONDS_IN:
        return profile.value or "time", "nanoseconds"
    if profile.unit == "bytes":
        return profile.value or "space", "bytes"
    if profile.unit == "samples":
        kind = profile.value or "samples"
        return kind, "count" if kind in LOOKS else "samples"
    return profile.value or "weight", "count"


def _value_type(tables: _Tables, kind: str, unit: str) -> bytes:
    return number(_TYPE, tables.text(kind)) + number(_UNIT, tables.text(unit))


def _samples(profile: Profile, tables: _Tables, column: int, width: int) -> list[bytes]:
    scale = _NANOSECONDS * SECONDS_IN[profile.unit] if profile.unit in SECONDS_IN else 1.0
    places = [varint(tables.place(frame)) for frame in profile.frames]
    before, after = bytes(column), bytes(width - column - 1)
    label = b""
    if profile.thread:
        texts = tables.text("thread"), tables.text(profile.thread)
        label = block(_LABELS, number(_KEY, texts[0]) + number(_TEXT, texts[1]))
    return [
        block(_LOCATIONS, b"".join(places[frame] for frame in reversed(stack)))
        + block(_VALUES, before + varint(min(round(weight * scale), _LARGEST)) + after)
        + label
        for stack, weight in stacks(profile)
    ]


def _period(profiles: Sequence[Profile], tables: _Tables) -> bytes:
    """Return the usual time between two looks, from which readers know how many there were."""
    if not profiles or profiles[0].unit not in SECONDS_IN:
        return b""
    first = [p for p in profiles if _kind(p) == _kind(profiles[0])]
    counts = [profile.samples for profile in first]
    looks = sum(count or 0 for count in counts)
    if None in counts or not looks:
        return b""
    total = sum(p.total * SECONDS_IN[p.unit] for p in first) * _NANOSECONDS
    kind = block(_PERIOD_TYPE, _value_type(tables, *_kind(profiles[0])))
    return kind + number(_PERIOD, min(max(round(total / looks), 1), _LARGEST))


EXPORT = Export("pprof", "profile.pb.gz", "application/gzip", write, lacks="the order of time")
