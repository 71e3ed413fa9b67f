"""What Go's own profiles add to the goroutines: where it computes, allocates, and keeps memory.

Cost: the processor's profile is Go's at 100 Hz, about 1 %, in slices of two seconds; a heap
profile is some milliseconds before and after the load, and asks for no collection.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from slowcoach.diagnosis.evidence.go_frames import frame_of, package_of
from slowcoach.diagnosis.evidence.goroutines import in_file_operation
from slowcoach.diagnosis.evidence.units import PATH_KEPT, UnitSight
from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity, Growth
from slowcoach.diagnosis.view import BURNING
from slowcoach.profiling.model import Profile

_COLLECTS = re.compile(
    r"^runtime\.(?:gcBgMarkWorker|gcAssistAlloc|gcDrain|gcMark|gcStart|bgsweep|bgscavenge|sweepone"
    r"|deductSweepCredit|deductAssistCredit|\(\*mspan\)\.sweep|\(\*sweepLocked\)\.sweep|wbBufFlush"
    r"|gcWriteBarrier|scanobject|greyobject|markroot)"
)
FORCES = re.compile(r"^runtime\.GC$|^runtime/debug\.[fF]reeOSMemory$")  # collections asked for
_ALLOCATES = re.compile(r"^runtime\.(?:mallocgc|newobject|makeslice|growslice|makemap)")
# what the collector does while the processor would idle costs nobody
_SPARE = re.compile(r"^runtime\.gcDrainMarkWorkerIdle")
_LOOKING = re.compile(r"^(?:net/http/pprof|runtime/pprof)\.")
_SCHEDULES = re.compile(r"^runtime\.(?:mcall|mstart|systemstack_switch|sysmon|schedule)\b")
_CALLEE_KEPT = 3
_PLACES = 5
_ALLOCATED = 2


class Spot(NamedTuple):
    """The program's own function in which something was spent, with what led to it."""

    function: str
    file: str
    path: tuple[str, ...]
    callee: tuple[str, ...]
    packages: tuple[str, ...]


Allocating = dict[Spot, tuple[float, int]]


