"""What a load generator sends and what it saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, sent over and over."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None


class Sample(NamedTuple):
    """One request as it went.

    `started_s` is when it was due, from the beginning of the test. `latency_ms` counts from
    then, `service_ms` from when it was really sent (a new connection included). A request that
    met a transport error has no `status`; an answer of 400 and above has both a status and an
    `error` ("status 503"), and keeps its latency.
    """

    started_s: float
    latency_ms: float
    service_ms: float
    status: int | None
    error: str | None
    body_bytes: int


class Tick(NamedTuple):
    """How far a test is, about once a second. `errors` counts all kinds together, `refused` those
    by which a server says that it is down or has too much: 5xx, 429, no connection or a cut one.
    """

    elapsed_s: float
    duration_s: float
    sent: int
    completed: int
    errors: int
    dropped: int
    in_flight: int
    refused: int = 0


@dataclass(frozen=True)
class LoadResult:
    """What came of a test.

    `completed` counts answers of any status. `dropped` are requests of the open model that were
    due while `concurrency` others were under way; `slip_p99_ms` is how late the generator
    itself sent. With drops or a large slip the percentiles say less than they seem to.
    `duration_s` reaches to the last answer; `throughput_rps` counts answers within the time
    asked. `connections` is how many were opened. `generator_cpu_share` is this process's CPU
    time by wall time: near 1 the generator is the limit, not the target.
    """

    samples: tuple[Sample, ...]
    sent: int
    completed: int
    errors: dict[str, int]
    dropped: int
    slip_p99_ms: float
    duration_s: float
    throughput_rps: float
    generator_cpu_share: float
    connections: int = 0

    @cached_property
    def latencies_ms(self) -> tuple[float, ...]:
        """Return the latencies of answers and of timeouts (which waited at least that), sorted."""
        return tuple(sorted(s.latency_ms for s in self.samples if _has_latency(s)))

    @property
    def error_rate(self) -> float:
        """Return the share (0..1) of the requests sent that failed, statuses of 400 included."""
        return sum(self.errors.values()) / self.sent if self.sent else 0.0

    @property
    def goodput_rps(self) -> float:
        """Return answers below status 400 per second, as `throughput_rps` counts."""
        good = sum(1 for sample in self.samples if sample.error is None)
        return self.throughput_rps * good / self.completed if self.completed else 0.0

    def percentile(self, q: float) -> float | None:
        """Return the latency in ms at the quantile `q` (0..1); None without answers."""
        return quantile(self.latencies_ms, q)

    def windows(self, seconds: float = 1.0) -> list[list[float]]:
        """Return the latencies in ms by window of `seconds` in which their requests were due."""
        found: list[list[float]] = []
        for sample in self.samples:
            if _has_latency(sample):
                index = int(sample.started_s // seconds)
                while len(found) <= index:
                    found.append([])
                found[index].append(sample.latency_ms)
        return found


def quantile(ordered: tuple[float, ...] | list[float], q: float) -> float | None:
    """Return the quantile `q` (0..1) of sorted values, linear between neighbours; None if empty."""
    if not ordered:
        return None
    place = q * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _has_latency(sample: Sample) -> bool:
    return sample.status is not None or sample.error == "timeout"
