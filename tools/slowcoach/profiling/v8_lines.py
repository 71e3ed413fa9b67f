"""Lines in profiles of V8, whose frames are functions: how often each line was seen."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from slowcoach.profiling.jsontext import whole
from slowcoach.profiling.model import Frame, Lines, Profile

Ticks = dict[int, dict[int, int]]


def ticks_of(
    content: dict[str, Any], frame_of: Sequence[int], index: dict[Any, int], samples: list[Any]
) -> Ticks:
    """Return by frame how often each line was seen: Node.js gives it with the nodes, Chrome's
    traces with the samples. `frame_of` has the nodes' frames, `index` the nodes by their id.
    """
    found: Ticks = {}
    for number, node in enumerate(content["nodes"]):
        given = node.get("positionTicks")
        for tick in given if isinstance(given, list) else ():
            if isinstance(tick, dict):
                line, count = whole(tick.get("line")) or 0, whole(tick.get("ticks")) or 0
                seen = found.setdefault(frame_of[number], {})
                seen[line] = seen.get(line, 0) + count
    given = content.get("lines")
    lines: list[Any] = given if isinstance(given, list) else []
    for sample, line in zip(samples, lines, strict=False):
        node_at = index.get(sample, -1)
        if node_at >= 0 and isinstance(line, int):
            seen = found.setdefault(frame_of[node_at], {})
            seen[line] = seen.get(line, 0) + 1
    return found


def hot_lines(frames: tuple[Frame, ...], ticks: Ticks) -> tuple[Frame, ...]:
    """Return each frame with its most seen line, or as it is; nothing when no line is known."""
    if not ticks:
        return ()
    found = list(frames)
    for index, seen in ticks.items():
        line = max(seen, key=seen.__getitem__)
        if line > 0:
            found[index] = frames[index]._replace(line=line)
    return tuple(found)


def by_line(profile: Profile, ticks: Ticks) -> Profile:
    """Return the profile with each frame's own weight shared among its lines as they were seen."""
    rows = [
        (frame, line, count / sum(seen.values()))
        for frame, seen in ticks.items()
        for line, count in seen.items()
        if line > 0 and count > 0
    ]
    if not rows:
        return profile
    frames, lines, shares = (np.array(column) for column in zip(*rows, strict=True))
    return replace(profile, by_line=Lines(frames, lines, profile.self_weights[frames] * shares))
