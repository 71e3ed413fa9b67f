"""Build call trees: from sorted stacks (fast, shared prefixes) or node by node (events, tries)."""

from collections.abc import Iterable, Sequence

import numpy as np

from slowcoach.profiling.model import Frame, Profile, Tree


class StackTree:
    """A tree from stacks that come in sorted order, so that equal prefixes are neighbours."""

    def __init__(self) -> None:
        self._parent = [-1]
        self._frame = [-1]
        self._weight = [0.0]
        self._end = [0]
        self._path = [0]

    def keep(self, depth: int) -> None:
        """Close what is open below `depth` frames."""
        size = len(self._parent)
        for node in self._path[depth + 1 :]:
            self._end[node] = size
        del self._path[depth + 1 :]

    def push(self, frames: Iterable[int]) -> None:
        """Open new nodes below the open path, outermost first."""
        for frame in frames:
            node = len(self._parent)
            self._parent.append(self._path[-1])
            self._frame.append(frame)
            self._weight.append(0.0)
            self._end.append(0)
            self._path.append(node)

    def add(self, weight: float) -> None:
        """Add weight to the innermost open node."""
        self._weight[self._path[-1]] += weight

    def finish(self) -> Tree:
        """Close everything and return the tree."""
        self.keep(0)
        self._end[0] = len(self._parent)
        return Tree(
            parent=np.array(self._parent, dtype=np.int64),
            end=np.array(self._end, dtype=np.int64),
            frame=np.array(self._frame, dtype=np.int64),
            weight=np.array(self._weight, dtype=np.float64),
        )


def tree_of_stacks(stacks: Sequence[list[int]], weights: Sequence[float]) -> Tree:
    """Return the tree of stacks of frame indexes, root first; stacks need not be sorted."""
    tree = StackTree()
    open_stack: list[int] = []
    for index in sorted(range(len(stacks)), key=stacks.__getitem__):
        stack = stacks[index]
        shared = 0
        for mine, theirs in zip(stack, open_stack, strict=False):
            if mine != theirs:
                break
            shared += 1
        tree.keep(shared)
        tree.push(stack[shared:])
        tree.add(weights[index])
        open_stack = stack
    return tree.finish()


class NodeTree:
    """A tree that grows at any place: a child is found again by its parent and frame."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], int] = {}
        self._parent = [-1]
        self._frame = [-1]
        self._weight = [0.0]

    def child(self, parent: int, frame: int) -> int:
        """Return the node of `frame` below `parent` (0 is the root), made when new."""
        key = (parent, frame)
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
        """Return the tree with its nodes in depth-first order."""
        children: list[list[int]] = [[] for _ in self._parent]
        for node in range(len(self._parent) - 1, 0, -1):
            children[self._parent[node]].append(node)
        tree = StackTree()
        depths, waiting = [0] * len(self._parent), children[0]
        while waiting:
            node = waiting.pop()
            depth = depths[self._parent[node]]
            depths[node] = depth + 1
            tree.keep(depth)
            tree.push((self._frame[node],))
            tree.add(self._weight[node])
            waiting.extend(children[node])
        return tree.finish()


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
