"""What the user says of today, of growth and of prices, and what follows for later months."""

import math
from typing import Annotated, Any

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from slowcoach.core.knowledge import rule

_HUNDRED = 100.0
_DAY_S = 86400.0
_EPSILON = 1e-9
_MOST = 1e15

Count = Annotated[float, Field(ge=0, le=_MOST)]
Percent = Annotated[float, Field(ge=0, le=100)]


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Current(_Given):
    """Today, at the busiest time."""

    daily_requests: Count | None = None
    peak_rps: Count | None = None
    avg_response_ms: Count | None = None
    instances: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    cpu_peak_pct: Percent | None = None
    memory_peak_pct: Percent | None = None
    db_connections_peak: Count | None = None
    storage_used_gb: Count | None = None
    pool_size: Count | None = None
    pool_waiting: Count | None = None
    db_cores: Annotated[float, Field(gt=0, le=10_000)] | None = None
    db_disks: Count | None = None
    db_time_ms: Count | None = None
    redis_time_ms: Count | None = None
    upstream_time_ms: Count | None = None

    @property
    def says_nothing(self) -> bool:
        """Tell whether no figure is given."""
        return not self.model_dump(exclude_none=True)


class Growth(_Given):
    """How it grows a month. Shrinking is growth below 0."""

    request_growth_monthly_pct: Annotated[float, Field(gt=-100, le=1000)] | None = None
    storage_growth_monthly_gb: Annotated[float, Field(ge=-_MOST, le=_MOST)] | None = None
    seasonal_peak_multiplier: Annotated[float, Field(gt=0, le=1000)] | None = None

    @property
    def season(self) -> float:
        """Return the seasonal multiplier; 1 when there is none."""
        return 1.0 if self.seasonal_peak_multiplier is None else self.seasonal_peak_multiplier

    def factor(self, months: float, extra: float = 0.0) -> float:
        """Return (1 + growth)^months; `extra` is added to the monthly growth (a share)."""
        monthly = (self.request_growth_monthly_pct or 0.0) / _HUNDRED + extra
        return math.exp(months * math.log1p(monthly))


class Measurement(_Given):
    """Throughput (per second) at a concurrency, from a load test."""

    concurrency: Annotated[float, Field(gt=0, le=_MOST)]
    throughput: Count


class Scalability(BaseModel):
    """A fit. `peak_concurrency` is where throughput is highest, None when it only levels off;
    `ceiling` is the throughput there, or the one it levels off at, None without any bound.
    """

    model_config = ConfigDict(frozen=True)

    sigma: float = Field(description="Contention: the share that must queue, 0 to 1.")
    kappa: float = Field(description="Coherency: the cost of agreement between any two.")
    gamma: float = Field(description="Throughput of one.")
    peak_concurrency: float | None
    ceiling: float | None
    r_squared: float | None
    points: int
    measured_to: float = Field(description="The highest concurrency measured.")

    def rounded(self) -> "Scalability":
        """Return the fit with six digits each."""
        digits = {
            name: float(f"{value:.6g}")
            for name, value in self.model_dump(exclude_none=True).items()
            if isinstance(value, float)
        }
        return self.model_copy(update=digits)

    def throughput(self, concurrency: float) -> float:
        """Return the throughput that the fit expects."""
        n = concurrency
        return self.gamma * n / (1 + self.sigma * (n - 1) + self.kappa * n * (n - 1))


class Prices(_Given):
    """What the user pays a month. Nothing is assumed."""

    instance_monthly: Count | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "instance_monthly", "per_instance_monthly", "per_instance", "instance_month", "instance"
        ),
    )
    storage_gb_monthly: Count | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "storage_gb_monthly", "per_gb_monthly", "per_gb", "storage_gb_month", "storage_gb"
        ),
    )
    fixed_monthly: Count | None = None
    currency: Annotated[str, Field(max_length=8)] = "$"


class Limits(_Given):
    """What must not be passed. The targets default to the headroom rules."""

    max_db_connections: Count | None = Field(
        default=None, validation_alias=AliasChoices("max_db_connections", "db_connections")
    )
    storage_gb: Count | None = Field(
        default=None, validation_alias=AliasChoices("storage_gb", "max_storage_gb")
    )
    max_instances: Count | None = Field(
        default=None, validation_alias=AliasChoices("max_instances", "instances")
    )
    cpu_target_pct: Annotated[float, Field(gt=0, le=100)] | None = Field(
        default=None, validation_alias=AliasChoices("cpu_target_pct", "cpu_pct")
    )

    @property
    def cpu_share(self) -> float:
        """Return the CPU share to plan for."""
        if self.cpu_target_pct is not None:
            return self.cpu_target_pct / _HUNDRED
        return rule("capacity.cpu").limit("target_share")


