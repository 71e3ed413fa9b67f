"""The views of a recording, over all its chunks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slowcoach.core.units import share
from slowcoach.profiling.columns import Stacks
from slowcoach.profiling.happened import at_times
from slowcoach.profiling.jfr.chunk import METADATA, Chunk, JfrError
from slowcoach.profiling.jfr.events import Columns, columns
from slowcoach.profiling.jfr.metadata import Type, types
from slowcoach.profiling.jfr.methods import Functions, Part, class_name
from slowcoach.profiling.jfr.pools import Pools
from slowcoach.profiling.jfr.values import Layout
from slowcoach.profiling.jfr.views import VIEWS, Source, View
from slowcoach.profiling.located import Code, Located
from slowcoach.profiling.model import Floats, Frame, Ints, Profile

_STACK, _START = "stackTrace", "startTime"
_LABELS = 100  # kept, the heaviest
_SECONDS = {"MILLISECONDS": 1e6, "MICROSECONDS": 1e3, "SECONDS": 1e9}  # in nanoseconds


@dataclass(frozen=True, eq=False)
class _Seen:
    """Events of one type: for each its stack (-1: none known), weight, and when it began (in
    seconds after 1970); weight by label.
    """

    stack: Ints
    weight: Floats
    labels: dict[str, float]
    at: Floats


def profiles(data: bytes, found: Sequence[Chunk], warnings: tuple[str, ...]) -> list[Profile]:
    """Return a profile for each view that has events. Raises JfrError."""
    raw = np.frombuffer(data, dtype=np.uint8)
    functions = Functions()
    parts: list[Part] = []
    events: dict[str, list[_Seen]] = {}
    before = 0
    for chunk in found:
        part, seen = _ChunkReader(data, raw, chunk).read(functions)
        for event, one in seen.items():
            stack = np.where(one.stack < 0, -1, one.stack + before)
            events.setdefault(event, []).append(_Seen(stack, one.weight, one.labels, one.at))
        parts.append(part)
        before += len(part.key)
    code, stacks = functions.code(parts)
    cut = np.concatenate([part.cut for part in parts])
    return [
        _profile(view, _joined(chosen), code, stacks, cut, warnings)
        for view in VIEWS
        if (chosen := _chosen(view, events))
    ]


class _ChunkReader:
    """Reads the events of one chunk that views need."""

    def __init__(self, data: bytes, raw: NDArray[np.uint8], chunk: Chunk) -> None:
        metadata = list(chunk.spans(METADATA))
        if not metadata:
            raise JfrError(f"byte {chunk.start}: expected metadata in the chunk, got none")
        self._data, self._raw, self._chunk = data, raw, chunk
        self._layout = Layout(data, types(data, *metadata[-1]))
        self._pools = Pools(data, raw, chunk, self._layout)

    def read(self, functions: Functions) -> tuple[Part, dict[str, _Seen]]:
        """Return the stacks that events refer to, and the events by name of their type."""
        found = {source.event: (source, self._columns(source)) for source in _sources()}
        read = {event: (s, c) for event, (s, c) in found.items() if c and _STACK in c.numbers}
        keys = [np.unique(c.numbers[_STACK]) for _, c in read.values() if c]
        wanted = np.unique(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.int64)
        part = functions.part(self._pools, wanted)
        return part, {event: self._seen(s, c, part.key) for event, (s, c) in read.items() if c}

    def _columns(self, source: Source) -> Columns | None:
        kind = self._layout.by_name.get(source.event)
        spans = self._chunk.events.get(kind.id) if kind is not None else None
        if kind is None or not spans:
            return None
        wanted = frozenset({_STACK, _START, source.weight, source.label})
        return columns(self._data, self._raw, self._layout, kind, spans, wanted)

    def _seen(self, source: Source, found: Columns, keys: Ints) -> _Seen:
        asked = found.numbers[_STACK]
        place = np.minimum(np.searchsorted(keys, asked), max(len(keys) - 1, 0))
        known = keys[place] == asked if len(keys) else np.zeros(len(asked), dtype=np.bool_)
        weight = self._weight(source, found)
        labels = self._labels(source, found, weight)
        return _Seen(np.where(known, place, -1), weight, labels, self._at(found))

    def _at(self, found: Columns) -> Floats:
        """Return when events began; all as the chunk did where they do not say."""
        chunk = self._chunk
        ticks = found.numbers.get(_START)
        since = np.zeros(found.count) if ticks is None else ticks - chunk.began_ticks
        return np.asarray(chunk.began_s + since / chunk.ticks_per_second, dtype=np.float64)

    def _weight(self, source: Source, found: Columns) -> Floats:
        if not source.weight:
            return np.ones(found.count)
        values = found.numbers.get(source.weight)
        if values is None:
            raise JfrError(f"expected a number {source.weight!r} in {source.event}")
        return np.maximum(values, 0) * self._scale(self._layout.by_name[source.event], source)

    def _scale(self, kind: Type, source: Source) -> float:
        """Return what one of the field's units is in the view's: spans become nanoseconds."""
        units = next((field.units for field in kind.fields if field.name == source.weight), ())
        if "TICKS" in units:
            return 1e9 / self._chunk.ticks_per_second
        return next((_SECONDS[unit] for unit in units if unit in _SECONDS), 1.0)

    def _labels(self, source: Source, found: Columns, weight: Floats) -> dict[str, float]:
        sums: dict[str, float] = {}
        if source.label in found.numbers:
            keys, which = np.unique(found.numbers[source.label], return_inverse=True)
            total = np.bincount(which, weights=weight, minlength=len(keys)).tolist()
            for key, part in zip(keys.tolist(), total, strict=True):
                text = class_name(self._pools.class_name(key))
                sums[text] = sums.get(text, 0.0) + part
        else:
            for value, part in zip(
                found.texts.get(source.label, ()), weight.tolist(), strict=False
            ):
                text = self._pools.text(value)
                sums[text] = sums.get(text, 0.0) + part
        return {f"{source.label}={text}": part for text, part in sums.items() if text and part}


def _sources() -> list[Source]:
    return list({source.event: source for view in VIEWS for source in view.sources}.values())


def _chosen(view: View, events: dict[str, list[_Seen]]) -> list[_Seen]:
    return [
        seen
        for source in view.sources
        if source.instead not in events
        for seen in events.get(source.event, ())
    ]


def _joined(seen: list[_Seen]) -> _Seen:
    labels: dict[str, float] = {}
    for one in seen:
        for label, weight in one.labels.items():
            labels[label] = labels.get(label, 0.0) + weight
    return _Seen(
        np.concatenate([one.stack for one in seen]),
        np.concatenate([one.weight for one in seen]),
        labels,
        np.concatenate([one.at for one in seen]),
    )


def _profile(
    view: View,
    seen: _Seen,
    code: Code,
    stacks: Stacks,
    cut: NDArray[np.bool_],
    warnings: tuple[str, ...],
) -> Profile:
    """Make the profile; frames are methods, their lines are in `lines`."""
    placed = seen.stack >= 0
    used, which = np.unique(seen.stack[placed], return_inverse=True)
    weights = np.bincount(which, weights=seen.weight[placed], minlength=len(used)).astype(float)
    located = Located(code, _part_of(stacks, used))
    order = np.argsort(seen.at[placed], kind="stable")
    at = seen.at[placed][order]
    whole = float(weights.sum())
    lost = float(weights[cut[used]].sum())
    if lost:
        warnings = (
            *warnings,
            f"{share(lost / whole)} of the stacks are cut at the recorder's depth: total weights "
            "of outer frames are too small; start Java with "
            "-XX:FlightRecorderOptions=stackdepth=512",
        )
    heaviest = sorted(seen.labels.items(), key=lambda item: -item[1])[:_LABELS]
    return Profile(
        name=view.name,
        unit=view.unit,
        frames=tuple(Frame(frame.name) for frame in code.frames),
        tree=located.tree(weights),
        samples=round(whole) if view.unit == "samples" else int(placed.sum()),
        warnings=warnings,
        value=view.value,
        **located.lines(weights),
        labels=tuple(heaviest),
        moments=at_times(
            at - at.min(initial=np.inf),
            located.shape.leaf[which][order],
            seen.weight[placed][order],
        ),
    )


def _part_of(stacks: Stacks, used: Ints) -> Stacks:
    length = stacks.length[used]
    step = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    return Stacks(stacks.frames[np.repeat(stacks.start[used], length) + step], length)
