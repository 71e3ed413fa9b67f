"""Sampled heap profiles of V8 (`.heapprofile`): Node.js's `--heap-prof` and the inspector's
HeapProfiler, Chrome's "Allocation sampling". A tree of call frames with the bytes that each
allocated and that still live.

As in speedscope, lines are the file's own, counted from 0.
"""

from typing import Any, NamedTuple

from slowcoach.profiling import source_maps
from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.jsontext import holds, load, look, number, refuse, table, whole
from slowcoach.profiling.model import Frame, Profile, Reader
from slowcoach.profiling.v8 import named_frame


def matches(data: bytes) -> bool:
    """Tell whether it is a JSON object whose head is a node with a self size."""
    seen = look(data)
    return seen.kind == "{" and "head" in seen.keys and holds(data, "selfSize", "callFrame")


def read(data: bytes, name: str) -> list[Profile]:
    """Return the one profile, in bytes; raises UnreadableError saying which part is wrong."""
    content = load(data, name, "a heap profile of V8")
    maps = source_maps.Maps()
    source_maps.apply_to_heap(content, maps)
    nodes = _nodes(table(content, "head", name), name)
    inside = [node.size for node in nodes]
    for index in range(len(nodes) - 1, 0, -1):
        inside[nodes[index].parent] += inside[index]
    tree, ids = NodeTree(), dict[tuple[Frame, int | None], int]()
    places = [0] * len(nodes)
    for index, node in enumerate(nodes):
        if inside[index] > 0:
            above = places[node.parent] if index else 0
            places[index] = tree.child(above, ids.setdefault(node.key, len(ids)))
            tree.add(places[index], node.size)
    samples = content.get("samples")
    count = len(samples) if isinstance(samples, list) and samples else None
    frames = tuple(key[0] for key in ids)
    return [Profile(name, "bytes", frames, tree.finish(), count, warnings=maps.warnings)]


class _Node(NamedTuple):
    """One node: the index of the one above, its bytes, its frame with the column."""

    parent: int
    size: float
    key: tuple[Frame, int | None]


def _nodes(head: dict[str, Any], name: str) -> list[_Node]:
    """Return the nodes, each after the one above it."""
    nodes: list[_Node] = []
    waiting: list[tuple[int, Any]] = [(0, head)]
    while waiting:
        parent, node = waiting.pop()
        size = number(node.get("selfSize") or 0, f"{name}: selfSize")
        if size < 0:
            refuse(f"{name}: selfSize", "0 or more", size)
        called = table(node, "callFrame", name)
        frame = named_frame(called, whole(called.get("lineNumber")))
        children = node.get("children") or []
        if not isinstance(children, list) or not all(isinstance(each, dict) for each in children):
            refuse(f"{name}: children", "a list of nodes", children)
        waiting.extend((len(nodes), child) for child in reversed(children))
        nodes.append(_Node(parent, size, (frame, whole(called.get("columnNumber")))))
    return nodes


READER = Reader("v8-heapprofile", matches, read)
