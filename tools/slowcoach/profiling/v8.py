"""CPU profiles of V8 (Node.js, Chrome): a tree of call frames, and which node was seen when.

The format: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile. The
reading is speedscope's: a sample's weight is the time to the next one; `(program)` and
`(garbage collector)` stand on top of what ran before them; `(root)` and `(idle)` are no frames.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.happened import Noted
from slowcoach.profiling.jsontext import items, numbers, refuse, whole, words
from slowcoach.profiling.model import Frame, Profile, Tree
from slowcoach.profiling.v8_lines import Ticks, by_line, hot_lines, ticks_of

_ON_TOP = {"(garbage collector)", "(program)"}
_NO_FRAME = {"(root)", "(idle)"}
_DUMMY = "native dummy.js"
_STEPS = 50_000_000
_ROOT, _FIXED, _DEPENDS = range(3)


@dataclass(frozen=True)
class CallFrames:
    """The nodes of a file in columns; `parent` is an index or -1, `frame` one of `frames`."""

    index: dict[Any, int]
    parent: list[int]
    frame: list[int]
    on_top: list[bool]
    ignored: list[bool]
    frames: tuple[Frame, ...]


def cpu_profile(content: dict[str, Any], where: str, name: str) -> Profile:
    """Return the profile of nodes, samples and time deltas (or of hit counts without these)."""
    nodes = call_frames(items(content, "nodes", where), where)
    samples, deltas = content.get("samples"), content.get("timeDeltas")
    if not samples and not deltas:
        return _counted(content, nodes, where, name)
    samples = items(content, "samples", where)
    times = numbers(items(content, "timeDeltas", where), f"{where}: timeDeltas")
    warnings = []
    if len(samples) > len(times):
        warnings.append(
            f"{len(samples):,} samples have only {len(times):,} times: the rest is lost"
        )
        samples = samples[: len(times)]
    stacks = _Stacks(nodes, where)
    noted = _walk(stacks, samples, times[: len(samples)], where)
    ticks = ticks_of(content, nodes.frame, nodes.index, samples)
    return _profile(stacks.tree, nodes, name, "microseconds", len(samples), warnings, ticks, noted)


def call_frames(nodes: list[Any], where: str) -> CallFrames:
    """Return the nodes in columns; raises UnreadableError for one that is none, and for cycles."""
    index: dict[Any, int] = {}
    for number, node in enumerate(nodes):
        if not isinstance(node, dict) or not isinstance(node.get("id"), int | str):
            refuse(f"{where}: nodes[{number}]", "an object with an id", node)
        index[node["id"]] = number
    ids: dict[tuple[Frame, int | None], int] = {}
    frame, on_top, ignored = [], [], []
    for node in nodes:
        called = node.get("callFrame")
        called = called if isinstance(called, dict) else {}
        function = words(called.get("functionName")) or ""
        frame.append(ids.setdefault(_frame(called), len(ids)))
        on_top.append(function in _ON_TOP)
        ignored.append(function in _NO_FRAME or called.get("url") == _DUMMY)
    parent = _parents(nodes, index, where)
    return CallFrames(index, parent, frame, on_top, ignored, tuple(key[0] for key in ids))


def _frame(called: dict[str, Any]) -> tuple[Frame, int | None]:
    """Return the frame, lines counted from 1, and the column that tells it from its like."""
    line, column = whole(called.get("lineNumber")), whole(called.get("columnNumber"))
    line = None if line is None else line + 1
    return named_frame(called, line), column


def named_frame(called: dict[str, Any], line: int | None) -> Frame:
    """Return the frame of a V8 call frame; an anonymous one is named after its place."""
    file = words(called.get("url"))
    name = words(called.get("functionName"))
    if not name:
        # "undefined" is how speedscope names those whose line the trace leaves out
        shown = "undefined" if line is None else line
        name = f"(anonymous {file.rsplit('/', 1)[-1]}:{shown})" if file else "(anonymous)"
    return Frame(name, file, line)


def _parents(nodes: list[Any], index: dict[Any, int], where: str) -> list[int]:
    parent = [-1] * len(nodes)
    for number, node in enumerate(nodes):
        above = node.get("parent")
        if isinstance(above, int | str):
            parent[number] = index.get(above, -1)
    for number, node in enumerate(nodes):
        children = node.get("children")
        for child in children if isinstance(children, list) else ():
            below = index.get(child, -1) if isinstance(child, int | str) else -1
            if below >= 0:
                parent[below] = number
    check_no_cycle(parent, f"{where}: nodes")
    return parent


def check_no_cycle(parent: list[int], where: str) -> None:
    """Raise UnreadableError when a chain of parents (index, or -1) comes back to itself."""
    seen = [0] * len(parent)
    for start in range(len(parent)):
        node, mark = start, start + 1
        while node >= 0 and not seen[node]:
            seen[node] = mark
            node = parent[node]
        if node >= 0 and seen[node] == mark:
            refuse(where, "a tree", f"a cycle of parents at {node}")


class _Stacks:
    """The stacks as they change from sample to sample: nodes of a tree whose frames are, until
    the end, the file's nodes.
    """

    def __init__(self, nodes: CallFrames, where: str) -> None:
        self.tree = NodeTree()
        self.index = nodes.index
        self._nodes = nodes
        self._where = where
        self._fixed = _fixed(nodes)
        self._places: dict[int, int] = {}
        self._known: dict[tuple[int, int], int] = {}
        self._steps = 0

    def follow(self, state: int, node: int) -> int:
        """Return the stack after `state` when `node` is seen."""
        place = self._places.get(node)
        if place is not None:
            return place
        if self._fixed[node]:
            return self._place(node)
        place = self._known.get((state, node))
        if place is None:
            place = self._known[state, node] = self._moved(state, node)
        return place

    def _place(self, node: int) -> int:
        """Return the place of a node whose stack does not depend on what ran before."""
        opened, places, nodes = [], self._places, self._nodes
        while node >= 0 and not nodes.ignored[node] and node not in places:
            opened.append(node)
            node = nodes.parent[node]
        place = places.get(node, 0)
        for each in reversed(opened):
            place = places[each] = self.tree.child(place, each)
        return place

    def _moved(self, state: int, node: int) -> int:
        """Leave the stack up to where the node's own joins it, and enter the rest of that."""
        nodes, open_places = self._nodes, self._open(state)
        top = self.tree.frame(state)
        common = node
        while common >= 0 and common not in open_places:
            common = top if nodes.on_top[common] else nodes.parent[common]
        place = open_places.get(common, 0)
        opened = []
        while node >= 0 and node != common and not nodes.ignored[node]:
            opened.append(node)
            node = common if nodes.on_top[node] else nodes.parent[node]
        for each in reversed(opened):
            place = self.tree.child(place, each)
        return place

    def _open(self, state: int) -> dict[int, int]:
        places: dict[int, int] = {}
        while state:
            places[self.tree.frame(state)] = state
            state = self.tree.parent(state)
        self._steps += len(places)
        if self._steps > _STEPS:
            refuse(self._where, "stacks that a profiler writes", "ones too deep to follow")
        return places


