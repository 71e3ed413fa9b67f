"""What came of a test, as counts and histograms that merge exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slowcoach.load.histogram import Histogram


@dataclass(slots=True)
class Part:
    """The requests of one cell of time, or of one endpoint, by when they were due.

    `latency` counts from when they were due and `service` from when they were sent, both of
    answers and timeouts; `good` is the latency of successes. `ended` and `ended_good` are the
    answers, and successes, that ended within the cell, whenever they were due.
    """

    latency: Histogram = field(default_factory=Histogram)
    good: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)
    errors: Counter[str] = field(default_factory=Counter[str])
    sent: int = 0
    completed: int = 0
    dropped: int = 0
    received: int = 0
    ended: int = 0
    ended_good: int = 0

    def merge(self, other: Part) -> None:
        """Add another part's requests."""
        self.latency.merge(other.latency)
        self.good.merge(other.good)
        self.service.merge(other.service)
        self.errors.update(other.errors)
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def encoded(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            **{name: getattr(self, name) for name in _COUNTS},
            **{name: getattr(self, name).encoded() for name in _HISTOGRAMS},
            "errors": dict(self.errors),
        }

    @classmethod
    def decoded(cls, data: Mapping[str, Any]) -> Part:
        """Return what `encoded` gave."""
        found = cls(errors=Counter(data["errors"]))
        for name in _HISTOGRAMS:
            setattr(found, name, Histogram.decoded(data[name]))
        for name in _COUNTS:
            setattr(found, name, int(data[name]))
        return found


_COUNTS = ("sent", "completed", "dropped", "received", "ended", "ended_good")
_HISTOGRAMS = ("latency", "good", "service")


@dataclass(slots=True)
class Record:
    """What came of a test, or of one process's share of it: parts by cell of time (between
    `edges`, in seconds) and by endpoint, and how late requests were sent.
    """

    edges: tuple[float, ...]
    cells: list[Part]
    endpoints: list[Part]
    slips: Histogram = field(default_factory=Histogram)
    broken: int = 0
    unfinished: int = 0

    @classmethod
    def empty(cls, edges: Sequence[float], endpoints: int) -> Record:
        """Return a record of nothing yet."""
        cells = [Part() for _ in range(len(edges) - 1)]
        return cls(tuple(edges), cells, [Part() for _ in range(endpoints)])

    def merge(self, other: Record) -> None:
        """Add another process's share; the result is as if one had sent all."""
        for mine, theirs in zip(self.cells, other.cells, strict=True):
            mine.merge(theirs)
        for mine, theirs in zip(self.endpoints, other.endpoints, strict=True):
            mine.merge(theirs)
        self.slips.merge(other.slips)
        self.broken += other.broken
        self.unfinished += other.unfinished

    def encoded(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "edges": self.edges,
            "cells": [part.encoded() for part in self.cells],
            "endpoints": [part.encoded() for part in self.endpoints],
            "slips": self.slips.encoded(),
            "broken": self.broken,
            "unfinished": self.unfinished,
        }

    @classmethod
    def decoded(cls, data: Mapping[str, Any]) -> Record:
        """Return what `encoded` gave."""
        return cls(
            tuple(data["edges"]),
            [Part.decoded(part) for part in data["cells"]],
            [Part.decoded(part) for part in data["endpoints"]],
            Histogram.decoded(data["slips"]),
            int(data["broken"]),
            int(data["unfinished"]),
        )
