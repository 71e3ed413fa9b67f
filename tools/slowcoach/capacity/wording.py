"""A capacity plan in sentences."""

from collections.abc import Sequence

from pydantic import BaseModel

from slowcoach.capacity.limits import CPU, Headroom
from slowcoach.capacity.model import Projection, Scalability
from slowcoach.core.units import number


class FirstLimit(BaseModel):
    """The limit that is reached first. `month` None: growth given does not reach it."""

    resource: str
    month: int | None
    month_if_faster: int | None = None
    traffic_factor_left: float | None = None
    text: str


def first_limit(room: Sequence[Headroom]) -> FirstLimit | None:
    """Return the resource at the front, if it can be reached at all."""
    for item in room:
        if item.month is None and item.traffic_factor_left is None:
            continue
        return FirstLimit(
            resource=item.resource,
            month=item.month,
            month_if_faster=item.month_if_faster,
            traffic_factor_left=item.traffic_factor_left,
            text=item.text,
        )
    return None


def shown(value: float | None) -> str:
    """Return a figure with four digits; nothing for None."""
    return "" if value is None else number(value, 4)


def summary_of(
    projections: dict[str, Projection],
    room: Sequence[Headroom],
    months: int,
    fit: Scalability | None,
) -> str:
    """Return what a colleague would say: the figures asked for, and the first limit."""
    name = next((n for n in projections if n.endswith("x")), f"{months}_month")
    chosen = projections.get(name) or Projection()
    parts = [
        text
        for value, text in (
            (chosen.peak_rps, f"a peak of {shown(chosen.peak_rps)} req/s"),
            (chosen.instances_needed, f"{shown(chosen.instances_needed)} instances"),
            (chosen.db_connections, f"{shown(chosen.db_connections)} database connections"),
            (chosen.storage_gb, f"{shown(chosen.storage_gb)} GB"),
            (chosen.estimated_cost, f"{chosen.estimated_cost}"),
        )
        if value is not None
    ]
    when = f"At {name}" if name.endswith("x") else f"In {months} months"
    said = f"{when}: {', '.join(parts)}." if parts else "No growth to project was given."
    first = first_limit(room)
    limit = (
        "No limit could be judged." if first is None else _limit_said(first) + _then(room, first)
    )
    return " ".join(text for text in (said, limit, _fit_said(fit)) if text)


def _fit_said(fit: Scalability | None) -> str:
    if fit is None:
        return ""
    quality = "" if fit.r_squared is None else f" (R squared {fit.r_squared:.4f})"
    if fit.peak_concurrency is not None:
        return (
            f"Throughput peaks at {number(fit.ceiling or 0)}/s with a concurrency of "
            f"{number(fit.peak_concurrency)}, measured up to {fit.measured_to:g}{quality}."
        )
    if fit.ceiling is not None:
        return f"Throughput levels off towards {number(fit.ceiling)}/s{quality}."
    return f"Throughput grows in proportion as far as it was measured{quality}."


def _then(room: Sequence[Headroom], first: FirstLimit) -> str:
    """Name the next limit where the first is one that instances take away."""
    if first.resource != CPU:
        return ""
    later = [item for item in room if item.resource != CPU]
    then = first_limit(later)
    if then is None or then.month == 0:
        return f" Also over its limit: {then.resource}." if then else ""
    when = f"in month {then.month}"
    if then.month is None:
        when = f"at {then.traffic_factor_left:.3g} times the traffic"
    return f" More instances take that away; the next limit is {then.resource}, {when}."


def _limit_said(first: FirstLimit) -> str:
    if first.month == 0:
        return f"Over its limit already: {first.text}, seasonal peak included."
    if first.month is None:
        return (
            f"The first limit is {first.resource}, at {first.traffic_factor_left:.3g} times "
            "today's traffic."
        )
    said = f"The first limit is {first.resource}, in month {first.month}"
    if first.month_if_faster and first.month_if_faster < first.month:
        said += f" (month {first.month_if_faster} if growth is 2 points a month faster)"
    return f"{said}."
