"""What `run_load_test` and `analyze_load_results` answer with. Imports no numpy."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.result import Result, Table
from slowcoach.core.units import duration, number, share
from slowcoach.load.outcome import LoadModel, LoadUnit


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Latency(_Part):
    """Latencies in ms. `p95_ci_ms` is its 95 % interval; `from_due` tells that they count from
    when requests were due, so that a stall of the target shows. None: the source does not tell.
    """

    p50_ms: float | None = None
    p90_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None
    mean_ms: float | None = None
    p95_ci_ms: tuple[float, float] | None = None
    p99_ci_ms: tuple[float, float] | None = None
    n: int | None = None
    from_due: bool = False


class StepRow(_Part):
    """One load held for a while; `load` in users or requests due a second."""

    name: str
    load: float
    unit: LoadUnit
    seconds: float
    throughput_rps: float | None = None
    goodput_rps: float | None = None
    error_rate: float | None = None
    dropped: int | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


class EndpointRow(_Part):
    """One endpoint's part of the test."""

    name: str
    requests: int | None = None
    error_rate: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None


class Criterion(_Part):
    """One pass criterion. `ok` is None where the run cannot tell."""

    metric: str
    limit: float
    value: float | None = None
    unit: str
    ok: bool | None = None


class Bottleneck(_Part):
    """What limits: `kind` (cpu, cpu_quota, pool, hard_limit, contention, memory, gc, queue,
    generator, none), at which `limit` with its interval, in `unit` (slots, req/s, users, cores).
    """

    kind: str
    limit: float | None = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    confidence: float = 0.0
    summary: str = ""


class LoadAnswer(Result):
    """The answer: latency, throughput, steps, whether it passed, and what limits."""

    tool: str = ""
    model: LoadModel = "unknown"
    latency: Latency = Latency()
    throughput_rps: float | None = None
    goodput_rps: float | None = None
    error_rate: float | None = None
    errors: dict[str, int] = Field(default_factory=dict)
    dropped: int | None = None
    steps: tuple[StepRow, ...] = ()
    endpoints: tuple[EndpointRow, ...] = ()
    passed: bool | None = None
    criteria: tuple[Criterion, ...] = ()
    bottleneck: Bottleneck | None = None
    unknown: tuple[str, ...] = Field(default=(), description="What the source cannot tell.")
    files: dict[str, str] = Field(default_factory=dict, description="File name: address.")

    def tables(self) -> tuple[Table, ...]:
        """Return steps, endpoints and criteria."""
        tables = [self._steps()] if self.steps else []
        if self.endpoints:
            tables.append(self._endpoints())
        if self.criteria:
            rows = tuple(
                (c.metric, _figure(c.limit), _figure(c.value), _word(c.ok), c.unit)
                for c in self.criteria
            )
            columns = ("criterion", "limit", "value", "result", "unit")
            tables.append(Table("Criteria", columns, rows, ("limit", "value")))
        return tuple(tables)

    def _steps(self) -> Table:
        rows = tuple(
            (
                step.name,
                f"{number(step.load)} {step.unit}",
                duration(step.seconds),
                _figure(step.throughput_rps),
                _figure(step.goodput_rps),
                "" if step.error_rate is None else share(step.error_rate),
                _figure(step.p50_ms),
                _figure(step.p95_ms),
                _figure(step.p99_ms),
            )
            for step in self.steps
        )
        columns = ("step", "load", "for", "req/s", "good/s", "errors", "p50 ms", "p95 ms", "p99 ms")
        return Table("Steps", columns, rows, columns[3:])

    def _endpoints(self) -> Table:
        rows = tuple(
            (
                each.name,
                _figure(each.requests),
                "" if each.error_rate is None else share(each.error_rate),
                _figure(each.p50_ms),
                _figure(each.p95_ms),
            )
            for each in self.endpoints
        )
        columns = ("endpoint", "requests", "errors", "p50 ms", "p95 ms")
        return Table("Endpoints", columns, rows, columns[1:])


def _figure(value: float | None) -> str:
    return "" if value is None else number(value)


def _word(ok: bool | None) -> str:
    return "unknown" if ok is None else "ok" if ok else "FAILED"
