"""The tool `plan_capacity`: what growth asks for, and which limit is reached first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from slowcoach.capacity.arguments import as_model
from slowcoach.capacity.limits import Headroom
from slowcoach.capacity.model import (
    Current,
    Growth,
    Inputs,
    Limits,
    Measurement,
    Prices,
    Projection,
    Scalability,
    contradictions,
    in_flight,
)
from slowcoach.capacity.pooling import Connections, Pool
from slowcoach.capacity.wording import FirstLimit, first_limit, shown, summary_of
from slowcoach.core.errors import InputError
from slowcoach.core.finding import Finding, ranked
from slowcoach.core.job import Job
from slowcoach.core.result import Result, Table
from slowcoach.core.tool import Tool
from slowcoach.core.units import share

_MULTIPLIER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:x|×|times|-?fold)?\s*", re.IGNORECASE)
_FORMULA = "current * (1 + growth)^months * seasonal multiplier; storage: used + growth * months"
_MOST_TIMES = 1_000_000
_POINTS = 1000
_FITS = 5800  # characters of the answer as JSON


class CapacityPlan(Result):
    """The answer of `plan_capacity`."""

    projections: dict[str, Projection] = Field(description="By name: 3_month, 6_month, 10x.")
    scalability: Scalability | None
    headroom: tuple[Headroom, ...] = Field(description="The resource reached first at the front.")
    first_limit: FirstLimit | None
    requests_in_flight: float | None = Field(description="Little's law at today's peak.")
    formula: str
    assumed: tuple[str, ...]
    pools: tuple[Pool, ...] = ()
    connections: Connections | None = None

    def tables(self) -> tuple[Table, ...]:
        """Return projections and headroom."""
        rows = tuple(
            (
                name.replace("_", " "),
                shown(p.daily_requests),
                shown(p.peak_rps),
                shown(p.instances_needed),
                shown(p.db_connections),
                shown(p.storage_gb),
                p.estimated_cost or "",
            )
            for name, p in self.projections.items()
        )
        columns = (
            "in",
            "requests/day",
            "peak req/s",
            "instances",
            "db conns",
            "storage GB",
            "cost",
        )
        room = tuple(
            (h.resource, share(h.used_share), share(h.limit_share), _when(h.month), _left(h))
            for h in self.headroom
        )
        found = (
            Table("Projections", columns, rows, columns[1:], note=self.formula),
            Table(
                "Headroom",
                ("resource", "used", "limit", "reached", "traffic left"),
                room,
                ("used", "limit"),
            ),
        )
        return (*found, *self._pool_table())

    def _pool_table(self) -> tuple[Table, ...]:
        columns = ("pool", "each instance", "together", "in use at peak", "how")
        rows = tuple(
            (pool.of, str(pool.each), str(pool.total), shown(pool.needed), pool.how)
            for pool in self.pools
        )
        return (Table("Connection pools", columns, rows, columns[1:4]),) if rows else ()


def _when(month: int | None) -> str:
    if month is None:
        return "-"
    return "already" if month == 0 else f"month {month}"


def _left(item: Headroom) -> str:
    return "" if item.traffic_factor_left is None else f"{item.traffic_factor_left:.3g}x"


def plan_capacity(
    job: Job,
    current: Annotated[
        dict[str, float | None] | None,
        Field(
            description="Busiest time today: daily_requests, peak_rps, avg_response_ms, instances, "
            "cpu_peak_pct, memory_peak_pct, db_connections_peak, storage_used_gb; for pools: "
            "pool_size, pool_waiting, db_cores, db_disks, db_/redis_/upstream_time_ms (a request)."
        ),
    ] = None,
    growth: Annotated[
        dict[str, float | None] | None,
        Field(
            description="request_growth_monthly_pct, storage_growth_monthly_gb, "
            "seasonal_peak_multiplier."
        ),
    ] = None,
    months: Annotated[int, Field(ge=1, le=120, description="Horizon beside 3, 6, 12.")] = 12,
    multiplier: Annotated[
        str | float | None, Field(description='Also plan for so many times the peak: "10x".')
    ] = None,
    measurements: Annotated[
        list[dict[str, float] | list[float]] | dict[str, list[float]] | None,
        Field(max_length=_POINTS, description="{concurrency, throughput} points of a load test."),
    ] = None,
    prices: Annotated[
        dict[str, float | str | None] | None,
        Field(description="instance_monthly, storage_gb_monthly, fixed_monthly, currency."),
    ] = None,
    limits: Annotated[
        dict[str, float | None] | None,
        Field(description="max_db_connections, storage_gb, max_instances, cpu_target_pct."),
    ] = None,
    database_url: Annotated[
        str | None, Field(description="PostgreSQL or MySQL: look at its connections and pools.")
    ] = None,
) -> CapacityPlan:
    """Plan capacity and connection pools: what growth or 10x asks for, which limit comes first.

    Give what is known of today; missing figures are never made up but listed in `not_checked`.
    Projects requests, instances, connections, storage and cost, and fits scalability to
    measurements. Next: `run_load_test` at the projected peak to check the plan.
    """
    from slowcoach.capacity import pooling
    from slowcoach.capacity.plan import make_plan

    inputs = Inputs(
        current=as_model(Current, current, "current"),
        growth=as_model(Growth, growth, "growth"),
        prices=as_model(Prices, prices, "prices"),
        limits=as_model(Limits, limits, "limits"),
    )
    points = tuple(_measurement(point) for point in _rows(measurements))
    if inputs.current.says_nothing and not points and not database_url:
        names = ", ".join(Current.model_fields)
        raise InputError(
            "plan_capacity needs to know something of today",
            hint=f"Give `measurements`, or `current` with some of {names}",
        )
    times = _times(multiplier)
    server, refused = pooling.seen(job, database_url) if database_url else (None, ())
    asked, (inputs, taken) = inputs, pooling.with_server(inputs, server)
    sizes, signs, unsure = pooling.pools(asked, server)
    job.progress(0, None, "projecting")
    plan = make_plan(inputs, months, times, points)
    fit = plan.scalability
    return _fitted(
        CapacityPlan(
            summary=" ".join(
                filter(
                    None,
                    (
                        summary_of(plan.projections, plan.headroom, months, fit),
                        pooling.sentence(sizes, server),
                    ),
                )
            ),
            projections=plan.projections,
            scalability=None if fit is None else fit.rounded(),
            headroom=plan.headroom,
            first_limit=first_limit(plan.headroom),
            requests_in_flight=in_flight(inputs.current),
            formula=_FORMULA,
            assumed=(*_assumed(inputs, times), *taken),
            pools=pooling.pool_rows(sizes),
            connections=pooling.connections_of(server),
            findings=_together((*refused, *plan.findings), signs),
            not_checked=(*plan.not_checked, *unsure),
            warnings=contradictions(inputs.current),
            next=_next(signs),
        )
    )


def _together(plan: Sequence[Finding], signs: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings, one of each rule: what was seen goes before what is projected."""
    seen = {finding.rule for finding in signs}
    return ranked((*signs, *(finding for finding in plan if finding.rule not in seen)))


