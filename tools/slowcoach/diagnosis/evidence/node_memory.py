"""What lives in V8's heap, told by what is used, as the points by which growth is judged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import MemoryPoint

_WINDOWS = 6


class HeapPoint(NamedTuple):
    """Bytes that were used at some seconds of the load; `collected`: right after a collection."""

    at_s: float
    used: int
    collected: bool = False


def live_memory(
    heap: Sequence[HeapPoint], points: Sequence[MemoryPoint], *, evenly: bool = False
) -> tuple[MemoryPoint, ...]:
    """Return the live bytes with the answers until then.

    The first and the last of `heap` were noted right after a collection, and one between them
    where what lives grew. Else garbage is used too: the least of each of six parts of the load is
    nearest to what lives. A large heap is seldom collected, so that the least has much garbage;
    where what lives at the end was made `evenly`, what is above the way from one collection to
    the next is that. With too few looks nothing is said of growth: what the system counts grows
    for other reasons too, as V8 takes what it may.
    """
    if len(heap) < looking("least_heap_looks") or not points:
        return tuple(each.model_copy(update={"rss": points[0].rss}) for each in points)
    found = [
        MemoryPoint(at_s=at, completed=_completed(at, points), rss=used)
        for at, used, _ in (heap[0], *_least(heap[1:-1], heap[-1].at_s), heap[-1])
    ]
    known = next((each for each in reversed(heap[1:-1]) if each.collected), None)
    if known is None or not evenly:
        return tuple(found)
    middle = MemoryPoint(at_s=known.at_s, completed=_completed(known.at_s, points), rss=known.used)
    return tuple(_without_garbage(each, middle, found[-1]) for each in found)


def _without_garbage(one: MemoryPoint, middle: MemoryPoint, last: MemoryPoint) -> MemoryPoint:
    """Return a point no higher than the way from `middle` to `last`, two that have no garbage."""
    answers = last.completed - middle.completed
    part = (one.completed - middle.completed) / answers if answers > 0 else 0.0
    most = middle.rss + max(0.0, part) * (last.rss - middle.rss)
    return one.model_copy(update={"rss": min(one.rss, round(most))})


def _least(between: Sequence[HeapPoint], ended_s: float) -> list[HeapPoint]:
    """Return the point with the least use of each part of the load, in order."""
    parts: dict[int, HeapPoint] = {}
    for point in between:
        part = min(int(point.at_s / ended_s * _WINDOWS), _WINDOWS - 1) if ended_s else 0
        parts[part] = min(parts.get(part, point), point, key=lambda each: each.used)
    return [parts[part] for part in sorted(parts)]


def _completed(at_s: float, points: Sequence[MemoryPoint]) -> int:
    """Return the answers until a moment, between the looks at both sides of it."""
    before = MemoryPoint(at_s=0.0, completed=0, rss=0)
    for point in points:
        if point.at_s >= at_s:
            length = point.at_s - before.at_s
            part = (at_s - before.at_s) / length if length else 1.0
            return round(before.completed + part * (point.completed - before.completed))
        before = point
    return points[-1].completed
