"""Measured figures against the budget of a kind of application (page `budgets`)."""

import difflib
import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from slowcoach.core.errors import InputError
from slowcoach.core.knowledge import page

PAGE = "budgets"
_HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Budget:
    """One metric's budget: `value op limit` must hold; without a limit `note` says why."""

    metric: str
    title: str
    unit: str
    op: str
    limit: float | None
    note: str
    measured_by: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A budget and what was measured: `ok` is None when there is no value or no limit."""

    budget: Budget
    value: float | None
    ok: bool | None


def kinds() -> dict[str, str]:
    """Return the kinds of applications with their titles."""
    return {name: kind["title"] for name, kind in page(PAGE).data["kinds"].items()}


def budgets(kind: str, own: Mapping[str, float] | None = None) -> tuple[Budget, ...]:
    """Return the budget of `kind`, metric by metric; `own` limits replace the page's.

    Raises InputError when `own` names an unknown metric or a negative limit.
    """
    data = page(PAGE).data
    mine = in_budget_units(own or {}, "limits")
    found = (_budget(entry, entry[kind], data["reasons"]) for entry in data["metrics"])
    return tuple(
        replace(budget, limit=mine[budget.metric], note="your own limit")
        if budget.metric in mine
        else budget
        for budget in found
    )


def _budget(entry: Mapping[str, Any], limit: float | str, reasons: Mapping[str, str]) -> Budget:
    return Budget(
        metric=entry["metric"],
        title=entry["title"],
        unit=entry["unit"],
        op=entry["op"],
        limit=None if isinstance(limit, str) else float(limit),
        note=f"{limit}: {reasons[limit]}" if isinstance(limit, str) else "",
        measured_by=entry["measured_by"],
    )


def judge(
    kind: str, measurements: Mapping[str, float], own: Mapping[str, float] | None = None
) -> tuple[Judgement, ...]:
    """Judge measured figures, keyed by metric name (see `in_budget_units`).

    Returns one judgement a metric of the budget, measured or not, in the page's order.
    Raises InputError on an unknown name, the same metric twice, or a negative figure.
    """
    values = in_budget_units(measurements, "measurements")
    return tuple(_judged(budget, values.get(budget.metric)) for budget in budgets(kind, own))


def _judged(budget: Budget, value: float | None) -> Judgement:
    if value is None or budget.limit is None:
        return Judgement(budget, value, None)
    return Judgement(budget, value, _HOLDS[budget.op](value, budget.limit))


def in_budget_units(figures: Mapping[str, float], argument: str) -> dict[str, float]:
    """Return figures by the page's metric names and units: `error_rate` 0.001 is 0.1 %.

    `argument` names the tool's argument in error messages.
    """
    names = _accepted()
    found: dict[str, float] = {}
    for name, value in figures.items():
        metric, factor = names.get(name) or _refuse(name, list(names), argument)
        if metric in found:
            raise InputError(
                f"{argument}: {metric} is given twice (again as {name!r})",
                hint="Give each metric once.",
            )
        if value < 0:
            raise InputError(
                f"{argument}.{name}: expected a figure of at least 0, got {value:g}",
                hint="Leave out what was not measured.",
            )
        # ten digits: 0.0001 as a share is 0.01 %, not 0.010000000000000002 %
        found[metric] = float(f"{value * factor:.10g}")
    return found


def _accepted() -> dict[str, tuple[str, float]]:
    names: dict[str, tuple[str, float]] = {}
    for entry in page(PAGE).data["metrics"]:
        names[entry["metric"]] = (entry["metric"], 1.0)
        for other, factor in entry["accepts"].items():
            names[other] = (entry["metric"], float(factor))
    return names


def _refuse(name: str, known: list[str], argument: str) -> tuple[str, float]:
    near = difflib.get_close_matches(name.lower().replace(" ", "_"), known, n=2, cutoff=0.5)
    mean = f"Did you mean {' or '.join(f'`{word}`' for word in near)}? " if near else ""
    metrics = ", ".join(entry["metric"] for entry in page(PAGE).data["metrics"])
    raise InputError(f"{argument}: no metric {name!r}", hint=f"{mean}The metrics: {metrics}")
