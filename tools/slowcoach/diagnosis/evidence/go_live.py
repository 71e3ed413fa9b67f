"""How the memory that lives on a Go program's heap grows, read where its collector notes it.

What the system counts grows as well while garbage waits for the next collection. Cost: some
milliseconds of ours to find the place, then one word a look.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Final, NamedTuple

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.goroutines_memory.pacer import living_at
from slowcoach.diagnosis.interpreter.memory import ProcessMemory, UnreadableMemoryError
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import MemoryPoint

BEFORE: Final = -1.0


class Lived(NamedTuple):
    """What lived after a collection, in bytes, by the seconds of the load; `BEFORE` it."""

    at_s: float
    lives: int


class LiveWatch:
    """Looks at what lives in one process, from its idle time on."""

    def __init__(self, memory: ProcessMemory, version: str) -> None:
        self._memory, self._version = memory, version
        self._at: int | None = None
        self._begun = float("inf")
        self._lived: list[Lived] = []

    def begin(self) -> None:
        """Find the place; the first look is at the idle program."""
        with suppress(UnreadableMemoryError, OSError):
            self._at = living_at(self._memory, self._version)
        self.look()

    def begin_load(self) -> None:
        """Count the load's time from now."""
        self.look()
        self._begun = time.monotonic()
        self._lived = [each._replace(at_s=BEFORE) for each in self._lived]

    def look(self) -> None:
        """Note what lives, as of the last collection, if there was another one."""
        if self._at is not None:
            with suppress(UnreadableMemoryError):
                lives = self._memory.word(self._at)
                if lives and not (self._lived and self._lived[-1].lives == lives):
                    self._lived.append(Lived(max(BEFORE, time.monotonic() - self._begun), lives))

    def memory(self, points: Sequence[MemoryPoint]) -> tuple[MemoryPoint, ...] | None:
        """Return the points with what lived; None where too few collections were seen."""
        return living(points, self._lived)


def living(points: Sequence[MemoryPoint], lived: Sequence[Lived]) -> tuple[MemoryPoint, ...] | None:
    """Return the points with what lived at each; None where too few collections were seen.

    Collections are rare where most of what is made is kept: each is at twice of what lived after
    the last. Then growth that goes on from one to the next is laid evenly over the answers.
    """
    limits = rule("memory.leak")
    under_load = [each for each in lived if each.at_s >= 0]
    if not points or len(lived) < limits.limit("collections"):
        return None
    if len(under_load) >= limits.limit("many_collections"):
        return tuple(
            point.model_copy(update={"rss": n})
            for point, n in zip(points, _least(points, under_load), strict=True)
        )
    before, last = (later.lives - one.lives for one, later in list(pairwise(lived))[-2:])
    goes_on = before > 0 and last >= limits.limit("goes_on") * before
    if goes_on and not under_load:
        return None  # it may, or may not
    gained_since = points[-1].rss - points[0].rss
    if not goes_on and gained_since >= (looking("outgrown") - 1) * lived[-1].lives:
        return None  # more is in use than the collector leaves as garbage
    first, answers = points[0], max(1, points[-1].completed - points[0].completed)
    gained = last if goes_on else 0
    parts = [(point.completed - first.completed) / answers for point in points]
    return tuple(
        point.model_copy(update={"rss": lived[-1].lives + round(gained * part)})
        for point, part in zip(points, parts, strict=True)
    )


def _least(points: Sequence[MemoryPoint], lived: Sequence[Lived]) -> list[int]:
    """Return the least that lived since the point before: what requests at work have, and what is
    made while the collector marks, counts as living too.
    """
    times = [each.at_s for each in lived]
    ends = [max(1, bisect_right(times, point.at_s)) for point in points]
    begins = [0, *ends[:-1]]
    return [
        min(each.lives for each in lived[min(begin, end - 1) : end])
        for begin, end in zip(begins, ends, strict=True)
    ]
