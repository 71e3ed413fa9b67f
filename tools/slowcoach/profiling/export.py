"""Profiles for other tools: speedscope JSON, collapsed stacks, and a nested tree to draw."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from slowcoach.profiling.model import SECONDS_IN, Frame, Profile

_SCHEMA = "https://www.speedscope.app/file-format-schema.json"
_DEPTH = 300  # nested JSON much deeper than this cannot be read back
_PLAIN_UNITS = {*SECONDS_IN, "bytes"}


def stacks(profile: Profile) -> Iterable[tuple[list[int], float]]:
    """Yield each distinct stack of frame indexes, root first, that has weight of its own."""
    tree = profile.tree
    parents, ends = tree.parent.tolist(), tree.end.tolist()
    path: list[int] = []
    open_ends: list[int] = []
    rows = zip(tree.frame.tolist(), tree.weight.tolist(), ends, strict=True)
    for node, (frame, weight, end) in enumerate(rows):
        if parents[node] < 0:
            continue
        while open_ends and open_ends[-1] <= node:
            open_ends.pop()
            path.pop()
        path.append(frame)
        open_ends.append(end)
        if weight > 0:
            yield path[:], weight


def to_speedscope(profiles: Sequence[Profile], name: str = "profile") -> bytes:
    """Return the profiles as one speedscope file (sampled; equal stacks are put together).

    The number of samples and which view it is, which the format has no place for, are kept under
    a key of our own.
    """
    ids: dict[Frame, int] = {}
    file = {
        "$schema": _SCHEMA,
        "exporter": "slowcoach",
        "name": name,
        "activeProfileIndex": 0,
        "profiles": [_sampled(profile, ids) for profile in profiles],
        "shared": {"frames": [_frame(frame) for frame in ids]},
    }
    return json.dumps(file, ensure_ascii=True, separators=(",", ":")).encode()


def _sampled(profile: Profile, ids: dict[Frame, int]) -> dict[str, Any]:
    samples: list[list[int]] = []
    weights: list[float] = []
    frames = profile.frames
    for stack, weight in stacks(profile):
        samples.append([ids.setdefault(frames[frame], len(ids)) for frame in stack])
        weights.append(weight)
    return {
        "type": "sampled",
        "name": profile.name,
        "unit": profile.unit if profile.unit in _PLAIN_UNITS else "none",
        "startValue": 0,
        "endValue": sum(weights),
        "samples": samples,
        "weights": weights,
        "slowcoach": {
            "samples": profile.samples,
            "counts": profile.unit == "samples",
            "value": profile.value,
        },
    }


def _frame(frame: Frame) -> dict[str, Any]:
    known = {"name": frame.name, "file": frame.file, "line": frame.line}
    return {key: value for key, value in known.items() if value is not None}


def to_collapsed(profile: Profile) -> bytes:
    """Return collapsed stacks with py-spy's `name (file:line)`; weights that are no counts are
    rounded to whole microseconds (times) or to whole numbers.
    """
    scale = 1e6 * SECONDS_IN[profile.unit] if profile.unit in SECONDS_IN else 1.0
    names = [_one_line(frame.place) for frame in profile.frames]
    lines: list[str] = []
    for stack, weight in stacks(profile):
        count = round(weight * scale)
        if count:
            lines.append(f"{';'.join(names[frame] for frame in stack)} {count}\n")
    return "".join(lines).encode("utf-8", "replace")


def _one_line(text: str) -> str:
    return " ".join(text.replace(";", ":").split())


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
