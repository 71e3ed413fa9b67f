"""What lives in V8's heap, told by what is used, as the points by which growth is judged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import MemoryPoint

_WINDOWS = 6


class HeapPoint(NamedTuple):
    """Bytes that were used at some seconds of the load."""

    at_s: float
    used: int


def live_memory(
    heap: Sequence[HeapPoint], points: Sequence[MemoryPoint]
) -> tuple[MemoryPoint, ...]:
    """Return the live bytes with the answers until then.

    The first and the last of `heap` were noted right after a collection. Between them garbage is
    used too: the least of each of six parts of the load is nearest to what lives. With too few
    looks nothing is said of growth: what the system counts grows for other reasons too, as V8
    takes what it may.
    """
    if len(heap) < looking("least_heap_looks") or not points:
        return tuple(each.model_copy(update={"rss": points[0].rss}) for each in points)
    return tuple(
        MemoryPoint(at_s=at, completed=_completed(at, points), rss=used)
        for at, used in (heap[0], *_least(heap[1:-1], heap[-1].at_s), heap[-1])
    )


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
