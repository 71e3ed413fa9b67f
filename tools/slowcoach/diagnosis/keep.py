"""What an investigation leaves with its run: latencies, wall stacks under load, plan, evidence."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from slowcoach.core.job import Job
from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.diagnosis.gather import Measured

if TYPE_CHECKING:
    from slowcoach.profiling.model import Profile

_JSON = "application/json"


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
    if profile := wall_profile(measured.stacks):
        from slowcoach.profiling.export import to_speedscope

        job.save("profile.speedscope.json", to_speedscope([profile]), _JSON)


def wall_profile(stacks: Iterable[tuple[tuple[StackFrame, ...], float]]) -> "Profile | None":
    """Return the stacks (root first) that were seen under load as a wall-clock profile in samples.

    Those without the program's own code are left out.
    """
    import numpy as np

    from slowcoach.profiling.calltree import tree_of_stacks
    from slowcoach.profiling.model import Frame, Profile

    counts: Counter[tuple[Frame, ...]] = Counter()
    for frames, count in stacks:
        if any(frame.own for frame in frames):
            counts[tuple(Frame(f.name, f.file, f.line) for f in frames)] += round(count)
    if not counts:
        return None
    ids: dict[Frame, int] = {}
    chains = [[ids.setdefault(f, len(ids)) for f in stack] for stack in counts]
    weights = np.asarray(list(counts.values()), dtype=np.float64)
    return Profile(
        name="wall clock under load",
        unit="none",
        frames=tuple(ids),
        tree=tree_of_stacks(chains, weights),
        samples=int(weights.sum()),
    )
