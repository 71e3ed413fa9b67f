"""What lives on a Go program's heap before and after the load, and which goroutines remain.

Cost: one collection before and one after the load, so that only what lives is counted; none of
a heap of more than 1 GB.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from slowcoach.diagnosis.evidence.go_caches import Adder, Entries, entries_of
from slowcoach.diagnosis.evidence.go_frames import frame_of
from slowcoach.diagnosis.evidence.go_profiles import Kept, Spot, kept
from slowcoach.diagnosis.limits import harm, looking
from slowcoach.diagnosis.models import Growth, MemoryPoint
from slowcoach.profiling.recorders.go_endpoint import Client
from slowcoach.profiling.recorders.go_figures import memory_of
from slowcoach.profiling.recorders.go_goroutines import Goroutine

_STACK = re.compile(r"^# Stack = (\d+)", re.MULTILINE)
Population = Counter[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Heap:
    """What lives: bytes in all, goroutines' stacks included, and by the function that made it."""

    live: int
    collections: int
    by_spot: dict[Spot, Kept] = field(default_factory=dict[Spot, Kept])
    entries: dict[Adder, Entries] = field(default_factory=dict[Adder, Entries])


def heap_of(client: Client) -> Heap | None:
    """Collect, and return what lives; None for a large heap. Raises the client's errors."""
    from slowcoach.profiling.readers import pprof

    now = memory_of(client.text("heap?debug=1"))
    if now is None or now.heap > harm("largest_go_heap"):
        return None
    text = client.text("heap?gc=1&debug=1")
    said = memory_of(text)
    if said is None:
        return None
    stacks = _STACK.search(text)
    profiles = pprof.READER.read(client.get("heap"), "heap")
    live = said.heap + (int(stacks[1]) if stacks else 0)
    return Heap(live, said.collections, kept(profiles), entries_of(profiles))


def living(
    points: Sequence[MemoryPoint], before: Heap | None, after: Heap | None
) -> tuple[MemoryPoint, ...]:
    """Return the points with the growth that lives on, in the course that the system saw.

    What the system counts grows too while garbage waits for the next collection.
    """
    if before is None or after is None or not points:
        return tuple(points)
    first, last = points[0], points[-1]
    gained, seen = max(0, after.live - before.live), last.rss - first.rss
    answers = max(1, last.completed - first.completed)

    def part(point: MemoryPoint) -> float:
        if seen > gained / 2:
            return (point.rss - first.rss) / seen
        return (point.completed - first.completed) / answers

    return tuple(
        point.model_copy(update={"rss": first.rss + round(gained * part(point))})
        for point in points
    )


def population(dump: Sequence[Goroutine]) -> Population:
    """Return how many goroutines stand where: function, file, and who started them."""
    found: Population = Counter()
    for each in dump:
        own = next((f for frame in each.frames if (f := frame_of(frame)).own), None)
        if own is not None:
            found[own.name, own.file, each.creator] += 1
    return found


def remaining(before: Population, after: Population) -> tuple[Growth, ...]:
    """Return the functions in which ever more goroutines stand, most first."""
    more = {place: after[place] - before[place] for place in after}
    least = looking("least_goroutines")
    top = sorted((p for p in more if more[p] >= least), key=lambda p: -more[p])
    return tuple(
        Growth(
            name=f"goroutines in {place[0]}",
            kind="goroutines that never end",
            before=before[place],
            after=after[place],
            functions=tuple(filter(None, (place[0], place[2]))),
            file=place[1],
        )
        for place in top[:3]
    )
