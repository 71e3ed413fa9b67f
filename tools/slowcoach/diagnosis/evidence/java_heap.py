"""Which classes of a JVM gain live objects with the requests, and what they take.

Cost: each look has the JVM collect its whole heap (some 50 ms for 100 MB), which stops it. There
are three: before the load, amid it, after it; none before or amid it where the heap holds more
than half a gigabyte.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from slowcoach.core.errors import SlowcoachError
from slowcoach.diagnosis.models import Growth, MemoryPoint
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.java_attach import asked
from slowcoach.profiling.recorders.java_counters import counters

_ROW = re.compile(r"^\s*\d+:\s+(?P<count>\d+)\s+(?P<bytes>\d+)\s+(?P<name>\S+)")
_USED = re.compile(r"^sun\.gc\.generation\.\d+\.space\.\d+\.used$")
_LARGEST, _LARGEST_AFTER = 512 << 20, 2 << 30
_AFTER_S = 5.0
_LEAST_GAINED = 20
_KEPT = 12


@dataclass(frozen=True, slots=True)
class Histogram:
    """The live objects at a moment: count by class, and the bytes of all."""

    at: float
    bytes: int
    counts: dict[str, int] = field(default_factory=dict[str, int])


def histogram_of(text: str, at: float) -> Histogram:
    """Return what `GC.class_histogram` told."""
    counts: dict[str, int] = {}
    total = 0
    for row in map(_ROW.match, text.splitlines()):
        if row:
            counts[row["name"]] = int(row["count"])
            total += int(row["bytes"])
    return Histogram(at, total, counts)


class JavaHeap:
    """Looks at the live objects of one JVM, seldom."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._looks: list[Histogram] = []
        self._begun = 0.0

    def begin(self) -> None:
        """Look before the load."""
        self._looks = []
        self._look()
        self._begun = time.monotonic()

    def amid(self) -> None:
        """Look once while the load runs."""
        if len(self._looks) == 1 and time.monotonic() - self._begun > _AFTER_S:
            self._look()

    def end(self) -> None:
        """Look after the load."""
        if self._looks:
            self._look(_LARGEST_AFTER)

    def _look(self, largest: int = _LARGEST) -> None:
        used = sum(v for k, v in counters(self._pid).items() if _USED.match(k))
        if used > largest:
            return
        try:
            text = asked(self._pid, "GC.class_histogram")
        except SlowcoachError:
            return
        self._looks.append(histogram_of(text, time.monotonic()))

    def growth(self) -> tuple[Growth, ...]:
        """Return the classes that gained live objects, most first; own ones before others."""
        return grown(self._looks)

    def memory(self, points: Sequence[MemoryPoint], begun: float) -> tuple[MemoryPoint, ...]:
        """Return the points with the bytes of live objects for resident memory, which a heap
        fills whether they live or not. `begun` is when the load began (monotonic).
        """
        return tuple(
            point.model_copy(update={"rss": round(_live(self._looks, begun + point.at_s))})
            for point in points
        )


def grown(looks: Sequence[Histogram]) -> tuple[Growth, ...]:
    """Return what grew between the first and the last look, and went on growing."""
    if len(looks) < 2:  # noqa: PLR2004 - a difference has two ends
        return ()
    first, last = looks[0].counts, looks[-1].counts
    found: list[tuple[bool, int, Growth]] = []
    for name, after in last.items():
        before = first.get(name, 0)
        between = [look.counts.get(name, 0) for look in looks[1:-1]]
        if after - before < _LEAST_GAINED or any(count >= after for count in between):
            continue
        own = is_own_class(name)
        growth = Growth(
            name=name.replace("$", ".") if own else name,
            kind="live objects",
            before=before,
            after=after,
            file=f"{name.rpartition('.')[2].partition('$')[0]}.java" if own else "the heap",
        )
        found.append((own, after - before, growth))
    found.sort(key=lambda each: (not each[0], -each[1]))
    return tuple(growth for _, _, growth in found[:_KEPT])


def is_own_class(name: str) -> bool:
    """Tell whether a class is the program's own: no array, no library."""
    return not name.startswith("[") and not kind(Frame(f"{name}:<init>", None)).library


def _live(looks: Sequence[Histogram], at: float) -> float:
    """Return the bytes of live objects at a moment, between two looks on the line."""
    if not looks:
        return 0.0
    for one, other in pairwise(looks):
        if one.at <= at <= other.at:
            part = (at - one.at) / max(other.at - one.at, 1e-9)
            return one.bytes + part * (other.bytes - one.bytes)
    return float(looks[0].bytes if at < looks[0].at else looks[-1].bytes)
