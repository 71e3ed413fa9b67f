"""The difference of two profiles as one tree to draw. Pure."""

from collections.abc import Sequence
from typing import Any

from slowcoach.profiling.difference import Difference, Side
from slowcoach.profiling.model import Frame

_DEPTH = 300  # nested JSON much deeper than this cannot be read back
_LEAST = 0.001
_NODES = 4_000  # what a browser draws without delay
_Node = dict[str, Any]


def difference_tree(found: Difference, min_share: float = _LEAST) -> _Node:
    """Return nested {name, file, line, value, delta, before, after, children}, inclusive.

    Weights are shares of the whole before, for the same work where that is known: `delta` is
    after less before, `value` (the width) the mean of both, so that what vanished is drawn too
    and children never exceed their parent. Nodes below `min_share` (doubled until there are at
    most 4,000) or deeper than 300 are left out. Children come by name.
    """
    parents, keys, weights = _grown(found)
    sums = [_inclusive(parents, side) for side in weights]
    scales = 1 / found.before.whole, found.factor / found.after.whole
    pairs = [(b * scales[0], a * scales[1]) for b, a in zip(*sums, strict=True)]
    while sum(sum(pair) / 2 >= min_share for pair in pairs) > _NODES:
        min_share *= 2
    return _nested(found, parents, keys, pairs, min_share)


def _grown(found: Difference) -> tuple[list[int], list[int], tuple[list[float], list[float]]]:
    """Return both trees as one: parent and function of each node, and weights of its own."""
    known: dict[tuple[int, int], int] = {}
    parents, keys = [-1], [-1]
    weights: tuple[list[float], list[float]] = ([0.0], [0.0])
    for side, mine in zip((found.before, found.after), weights, strict=True):
        above = side.recording.profile.tree.parent.tolist()
        functions = side.node_key.tolist()
        here = [0] * len(above)
        for node, weight in enumerate(_weights(side, waits=found.waits)):
            if node == 0:
                continue
            place = (here[above[node]], functions[node])
            if place not in known:
                known[place] = len(parents)
                parents.append(place[0])
                keys.append(place[1])
                weights[0].append(0.0)
                weights[1].append(0.0)
            here[node] = known[place]
            mine[here[node]] += weight
    return parents, keys, weights


def _weights(side: Side, *, waits: bool) -> list[float]:
    """Return each node's own weight in the unit of the side's whole, waiting ones left out."""
    recording = side.recording
    tree = recording.profile.tree
    whole = recording.profile.total if waits else recording.busy
    unit = side.whole / whole if whole > 0 else 0.0
    idle = [False if waits else kind.waiting for kind in recording.kinds]
    return [
        0.0 if frame < 0 or idle[frame] else weight * unit
        for frame, weight in zip(tree.frame.tolist(), tree.weight.tolist(), strict=True)
    ]


def _inclusive(parents: Sequence[int], own: Sequence[float]) -> list[float]:
    found = list(own)
    for node in range(len(parents) - 1, 0, -1):  # a parent comes before its children
        found[parents[node]] += found[node]
    return found


def _nested(
    found: Difference,
    parents: Sequence[int],
    keys: Sequence[int],
    pairs: Sequence[tuple[float, float]],
    least: float,
) -> _Node:
    root = _node(Frame("all"), pairs[0])
    kept, depths = {0: root}, {0: 0}
    for node in range(1, len(parents)):
        above = kept.get(parents[node])
        depth = depths.get(parents[node], 0) + 1
        if above is None or depth > _DEPTH or sum(pairs[node]) / 2 < least:
            continue
        frame = found.after.frames.get(keys[node]) or found.before.frames[keys[node]]
        kept[node], depths[node] = _node(frame, pairs[node]), depth
        above["children"].append(kept[node])
    for item in kept.values():
        item["children"].sort(key=lambda child: (child["name"], child["file"] or ""))
    return root


def _node(frame: Frame, pair: tuple[float, float]) -> _Node:
    before, after = pair
    return {
        "name": frame.name,
        "file": frame.file,
        "line": frame.line,
        "value": (before + after) / 2,
        "delta": after - before,
        "before": before,
        "after": after,
        "children": [],
    }
