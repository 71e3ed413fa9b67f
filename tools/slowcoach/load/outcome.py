"""What is known of a load test after it ran, whichever tool ran it.

Engines and readers make it, judging reads it. What a tool's file does not tell stays None and is
named in `unknown`: nothing is invented. Numpy columns and histograms inside, no pydantic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from slowcoach.load.histogram import Histogram

LoadModel = Literal["open", "closed", "unknown"]
"""Open: requests are due at a rate whatever the server does. Closed: users wait for answers."""

LoadUnit = Literal["req/s", "users"]


@dataclass(frozen=True, slots=True)
class Latencies:
    """What is known of a set of latencies, in ms.

    With a `histogram` any quantile and its interval are known (`error` is its relative error).
    Otherwise only the quantiles (0..1) that the tool `stated`. `resolution_ms` is the grain of
    the tool's figures (ab -g writes whole ms). `corrected` tells that they count from when each
    request was due; else a stall hides how long users would have waited.
    """

    count: int | None = None
    histogram: Histogram | None = None
    stated: Mapping[float, float] = field(default_factory=dict[float, float])
    mean_ms: float | None = None
    least_ms: float | None = None
    most_ms: float | None = None
    resolution_ms: float = 0.0
    error: float = 0.005
    corrected: bool = False

    def percentile(self, q: float) -> float | None:
        """Return the latency in ms at quantile `q` (0..1); None when it is not known."""
        if self.histogram is not None:
            return self.histogram.quantile(q)
        return next((value for at, value in self.stated.items() if abs(at - q) < 1e-9), None)  # noqa: PLR2004

    def interval(self, q: float) -> tuple[float, float] | None:
        """Return the 95 % interval of a quantile by order statistics; None when not known."""
        return None if self.histogram is None else self.histogram.interval(q)


@dataclass(frozen=True, slots=True)
class Figures:
    """The counts and latencies of a whole test, a step or an endpoint. None: not told.

    `completed` counts answers of any status, `failed` those requests that count as errors
    (transport errors, timeouts and statuses of 400 and above, or as the tool counts). `dropped`
    were due and never sent. `latency` is of all answers and timeouts from when each was due,
    where the tool knows; `good` of successes only; `service` from when each was really sent.
    `throughput_rps` counts answers a second, `goodput_rps` successes only.
    """

    latency: Latencies
    sent: int | None = None
    completed: int | None = None
    failed: int | None = None
    errors: Mapping[str, int] = field(default_factory=dict[str, int])
    dropped: int | None = None
    duration_s: float | None = None
    throughput_rps: float | None = None
    goodput_rps: float | None = None
    good: Latencies | None = None
    service: Latencies | None = None
    received_bytes: int | None = None

    @property
    def error_rate(self) -> float | None:
        """Return the share (0..1) of requests that failed; None when it is not told."""
        asked = self.sent if self.sent is not None else self.completed
        if asked is None or self.failed is None:
            return None
        return self.failed / asked if asked else 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a test with one load: `load` in `unit` (users of a closed test, req/s due in an
    open one). `start_s` counts from the beginning of the test; ramps and warm-up are left out of
    `figures`. `scenario` names the plan's scenario it belongs to.
    """

    name: str
    load: float
    unit: LoadUnit
    start_s: float
    end_s: float
    figures: Figures
    scenario: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One second (or another `length_s`) of a test. None: not told.

    Requests and latencies stand where they were sent, answers (`completed`, `failed`,
    `succeeded`) where they came, as far as the source tells. `histogram` is of all latencies,
    `good` of successes alone (the same one when none failed).
    """

    start_s: float
    length_s: float
    sent: int | None = None
    completed: int | None = None
    failed: int | None = None
    dropped: int | None = None
    users: float | None = None
    due_rps: float | None = None
    histogram: Histogram | None = None
    stated: Mapping[float, float] = field(default_factory=dict[float, float])
    good: Histogram | None = None
    succeeded: int | None = None

    def percentile(self, q: float) -> float | None:
        """Return the latency in ms at a quantile (0..1); None when not known."""
        if self.histogram is not None:
            return self.histogram.quantile(q)
        return self.stated.get(q)


@dataclass(frozen=True, slots=True)
class Generator:
    """How the load generator itself was. `slip_p99_ms`: how late it sent; `cpu_share` of one core
    (of the busiest process); `ready_share`: of the time it stood ready without a processor.
    """

    name: str
    slip_p99_ms: float | None = None
    cpu_share: float | None = None
    ready_share: float | None = None
    in_flight_limit: int | None = None
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Threshold:
    """A criterion that the tool itself judged."""

    expression: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """A load test as it went. `tool` with its version where known, such as "k6 1.1.0".

    `unknown` says in sentences what the source cannot tell ("h2load: no latency of single
    requests below ..."); `warnings` doubts about the data (truncated, clock jumps).
    """

    tool: str
    model: LoadModel
    whole: Figures
    steps: tuple[Step, ...] = ()
    endpoints: Mapping[str, Figures] = field(default_factory=dict[str, Figures])
    moments: tuple[Moment, ...] = ()
    generator: Generator | None = None
    thresholds: tuple[Threshold, ...] = ()
    started: str | None = None
    target: str | None = None
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
