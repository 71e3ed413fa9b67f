"""What profiles' values are called: units, and which kind of value is shown first."""

from collections.abc import Sequence

from slowcoach.profiling.model import SECONDS_IN, Profile

COUNT = "count"
ON_CPU, WALL = "on CPU", "wall clock"  # the two views of a running program that we record
WAITS = frozenset(
    {"block", "mutex", "delay", "monitor enter", "monitor wait", "park", "sleep"}
)  # what pprof and JFR call the times that code waited
_UNITS = {
    **{unit: unit for unit in (*SECONDS_IN, "bytes")},
    **{unit.removesuffix("s"): unit for unit in (*SECONDS_IN, "bytes")},
    **{"ns": "nanoseconds", "us": "microseconds", "ms": "milliseconds", "s": "seconds"},
    "By": "bytes",
}
LOOKS = frozenset({"samples", "sample", "cpu-samples", "cpu_samples", "wall-samples"})


def unit_of(kind: str, unit: str) -> str:
    """Return the profile's unit for a value type; counts of anything but looks have none."""
    if unit in LOOKS:
        return "samples"
    if unit == COUNT:
        return "samples" if kind in LOOKS else "none"
    return _UNITS.get(unit, "none")


def measured(profile: Profile) -> str:
    """Return what a profile's weights are of, in words."""
    if profile.unit == "bytes":
        in_use = profile.value.startswith("inuse") or profile.value == "live"
        return (
            "memory in use" if in_use else "allocations" if "alloc" in profile.value else "memory"
        )
    if profile.unit in SECONDS_IN:
        return "waiting" if profile.value in WAITS else "time"
    return profile.value or "weight"


def is_time(unit: str) -> bool:
    """Tell whether a format's unit is one of time."""
    return _UNITS.get(unit) in SECONDS_IN


def in_order(profiles: list[Profile]) -> list[Profile]:
    """Return times first, then samples, bytes and the rest, otherwise as they were."""
    ranks = {**dict.fromkeys(SECONDS_IN, 0), "samples": 1, "bytes": 2}
    return sorted(profiles, key=lambda profile: ranks.get(profile.unit, len(ranks)))


def one_view(profiles: Sequence[Profile]) -> list[Profile]:
    """Return the profiles that measure what the first one measures (its threads)."""
    first = profiles[0]
    alike = [p for p in profiles if (p.unit, p.value) == (first.unit, first.value)]
    return [p for p in alike if p.name == first.name] if first.name in {ON_CPU, WALL} else alike
