"""Profiles from stacks of locations, as pprof and OpenTelemetry keep them: a location is an
address with one line of code, or several where functions were inlined there (innermost first).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict

import numpy as np

from slowcoach.profiling.columns import Shape, Stacks, shape_of
from slowcoach.profiling.model import Floats, Frame, Ints, Lines, Tree

_NO_LINE = 0


@dataclass(frozen=True, eq=False)
class Code:
    """Locations in columns. Location i has the places `first[i]` to `first[i + 1]`, the innermost
    first; place j is line `line[j]` of `functions[function[j]]` (a name and a file).
    """

    first: Ints
    function: Ints
    line: Ints
    functions: Sequence[tuple[str, str | None]]

    @cached_property
    def frame_of_place(self) -> Ints:
        """Return the frame of each place: functions of one name and file are one frame."""
        ids: dict[tuple[str, str | None], int] = {}
        of_function = [ids.setdefault(function, len(ids)) for function in self.functions]
        return np.array(of_function, dtype=np.int64)[self.function]

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """Return the frames; the line of one is that of its last place in the file's order."""
        named = list(dict.fromkeys(self.functions))
        lines = np.zeros(len(named), dtype=np.int64)
        known = self.line > _NO_LINE
        lines[self.frame_of_place[known]] = self.line[known]  # the last one stays
        return tuple(
            Frame(name, file, line or None)
            for (name, file), line in zip(named, lines.tolist(), strict=True)
        )

    def places(self, stacks: Stacks) -> Stacks:
        """Return stacks of locations as stacks of places, inlined functions as frames."""
        held = np.diff(self.first)
        if len(held) and (held == 1).all():
            return Stacks(self.first[stacks.frames], stacks.length)
        sizes = held[stacks.frames]
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        offset = np.repeat(self.first[stacks.frames] - (ends - sizes), sizes)
        before = np.concatenate(([0], ends))
        start = stacks.start
        return Stacks(np.arange(total) + offset, before[start + stacks.length] - before[start])


@dataclass(frozen=True, eq=False)
class Located:
    """Stacks of places in code, made a call tree once for all value types."""

    code: Code
    places: Stacks

    @cached_property
    def shape(self) -> Shape:
        """Return the call tree of frames."""
        frames = self.code.frame_of_place[self.places.frames]
        return shape_of(Stacks(frames, self.places.length), len(self.code.frames))

    def tree(self, weights: Floats) -> Tree:
        """Return the call tree with these weights of the stacks."""
        return self.shape.weighted(weights)

    def _by_line(self, weights: Floats) -> Lines:
        """Return for each frame and line the own weight, and that with what the line called."""
        code, places = self.code, self.places
        count = len(code.line)
        filled = places.length > 0
        leaves = places.frames[places.start[filled]]
        own = np.bincount(leaves, weights=weights[filled], minlength=count)
        every = np.repeat(weights, places.length)
        total = np.bincount(places.frames, weights=every, minlength=count)
        numbers, line_of = np.unique(code.line, return_inverse=True)
        width = max(len(numbers), 1)
        pairs, which = np.unique(code.frame_of_place * width + line_of, return_inverse=True)
        return Lines(
            frame=pairs // width,
            line=numbers[pairs % width] if len(pairs) else pairs,
            own=np.bincount(which, weights=own, minlength=len(pairs)).astype(np.float64),
            total=np.bincount(which, weights=total, minlength=len(pairs)).astype(np.float64),
        )

    def lines(self, weights: Floats) -> "LinesOf":
        """Return the weight by line, and for each frame the line that holds most weight itself,
        then most in all.
        """
        code, found = self.code, self._by_line(weights)
        total = found.own if found.total is None else found.total
        order = np.lexsort((total, found.own))
        order = order[found.line[order] > _NO_LINE]
        best = np.zeros(len(code.frames), dtype=np.int64)
        best[found.frame[order]] = found.line[order]  # the largest comes last, stays
        hottest = tuple(
            frame._replace(line=line) if line > _NO_LINE and line != frame.line else frame
            for frame, line in zip(code.frames, best.tolist(), strict=True)
        )
        return LinesOf(lines=hottest, by_line=found)


class LinesOf(TypedDict):
    """What a profile says of its lines."""

    lines: tuple[Frame, ...]
    by_line: Lines


def code_of(
    locations: Sequence[Sequence[tuple[int, int]]], functions: Sequence[tuple[str, str | None]]
) -> Code:
    """Return the columns of locations given as lists of (function index, line)."""
    sizes = [len(places) for places in locations]
    flat = np.array([place for places in locations for place in places], dtype=np.int64)
    flat = flat.reshape(-1, 2)
    first = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
    return Code(first.astype(np.int64), flat[:, 0], flat[:, 1], functions)
