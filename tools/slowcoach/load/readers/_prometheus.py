"""Histograms of Prometheus: buckets by endpoint and status, at one or more times."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.names import Names
from slowcoach.load.outcome import Figures, Moment
from slowcoach.load.readers._buckets import Bucket, Buckets

SERVER = (
    "Prometheus: what clients waited: the server's own latencies begin when it takes a request up, "
    "so that waiting before (sockets, proxies) is not in them, and a stall hardly shows"
)
MODEL = "Prometheus: whether the load was open or closed"
ENDPOINTS = (
    *("handler", "http_route", "route", "path", "uri", "endpoint", "url", "http_target", "view"),
    *("grpc_method", "rpc_method", "operation"),
)
METHODS = ("method", "http_method", "http_request_method", "verb")
STATUSES = (
    *("code", "status", "status_code", "http_status_code", "http_response_status_code"),
    *("grpc_code", "response_code"),
)
MOST_SERIES = 200_000
_SCALES: Mapping[str, float] = {
    **{"seconds": 1e3, "milliseconds": 1.0, "millis": 1.0, "ms": 1.0, "msec": 1.0},
    **{"microseconds": 1e-3, "us": 1e-3, "nanoseconds": 1e-6, "ns": 1e-6},
}
_IN_MS = 300.0  # seconds are seldom in buckets beyond, ms nearly always
_TIMED = re.compile(r"(?:http|rpc|request|response|latency|duration|server|handl)", re.IGNORECASE)
_SIZED = re.compile(r"(?:bytes|size)(?:_|$)", re.IGNORECASE)
_FAILED = re.compile(r"[45](?:\d\d|xx)", re.IGNORECASE)
_STATUS = re.compile(r"[1-5](?:\d\d|xx)", re.IGNORECASE)

Values = NDArray[np.float64]
Part = Mapping[tuple[float, float], Values]
Group = tuple[int, str]
"""The code of an endpoint's name, and a status ("" where there is none)."""


@dataclass(slots=True)
class Grid:
    """Counts in each bucket (its ends as written) by group, at each of some times."""

    times: Values
    groups: dict[Group, dict[tuple[float, float], Values]] = field(
        default_factory=dict[Group, dict[tuple[float, float], Values]]
    )
    cumulative: dict[Group, dict[float, Values]] = field(
        default_factory=dict[Group, dict[float, Values]]
    )
    sums: dict[Group, float] = field(default_factory=dict[Group, float])
    names: Names = field(default_factory=Names)
    whole_numbers: bool = True

    def group(self, labels: Mapping[str, str]) -> Group:
        """Return the group that a series belongs to."""
        endpoint = next((labels[name] for name in ENDPOINTS if labels.get(name)), "all")
        method = next((labels[name] for name in METHODS if labels.get(name)), "")
        status = next((labels[name] for name in STATUSES if labels.get(name)), "")
        return self.names.code(f"{method} {endpoint}".strip()), status

    def add_cumulative(self, labels: Mapping[str, str], high: float, values: Values) -> None:
        """Add a series of the counts up to an end."""
        self._note(values)
        found = self.cumulative.setdefault(self.group(labels), {})
        found[high] = found[high] + values if high in found else values

    def add(self, labels: Mapping[str, str], low: float, high: float, values: Values) -> None:
        """Add a series of the counts between two ends."""
        self._note(values)
        found = self.groups.setdefault(self.group(labels), {})
        key = (low, high)
        found[key] = found[key] + values if key in found else values

    def _note(self, values: Values) -> None:
        self.whole_numbers = self.whole_numbers and bool((values == np.rint(values)).all())

    def split(self) -> None:
        """Turn the counts up to each end into counts between ends."""
        for group, found in self.cumulative.items():
            low, below = 0.0, np.zeros(len(self.times))
            target = self.groups.setdefault(group, {})
            for high in sorted(found):
                values = np.maximum(found[high], below)
                key = (low, high)
                part = values - below
                target[key] = target[key] + part if key in target else part
                low, below = high, values
        self.cumulative.clear()

    def largest_end(self) -> float:
        """Return the largest finite end of a bucket."""
        ends = (high for found in self.groups.values() for _, high in found)
        return max((high for high in ends if math.isfinite(high)), default=0.0)


def scale_of(name: str, largest: float) -> tuple[float, str | None]:
    """Return how many ms the unit of a metric is, and a doubt where its name does not tell."""
    for word in reversed(name.split("_")):
        if word in _SCALES:
            return _SCALES[word], None
    if largest > _IN_MS:
        return 1.0, "the metric's unit is not told: ms are taken, from its largest bucket"
    return 1e3, "the metric's unit is not told: seconds are taken"


def chosen(counts: Mapping[str, float]) -> str | None:
    """Return the metric that most likely holds requests' latencies, by how much each counted."""
    timed = {name: n for name, n in counts.items() if n > 0 and not _SIZED.search(name)}
    likely = {name: n for name, n in timed.items() if _TIMED.search(name)} or timed
    return max(likely, key=lambda name: likely[name], default=None)


def failed(status: str) -> bool:
    """Tell whether a status is an error's: 4xx, 5xx, or a gRPC word other than OK."""
    if _STATUS.fullmatch(status):
        return _FAILED.fullmatch(status) is not None
    return status.upper() not in ("", "OK", "0", "SUCCESS")


