"""Build call trees: from sorted stacks (fast, shared prefixes) or node by node (events, tries)."""

from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.model import Floats, Frame, Ints, Mask, Profile, Tree

_DEEPEST = 1_000_000  # frames of a stack; interpreters end at thousands, native stacks at 10^5
_FRAME_BITS = 32
_LEVELS = 1_000  # that are gone through one by one


def tree_of_runs(shared: Ints, fresh: Ints, frames: Ints, weights: Floats) -> Tree:
    """Return the tree of stacks in sorted order, each told by what it adds to the one before.

    Stack i keeps `shared[i]` frames of the stack before it and adds `fresh[i]` frames, which are
    the next ones of `frames`; `weights[i]` belongs to its innermost frame. Stacks that add no
    frame are the same as the one before (or, with nothing shared, empty: the root).
    """
    size = len(frames) + 1
    first = np.cumsum(fresh) - fresh + 1  # the node that each run's first fresh frame becomes
    depth = np.zeros(size, dtype=np.int64)
    depth[1:] = np.arange(1, size) + np.repeat(shared - first + 1, fresh)
    demand_shallow(int(depth.max()))
    parent, end = _walked(depth) if _is_steep(depth) else _by_level(depth)
    return Tree(
        parent=parent,
        end=end,
        frame=np.concatenate(([-1], frames)),
        weight=np.bincount(last_nodes(shared, fresh), weights=weights, minlength=size).astype(
            np.float64
        ),
    )


def last_nodes(shared: Ints, fresh: Ints) -> Ints:
    """Return the innermost node of each of these stacks, as `tree_of_runs` numbers them."""
    last = np.where(fresh > 0, np.cumsum(fresh), 0)
    return np.where(shared + fresh > 0, np.maximum.accumulate(last), 0)


def demand_shallow(depth: int) -> None:
    """Raise UnreadableError for a stack that no program has had."""
    if depth > _DEEPEST:
        raise UnreadableError(
            f"a stack: expected at most {_DEEPEST:,} frames, got {depth:,}",
            hint="The file is damaged, or no profile: no runtime has so deep a stack",
        )


def _is_steep(depth: Ints) -> bool:
    """Tell whether there are more levels than branches."""
    deepest = int(depth.max())
    return deepest > _LEVELS and int((np.diff(depth) < 1).sum()) < deepest


def _by_level(depth: Ints) -> tuple[Ints, Ints]:
    """Return parents and ends of nodes in depth-first order from their depths, level by level."""
    size = len(depth)
    narrow = np.uint16 if int(depth.max()) < 1 << 16 else np.int64  # sorts in one pass
    order = np.argsort(depth.astype(narrow), kind="stable")
    begins = np.searchsorted(depth[order], np.arange(int(depth.max()) + 2))
    parent, length = np.arange(-1, size - 1), np.ones(size, dtype=np.int64)
    jumps = np.flatnonzero(np.diff(depth) < 1) + 1  # nodes that are not the one's before child
    by_depth = jumps[np.argsort(depth[jumps], kind="stable")]
    levels, starts = np.unique(depth[by_depth], return_index=True)
    for level, nodes in zip(levels.tolist(), np.split(by_depth, starts[1:]), strict=False):
        above = order[begins[level - 1] : begins[level]]
        parent[nodes] = above[np.searchsorted(above, nodes) - 1]
    for level in range(len(begins) - 2, 0, -1):
        nodes = order[begins[level] : begins[level + 1]]
        np.add.at(length, parent[nodes], length[nodes])
    return parent, np.arange(size) + length


def _walked(depth: Ints) -> tuple[Ints, Ints]:
    """Return the same from branch to branch, for few of them and many levels."""
    size = len(depth)
    parent, end = np.arange(-1, size - 1), np.full(size, size)
    path = np.zeros(int(depth.max()) + 1, dtype=np.int64)
    jumps = (np.flatnonzero(np.diff(depth) < 1) + 1).tolist()
    for start, stop in pairwise([0, *jumps, size]):
        at = int(depth[start])
        if start:
            end[path[at : int(depth[start - 1]) + 1]] = start
            parent[start] = path[at - 1]
        path[at : at + stop - start] = np.arange(start, stop)
    return parent, end


def tree_of_stacks(stacks: Sequence[list[int]], weights: Floats) -> Tree:
    """Return the tree of stacks of frame indexes, root first; stacks need not be sorted."""
    return tree_with_leaves(stacks, weights)[0]


def tree_with_leaves(stacks: Sequence[list[int]], weights: Floats) -> tuple[Tree, Ints]:
    """Return that tree, and the node of each stack's innermost frame (0 for an empty stack)."""
    count = len(stacks)
    length = np.fromiter(map(len, stacks), dtype=np.int64, count=count)
    demand_shallow(int(length.max(initial=0)))
    flat = np.fromiter(chain.from_iterable(stacks), dtype=np.int64, count=int(length.sum()))
    start = np.cumsum(length) - length
    order = ints(_sorted(flat, start, length))
    tree, last = _tree_of_sorted(flat, start[order], length[order], weights[order])
    leaf = np.empty(count, dtype=np.int64)
    leaf[order] = last
    return tree, leaf


def tree_of_sorted(frames: Ints, length: Ints, weights: Floats) -> Tree:
    """Return the tree of stacks that come sorted, so that equal prefixes are neighbours: their
    frames one after the other, root first, and how many each has.
    """
    demand_shallow(int(length.max(initial=0)))
    return _tree_of_sorted(frames, np.cumsum(length) - length, length, weights)[0]


