"""What Node.js's profilers give, as profiles: on CPU, by the wall clock, and allocated bytes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np

from slowcoach.profiling import v8
from slowcoach.profiling.model import Frame, Profile, Tree
from slowcoach.profiling.readers import v8_heapprofile
from slowcoach.profiling.values import ON_CPU, WALL

_IDLE = Frame("(idle)")


def cpu_views(content: dict[str, Any], name: str) -> tuple[Profile, Profile]:
    """Return the on-CPU view and, with the time in which the loop had nothing to do, the wall's.

    One recording gives both: V8 looks at the thread whether it runs or not.
    """
    for node in content["nodes"]:
        node["callFrame"]["url"] = local(node["callFrame"].get("url", ""))
    whole = _with_lines(v8.cpu_profile(content, name, name), content["nodes"], name)
    idle = float(whole.tree.weight[0])
    tree = whole.tree
    busy = replace(tree, weight=np.concatenate(([0.0], tree.weight[1:])))
    looks = whole.samples or 0
    running = round(looks * whole.total / (whole.total + idle)) if whole.total + idle > 0 else 0
    on_cpu = replace(whole, name=ON_CPU, tree=busy, samples=running)
    size = len(tree.parent)
    with_idle = Tree(
        parent=np.append(tree.parent, 0),
        end=np.append(np.concatenate(([size + 1], tree.end[1:])), size + 1),
        frame=np.append(tree.frame, len(whole.frames)),
        weight=np.append(busy.weight, idle),
    )
    wall = replace(
        whole,
        name=WALL,
        tree=with_idle,
        frames=(*whole.frames, _IDLE),
        lines=(*whole.lines, _IDLE),
    )
    return on_cpu, wall


def allocated(content: dict[str, Any], name: str) -> Profile:
    """Return the bytes that each place allocated, whether they still live or not."""
    for node in _heap_nodes(content["head"]):
        frame = node["callFrame"]
        frame["url"] = local(frame.get("url", ""))
        if frame.get("lineNumber", -1) >= 0 and frame["url"]:
            frame["lineNumber"] += 1  # V8 counts lines from 0
    profile = v8_heapprofile.read(json.dumps(content).encode(), name)[0]
    return replace(profile, name="allocated", value="allocated")


def local(url: str) -> str:
    """Return the path of a file's URL; other addresses as they are."""
    if not url.startswith("file://"):
        return url
    return url2pathname(urlsplit(url).path)


def _heap_nodes(head: dict[str, Any]) -> Iterator[dict[str, Any]]:
    waiting = [head]
    while waiting:
        node = waiting.pop()
        waiting += node.get("children", ())
        yield node


def _with_lines(profile: Profile, nodes: list[dict[str, Any]], name: str) -> Profile:
    """V8 says for each node at which lines of the function its samples were."""
    ticks: dict[tuple[int, int], int] = {}
    for node, frame in zip(nodes, v8.call_frames(nodes, name).frame, strict=True):
        for tick in node.get("positionTicks") or ():
            key = (frame, tick["line"])
            ticks[key] = ticks.get(key, 0) + tick["ticks"]
    lines = list(profile.frames)
    for (frame, line), _ in sorted(ticks.items(), key=lambda item: item[1]):
        lines[frame] = lines[frame]._replace(line=line)  # the one with the most comes last
    return replace(profile, lines=tuple(lines))
