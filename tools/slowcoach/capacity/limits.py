"""How far each resource is from its limit, and when growth takes it there."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from slowcoach.capacity.model import Inputs, Scalability, Terse
from slowcoach.core.knowledge import rule

_HUNDRED = 100.0
_NEVER = math.inf
CPU = "cpu of today's instances"


class Headroom(Terse):
    """One resource and its limit, seasonal peak included. Shares are of what there is.

    `traffic_factor_left` is how many times today's traffic the limit allows (storage does not
    depend on traffic); `month` is the first whole month in which the limit is reached, 0 today,
    None not within reach of the growth given.
    """

    resource: str
    rule: str = Field(default="", exclude=True)
    used_share: float
    limit_share: float
    ok: bool
    traffic_factor_left: float | None = None
    month: int | None = Field(default=None, description="0: already; None: not by this growth.")
    month_if_faster: int | None = Field(
        default=None, description="With the growth's margin on top (rule capacity.growth)."
    )

    @property
    def text(self) -> str:
        """Return the state in one line."""
        return (
            f"{self.resource} at {self.used_share * _HUNDRED:.3g} % of a limit of "
            f"{self.limit_share * _HUNDRED:.3g} %"
        )


@dataclass(frozen=True, slots=True)
class _Traffic:
    """A resource that grows with the traffic: its use at today's peak as a share."""

    name: str
    rule: str
    used: float
    limit: float


def headroom(inputs: Inputs, scalability: Scalability | None = None) -> tuple[Headroom, ...]:
    """Return each resource that can be judged, the one that is reached first at the front."""
    found = [_by_traffic(inputs, resource) for resource in _traffic(inputs, scalability)]
    memory = inputs.current.memory_peak_pct
    if memory is not None:
        limit = rule("capacity.memory").limit("share")
        share = memory / _HUNDRED
        month = 0 if share > limit else None
        found.append(_plain("memory", "capacity.memory", share, limit, month))
    found += _storage(inputs)
    return tuple(sorted(found, key=_order))


def _order(item: Headroom) -> tuple[float, float]:
    left = item.traffic_factor_left
    return (_NEVER if item.month is None else item.month, _NEVER if left is None else left)


def _traffic(inputs: Inputs, scalability: Scalability | None) -> Iterator[_Traffic]:
    current, limits = inputs.current, inputs.limits
    if current.cpu_peak_pct is not None:
        used = current.cpu_peak_pct / _HUNDRED
        yield _Traffic(CPU, "capacity.cpu", used, limits.cpu_share)
    if current.instances is not None and current.cpu_peak_pct and limits.max_instances:
        exact = current.instances * current.cpu_peak_pct / _HUNDRED / limits.cpu_share
        yield _Traffic("instances", "capacity.cpu", exact / limits.max_instances, 1.0)
    if current.db_connections_peak is not None and limits.max_db_connections:
        used = current.db_connections_peak / limits.max_db_connections
        yield _Traffic(
            "db_connections",
            "capacity.connections",
            used,
            rule("capacity.connections").limit("share"),
        )
    if scalability is not None and scalability.ceiling and current.peak_rps is not None:
        used = current.peak_rps / scalability.ceiling
        yield _Traffic(
            "throughput", "capacity.throughput", used, rule("capacity.throughput").limit("share")
        )


def _by_traffic(inputs: Inputs, resource: _Traffic) -> Headroom:
    growth = inputs.growth
    used = resource.used * growth.season
    left = resource.limit / used if used > 0 else None
    margin = rule("capacity.growth").limit("margin")
    given = growth.request_growth_monthly_pct is not None
    return Headroom(
        resource=resource.name,
        rule=resource.rule,
        used_share=round(used, 4),
        limit_share=resource.limit,
        ok=used <= resource.limit,
        traffic_factor_left=None if left is None else round(left, 4),
        month=_month(left, growth.factor(1) if given else 1.0),
        month_if_faster=_month(left, growth.factor(1, margin)) if given else None,
    )


def _month(left: float | None, monthly: float) -> int | None:
    """Return the first whole month in which traffic has grown by more than `left`."""
    if left is None:
        return None
    if left < 1:
        return 0
    if monthly <= 1:
        return None
    return math.floor(math.log(left) / math.log(monthly) + 1e-9) + 1


def _storage(inputs: Inputs) -> list[Headroom]:
    used, limit = inputs.current.storage_used_gb, inputs.limits.storage_gb
    if used is None or not limit:
        return []
    judged = rule("capacity.storage")
    monthly = inputs.growth.storage_growth_monthly_gb or 0.0
    found: list[Headroom] = []
    for name in ("alert", "expand"):
        share = judged.limit(f"{name}_share")
        room = share * limit - used
        month = None
        if room < 0:
            month = 0
        elif monthly > 0:
            month = math.floor(room / monthly + 1e-9) + 1
        found.append(_plain(f"storage ({name})", judged.id, used / limit, share, month))
    return found


def _plain(name: str, judged: str, used: float, limit: float, month: int | None) -> Headroom:
    return Headroom(
        resource=name,
        rule=judged,
        used_share=round(used, 4),
        limit_share=limit,
        ok=used <= limit,
        month=month,
    )
