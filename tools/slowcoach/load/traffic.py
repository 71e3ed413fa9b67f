"""What is known of a service's real traffic: requests, sessions, pauses, rates. One file in
`sources/` reads each kind of it, with `SOURCE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from slowcoach.core.job import Cancellation
from slowcoach.core.permission import Permissions
from slowcoach.core.registry import discover
from slowcoach.load.plan import Endpoint, Journey, ThinkTime


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a second as they arrived. `median` and `p999` are of the minutes' rates (the
    baseline and the peak of a design), `p99_second` and `peak_second` of the seconds' counts.
    `burstiness` is the variance of a second's count by its mean within a minute: 1 when arrivals
    are independent (Poisson), however their rate changes over the day.
    """

    median: float | None = None
    p999: float | None = None
    peak_second: float | None = None
    p99_second: float | None = None
    burstiness: float | None = None


@dataclass(frozen=True, slots=True)
class Sessions:
    """Visits told apart by client, a pause of 30 minutes ending one. None: not to be told."""

    count: int
    median_requests: float | None = None
    median_s: float | None = None
    concurrent_peak: float | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """A service's traffic, with secrets already replaced (`notes` says so).

    `endpoints` with weights are the mix; `journeys` are sequences with values handed on. `data`
    are values that requests take by name. `notes` say what was seen and what was left out;
    `statuses` and `latency_ms` (quantile: ms) how it was answered, where the source tells.
    `methods` counts requests; `answer_bytes` and `request_bytes` are quantiles too.
    """

    endpoints: tuple[Endpoint, ...]
    journeys: tuple[Journey, ...] = ()
    think: ThinkTime | None = None
    data: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    rates: Rates | None = None
    sessions: Sessions | None = None
    statuses: Mapping[str, int] = field(default_factory=dict[str, int])
    latency_ms: Mapping[float, float] = field(default_factory=dict[float, float])
    methods: Mapping[str, int] = field(default_factory=dict[str, int])
    answer_bytes: Mapping[float, float] = field(default_factory=dict[float, float])
    request_bytes: Mapping[float, float] = field(default_factory=dict[float, float])
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What a source is read from: a file or an address, and the base URL that a user gave.

    `writes` tells that the user allows requests that change data (POST, PUT, PATCH, DELETE);
    `format` is a log's format string where it cannot be told from the lines (nginx's log_format,
    Apache's LogFormat). Only addresses that `permissions` allow are asked. `path` may be a folder.
    """

    path: Path | None
    address: str | None
    base: str | None
    head: bytes = b""
    cancellation: Cancellation | None = None
    writes: bool = False
    format: str | None = None
    permissions: Permissions | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """One kind of source. `matches` knows it by its first bytes, name or address."""

    name: str
    title: str
    matches: Callable[[Given], bool]
    read: Callable[[Given], Traffic]


@cache
def sources() -> Mapping[str, Source]:
    """Return every source by its name."""
    from slowcoach.load import sources as package

    return {source.name: source for source in discover(package, "SOURCE", Source)}
