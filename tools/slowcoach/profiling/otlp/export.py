"""An export as both encodings give it: the shared tables and each profile's samples."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TypeVar

import numpy as np

from slowcoach.profiling.columns import Stacks
from slowcoach.profiling.located import Code, Located, code_of
from slowcoach.profiling.model import Floats, Profile
from slowcoach.profiling.names import readable
from slowcoach.profiling.protobuf import WireError
from slowcoach.profiling.values import COUNT, in_order, is_time, unit_of

T = TypeVar("T")
_LABELS = 100  # kept, the heaviest
_CALLED = ("service.name", "process.executable.name", "container.id", "process.pid")


@dataclass(frozen=True, slots=True)
class Location:
    """A place: `lines` are (function, line), the innermost first; indexes into the tables."""

    mapping: int
    address: int
    lines: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One stack of indexes of locations, leaf first, its values and its attributes' indexes."""

    stack: Sequence[int]
    values: Sequence[int]
    attributes: Sequence[int]


@dataclass(frozen=True, slots=True)
class OneProfile:
    """One profile of the export: what it was taken of, (type, unit) of its values, samples.

    `period` is what one look stands for, 0 when it is not known.
    """

    of: str
    types: list[tuple[int, int]]
    samples: list[Sample]
    period: int = 0


@dataclass(slots=True)
class Export:
    """The tables that all profiles share, and the profiles. `functions` are (name, file)."""

    strings: list[str] = field(default_factory=list[str])
    functions: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    locations: list[Location] = field(default_factory=list[Location])
    mappings: list[int] = field(default_factory=list[int])
    attributes: list[str] = field(default_factory=list[str])
    profiles: list[OneProfile] = field(default_factory=list[OneProfile])

    def text(self, index: int) -> str:
        """Return a string by its index; the table may be left out when only 0 is used."""
        if not index and not self.strings:
            return ""
        return _at(self.strings, index, "string")


def resource_name(attributes: Iterable[str]) -> str:
    """Return what a resource is called, from its attributes as `key=value`."""
    known = dict(text.split("=", 1) for text in attributes if text)
    return next((known[key] for key in _CALLED if known.get(key)), "")


def _at(table: Sequence[T], index: int, what: str) -> T:
    if not 0 <= index < len(table):
        raise WireError(f"expected one of {len(table):,} {what}s, got number {index}")
    return table[index]


@dataclass(slots=True)
class _Group:
    """What was measured of one kind in one process or service."""

    rows: list[tuple[Sample, int]] = field(default_factory=list[tuple[Sample, int]])
    looks: int = 0


def profiles(export: Export, name: str) -> list[Profile]:
    """Return a profile for each value type of each process or service, times first."""
    groups: dict[tuple[str, str, str], _Group] = {}
    for one in export.profiles:
        types = [(export.text(kind), export.text(unit)) for kind, unit in one.types]
        for index, sample in enumerate(one.samples):
            if len(sample.values) < len(types):
                raise WireError(f"sample {index}: expected {len(types)} values, got fewer")
        counts = next((i for i, (_, unit) in enumerate(types) if unit == COUNT), None)
        for column, (kind, unit) in enumerate(types):
            if column == counts and _only_counts(one, column, types):
                continue
            group = groups.setdefault((one.of, kind, unit), _Group())
            group.rows += [(sample, sample.values[column]) for sample in one.samples]
            group.looks += _looks(one, column, counts, unit)
    code = _code(export)
    several = len({kind for _, kind, _ in groups}) > 1
    made = [
        _profile(export, code, key, group, _name(name, key, several=several))
        for key, group in groups.items()
    ]
    return in_order(made)


def _only_counts(one: OneProfile, column: int, types: list[tuple[str, str]]) -> bool:
    """Tell whether a column is a time beside it, divided by the time between two looks."""
    times = next((i for i, (_, unit) in enumerate(types) if is_time(unit)), None)
    if times is None or not one.samples:
        return False
    count, time = one.samples[0].values[column], one.samples[0].values[times]
    return all(s.values[column] * time == s.values[times] * count for s in one.samples)


def _looks(one: OneProfile, column: int, counts: int | None, unit: str) -> int:
    """Return the number of looks: the counts, or the time by the period, or the samples."""
    if counts is not None:
        return sum(sample.values[counts] for sample in one.samples)
    if one.period and is_time(unit):
        return round(sum(sample.values[column] for sample in one.samples) / one.period)
    return len(one.samples)


def _name(name: str, key: tuple[str, str, str], *, several: bool) -> str:
    of, kind, _ = key
    return ": ".join(filter(None, (of or name, kind if several else "")))


def _code(export: Export) -> Code:
    functions = [
        (readable(export.text(name)) or "(unknown)", export.text(file) or None)
        for name, file in export.functions
    ]
    unnamed: dict[tuple[str, str | None], int] = {}
    locations: list[list[tuple[int, int]]] = []
    for location in export.locations:
        if location.lines:
            for function, _ in location.lines:
                _at(functions, function, "function")
            locations.append([(f, max(line, 0)) for f, line in location.lines])
            continue
        place = _place(export, location)
        index = unnamed.setdefault(place, len(functions) + len(unnamed))
        locations.append([(index, 0)])
    return code_of(locations, [*functions, *unnamed])


def _place(export: Export, location: Location) -> tuple[str, str | None]:
    mapping = export.mappings[location.mapping] if location.mapping < len(export.mappings) else 0
    file = export.text(mapping)
    return (f"[{PurePosixPath(file).name}]", file) if file else (f"0x{location.address:x}", None)


def _profile(
    export: Export,
    code: Code,
    key: tuple[str, str, str],
    group: _Group,
    name: str,
) -> Profile:
    rows = group.rows
    length = np.array([len(sample.stack) for sample, _ in rows], dtype=np.int64)
    flat = [location for sample, _ in rows for location in sample.stack]
    if flat and not 0 <= min(flat) <= max(flat) < len(export.locations):
        raise WireError(f"expected indexes of {len(export.locations):,} locations, got others")
    frames = np.array(flat, dtype=np.int64)
    weights = np.array([value for _, value in rows], dtype=np.float64)
    if len(weights) and weights.min() < 0:
        raise WireError(f"expected weights of 0 or more, got {weights.min():g}")
    located = Located(code, code.places(Stacks(frames, length)))
    _, kind, unit = key
    return Profile(
        name=name,
        unit=unit_of(kind, unit),
        frames=code.frames,
        tree=located.tree(weights),
        samples=group.looks,
        value=kind,
        **located.lines(weights),
        labels=_labels(export, rows, weights),
    )


def _labels(
    export: Export, rows: list[tuple[Sample, int]], weights: Floats
) -> tuple[tuple[str, float], ...]:
    sums: dict[str, float] = {}
    for (sample, _), weight in zip(rows, weights.tolist(), strict=True):
        for index in sample.attributes:
            text = _at(export.attributes, index, "attribute")
            if text:
                sums[text] = sums.get(text, 0.0) + weight
    heaviest = sorted(sums.items(), key=lambda item: -item[1])[:_LABELS]
    return tuple(item for item in heaviest if item[1] > 0)
