"""CPU profiles of V8 as Node.js (`--cpu-prof`, the inspector) and Chrome's DevTools save them
(`.cpuprofile`): a flat list of nodes, samples and time deltas; older ones hold a tree and
timestamps (https://github.com/hyj1991/v8-profiler-node8).
"""

from dataclasses import replace
from typing import Any

from slowcoach.profiling import source_maps, v8
from slowcoach.profiling.jsontext import holds, items, load, look, number, numbers, refuse
from slowcoach.profiling.model import Profile, Reader

_MICROSECONDS = 1e6


def matches(data: bytes) -> bool:
    """Tell whether it is a JSON object of nodes with call frames, or of an older head of them."""
    seen = look(data)
    if seen.kind != "{" or "traceEvents" in seen.keys or "metadata" in seen.keys:
        return False
    if "head" in seen.keys and holds(data, "hitCount", "functionName"):
        return not holds(data, "callFrame")
    return holds(data, "nodes", "callFrame", "hitCount") or holds(
        data, "nodes", "callFrame", "samples", "timeDeltas"
    )


def read(data: bytes, name: str) -> list[Profile]:
    """Return the one profile; raises UnreadableError saying which part is wrong."""
    content = load(data, name, "a CPU profile of V8")
    if not isinstance(content, dict):
        refuse(name, "an object", content)
    if "nodes" not in content:
        content = _from_tree(content, name)
    maps = source_maps.Maps()
    source_maps.apply(content, maps)
    profile = v8.cpu_profile(content, name, name)
    return [replace(profile, warnings=(*profile.warnings, *maps.warnings))]


def _from_tree(content: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the older form, a tree with times in seconds and timestamps, as the newer."""
    nodes: list[dict[str, Any]] = []
    waiting = [content.get("head")]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            refuse(f"{where}: head", "a node", node)
        children = items(node, "children", where) if "children" in node else []
        waiting.extend(reversed(children))
        nodes.append(
            {
                "id": node.get("id"),
                "hitCount": node.get("hitCount"),
                "callFrame": {**node, "columnNumber": 0},
                "children": [child.get("id") for child in children if isinstance(child, dict)],
            }
        )
    times = numbers(content.get("timestamps") or [], f"{where}: timestamps")
    start = number(content.get("startTime", 0), f"{where}: startTime") * _MICROSECONDS
    deltas = [time - before for time, before in zip(times, [start, *times[:-1]], strict=True)]
    return {"nodes": nodes, "samples": content.get("samples"), "timeDeltas": deltas}


READER = Reader("chrome-cpuprofile", matches, read)
