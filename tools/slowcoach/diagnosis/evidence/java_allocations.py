"""Which of a Java program's own functions allocate, by the JDK's flight recorder.

Cost: the JVM loads its recorder (half a second of one core, once in its life), then samples some
hundred allocations a second for a moment. For programs whose live objects were seen to grow only.
"""

from __future__ import annotations

import time
from collections import Counter

from slowcoach.diagnosis.evidence.java_threads import frame_of
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders.java_flight import flight
from slowcoach.profiling.recorders.java_views import recorded

_SECONDS = 1.5
_LONGEST_S = 10.0
_KEPT = 6


def allocating(pid: int, jdk: int) -> tuple[str, ...]:
    """Return the functions that allocate, most bytes first. Raises errors of core.errors."""
    with flight(pid, "alloc", jdk, longest_s=_LONGEST_S) as under_way:
        time.sleep(_SECONDS)
        seen = recorded(under_way.land(), "alloc", f"pid {pid}")
    return functions_of(seen.profiles[0])


def functions_of(profile: Profile) -> tuple[str, ...]:
    """Return the own functions nearest to what was counted, most first."""
    tree, frames = profile.tree, profile.frames
    parents, at, weights = tree.parent.tolist(), tree.frame.tolist(), tree.weight.tolist()
    sums: Counter[str] = Counter()
    for start, weight in enumerate(weights):
        node = start
        while weight and node > 0:
            frame = frame_of(frames[at[node]])
            if frame.own:
                sums[frame.name] += weight
                break
            node = parents[node]
    return tuple(name for name, _ in sums.most_common(_KEPT))
