"""Profiles as one small call tree to draw: functions, their categories, what is too small merged.

Children that hold less than the least share become one nameless child.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from slowcoach.profiling.categories import category
from slowcoach.profiling.frames import kind, shortened
from slowcoach.profiling.model import Frame, Ints, Profile

LEAST_SHARE = 0.001
MOST = 2_400  # rectangles
_FINER = 8  # a node is looked at when it has this part of the least share: many make one function
_LOOKED_AT = 60_000  # nodes of one profile
_COLLECTOR = "gc"
_EXACT = 1e-6


@dataclass(slots=True)
class Node:
    """One function as it was called here: weight in all and its own, as shares of the whole.

    `merged` is how many functions it stands for (0: one, by its name).
    """

    frame: Frame
    category: str
    value: float = 0.0
    own: float = 0.0
    merged: int = 0
    children: dict[int, "Node"] = field(default_factory=dict)
    best: float = 0.0


@dataclass(frozen=True, slots=True)
class Block:
    """One rectangle: where it begins and how wide it is (of 1), how deep, and whose it is."""

    x: float
    width: float
    depth: int
    node: Node


class _Functions:
    """Functions by name and file, with their categories, over several profiles."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str | None], int] = {}
        self.categories: list[str] = []

    def number(self, frame: Frame) -> int:
        """Return the function's number."""
        key = (frame.name, frame.file)
        known = self._ids.get(key)
        if known is None:
            known = self._ids[key] = len(self._ids)
            self.categories.append(category(frame, kind(frame)))
        return known


def called(profiles: Sequence[Profile], whole: float) -> Node:
    """Return the call tree of the profiles' threads together, by function; values are weights.

    Nodes far below the least share of `whole` are left out (their weight stays above them).
    """
    root, functions = Node(Frame("all"), "runtime"), _Functions()
    for profile in profiles:
        _add(root, profile, functions, whole)
    return root


def weight_of(profile: Profile) -> float:
    """Return the weight of a profile's stacks."""
    return max(float(profile.inclusive[0] - profile.tree.weight[0]), 0.0)


def _add(root: Node, profile: Profile, functions: _Functions, whole: float) -> None:
    tree, inclusive = profile.tree, profile.inclusive
    root.value += weight_of(profile)
    here: dict[int, Node] = {0: root}
    for index in _looked_at(profile, whole).tolist():
        above = here.get(int(tree.parent[index]))
        if above is None:
            continue
        number = int(tree.frame[index])
        frame, value = profile.frames[number], float(inclusive[index])
        function = functions.number(frame)
        node = above.children.get(function)
        if node is None:
            collects = above.category == _COLLECTOR
            what = _COLLECTOR if collects else functions.categories[function]
            node = above.children[function] = Node(shortened(profile.hottest(number)), what)
        if value > node.best:
            node.best, node.frame = value, shortened(profile.hottest(number))
        node.value += value
        node.own += float(tree.weight[index])
        here[index] = node


def _looked_at(profile: Profile, whole: float) -> Ints:
    """Return the nodes that are large enough to look at, parents first."""
    inclusive = profile.inclusive[1:]
    least = max(whole * LEAST_SHARE / _FINER, 0.0)
    if np.count_nonzero(inclusive >= least) > _LOOKED_AT:
        least = float(np.partition(inclusive, -_LOOKED_AT)[-_LOOKED_AT])
    return np.flatnonzero((inclusive >= least) & (inclusive > 0)) + 1


def blocks(root: Node, most: int = MOST, rows: int = 0) -> tuple[list[Block], int]:
    """Return the rectangles of a tree, at most `most`, and how many rows are cut off below.

    The root is not drawn. Children stand largest first. `rows` is how many rows there may be
    (0: any number).
    """
    if root.value <= 0:  # nothing has a width
        return [], 0
    least = _least(root, most)
    found: list[Block] = []
    cut = 0
    waiting = [(root, 0.0, -1)]
    while waiting:
        node, x, depth = waiting.pop()
        if depth >= 0:
            found.append(Block(x, node.value / root.value, depth, node))
        if rows and depth + 1 >= rows:
            cut = max(cut, _height(node.children.values(), least))
            continue
        placed = []
        for child in _shown(node, least):
            placed.append((child, x, depth + 1))
            x += child.value / root.value
        waiting += reversed(placed)
    return found, cut


def _least(root: Node, most: int) -> float:
    """Return the least value to draw: the usual share, or what keeps the number of rectangles
    (each merged one counts with its parent) below `most`.
    """
    least = LEAST_SHARE * root.value
    values = sorted((node.value for node in walk(root)), reverse=True)
    half = most // 2
    least = max(least, values[half]) if len(values) > half else least
    return least or 1.0  # of a profile without weight nothing is drawn


def walk(root: Node) -> Iterator[Node]:
    """Yield every node below the root, parents first."""
    waiting = list(root.children.values())
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.children.values()


def _shown(node: Node, least: float) -> list[Node]:
    """Return the children to draw: the large ones largest first, then the small ones as one."""
    large = [child for child in node.children.values() if child.value >= least]
    small = [child for child in node.children.values() if child.value < least]
    large.sort(key=lambda child: (-child.value, child.frame))
    known = node.own + sum(child.value for child in node.children.values())
    unseen = max(node.value - known, 0.0)  # what was too small to look at
    value = sum(child.value for child in small) + unseen
    if value >= least and node.value > 0:
        many = unseen > _EXACT * node.value
        name = "(many smaller)" if many else f"({len(small)} smaller)"
        large.append(Node(Frame(name), "rest", value, own=value, merged=max(len(small), 1)))
    return large


def _height(nodes: Iterable[Node], least: float) -> int:
    height = 0
    level = [node for node in nodes if node.value >= least]
    while level:
        height += 1
        level = [child for node in level for child in node.children.values()]
        level = [child for child in level if child.value >= least]
    return height


def trunk(root: Node, share: float = 0.999) -> tuple[Node, list[Node]]:
    """Return the node below which stacks part, and the nodes above it that nearly all share."""
    passed: list[Node] = []
    node = root
    while True:
        largest = max(node.children.values(), key=lambda child: child.value, default=None)
        if largest is None or largest.value < share * root.value or not largest.children:
            return node, passed
        passed.append(largest)
        node = largest


def categories_of(frames: Sequence[Frame]) -> list[str]:
    """Return each frame's category."""
    return [category(frame, kind(frame)) for frame in frames]
