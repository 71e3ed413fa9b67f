"""What an investigation leaves with its run: latencies, wall stacks under load, plan, evidence."""

import json
from collections import Counter
from typing import TYPE_CHECKING

from slowcoach.core.job import Job
from slowcoach.diagnosis.evidence.frames import function_of, is_user
from slowcoach.diagnosis.gather import Measured

if TYPE_CHECKING:
    from slowcoach.diagnosis.evidence.stacks import Looks
    from slowcoach.profiling.model import Profile

_JSON = "application/json"
_SELECTS = "select"


def keep(job: Job, measured: Measured) -> None:
    """Save the artefacts with the run."""
    latency = {
        "unit": "ms",
        "concurrency": measured.observed.loaded.concurrency,
        "unloaded": [round(value, 3) for value in measured.unloaded_ms],
        "windows": [[round(v, 3) for v in window] for window in measured.windows_ms],
    }
    job.save("latency.json", json.dumps(latency).encode(), _JSON)
    job.save("evidence.json", measured.observed.model_dump_json().encode(), _JSON)
    if measured.plan is not None:
        job.save("plan.json", json.dumps(measured.plan).encode(), _JSON)
    if profile := wall_profile(measured.looks):
        from slowcoach.profiling.export import to_speedscope

        job.save("profile.speedscope.json", to_speedscope([profile]), _JSON)


def wall_profile(looks: "Looks") -> "Profile | None":
    """Return the stacks that were seen under load as a wall-clock profile in samples.

    Threads that only wait in a selector, and those without the program's own code, are left out.
    """
    import numpy as np

    from slowcoach.profiling.calltree import tree_of_stacks
    from slowcoach.profiling.model import Frame, Profile

    counts: Counter[tuple[Frame, ...]] = Counter()
    for seen, count in looks.seen.items():
        frames = seen.frames
        if not frames or _SELECTS in frames[0].name.lower() or not any(map(is_user, frames)):
            continue
        stack = tuple(Frame(function_of(f), f.file, f.line) for f in reversed(frames))
        counts[stack] += count
    if not counts:
        return None
    ids: dict[Frame, int] = {}
    stacks = [[ids.setdefault(f, len(ids)) for f in stack] for stack in counts]
    weights = np.asarray(list(counts.values()), dtype=np.float64)
    return Profile(
        name="wall clock under load",
        unit="none",
        frames=tuple(ids),
        tree=tree_of_stacks(stacks, weights),
        samples=int(weights.sum()),
    )
