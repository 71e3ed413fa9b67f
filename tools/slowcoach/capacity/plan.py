"""Judge a capacity model: projections, headroom, findings, and what could not be judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from slowcoach.capacity.limits import Headroom, headroom
from slowcoach.capacity.model import (
    Inputs,
    Measurement,
    Projection,
    Scalability,
    cost_today,
    project,
    project_factor,
)
from slowcoach.capacity.usl import LEAST_POINTS, fit_usl
from slowcoach.core.finding import Evidence, Finding, NotChecked, Severity, ranked
from slowcoach.core.knowledge import page, rule

_RETROGRADE = "capacity.retrograde"
_LATER = "passed in month"


@dataclass(frozen=True, slots=True)
class Plan:
    """All that follows from the input. `projections` go by name: "3_month", "10x"."""

    projections: dict[str, Projection]
    scalability: Scalability | None
    headroom: tuple[Headroom, ...]
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]


def make_plan(
    inputs: Inputs, months: int, multiplier: float | None, measurements: Sequence[Measurement]
) -> Plan:
    """Return the plan for `months` and the methodology's horizons, and for a multiplier."""
    fit, missing = _fit(measurements)
    room = headroom(inputs, fit)
    projections = _projections(inputs, months, multiplier)
    findings = [
        *_limits(room, months, multiplier, inputs.growth.season),
        *_scaling(fit, measurements),
        *_dearer(inputs, list(projections.values())[-1:]),
    ]
    return Plan(
        projections=projections,
        scalability=fit,
        headroom=room,
        findings=ranked(findings),
        not_checked=(*_missing(inputs, multiplier), *missing),
    )


def _projections(inputs: Inputs, months: int, multiplier: float | None) -> dict[str, Projection]:
    found: dict[str, Projection] = {}
    growth = inputs.growth
    if (
        growth.request_growth_monthly_pct is not None
        or growth.storage_growth_monthly_gb is not None
    ):
        horizons = sorted({*page("capacity_model").data["horizons_months"], months})
        found = {f"{month}_month": project(inputs, month) for month in horizons}
    if multiplier is not None:
        found[f"{multiplier:g}x"] = project_factor(inputs, multiplier)
    return found


def _fit(
    measurements: Sequence[Measurement],
) -> tuple[Scalability | None, tuple[NotChecked, ...]]:
    judged = rule("capacity.throughput")
    if not measurements:
        why = f"give `measurements`: throughput at {LEAST_POINTS} or more concurrencies"
        return None, (judged.not_checked(why),)
    try:
        fit = fit_usl([m.concurrency for m in measurements], [m.throughput for m in measurements])
    except ValueError as error:
        got = len({m.concurrency for m in measurements})
        return None, (judged.not_checked(f"the scalability fit {error}, got {got}"),)
    return fit, ()


def _limits(
    room: Sequence[Headroom], months: int, multiplier: float | None, season: float
) -> list[Finding]:
    """Return a finding for each rule whose limit is passed today, within the months, or at the
    multiplier.
    """
    found: list[Finding] = []
    for name in dict.fromkeys(item.rule for item in room):
        rows = [(i, _passed(i, months, multiplier, season)) for i in room if i.rule == name]
        if reached := [(item, note) for item, note in rows if note]:
            found.append(_reached(reached))
    margin = rule("capacity.growth")
    first = next((item for item in room if item.month), None)
    if first and first.month and first.month_if_faster and first.month_if_faster < first.month:
        evidence = Evidence(
            metric=f"month in which {first.resource} is reached with "
            f"{margin.limits['margin']} a month more",
            value=first.month_if_faster,
            unit="",
            limit=first.month,
        )
        found.append(margin.finding([evidence]))
    return found


def _passed(item: Headroom, months: int, multiplier: float | None, season: float) -> str:
    """Return when a limit is passed, "" when it is not."""
    if item.month == 0:
        return "already passed"
    if multiplier is not None and item.traffic_factor_left is not None:
        at = item.traffic_factor_left * season  # a multiplier is of today's peak, not the season's
        if at < multiplier:
            return f"passed at {at:.3g} times today's peak"
    if item.month is not None and item.month <= months:
        return f"{_LATER} {item.month}"
    return ""


