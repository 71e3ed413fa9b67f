"""What was seen of a Node.js program in one phase, and how it is taken from its threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from slowcoach.diagnosis.evidence.node_cpu import busy_share, computing
from slowcoach.diagnosis.evidence.node_notes import notes_of
from slowcoach.diagnosis.evidence.node_threads import ThreadLooks
from slowcoach.diagnosis.evidence.node_told import Told, told
from slowcoach.diagnosis.eyes import Sight
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders.inspector import Calls, Inspector
from slowcoach.profiling.recorders.node_inlined import give_back
from slowcoach.profiling.recorders.node_inspector import coverage, method
from slowcoach.profiling.recorders.node_profiles import cpu_views

_MICROSECONDS: Final = 1_000_000
WORKS: Final = frozenset({"net", "db", "disk", "sleep", "child"})  # what a worker thread waits for


@dataclass(eq=False)
class NodeSight(Sight):
    """What the loops did (by the wall clock, and the whole time) and what operations waited for."""

    looks: int = 0
    loops: list[tuple[Profile, float]] = field(default_factory=list[tuple[Profile, float]])
    workers: list[tuple[Profile, float]] = field(default_factory=list[tuple[Profile, float]])
    said: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    worker_said: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    connections: Counter[int] = field(default_factory=Counter[int])
    counted: int = 0
    threads: ThreadLooks = field(default_factory=ThreadLooks)
    forced_s: float = 0.0  # in collections that we asked for

    def __post_init__(self) -> None:
        self._told: Told | None = None

    @property
    def told(self) -> Told:
        """Return the operations, sorted."""
        if self._told is None:
            self._told = told(notes_of(self.said))
        return self._told

    @property
    def worker_told(self) -> Told:
        """Return the operations of its worker threads, sorted, but for what these do by
        themselves: begun far less often than requests are answered.
        """
        notes, least = notes_of(self.worker_said), looking("begun_by_answer")
        seconds = max((each["seconds"] for each in self.worker_said), default=0.0)
        answers = sum(each.get("answers", 0) / max(each["seconds"], 1e-3) for each in self.said)
        return told([n for n in notes if n.count >= least * answers * seconds])

    @property
    def busy(self) -> float:
        """Return the share of time that the busiest loop was not idle."""
        return min(1.0, max((busy_share(*each) for each in self.loops), default=0.0))

    @property
    def requests(self) -> float:
        """Return how many requests at a time the program was answering."""
        return sum(float(each.get("requests", 0.0)) for each in self.said)


def take(sight: NodeSight, inspector: Inspector, notes: str | None) -> None:
    """Take what a process's loop did and its operations waited for into the sight."""
    if notes is not None:
        sight.said.append(inspector.ask(notes, method("read")))
    wall, whole, looks = stopped(inspector)
    sight.loops.append((wall, whole))
    sight.looks += looks


def take_worker(sight: NodeSight, thread: Calls, notes: str | None) -> None:
    """Take what a worker thread did and its operations waited for into the sight."""
    if notes is None:
        return
    if notes:
        sight.worker_said.append(thread.ask(notes, method("read")))
    sight.workers.append(stopped(thread)[:2])


def stopped(thread: Calls) -> tuple[Profile, float, int]:
    """Return the view of a thread by the wall clock, the whole time and the number of looks."""
    content = thread.call("Profiler.stop")["profile"]
    give_back(content, coverage(thread))
    wall = cpu_views(content, "loop")[1]
    return wall, float(wall.tree.weight.sum()), max(1, len(content.get("samples", ())))


def computed_in(sight: NodeSight) -> tuple[Activity, ...]:
    """Return what its threads did, less the collections that we asked for."""
    loops = [a for wall, whole in sight.loops for a in computing(wall, whole)]
    collected = sum(a.mean for a in loops if a.state == "gc")
    ours = sight.forced_s * _MICROSECONDS / max((whole for _, whole in sight.loops), default=1.0)
    if collected:
        left = max(0.0, 1 - ours / collected)
        loops = [_times(a, left) if a.state == "gc" else a for a in loops]
    return (*loops, *(a for wall, whole in sight.workers for a in computing(wall, whole, "worker")))


def beyond(seen: Iterable[Activity], idle: Iterable[Activity]) -> list[Activity]:
    """Return what is done beyond what the idle service does as well."""
    standing: Counter[tuple[str, ...]] = Counter()
    for a in idle:
        standing[a.carrier, a.state, a.function, a.file] += a.mean  # type: ignore[assignment]
    found: list[Activity] = []
    for a in seen:
        key = (a.carrier, a.state, a.function, a.file)
        taken = min(a.mean, standing[key])
        standing[key] -= taken  # type: ignore[assignment]
        if a.mean > taken:
            found.append(_times(a, (a.mean - taken) / a.mean))
    return found


def at_files(found: Sequence[Activity], threads: ThreadLooks) -> list[Activity]:
    """Return what worker threads have native code do as file operations, for as many of them as
    threads beside the loops were in such at a time, and all of it where the kernel has most of
    their processor time: V8 calls it computing.
    """
    native = [a for a in found if a.carrier == "worker" and a.state == "cpu" and _is_native(a)]
    total = sum(a.mean for a in native)
    part = min(1.0, threads.mean_at_files / total) if total else 0.0
    if threads.in_kernel >= looking("kernels_part") and part >= looking("native_in_kernel"):
        part = 1.0
    if part < looking("native_at_files"):
        return list(found)
    made = [_times(a, 1 - part) if a in native else a for a in found]
    made += [_times(a, part).model_copy(update={"state": "disk"}) for a in native]
    return [a for a in made if a.mean > 0]


def _is_native(a: Activity) -> bool:
    """Tell whether it ends in native code: that has no file."""
    return bool(a.leaves) and all(":" not in leaf for leaf in a.leaves)


def _times(a: Activity, factor: float) -> Activity:
    lines = {line: mean * factor for line, mean in a.lines.items()}
    leaves = {leaf: mean * factor for leaf, mean in a.leaves.items()}
    return a.model_copy(update={"mean": a.mean * factor, "lines": lines, "leaves": leaves})


def in_worker(a: Activity) -> Activity:
    """Return what was seen of a worker thread's operations as such."""
    return a.model_copy(update={"carrier": "worker", "server": "worker threads"})