@dataclass(frozen=True, slots=True)
class Told:
    """Figures of the whole, by endpoint, and what the buckets do not tell."""

    whole: Figures
    endpoints: dict[str, Figures]
    unknown: str
    moments: tuple[Moment, ...] = ()


def told(grid: Grid, scale: float) -> Told | None:
    """Return what the grid tells; None where nothing was counted."""
    grid.split()
    counters = grid.whole_numbers
    spans = len(grid.times) > 1
    parts = {
        group: {
            key: _grown(values, counters=counters) if spans else values
            for key, values in found.items()
        }
        for group, found in grid.groups.items()
    }
    length = float(grid.times[-1] - grid.times[0]) if spans else None
    whole = _buckets(parts.values(), scale)
    if not whole.total:
        return None
    by_name: dict[str, dict[Group, Part]] = {}
    for group, found in parts.items():
        by_name.setdefault(grid.names.titles[group[0]], {})[group] = found
    length = length if counters else None
    endpoints = {
        name: _figures(found, grid, scale, counts=counters, length=length)
        for name, found in by_name.items()
    }
    return Told(
        whole=_figures(parts, grid, scale, counts=counters, length=length),
        endpoints=dict(sorted(endpoints.items(), key=lambda item: -(item[1].completed or 0)))
        if list(endpoints) != ["all"]
        else {},
        unknown=whole.unknown("Prometheus"),
        moments=_moments(parts, grid, scale, counters=counters) if spans else (),
    )


def _grown(values: Values, *, counters: bool) -> Values:
    """Return by how much a counter grew in each step; one that falls began anew."""
    if not counters:
        return values
    steps = np.diff(values)
    return np.where(steps < 0, values[1:], steps)


def _summed(parts: Iterable[Part]) -> dict[tuple[float, float], Values]:
    """Return the counts of all groups together, in the order of the buckets."""
    found: dict[tuple[float, float], Values] = {}
    for part in parts:
        for key, values in part.items():
            found[key] = found[key] + values if key in found else values
    return {key: found[key] for key in sorted(found)}


def _buckets(parts: Iterable[Part], scale: float) -> Buckets:
    return Buckets(
        [
            Bucket(low * scale, high * scale, float(values.sum()))
            for (low, high), values in _summed(parts).items()
        ]
    )


def _columns(parts: Iterable[Part], scale: float, times: int) -> list[Buckets]:
    """Return the buckets at each of some times."""
    summed = _summed(parts)
    ends = [(low * scale, high * scale) for low, high in summed]
    table = np.array(list(summed.values())).reshape(len(ends), -1).T.tolist() if ends else []
    found = [
        Buckets([Bucket(low, high, n) for (low, high), n in zip(ends, row, strict=True)])
        for row in table[:times]
    ]
    return found or [Buckets([]) for _ in range(times)]


def _figures(
    parts: Mapping[Group, Part],
    grid: Grid,
    scale: float,
    *,
    counts: bool,
    length: float | None,
) -> Figures:
    every = _buckets(parts.values(), scale)
    good = {group: found for group, found in parts.items() if not failed(group[1])}
    statuses = any(group[1] for group in parts)
    successes = _buckets(good.values(), scale)
    sums = [grid.sums[group] for group in parts if group in grid.sums]
    known = counts and len(sums) == len(parts) and every.total > 0
    mean = math.fsum(sums) / every.total * scale if known else None
    errors = _errors(parts, scale) if counts and statuses else {}
    completed = round(every.total) if counts else None
    return Figures(
        latency=every.latencies(counts=counts, mean_ms=mean),
        good=successes.latencies(counts=counts) if statuses else None,
        completed=completed,
        failed=sum(errors.values()) if counts and statuses else None,
        errors=errors,
        duration_s=length,
        throughput_rps=every.total / length if length else None,
        goodput_rps=successes.total / length if length and statuses else None,
    )


def _errors(parts: Mapping[Group, Part], scale: float) -> dict[str, int]:
    found: dict[str, int] = {}
    for group, buckets in parts.items():
        number = round(_buckets([buckets], scale).total)
        if failed(group[1]) and number:
            kind = f"HTTP {group[1]}" if _STATUS.fullmatch(group[1]) else group[1][:40]
            found[kind] = found.get(kind, 0) + number
    return found


def _moments(
    parts: Mapping[Group, Part],
    grid: Grid,
    scale: float,
    *,
    counters: bool,
) -> tuple[Moment, ...]:
    starts = grid.times - grid.times[0]
    lengths = np.diff(starts)
    bad = [found for group, found in parts.items() if failed(group[1])]
    statuses = counters and any(group[1] for group in parts)
    every = _columns(parts.values(), scale, len(lengths))
    wrong = _columns(bad, scale, len(lengths))
    found: list[Moment] = []
    for at, buckets in enumerate(every):
        latency = buckets.latencies(counts=counters)
        found.append(
            Moment(
                start_s=float(starts[at]),
                length_s=float(lengths[at]),
                completed=latency.count,
                failed=round(wrong[at].total) if statuses else None,
                histogram=latency.histogram,
                stated={} if latency.histogram else latency.stated,
            )
        )
    return tuple(found)
