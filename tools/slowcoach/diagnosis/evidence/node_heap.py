"""Which own functions made what is still alive, by V8's sampling heap profiler. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Growth
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.node_profiles import local

_KILOBYTE = 1024
_KEPT = 5
Site = tuple[str, str, int]


def growers(profile: Mapping[str, Any]) -> tuple[Growth, ...]:
    """Return the own functions whose objects live on, counted in kilobytes, most first."""
    bytes_, ways = _sites(profile)
    found: list[Growth] = []
    least = looking("least_alive")
    for site in sorted(bytes_, key=lambda s: -bytes_[s])[:_KEPT]:
        function, file, line = site
        if (kilobytes := round(bytes_[site] / _KILOBYTE)) < least:
            continue
        found.append(
            Growth(
                name=f"what {function} makes",
                kind=f"{kilobytes:,} kB of objects still alive, made at line {line}",
                before=0,
                after=kilobytes,
                functions=ways[site],
                file=file,
            )
        )
    return tuple(found)


def _sites(profile: Mapping[str, Any]) -> tuple[dict[Site, float], dict[Site, tuple[str, ...]]]:
    sums: dict[Site, float] = defaultdict(float)
    ways: dict[Site, tuple[str, ...]] = {}
    waiting: list[tuple[Mapping[str, Any], tuple[Site, ...]]] = [(profile["head"], ())]
    while waiting:
        node, above = waiting.pop()
        called = node["callFrame"]
        file, line = local(called.get("url", "")), int(called.get("lineNumber", -1)) + 1
        name = called.get("functionName") or f"(anonymous {file.rsplit('/', 1)[-1]}:{line})"
        if file and not kind(Frame(name, file, line)).library:
            above = (*above, (name, file, line))
        if above and node.get("selfSize"):
            site = next(
                (s for s in reversed(above) if not s[0].startswith("(anonymous")), above[-1]
            )
            sums[site] += node["selfSize"]
            ways.setdefault(site, tuple(dict.fromkeys(n for n, _, _ in above))[-6:])
        waiting += [(child, above) for child in node.get("children", ())]
    return sums, ways