def _next(signs: Sequence[Finding]) -> tuple[str, ...]:
    check = "design_load_test for the projected peak, then run_load_test to check the plan"
    return (
        (check, "analyze_queries with database_url: what holds connections") if signs else (check,)
    )


def _fitted(result: CapacityPlan) -> CapacityPlan:
    """Leave out the least of the findings until the answer is short enough, and say so."""
    whole = len(result.findings)
    while len(result.model_dump_json()) > _FITS and len(result.findings) > 1:
        kept = result.findings[:-1]
        said = f"{whole - len(kept)} lesser findings are not shown"
        others = tuple(text for text in result.warnings if not text.endswith("are not shown"))
        result = result.model_copy(update={"findings": kept, "warnings": (*others, said)})
    return result


def _rows(
    measurements: list[dict[str, float] | list[float]] | dict[str, list[float]] | None,
) -> Sequence[dict[str, float] | list[float]]:
    """Return points from rows, or from two columns of the same length."""
    if not isinstance(measurements, dict):
        return measurements or []
    names = list(Measurement.model_fields)
    if set(measurements) != set(names) or len(set(map(len, measurements.values()))) != 1:
        raise InputError(
            f"measurements: expected {' and '.join(names)} of one length",
            hint='Give [{"concurrency": 10, "throughput": 250}, ...]',
        )
    return [list(pair) for pair in zip(*(measurements[name] for name in names), strict=True)]


def _measurement(point: dict[str, float] | list[float]) -> Measurement:
    names = tuple(Measurement.model_fields)
    if isinstance(point, dict):
        return as_model(Measurement, point, "measurements")
    if len(point) != len(names):
        raise InputError(
            f"measurements: expected [concurrency, throughput], got {str(point)[:80]}",
            hint='Give {"concurrency": 10, "throughput": 250}',
        )
    return as_model(Measurement, dict(zip(names, point, strict=True)), "measurements")


def _times(multiplier: str | float | None) -> float | None:
    if multiplier is None:
        return None
    match = _MULTIPLIER.fullmatch(str(multiplier))
    value = float(match[1]) if match else 0.0
    if not 0 < value <= _MOST_TIMES:
        raise InputError(
            f"multiplier: expected how many times today's peak, got {str(multiplier)[:80]!r}",
            hint='Give it as "10x" or 10',
        )
    return value


def _assumed(inputs: Inputs, multiplier: float | None) -> tuple[str, ...]:
    said: list[str] = []
    if inputs.growth.seasonal_peak_multiplier is None:
        said.append("no seasonal peak")
    if multiplier is not None:
        said.append(f"{multiplier:g}x is of today's figures, with no season on top; storage stays")
    if inputs.current.db_connections_peak is not None:
        said.append("connections grow with the traffic, at the same response time")
    if inputs.current.instances is not None and inputs.current.cpu_peak_pct is not None:
        target = inputs.limits.cpu_share
        said.append(f"instances share the load evenly, at a CPU of {share(target)} at the peak")
    return tuple(said)


TOOL = Tool(
    plan_capacity,
    title="Plan capacity",
    examples=(
        'slowcoach plan-capacity --current \'{"peak_rps": 200, "instances": 4}\' --multiplier 10x',
    ),
)
