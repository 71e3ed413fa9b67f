"""Counts and latencies of some requests: of an endpoint, of a moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.histogram import Histogram, merged
from slowcoach.load.outcome import Latencies


@dataclass(slots=True)
class Tally:
    """Some requests: latencies in ms of successes and of failures that have one, and counts.

    `errors` counts every failure by its kind; `unanswered` those of them without an answer.
    """

    good: Histogram = field(default_factory=Histogram)
    bad: Histogram = field(default_factory=Histogram)
    sent: int = 0
    errors: Counter[int] = field(default_factory=Counter[int])

    def all(self) -> Histogram:
        """Return the latencies of successes and failures together."""
        return merged((self.good, self.bad)) if self.bad.n else self.good

    def merge(self, other: Tally) -> None:
        """Add others."""
        self.good.merge(other.good)
        self.bad.merge(other.bad)
        self.sent += other.sent
        self.errors.update(other.errors)


@dataclass(slots=True)
class Slot:
    """What belongs to one moment: latencies and `sent` by when requests were sent, the other counts
    by when they ended.
    """

    good: Histogram = field(default_factory=Histogram)
    bad: Histogram = field(default_factory=Histogram)
    sent: int = 0
    completed: int = 0
    failed: int = 0
    succeeded: int = 0
    dropped: int = 0
    users: list[float] = field(default_factory=lambda: [0.0, 0.0])  # their sum, and how often told

    def merge(self, other: Slot) -> None:
        """Add those of another moment."""
        self.good.merge(other.good)
        self.bad.merge(other.bad)
        self.sent += other.sent
        self.completed += other.completed
        self.failed += other.failed
        self.succeeded += other.succeeded
        self.dropped += other.dropped
        self.users = [a + b for a, b in zip(self.users, other.users, strict=True)]


def groups(codes: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield each code with the places where it stands."""
    if not len(codes):
        return
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    cuts = np.flatnonzero(np.diff(ordered)) + 1
    for at in np.split(order, cuts):
        yield int(codes[at[0]]), at


def latencies_of(found: Histogram, *, corrected: bool = False) -> Latencies:
    """Return what a histogram tells of latencies."""
    return Latencies(
        count=found.n,
        histogram=found,
        mean_ms=found.mean,
        least_ms=found.least if found.n else None,
        most_ms=found.most if found.n else None,
        corrected=corrected,
    )