@dataclass(slots=True)
class Computed:
    """Seconds of the processor: by spot and line, those of the collector, and for allocating."""

    spots: dict[Spot, dict[int, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )
    collector: float = 0.0
    samples: int = 0
    allocating: Allocating = field(default_factory=dict[Spot, tuple[float, int]])

    @property
    def total(self) -> float:
        """Return the seconds in all."""
        return self.collector + sum(sum(lines.values()) for lines in self.spots.values())

    @property
    def tells(self) -> bool:
        """Tell whether it is enough to say where goroutines compute."""
        return self.samples >= looking("least_samples") and self.total > 0


def computed(profiles: Iterable[Profile]) -> Computed:
    """Return what slices of the processor's profile say of the requests' computing."""
    found = Computed()
    for profile in profiles:
        found.samples += profile.samples or 0
        for frames, weight in stacks_of(profile):
            names = [frame.name for frame in frames]
            if any(_LOOKING.match(name) or _SPARE.match(name) for name in names):
                continue
            if in_file_operation(names):
                continue  # the goroutines' looks count it as a wait for the disk
            if any(_COLLECTS.match(name) or FORCES.match(name) for name in names):
                found.collector += weight
            elif any(frame.own for frame in frames) or not _SCHEDULES.match(names[-1]):
                spot, line = _spot(frames)
                found.spots[spot][line] += weight
                if spot.path and any(_ALLOCATES.match(name) for name in names):
                    maker = spot._replace(callee=(), packages=())
                    so_far, at = found.allocating.get(maker, (0.0, line))
                    found.allocating[maker] = (so_far + weight, at)
    return found


def stacks_of(profile: Profile) -> Iterator[tuple[tuple[StackFrame, ...], float]]:
    """Yield the stacks of a profile with their weights, leaf first."""
    tree = profile.tree
    parents, frames = tree.parent.tolist(), tree.frame.tolist()
    known = [frame_of(profile.frames[i]) for i in range(len(profile.frames))]
    for node, weight in enumerate(tree.weight.tolist()):
        if not node or not weight:
            continue
        stack: list[StackFrame] = []
        at = node
        while at:
            stack.append(known[frames[at]])
            at = parents[at]
        yield tuple(stack), weight


def _spot(frames: Sequence[StackFrame]) -> tuple[Spot, int]:
    at = next((i for i, frame in enumerate(frames) if frame.own), len(frames) - 1)
    place = frames[at]
    callee = frames[:at] if place.own else ()
    path = tuple(dict.fromkeys(frame.name for frame in reversed(frames) if frame.own))
    return Spot(
        place.name,
        place.file,
        path[-PATH_KEPT:],
        tuple(frame.name for frame in reversed(callee[-_CALLEE_KEPT:])),
        tuple(dict.fromkeys(package_of(frame.name) for frame in callee)),
    ), place.line


def forcing(seen: UnitSight) -> Allocating:
    """Return who asks for collections and waits for their end, by how many at a time."""
    found: Allocating = {}
    for unit, count in seen.seen.items():
        at = unit.own_at
        if at is not None and any(FORCES.match(frame.name) for frame in unit.frames[:at]):
            spot, line = _spot(unit.frames)
            so_far, _ = found.get(spot, (0.0, line))
            found[spot] = (so_far + count / max(1, seen.looks), line)
    return found


def recounted(
    activities: Sequence[Activity],
    spent: Computed,
    allocating: Allocating,
    forced: Allocating | None = None,
) -> tuple[Activity, ...]:
    """Return the activities with the computing as the processor's profile has it.

    How many goroutines compute, or would, is what the looks at them say; the profile says where,
    and how much of it is the collector's, which is put down to those that ask for collections
    (`forcing`), as far as one of them waits for one, else to those that allocate most.

    What a lone request computes, which was too short for a profile, is as the load's profile has
    it: looks at goroutines show no collector.
    """
    computing = sum(a.mean for a in activities if a.state in BURNING)
    whole = spent.total
    if not spent.tells or computing < looking("least_computing"):
        return tuple(activities)
    scale = computing / whole
    made = [a for a in activities if a.state not in BURNING]
    made += [_activity("cpu", spot, lines, scale) for spot, lines in spent.spots.items()]
    made += _collected(spent.collector * scale, allocating, forced or {})
    return tuple(sorted((a for a in made if a.mean > 0), key=lambda a: -a.mean))


def _collected(mean: float, allocating: Allocating, forced: Allocating) -> list[Activity]:
    """Return the collector's computing by those who ask for it, and by those who allocate."""
    waiting = sum(count for count, _ in forced.values())
    # as much of the time as one of them waits for it, the collector works for them
    asked = min(1.0, waiting / min(1.0, mean)) if mean else 0.0
    return _collecting(mean * asked, forced) * bool(asked) + _collecting(
        mean * (1 - asked), allocating
    )


def spent_at(spent: Computed, seconds: float, wanting: float) -> tuple[Activity, ...]:
    """Return the computing of these seconds: `wanting` threads at a time, or as many as ran."""
    whole = spent.total
    if whole <= 0:
        return ()
    scale = max(1 / seconds, wanting / whole)
    made = [_activity("cpu", spot, lines, scale) for spot, lines in spent.spots.items()]
    made += _collecting(spent.collector * scale, spent.allocating)
    return tuple(sorted((a for a in made if a.mean > 0), key=lambda a: -a.mean))


def _activity(state: str, spot: Spot, lines: dict[int, float], scale: float) -> Activity:
    return Activity(
        carrier="thread",
        state=state,
        **spot._asdict(),
        line=max(lines, key=lambda line: lines[line]),
        lines={line: round(weight * scale, 3) for line, weight in sorted(lines.items())},
        mean=round(sum(lines.values()) * scale, 4),
    )


def _collecting(mean: float, allocating: Allocating) -> list[Activity]:
    """Return the collector's computing, spread over the spots that allocate most."""
    top = sorted(allocating.items(), key=lambda item: -item[1][0])[:_PLACES]
    total = sum(size for _, (size, _) in top)
    if not total:
        return [Activity(carrier="thread", state="gc", mean=round(mean, 4))]
    return [
        Activity(
            carrier="thread",
            state="gc",
            **spot._asdict(),
            line=line,
            mean=round(mean * size / total, 4),
        )
        for spot, (size, line) in top
    ]


class Kept(NamedTuple):
    """What an allocating function has: bytes and objects in use, and bytes allocated so far, and
    the line that allocated most.
    """

    objects: float
    size: float
    allocated: float
    line: int = 0


def kept(profiles: Iterable[Profile]) -> dict[Spot, Kept]:
    """Return by spot what a heap profile says, as of the last collection."""
    found: dict[Spot, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    lines: dict[Spot, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    columns = {"inuse_objects": 0, "inuse_space": 1, "alloc_space": _ALLOCATED}
    for profile in profiles:
        column = columns.get(profile.value)
        if column is None:
            continue
        for frames, weight in stacks_of(profile):
            if any(_LOOKING.match(frame.name) for frame in frames):
                continue
            spot, line = _spot(frames)
            spot = spot._replace(callee=(), packages=())
            found[spot][column] += weight
            lines[spot][line] += weight if column == _ALLOCATED else 0.0
    return {
        spot: Kept(objects, size, total, max(lines[spot], key=lambda n: lines[spot][n]))
        for spot, (objects, size, total) in found.items()
    }


def allocated(before: dict[Spot, Kept], after: dict[Spot, Kept]) -> Allocating:
    """Return the bytes that own functions allocated between two looks, with their lines."""
    nothing = Kept(0.0, 0.0, 0.0)
    more = {s: now.allocated - before.get(s, nothing).allocated for s, now in after.items()}
    return {s: (size, after[s].line) for s, size in more.items() if size > 0 and s.path}


def grown(before: dict[Spot, Kept], after: dict[Spot, Kept]) -> tuple[Growth, ...]:
    """Return the functions whose memory is in use and became more, most first."""
    nothing = Kept(0.0, 0.0, 0.0)
    gains = {s: now.size - before.get(s, nothing).size for s, now in after.items() if s.path}
    least = looking("least_in_use")
    top = sorted((s for s, gain in gains.items() if gain >= least), key=lambda s: -gains[s])
    return tuple(
        Growth(
            name=f"memory that {spot.function} allocates",
            kind="objects on the heap",
            before=round(before.get(spot, nothing).objects),
            after=round(after[spot].objects),
            functions=spot.path[-_CALLEE_KEPT:],
            file=spot.file,
        )
        for spot in top[:_PLACES]
    )
