"""What a check of a load test is: one file in `checks/` each, with `CHECK`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from slowcoach.core.finding import Evidence, Finding, NotChecked, Severity
from slowcoach.core.knowledge import page, rule
from slowcoach.core.registry import discover
from slowcoach.load.shape import Shape


@dataclass(frozen=True, kw_only=True)
class Check:
    """A row of the methodology's table of load results: it yields findings, or why not."""

    rule: str
    run: Callable[[Shape], Iterable[Finding | NotChecked]]


@cache
def checks() -> tuple[Check, ...]:
    """Return every check, in the order of its module's name."""
    from slowcoach.load import checks as package

    return discover(package, "CHECK", Check)


def row(metric: str) -> Mapping[str, Any]:
    """Return the table's row of a metric: from where on it is a warning, and from where bad."""
    rows: list[Mapping[str, Any]] = page("load_results").data["metrics"]
    return next(each for each in rows if each["metric"] == metric)


def graded(
    name: str, metric: str, value: float, where: str | None = None, note: str | None = None
) -> Iterable[Finding]:
    """Yield a finding of a rule when a metric's value is a warning or bad by the table."""
    limits = row(metric)
    if value < limits["warn_from"]:
        return
    is_bad = value > limits["bad_from"]
    evidence = Evidence(
        metric=metric,
        value=value,
        unit=limits["unit"],
        limit=limits["bad_from"] if is_bad else limits["warn_from"],
        where=where,
        note=note,
    )
    severity = Severity.CRITICAL if is_bad else Severity.WARNING
    yield rule(name).finding([evidence], severity=severity)