def _tree_of_sorted(flat: Ints, start: Ints, length: Ints, weights: Floats) -> tuple[Tree, Ints]:
    """Return the tree, and the node of each stack's innermost frame."""
    shared = _shared(flat, start, length)
    fresh = length - shared
    offset = start + shared - (np.cumsum(fresh) - fresh)
    frames = flat[np.arange(int(fresh.sum())) + np.repeat(offset, fresh)]
    return tree_of_runs(shared, fresh, frames, weights), last_nodes(shared, fresh)


def _sorted(flat: Ints, start: Ints, length: Ints) -> list[int]:
    """Return the order of stacks by their frames; big-endian bytes sort as their numbers do."""
    wide = flat.astype(">u4")
    data, size = wide.tobytes(), wide.itemsize
    bounds = zip((start * size).tolist(), ((start + length) * size).tolist(), strict=True)
    keys = [data[begin:end] for begin, end in bounds]
    return sorted(range(len(keys)), key=keys.__getitem__)


def _shared(flat: Ints, start: Ints, length: Ints) -> Ints:
    """Return for each stack how many frames it shares with the one before, from the root on."""
    shared = np.zeros(len(start), dtype=np.int64)
    alike, depth = np.arange(1, len(start)), 0
    while len(alike) and depth < _LEVELS:
        alike = alike[(length[alike] > depth) & (length[alike - 1] > depth)]
        alike = alike[flat[start[alike] + depth] == flat[start[alike - 1] + depth]]
        depth += 1
        shared[alike] = depth
    for stack in alike.tolist() if depth >= _LEVELS else ():
        most = int(min(length[stack], length[stack - 1]))
        one, other = (flat[at : at + most] for at in start[[stack, stack - 1]].tolist())
        differ = one != other
        shared[stack] = int(differ.argmax()) if differ.any() else most
    return shared


def nearest(parent: Ints, stops: Mask) -> Ints:
    """Return for each node the nearest one at or above it that is among `stops`, or the root (0).

    Each node looks where the one that it looks at looks, so the way doubles with every step.
    """
    found = np.where(stops, np.arange(len(parent)), parent)
    found[0] = 0
    while not np.array_equal(further := found[found], found):
        found = further
    return found


def ints(values: Sequence[int]) -> Ints:
    """Return a column of whole numbers."""
    return np.array(values, dtype=np.int64)


class NodeTree:
    """A tree that grows at any place: a child is found again by its parent and frame."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}
        self._parent = [-1]
        self._frame = [-1]
        self._weight = [0.0]

    def child(self, parent: int, frame: int) -> int:
        """Return the node of `frame` below `parent` (0 is the root), made when new."""
        key = parent << _FRAME_BITS | frame
        node = self._known.get(key)
        if node is None:
            node = self._known[key] = len(self._parent)
            self._parent.append(parent)
            self._frame.append(frame)
            self._weight.append(0.0)
        return node

    def parent(self, node: int) -> int:
        """Return the parent of a node."""
        return self._parent[node]

    def frame(self, node: int) -> int:
        """Return the frame of a node."""
        return self._frame[node]

    def add(self, node: int, weight: float) -> None:
        """Add weight to a node."""
        self._weight[node] += weight

    def finish(self) -> Tree:
        """Return the tree with its nodes in depth-first order, the earliest child first."""
        return self.placed()[0]

    def placed(self) -> tuple[Tree, Ints]:
        """Return that tree, and for each node as it was made its place there."""
        children: list[list[int]] = [[] for _ in self._parent]
        for node in range(len(self._parent) - 1, 0, -1):
            children[self._parent[node]].append(node)
        depth, order, waiting = [0] * len(self._parent), [0], children[0]
        while waiting:
            node = waiting.pop()
            depth[node] = depth[self._parent[node]] + 1
            order.append(node)
            waiting += children[node]
        kept = ints(order)
        above = ints(depth)[kept] - 1
        above[0] = 0
        fresh = np.ones(len(kept), dtype=np.int64)
        fresh[0] = 0
        weights = np.array(self._weight, dtype=np.float64)[kept]
        tree = tree_of_runs(above, fresh, ints(self._frame)[kept[1:]], weights)
        place = np.empty(len(kept), dtype=np.int64)
        place[kept] = np.arange(len(kept))
        return tree, place


def merged(profiles: Sequence[Profile], name: str) -> Profile:
    """Return the profiles of one unit as one, frames told apart by name, file and line.

    Raises ValueError for none.
    """
    if not profiles:
        raise ValueError("no profiles")
    tree, ids = NodeTree(), dict[Frame, int]()
    for profile in profiles:
        graft(tree, profile, [ids.setdefault(frame, len(ids)) for frame in profile.frames])
    counts = [profile.samples for profile in profiles]
    return Profile(
        name=name,
        unit=profiles[0].unit,
        frames=tuple(ids),
        tree=tree.finish(),
        samples=None if None in counts else sum(count or 0 for count in counts),
        warnings=tuple(dict.fromkeys(text for profile in profiles for text in profile.warnings)),
    )


def graft(tree: NodeTree, profile: Profile, key_of_frame: Sequence[int]) -> None:
    """Add a profile's tree to another, its frames translated."""
    parents, frames = profile.tree.parent.tolist(), profile.tree.frame.tolist()
    weights = profile.tree.weight.tolist()
    here = [0] * len(parents)
    for node in range(1, len(parents)):
        here[node] = tree.child(here[parents[node]], key_of_frame[frames[node]])
        if weights[node]:
            tree.add(here[node], weights[node])
