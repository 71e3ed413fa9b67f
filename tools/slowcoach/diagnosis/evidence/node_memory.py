"""The memory that lives after collections, as the points by which growth is judged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from slowcoach.diagnosis.models import MemoryPoint

_LEAST = 4


class HeapPoint(NamedTuple):
    """Bytes that lived at some seconds of the load, right after a collection."""

    at_s: float
    used: int


def live_memory(
    heap: Sequence[HeapPoint], points: Sequence[MemoryPoint]
) -> tuple[MemoryPoint, ...]:
    """Return the live bytes with the answers until then. With too few looks nothing is said of
    growth: what the system counts grows for other reasons too, as V8 takes what it may.
    """
    if len(heap) < _LEAST or not points:
        return tuple(each.model_copy(update={"rss": points[0].rss}) for each in points)
    return tuple(
        MemoryPoint(at_s=at, completed=_completed(at, points), rss=used) for at, used in heap
    )


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
