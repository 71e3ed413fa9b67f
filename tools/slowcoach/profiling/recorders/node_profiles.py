"""What Node.js's profilers give, as profiles: on CPU, by the wall clock, and allocated bytes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np

from slowcoach.profiling import source_maps, v8
from slowcoach.profiling.model import Frame, Profile, Tree
from slowcoach.profiling.readers import v8_heapprofile
from slowcoach.profiling.values import ON_CPU, WALL

_IDLE = Frame("(idle)")
STANDS = Frame("Atomics.wait", "node:atomics")  # a thread stands at it: it does not run
_ATOMICS = "node_atomics.cjs"
_OURS = ("node_preload.cjs", "node_watch.cjs")


def cpu_views(content: dict[str, Any], name: str) -> tuple[Profile, Profile]:
    """Return the on-CPU view and, with the time in which the loop had nothing to do, the wall's.

    One recording gives both: V8 looks at the thread whether it runs or not.
    """
    _without_ours(content)
    for node in content["nodes"]:
        called = node["callFrame"]
        called["url"] = local(called.get("url", ""))
        if called["url"].endswith(_ATOMICS):
            called.update(functionName=STANDS.name, url=STANDS.file, lineNumber=-1, columnNumber=-1)
    maps = source_maps.Maps()
    source_maps.apply(content, maps)
    whole = v8.cpu_profile(content, name, name)
    whole = replace(whole, warnings=(*whole.warnings, *maps.warnings))
    idle = float(whole.tree.weight[0])
    tree = whole.tree
    stands = np.array([*(frame.name == STANDS.name for frame in whole.frames), False])[tree.frame]
    awake = np.where(stands, 0.0, tree.weight)
    awake[0] = 0.0
    looks, runs, all_of_it = whole.samples or 0, float(awake.sum()), whole.total + idle
    running = round(looks * runs / all_of_it) if all_of_it > 0 else 0
    on_cpu = replace(whole, name=ON_CPU, tree=replace(tree, weight=awake), samples=running)
    size = len(tree.parent)
    with_idle = Tree(
        parent=np.append(tree.parent, 0),
        end=np.append(np.concatenate(([size + 1], tree.end[1:])), size + 1),
        frame=np.append(tree.frame, len(whole.frames)),
        weight=np.append(np.concatenate(([0.0], tree.weight[1:])), idle),
    )
    wall = replace(
        whole,
        name=WALL,
        tree=with_idle,
        frames=(*whole.frames, _IDLE),
        lines=(*whole.lines, _IDLE) if whole.lines else (),
    )
    return on_cpu, wall


def allocated(content: dict[str, Any], name: str) -> Profile:
    """Return the bytes that each place allocated, whether they still live or not."""
    maps = source_maps.Maps()
    source_maps.apply_to_heap(content, maps)
    for node in _heap_nodes(content["head"]):
        frame = node["callFrame"]
        frame["url"] = local(frame.get("url", ""))
        if frame.get("lineNumber", -1) >= 0 and frame["url"]:
            frame["lineNumber"] += 1  # V8 counts lines from 0
    profile = v8_heapprofile.read(json.dumps(content).encode(), name)[0]
    return replace(
        profile, name="allocated", value="allocated", warnings=(*profile.warnings, *maps.warnings)
    )


def _without_ours(content: dict[str, Any]) -> None:
    """Take what our own modules did in the program out: as if it had been idle then."""
    nodes = {node["id"]: node for node in content["nodes"]}
    waiting = [n["id"] for n in content["nodes"] if n["callFrame"].get("url", "").endswith(_OURS)]
    ours: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each not in ours and each in nodes:
            ours.add(each)
            waiting += nodes[each].get("children", ())
    if ours and content.get("samples"):
        root = content["nodes"][0]["id"]
        content["samples"] = [root if each in ours else each for each in content["samples"]]


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