def _fixed(nodes: CallFrames) -> list[bool]:
    """Tell of each node whether its stack does not depend on what ran before: no node above it
    stands on top of others, and what is left out is at its root.
    """
    known: dict[int, int] = {-1: _ROOT}
    for start in range(len(nodes.parent)):
        chain, node = [], start
        while node not in known:
            chain.append(node)
            node = nodes.parent[node]
        above = known[node]
        for each in reversed(chain):
            if nodes.on_top[each] or above == _DEPENDS:
                above = _DEPENDS
            elif nodes.ignored[each]:
                above = _ROOT if above == _ROOT else _DEPENDS
            else:
                above = _FIXED
            known[each] = above
    return [known[node] != _DEPENDS for node in range(len(nodes.parent))]


def _walk(stacks: _Stacks, samples: list[Any], times: list[float], where: str) -> Noted:
    """Give each stack the time until the next; a clock that goes back stands still instead.

    Returns when they were, from the first sample on.
    """
    noted = Noted()
    index, add, note, follow = stacks.index, stacks.tree.add, noted.add, stacks.follow
    steps = [*times[1:], 0][: len(samples)]
    state, last = 0, None
    start = now = latest = seen = times[0] if times else 0.0
    try:
        for sample, step in zip(samples, steps, strict=True):
            if sample != last:
                last = sample
                latest = max(latest, now)
                node = index.get(sample, -1)
                if node >= 0:
                    add(state, latest - seen)
                    note(seen - start, state, latest - seen)
                    seen, state = latest, follow(state, node)
            now += step
    except TypeError:
        refuse(f"{where}: samples", "ids of nodes", last)
    add(state, max(latest, now) - seen)
    note(seen - start, state, max(latest, now) - seen)
    return noted


def _counted(content: dict[str, Any], nodes: CallFrames, where: str, name: str) -> Profile:
    """Return a profile of hit counts, for files without a sample list."""
    stacks, count = _Stacks(nodes, where), 0
    for number, node in enumerate(content["nodes"]):
        hits = whole(node.get("hitCount")) or 0
        if hits < 0:
            refuse(f"{where}: nodes[{number}]: hitCount", "0 or more", hits)
        if hits:
            stacks.tree.add(stacks.follow(0, number), hits)
            count += hits
    ticks = ticks_of(content, nodes.frame, nodes.index, [])
    return _profile(stacks.tree, nodes, name, "samples", count, [], ticks)


def _profile(
    stacks: NodeTree,
    nodes: CallFrames,
    name: str,
    unit: str,
    count: int,
    warnings: list[str],
    ticks: Ticks,
    noted: Noted | None = None,
) -> Profile:
    tree, place = stacks.placed()
    frame = np.array([*nodes.frame, -1], dtype=np.int64)[tree.frame]  # index -1: the root's
    tree = Tree(tree.parent, tree.end, frame, tree.weight)
    made = Profile(
        name=name,
        unit=unit,
        frames=nodes.frames,
        tree=tree,
        samples=count,
        warnings=tuple(warnings),
        lines=hot_lines(nodes.frames, ticks),
        moments=None if noted is None else noted.moments(place, unit),
    )
    return by_line(made, ticks)
