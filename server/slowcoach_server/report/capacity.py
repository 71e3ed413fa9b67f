"""A capacity plan as a picture: the traffic by month with its band, and the limits on its way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from slowcoach.capacity.model import Current
from slowcoach.capacity.model import Growth as Given
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach_server.report.charts import Axis, Band, Level, Line, Panel, panel

_TOOL = "plan_capacity"
_MONTHS = 12
_LEAST_MONTHS = 3
_FALL = -0.99  # growth a month is above this: traffic does not go below nothing
_ROWS = (0, 1, 2, 3, 4, 5, 6, 9, 12, 18, 24, 36, 48, 60, 72, 96, 120)
_MOST_TIMES = 1.6  # limits higher than so many times the picture are not in it
_MEASURES = (("peak_rps", "Peak", "req/s"), ("daily_requests", "Requests", "a day"))


@dataclass(frozen=True, slots=True)
class Room:
    """One resource: what is used of it and what may be, as shares of what there is."""

    resource: str
    used: str
    limit: str
    used_share: float
    limit_at: float
    ok: bool
    reached: str


@dataclass(frozen=True, slots=True)
class Growth:
    """The plan: its picture (None without growth), the same as rows, and each resource's room."""

    panel: Panel | None
    rows: tuple[tuple[str, str, str, str], ...]
    rooms: tuple[Room, ...]
    note: str


def growth(tool: str, arguments: Mapping[str, Any], content: Mapping[str, Any]) -> Growth | None:
    """Return what a capacity plan shows; None when the run is none."""
    if tool != _TOOL or not isinstance(content.get("projections"), dict):
        return None
    try:
        given = Given.model_validate(arguments.get("growth") or {})
        current = Current.model_validate(arguments.get("current") or {})
    except ValidationError:
        return None
    heads = [row for row in content.get("headroom") or () if isinstance(row, dict)]
    rooms = tuple(_room(row) for row in heads)
    months = arguments.get("months")
    until = max(_LEAST_MONTHS, int(months) if isinstance(months, (int, float)) else _MONTHS)
    if given.request_growth_monthly_pct is None:
        return Growth(None, (), rooms, "") if rooms else None
    return _drawn(given, current, heads, rooms, until)


def _drawn(
    given: Given,
    current: Current,
    heads: list[dict[str, Any]],
    rooms: tuple[Room, ...],
    until: int,
) -> Growth:
    name, title, unit = next(
        (each for each in _MEASURES if getattr(current, each[0])), ("", "Traffic", "times today's")
    )
    today = float(getattr(current, name)) if name else 1.0
    margin = rule("capacity.growth").limit("margin")
    monthly = (given.request_growth_monthly_pct or 0.0) / 100
    extras = (0.0, max(-margin, _FALL - monthly), margin)

    def at(month: float, extra: float) -> float:
        return today * given.season * given.factor(month, extra)

    middle, low, high = (
        tuple((float(m), at(m, extra)) for m in range(until + 1)) for extra in extras
    )
    levels = _levels(heads, today * given.season, max(y for _, y in high))
    word = f"{share(margin)} a month"
    axis = Axis(
        f"{title}, {unit}",
        f"{title} from {number(middle[0][1])} to {number(middle[-1][1])} {unit} in {until} months, "
        f"between {number(low[-1][1])} and {number(high[-1][1])}"
        + "".join(f"; limit: {level.label}" for level in levels),
        lambda month: "today" if not month else f"month {month:g}",
        number,
        whole=True,
    )
    drawn = panel(
        axis,
        [Line("main", "as given", middle)],
        bands=[Band("band", f"{word} more or less", low, high)],
        levels=levels,
    )
    wanted = sorted({*(month for month in _ROWS if month <= until), until})
    rows = tuple(
        (f"month {m}" if m else "today", number(at(m, 0.0)), number(low[m][1]), number(high[m][1]))
        for m in wanted
    )
    season = f" The season's peak ({given.season:g} times) is in it." if given.season != 1 else ""
    return Growth(drawn, rows, rooms, f"Growth of {share(monthly)} a month, compounded.{season}")


def _levels(heads: list[dict[str, Any]], today: float, top: float) -> list[Level]:
    """Return where each resource's limit lies, those that the picture nearly reaches."""
    found: list[Level] = []
    for row in heads:
        left = row.get("traffic_factor_left")
        if isinstance(left, (int, float)) and 0 < left * today <= top * _MOST_TIMES:
            found.append(Level(left * today, f"{_name(row)}: {number(left * today)}"))
    return found


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("resource")).replace("db_", "database ").replace("_", " ")


def _room(row: Mapping[str, Any]) -> Room:
    used, limit = float(row.get("used_share") or 0), float(row.get("limit_share") or 0)
    month = row.get("month")
    reached = "not by this growth" if month is None else f"month {month}" if month else "already"
    return Room(
        resource=_name(row),
        used=share(used),
        limit=share(limit),
        used_share=min(used, 1.0),
        limit_at=min(limit, 1.0),
        ok=bool(row.get("ok")),
        reached=reached,
    )