class Terse(_Given):
    """Leaves out what does not follow from the input."""

    @model_serializer(mode="wrap")
    def _without_gaps(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if value is not None}


class Projection(Terse):
    """What a later month asks for; figures that do not follow from the input are left out.

    `traffic_factor` is the load against today's: growth times season, or the multiplier asked.
    """

    months: float | None = None
    traffic_factor: float | None = None
    daily_requests: float | None = None
    peak_rps: float | None = None
    instances_needed: int | None = None
    db_connections: float | None = None
    storage_gb: float | None = None
    monthly_cost: float | None = None
    estimated_cost: str | None = None


class Inputs(_Given):
    """All that is known."""

    current: Current = Current()
    growth: Growth = Growth()
    prices: Prices = Prices()
    limits: Limits = Limits()


def project(inputs: Inputs, months: float) -> Projection:
    """Return the projection for a month: current x (1 + growth)^months x seasonal multiplier.

    Storage grows by its monthly amount, whatever the season. What has no growth given is left out.
    """
    growth = inputs.growth
    known = growth.request_growth_monthly_pct is not None
    return _at(inputs, growth.factor(months) * growth.season if known else None, months=months)


def project_factor(inputs: Inputs, factor: float) -> Projection:
    """Return what `factor` times today's peak asks for; storage stays as it is."""
    return _at(inputs, factor, months=None)


def _at(inputs: Inputs, factor: float | None, months: float | None) -> Projection:
    current = inputs.current
    storage = _storage(inputs, months)
    instances = None if factor is None else instances_for(inputs, factor)
    cost = _cost(inputs.prices, instances, storage)
    return Projection(
        months=months,
        traffic_factor=None if factor is None else round(factor, 4),
        daily_requests=_times(current.daily_requests, factor),
        peak_rps=_times(current.peak_rps, factor),
        instances_needed=instances,
        db_connections=_times(current.db_connections_peak, factor),
        storage_gb=None if storage is None else _rounded(storage),
        monthly_cost=None if cost is None else round(cost, 2),
        estimated_cost=None if cost is None else f"{inputs.prices.currency}{cost:,.2f}/month",
    )


def _storage(inputs: Inputs, months: float | None) -> float | None:
    used, monthly = inputs.current.storage_used_gb, inputs.growth.storage_growth_monthly_gb
    if used is None or months is None:
        return used
    return None if monthly is None else max(used + monthly * months, 0.0)


def instances_for(inputs: Inputs, factor: float) -> int | None:
    """Return how many instances keep the CPU at its target, None without CPU and instances.

    The work of all instances at the peak, n x CPU, grows with the traffic and is spread over
    as many as bring each to the target.
    """
    current = inputs.current
    if current.instances is None or current.cpu_peak_pct is None:
        return None
    work = current.instances * current.cpu_peak_pct / _HUNDRED * factor
    return max(math.ceil(work / inputs.limits.cpu_share - _EPSILON), 1)


def cost_today(inputs: Inputs) -> float | None:
    """Return what today's instances and storage cost a month."""
    return _cost(inputs.prices, inputs.current.instances, inputs.current.storage_used_gb)


def _cost(prices: Prices, instances: int | None, storage: float | None) -> float | None:
    """Return the cost of what has a price and a quantity; None when nothing has both."""
    parts: list[float] = []
    if prices.instance_monthly is not None and instances is not None:
        parts.append(prices.instance_monthly * instances)
    if prices.storage_gb_monthly is not None and storage is not None:
        parts.append(prices.storage_gb_monthly * storage)
    if not parts:
        return None
    return sum(parts) + (prices.fixed_monthly or 0.0)


def _times(value: float | None, factor: float | None) -> float | None:
    return None if value is None or factor is None else _rounded(value * factor)


def _rounded(value: float) -> float:
    """Return a figure with two decimals at most: noise of the arithmetic is no information."""
    return round(value, 2)


def in_flight(current: Current) -> float | None:
    """Return the requests under way at the peak, by Little's law: rate x response time."""
    if current.peak_rps is None or current.avg_response_ms is None:
        return None
    return _rounded(current.peak_rps * current.avg_response_ms / 1000)


def contradictions(current: Current) -> tuple[str, ...]:
    """Return what in the figures cannot be true together."""
    if current.daily_requests is None or current.peak_rps is None:
        return ()
    average = current.daily_requests / _DAY_S
    if current.peak_rps >= average:
        return ()
    return (
        f"peak_rps {current.peak_rps:g} is below the day's average of {average:.4g}: "
        "one of the two is wrong",
    )
