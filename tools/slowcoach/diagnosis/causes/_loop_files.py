"""Whether an event loop that stands at file operations waits for the disk: then that is the cause,
and the loop that it holds up the consequence. Files that the system has in memory are read and
written by the processor: there the call that blocks is to blame.
"""

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.models import Activity
from slowcoach.diagnosis.view import View, ramp

_SYNCS = frozenset({"fsync", "fdatasync"})
_BY_KERNEL = frozenset({"python"})  # runtimes whose file operations are told by the kernel's waits


def stands_at_files(a: Activity) -> bool:
    """Tell whether an event loop's thread is in a file operation."""
    return a.state == "disk" and a.carrier == "loop"


def at_disk(view: View) -> float:
    """Return how sure it is (0..1) that loops which stand at files wait for the disk: the kernel
    says so, what they do is to sync, or hardly anything runs or wants to meanwhile.
    """
    limits, standing = rule("io.disk"), view.mean(stands_at_files)
    if not standing:
        return 0.0
    if view.observed.runtime in _BY_KERNEL:
        return 1.0
    synced = sum(
        mean
        for a in view.loaded.activities
        if stands_at_files(a)
        for leaf, mean in a.leaves.items()
        if leaf in _SYNCS
    )
    seconds = view.loaded.seconds
    wanted = view.loaded.run_queue_s / seconds if seconds else 0.0
    idle = 1 - (view.cores_used + wanted) / standing
    by_syncs = ramp(synced / standing, limits.limit("some_syncs"), limits.limit("most_syncs"))
    return max(by_syncs, ramp(idle, limits.limit("loop_idle") / 2, limits.limit("loop_idle")))
