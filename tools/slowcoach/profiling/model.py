"""A profile: a weighted call tree over a table of frames, in columns.

There may be 10^7 samples and 10^6 nodes, so a profile holds arrays, not objects. Nodes stand in
depth-first order (a parent before its children, a subtree as one contiguous range); that makes
totals, recursion and ancestry a matter of ranges.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
SECONDS_IN = {"seconds": 1.0, "milliseconds": 1e-3, "microseconds": 1e-6, "nanoseconds": 1e-9}


class Frame(NamedTuple):
    """One place on a stack; readers that know no file or line leave them None."""

    name: str
    file: str | None = None
    line: int | None = None

    @property
    def place(self) -> str:
        """Return `name (file:line)` with what is known."""
        if not self.file:
            return self.name
        line = f":{self.line}" if self.line is not None else ""
        return f"{self.name} ({self.file}{line})"


@dataclass(frozen=True, eq=False)
class Tree:
    """A call tree in columns, nodes in depth-first order; node 0 is the root and has no frame.

    `parent[i] < i`, `end[i]` is one past the last node of i's subtree, `frame[i]` an index into
    the frame table (-1 at the root), `weight[i]` what was measured in the node itself.
    """

    parent: Ints
    end: Ints
    frame: Ints
    weight: Floats


@dataclass(frozen=True, eq=False)
class Flat:
    """Self and total weight by frame, for formats that give these and no stacks (pstats)."""

    own: Floats
    total: Floats


@dataclass(frozen=True, eq=False)
class Moments:
    """When what was measured happened: item i began `at[i]` seconds after the recording did, in
    node `node[i]` of the tree, and weighs `weight[i]`. In order of time.

    `gapless`: the format keeps only how long each item was, so pauses between them are lost.
    """

    at: Floats
    node: Ints
    weight: Floats
    gapless: bool = False


@dataclass(frozen=True, eq=False)
class Lines:
    """Weight by line, for formats whose frames are functions: row i is line `line[i]` of frame
    `frame[i]`, its own weight and that with what it called (None: not known).
    """

    frame: Ints
    line: Ints
    own: Floats
    total: Floats | None = None


@dataclass(frozen=True, eq=False)
class Profile:
    """One recording of one thread, process or value type.

    `unit` is speedscope's word: none, samples, nanoseconds ... seconds, bytes. `samples` is the
    number of independent looks behind the weights, for intervals; None when it is not sampled
    (a tracer counted every call). `warnings` is doubt about the data. `value` tells apart the
    views of one file that must not be added up, though their unit be the same (allocated, in use).
    `lines` has for each frame the place in it that holds most weight, where a format knows lines
    but its frames are functions, `by_line` all of them. `labels` has the weight by label
    (`endpoint=/search`). `moments` has when it happened, where the format tells.
    """

    name: str
    unit: str
    frames: tuple[Frame, ...]
    tree: Tree
    samples: int | None
    flat: Flat | None = None
    thread: str | None = None
    warnings: tuple[str, ...] = field(default=())
    value: str = ""
    lines: tuple[Frame, ...] = ()
    labels: tuple[tuple[str, float], ...] = ()
    by_line: Lines | None = None
    moments: Moments | None = None

    def hottest(self, frame: int) -> Frame:
        """Return a frame with the line that holds most of its weight, where that is known."""
        return self.lines[frame] if self.lines else self.frames[frame]

    @cached_property
    def inclusive(self) -> Floats:
        """Return each node's weight with its subtree's. Beside weights 10^16 times as large a
        node's own would be lost in the sums, so it is the least.
        """
        before = np.concatenate(([0.0], np.cumsum(self.tree.weight)))
        sums = before[self.tree.end] - before[:-1]
        return np.asarray(np.maximum(sums, self.tree.weight), dtype=np.float64)

    @cached_property
    def self_weights(self) -> Floats:
        """Return the weight of each frame where it is the leaf."""
        if self.flat is not None:
            return self.flat.own
        return self.self_by(self.tree.frame, len(self.frames))

    @cached_property
    def total_weights(self) -> Floats:
        """Return the weight of each frame with what it called; recursion counts once.

        None is above the whole: calls that outlast their callers (negative own time) would be.
        """
        if self.flat is not None:
            return self.flat.total
        top = self.outermost_frames
        sums = _summed(self.tree.frame[top], self.inclusive[top], len(self.frames))
        capped: Floats = np.minimum(sums, self.total)
        return capped

    @cached_property
    def outermost_frames(self) -> Mask:
        """Return which nodes have no ancestor of the same frame."""
        return self.outermost(self.tree.frame)

    @cached_property
    def total(self) -> float:
        """Return the whole weight (of samples that have a stack)."""
        return float(self.self_weights.sum())

    @cached_property
    def present(self) -> Ints:
        """Return the indexes of the frames that occur in this profile, largest self first."""
        if self.flat is not None:
            found = np.arange(len(self.frames))
        else:
            found = np.unique(self.tree.frame[1:])
        order = np.lexsort((found, -self.total_weights[found], -self.self_weights[found]))
        return np.asarray(found[order], dtype=np.int64)

    def self_by(self, keys: Ints, count: int) -> Floats:
        """Return self weight summed by a key of each node (0..count-1; negative: left out)."""
        mine = keys >= 0
        mine[0] = False
        return _summed(keys[mine], self.tree.weight[mine], count)

    def total_by(self, keys: Ints, count: int) -> Floats:
        """Return total weight by a key of each node; a node below one of its own key is not
        counted again.
        """
        top = self.outermost(keys)
        return _summed(keys[top], self.inclusive[top], count)

    def outermost(self, keys: Ints) -> Mask:
        """Return which nodes have a key of 0 or more and no ancestor of the same key.

        Ranges of a tree nest or are apart, so a node lies in an earlier one of its key exactly
        when it starts before the furthest end so far.
        """
        size = len(keys)
        known = np.flatnonzero(keys >= 0)
        known = known[known > 0]
        narrow = np.uint16 if size and int(keys.max()) < 1 << 16 else np.int64  # sorts in one pass
        order = known[np.argsort(keys[known].astype(narrow), kind="stable")]
        apart = keys[order] * (size + 1)
        furthest = np.maximum.accumulate(self.tree.end[order] + apart)
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (order[1:] + apart[1:]) >= furthest[:-1]
        chosen = np.zeros(size, dtype=np.bool_)
        chosen[order[first]] = True
        return chosen

    @cached_property
    def functions(self) -> "Functions":
        """Return the frames grouped by name and file, lines put together."""
        ids: dict[tuple[str, str | None], int] = {}
        of_frame = [ids.setdefault((f.name, f.file), len(ids)) for f in self.frames]
        group = np.array([*of_frame, -1], dtype=np.int64)  # index -1, the root's, stays -1
        size = len(ids)
        if self.flat is not None:
            by_function = group[:-1]
            own = _summed(by_function, self.flat.own, size)
            total = _summed(by_function, self.flat.total, size)
        else:
            keys = group[self.tree.frame]
            own, total = self.self_by(keys, size), self.total_by(keys, size)
        return Functions(tuple(Frame(name, file) for name, file in ids), group, own, total)

    def hottest_line(self, function: int) -> Frame:
        """Return the frame of a function that holds most of its self weight."""
        lines = np.flatnonzero(self.functions.of_frame[:-1] == function)
        best = lines[np.lexsort((-self.total_weights[lines], -self.self_weights[lines]))[0]]
        return self.frames[int(best)]

    def seconds(self, weight: float) -> float | None:
        """Return a weight in seconds, or None when the unit is not a time."""
        size = SECONDS_IN.get(self.unit)
        return None if size is None else weight * size


def _summed(keys: Ints, weights: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(keys, weights=weights, minlength=count), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Functions:
    """Frames grouped by function: `of_frame` maps a frame to its function (last item: root, -1)."""

    frames: tuple[Frame, ...]
    of_frame: Ints
    own: Floats
    total: Floats


@dataclass(frozen=True)
class Reader:
    """How one file format becomes profiles. `matches` sees the whole file and must be quick;
    `read` gets the data and the file's name, and raises UnreadableError saying where.
    """

    format: str
    matches: Callable[[bytes], bool]
    read: Callable[[bytes, str], list[Profile]]
