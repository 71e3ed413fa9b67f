"""A call tree from stacks in columns: millions of stacks, no loop over them."""

from dataclasses import dataclass

import numpy as np

from slowcoach.profiling.calltree import demand_shallow, tree_with_leaves
from slowcoach.profiling.model import Floats, Ints, Tree

_DEEPEST = 2_000  # frames; deeper stacks are sorted whole


@dataclass(frozen=True, eq=False)
class Stacks:
    """Stacks of frame indexes, leaf first: stack i is `frames[start[i]:start[i] + length[i]]`."""

    frames: Ints
    length: Ints

    @property
    def start(self) -> Ints:
        """Return where each stack begins."""
        return np.cumsum(self.length) - self.length


@dataclass(frozen=True, eq=False)
class Shape:
    """A call tree without weights, and the node of each stack's leaf (0 for an empty stack)."""

    parent: Ints
    end: Ints
    frame: Ints
    leaf: Ints

    def weighted(self, weights: Floats) -> Tree:
        """Return the tree with the stacks' weights at their leaves (none for empty stacks)."""
        by_node = np.zeros(len(self.parent), dtype=np.float64)
        by_node += np.bincount(self.leaf, weights=weights, minlength=len(self.parent))
        by_node[0] = 0.0
        return Tree(self.parent, self.end, self.frame, by_node)


@dataclass(frozen=True, eq=False)
class _Level:
    """The nodes of one depth, sorted by parent (a node of the level above) and frame.

    `ended` are the stacks whose leaf is here, with their nodes. `alone` are those that are the
    only ones of their node and go on: what is left of them, `tail` frames, is a chain.
    """

    above: Ints
    frame: Ints
    tail: Ints
    ended: tuple[Ints, Ints]
    alone: tuple[Ints, Ints]


def shape_of(stacks: Stacks, count: int) -> Shape:
    """Return the tree of stacks over a table of `count` frames, depth first, children by frame."""
    demand_shallow(int(stacks.length.max(initial=0)))
    levels: list[_Level] = []
    going = np.flatnonzero(stacks.length)
    last = stacks.start + stacks.length - 1
    node = np.zeros(len(going), dtype=np.int64)
    while len(going):
        if len(levels) > _DEEPEST:
            return _sorted(stacks)
        key = node * count + stacks.frames[last[going] - len(levels)]
        level, going, node = _level(key, going, stacks.length - len(levels) - 1, count)
        levels.append(level)
    return _laid_out(levels, stacks, last)


def _level(key: Ints, going: Ints, left: Ints, count: int) -> tuple[_Level, Ints, Ints]:
    """Return the level that the keys make, and which stacks go on to the next, at which node."""
    order = np.argsort(key)
    key, going = key[order], going[order]
    new = np.ones(len(key), dtype=np.bool_)
    new[1:] = key[1:] != key[:-1]
    firsts = np.flatnonzero(new)
    node = np.cumsum(new) - 1
    ended = left[going] == 0
    single = (np.diff(firsts, append=len(key)) == 1)[node] & ~ended
    tail = np.zeros(len(firsts), dtype=np.int64)
    tail[node[single]] = left[going[single]]
    level = _Level(
        above=key[firsts] // count,
        frame=key[firsts] % count,
        tail=tail,
        ended=(going[ended], node[ended]),
        alone=(going[single], node[single]),
    )
    on = ~ended & ~single
    return level, going[on], node[on]


def _laid_out(levels: list[_Level], stacks: Stacks, last: Ints) -> Shape:
    """Give each node its place in depth-first order, level by level."""
    sizes = _sizes(levels)
    total = 1 + (int(sizes[0].sum()) if sizes else 0)
    parent, end, frame = (np.zeros(total, dtype=np.int64) for _ in range(3))
    shape = Shape(parent, end, frame, np.zeros(len(last), dtype=np.int64))
    shape.parent[0], shape.end[0], shape.frame[0] = -1, total, -1
    above = np.zeros(1, dtype=np.int64)
    for depth, (level, size) in enumerate(zip(levels, sizes, strict=True)):
        before = np.cumsum(size) - size
        first = np.searchsorted(level.above, np.arange(len(above)))  # each parent's first child
        first = np.minimum(first, len(level.above) - 1)
        place = above[level.above] + 1 + before - before[first[level.above]]
        shape.parent[place], shape.end[place] = above[level.above], place + size
        shape.frame[place] = level.frame
        shape.leaf[level.ended[0]] = place[level.ended[1]]
        who, node = level.alone
        _chain(shape, place[node], level.tail[node], stacks.frames, last[who] - depth)
        shape.leaf[who] = place[node] + level.tail[node]
        above = place
    return shape


def _chain(shape: Shape, heads: Ints, tail: Ints, frames: Ints, at: Ints) -> None:
    """Lay out chains below nodes: `tail` frames each, the frames before index `at`."""
    step = np.arange(int(tail.sum())) - np.repeat(np.cumsum(tail) - tail, tail) + 1
    place = np.repeat(heads, tail) + step
    shape.parent[place] = place - 1
    shape.end[place] = np.repeat(heads + tail + 1, tail)
    shape.frame[place] = frames[np.repeat(at, tail) - step]


def _sizes(levels: list[_Level]) -> list[Ints]:
    """Return for each level how many nodes each node's subtree has."""
    sizes = [1 + level.tail for level in levels]
    for depth in range(len(levels) - 1, 0, -1):
        above = levels[depth].above
        held = np.bincount(above, weights=sizes[depth], minlength=len(sizes[depth - 1]))
        sizes[depth - 1] += held.astype(np.int64)
    return sizes


def _sorted(stacks: Stacks) -> Shape:
    """Return the tree of deep stacks: sorted, so that it takes no step for each level."""
    rows = [
        stacks.frames[start : start + length][::-1].tolist()
        for start, length in zip(stacks.start.tolist(), stacks.length.tolist(), strict=True)
    ]
    made, leaf = tree_with_leaves(rows, np.zeros(len(rows)))
    return Shape(made.parent, made.end, made.frame, leaf)
