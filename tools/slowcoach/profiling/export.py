"""Profiles for other tools (see `exports`), and a nested tree to draw."""

from typing import Any

from slowcoach.profiling.exports.collapsed import to_collapsed
from slowcoach.profiling.exports.speedscope import to_speedscope
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.samples import stacks

__all__ = ["flame_tree", "stacks", "to_collapsed", "to_speedscope"]
_DEPTH = 300  # nested JSON much deeper than this cannot be read back


def flame_tree(
    profile: Profile, min_share: float = 0.001, max_depth: int = _DEPTH
) -> dict[str, Any]:
    """Return a nested tree {name, file, line, value, children} for a flame graph.

    `value` is inclusive; what is smaller than `min_share` of the whole or deeper than `max_depth`
    is left out (its weight stays in the parent's value). Children come largest first.
    """
    tree, inclusive = profile.tree, profile.inclusive
    total = float(inclusive[0] - tree.weight[0])
    root: dict[str, Any] = _node(Frame("all"), total)
    kept: dict[int, dict[str, Any]] = {0: root}
    depths: dict[int, int] = {}
    parents, ends, frames = tree.parent.tolist(), tree.end.tolist(), tree.frame.tolist()
    node, size = 1, len(parents)
    while node < size:
        value = float(inclusive[node])
        depth = depths.get(parents[node], 0) + 1
        if value <= 0 or value < min_share * total or depth > max_depth:
            node = ends[node]
            continue
        depths[node] = depth
        kept[node] = item = _node(profile.frames[frames[node]], value)
        kept[parents[node]]["children"].append(item)
        node += 1
    for item in kept.values():
        item["children"].sort(key=lambda child: -child["value"])
    return root


def _node(frame: Frame, value: float) -> dict[str, Any]:
    return {
        "name": frame.name,
        "file": frame.file,
        "line": frame.line,
        "value": value,
        "children": [],
    }
