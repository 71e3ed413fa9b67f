"""What an optimization earns in compute, and how long it takes to pay for the work."""

from typing import Annotated

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

_MS_PER_HOUR = 3_600_000.0
_MOST = 1e15

Amount = Annotated[float, Field(ge=0, le=_MOST)]


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Latency(_Given):
    """A response time in ms; the mean is what counts, a percentile stands in for it."""

    mean_ms: Amount | None = None
    p50_ms: Amount | None = None
    p95_ms: Amount | None = None
    p99_ms: Amount | None = None


class ComputePrices(_Given):
    """What an hour of compute costs the user."""

    cost_per_hour: Amount | None = Field(
        default=None,
        validation_alias=AliasChoices("cost_per_hour", "compute_per_hour"),
    )
    currency: Annotated[str, Field(max_length=8)] = "$"


class Effort(_Given):
    """What the work takes: hours and what an hour costs, or the whole `cost`."""

    hours: Amount | None = None
    cost_per_hour: Amount | None = Field(
        default=None, validation_alias=AliasChoices("cost_per_hour", "hourly_rate", "rate_per_hour")
    )
    cost: Amount | None = None

    @property
    def total(self) -> float | None:
        """Return the cost of the work, None when it does not follow."""
        if self.cost is not None:
            return self.cost
        if self.hours is None or self.cost_per_hour is None:
            return None
        return self.hours * self.cost_per_hour


def common_figure(before: Latency, after: Latency) -> tuple[str, float, float] | None:
    """Return the best figure that both have: its name, before and after in ms."""
    for name in Latency.model_fields:
        first, second = getattr(before, name), getattr(after, name)
        if first is not None and second is not None:
            return name, first, second
    return None


def hours_saved(before_ms: float, after_ms: float, requests: float) -> float:
    """Return the hours a month: (before - after) x requests, below 0 when it became slower."""
    return (before_ms - after_ms) * requests / _MS_PER_HOUR
