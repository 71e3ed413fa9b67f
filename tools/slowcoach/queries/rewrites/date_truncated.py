"""date_trunc('month', ts) = d: the range of the month on the column itself."""

import datetime
from functools import partial
from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._compare import (
    as_range,
    comparisons,
    midnight_of,
    moment,
    put,
    text,
)
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema

_WHY = (
    "date_trunc gives the begin of a {unit} for all of its range, so the column can stand alone "
    "and an index on it can serve"
)
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_DAYS = {"DAY": 1, "WEEK": 7}
_MONTHS_A_YEAR = 12


def _run(tree: Any, schema: Schema) -> Change | None:
    units: set[str] = set()
    for found in comparisons(tree):
        side = found.side
        if not isinstance(side, exp.TimestampTrunc) or side.args.get("zone"):
            continue
        unit = str(side.text("unit")).upper()
        if unit not in _MONTHS | _DAYS or not moment(side.this, schema):
            continue
        new = as_range(
            found,
            side.this,
            partial(_bound, unit=unit, number=0),
            partial(_bound, unit=unit, number=1),
        )
        if new is not None:
            put(found.node, new)
            units.add(unit.lower())
    return Change(tree, _WHY.format(unit="/".join(sorted(units)))) if units else None


def _bound(value: Any, unit: str, number: int) -> Any:
    """Return the begin of a unit, or of the one after; None for what is no begin of one."""
    day = midnight_of(value)
    if day is None or not _begins(day, unit):
        return None
    try:
        return text(_later(day, unit) if number else day)
    except (ValueError, OverflowError):
        return None  # past the last year that a date can name


def _begins(day: datetime.date, unit: str) -> bool:
    if unit in _MONTHS:
        return day.day == 1 and (day.month - 1) % _MONTHS[unit] == 0
    return unit == "DAY" or day.weekday() == 0


def _later(day: datetime.date, unit: str) -> datetime.date:
    if unit in _DAYS:
        return day + datetime.timedelta(_DAYS[unit])
    months = day.month - 1 + _MONTHS[unit]
    return day.replace(year=day.year + months // _MONTHS_A_YEAR, month=months % _MONTHS_A_YEAR + 1)


REWRITE = Rewrite(rule="db.rewrite_column_alone", run=_run)
