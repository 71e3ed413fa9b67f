"""Which own functions made what is still alive, by V8's sampling heap profiler. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Growth
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.node_profiles import local

_KILOBYTE = 1024
_KEPT = 5
_PARTS = 3
MARK = "new Array(2 ** 16).fill(0)"  # stands in the order of what was made for when that was
_MARKED = 8 << 16  # bytes that it has: one so large is nearly always in the profile
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


def made_evenly(profile: Mapping[str, Any]) -> bool:
    """Tell whether what still lives of what own functions made was made all the time from the
    profile's begin to the mark: of what fills up, it was made early, of a cache that loses
    entries, lately.
    """
    samples = profile.get("samples", ())
    of_code = {node["id"] for node in _nodes(profile) if node["callFrame"].get("url")}
    marks = [s["ordinal"] for s in samples if s["size"] >= _MARKED and s["nodeId"] not in of_code]
    # of all own functions together: what V8 puts into its caller counts as that's from then on
    nodes, parts = {node["id"] for _, _, node in _of_sites(profile)}, [0] * _PARTS
    for each in samples:
        if marks and each["nodeId"] in nodes and each["ordinal"] < marks[-1]:
            parts[each["ordinal"] * _PARTS // marks[-1]] += 1
    enough = sum(parts) >= looking("alive_samples")
    return enough and min(parts) >= looking("alive_evenly") * max(parts)


def _nodes(profile: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    waiting = [profile["head"]]
    while waiting:
        yield (node := waiting.pop())
        waiting += node.get("children", ())


def _sites(profile: Mapping[str, Any]) -> tuple[dict[Site, float], dict[Site, tuple[str, ...]]]:
    sums: dict[Site, float] = defaultdict(float)
    ways: dict[Site, tuple[str, ...]] = {}
    for site, above, node in _of_sites(profile):
        sums[site] += node["selfSize"]
        ways.setdefault(site, tuple(dict.fromkeys(n for n, _, _ in above))[-6:])
    return sums, ways


def _of_sites(
    profile: Mapping[str, Any],
) -> Iterator[tuple[Site, tuple[Site, ...], Mapping[str, Any]]]:
    """Yield each node that has objects with the own function that made them, and the way to it."""
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
            yield site, above, node
        waiting += [(child, above) for child in node.get("children", ())]