def _reached(items: Sequence[tuple[Headroom, str]]) -> Finding:
    """Return the finding; what lies some months ahead is for information."""
    judged = rule(items[0][0].rule)
    evidence = [
        Evidence(
            metric=item.resource,
            value=item.used_share,
            unit="share",
            limit=item.limit_share,
            note=note,
        )
        for item, note in items
    ]
    later = all(note.startswith(_LATER) for _, note in items)
    return judged.finding(evidence, severity=Severity.INFO if later else judged.severity)


def _dearer(inputs: Inputs, last: Sequence[Projection]) -> list[Finding]:
    """Compare the cost of a request at the last projection with today's."""
    today, requests = cost_today(inputs), inputs.current.daily_requests
    if not last or not today or not requests:
        return []
    later = last[0]
    if later.monthly_cost is None or not later.daily_requests:
        return []
    judged = rule("capacity.cost")
    rise = (later.monthly_cost / later.daily_requests) / (today / requests) - 1
    if rise <= judged.limit("rise"):
        return []
    metric = "rise of the cost per request"
    limit = judged.limit("rise")
    return [judged.finding([Evidence(metric=metric, value=rise, unit="share", limit=limit)])]


def _scaling(fit: Scalability | None, measurements: Sequence[Measurement]) -> list[Finding]:
    if fit is None:
        return []
    found: list[Finding] = []
    best = max(measurements, key=lambda m: m.throughput)
    last = max(measurements, key=lambda m: m.concurrency)
    drop = 1 - last.throughput / best.throughput
    limit = rule(_RETROGRADE).limit("drop")
    if drop > limit and fit.kappa > 0:
        where = f"concurrency {last.concurrency:g} against {best.concurrency:g}"
        evidence = Evidence(
            metric="throughput lost", value=drop, unit="share", limit=limit, where=where
        )
        found.append(rule(_RETROGRADE).finding([evidence]))
    doubts = _doubts(fit)
    if doubts:
        found.append(rule("capacity.poor_fit").finding(doubts))
    return found


def _doubts(fit: Scalability) -> list[Evidence]:
    judged = rule("capacity.poor_fit")
    doubts: list[Evidence] = []
    least = judged.limit("r_squared")
    if fit.r_squared is None or fit.r_squared < least:
        doubts.append(
            Evidence(
                metric="R squared of the fit", value=fit.r_squared or 0.0, unit="", limit=least
            )
        )
    most = judged.limit("extrapolation")
    peak = fit.peak_concurrency
    if peak is not None and peak > most * fit.measured_to:
        doubts.append(
            Evidence(
                metric="predicted peak against the highest concurrency measured",
                value=peak / fit.measured_to,
                unit="times",
                limit=most,
            )
        )
    return doubts


def _missing(inputs: Inputs, multiplier: float | None) -> list[NotChecked]:
    """Say which input is missing for what; nothing is made up in its place."""
    current, limits, prices = inputs.current, inputs.limits, inputs.prices
    needs_growth = inputs.growth.request_growth_monthly_pct is None and multiplier is None
    growth_gb, connections = inputs.growth.storage_growth_monthly_gb, current.db_connections_peak
    priced = prices.instance_monthly is not None or prices.storage_gb_monthly is not None
    rows = (
        ("capacity.growth", needs_growth, "growth.request_growth_monthly_pct, or multiplier"),
        ("capacity.cpu", current.instances is None, "current.instances"),
        ("capacity.cpu", current.cpu_peak_pct is None, "current.cpu_peak_pct"),
        ("capacity.memory", current.memory_peak_pct is None, "current.memory_peak_pct"),
        ("capacity.connections", connections is None, "current.db_connections_peak"),
        ("capacity.connections", limits.max_db_connections is None, "limits.max_db_connections"),
        ("capacity.storage", current.storage_used_gb is None, "current.storage_used_gb"),
        ("capacity.storage", limits.storage_gb is None, "limits.storage_gb"),
        ("capacity.storage", growth_gb is None, "growth.storage_growth_monthly_gb"),
        ("capacity.throughput", current.peak_rps is None, "current.peak_rps"),
        ("capacity.cost", not priced, "prices.instance_monthly, prices.storage_gb_monthly"),
    )
    wanted: dict[str, list[str]] = {}
    for name, is_missing, what in rows:
        if is_missing:
            wanted.setdefault(name, []).append(what)
    return [NotChecked(rule=name, why=f"give {', '.join(whats)}") for name, whats in wanted.items()]
