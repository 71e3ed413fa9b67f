"""The metrics of a comparison as intervals on one axis of ratios."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from slowcoach.benchmarks.model import MetricComparison
from slowcoach.benchmarks.wording import signed
from slowcoach.core.units import quantity

_WIDTH = 240.0
_EDGE = 6.0
_LEAST = math.log(1.1)  # the axis shows at least a tenth in each direction


@dataclass(frozen=True, slots=True)
class Change:
    """One metric: figures as text, and where its interval lies on the axis (None: no interval)."""

    name: str
    before: str
    after: str
    change: str
    interval: str
    verdict: str
    low: float | None
    middle: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Changes:
    """All metrics on one axis: its width, the place of no change, and the verdict as a whole."""

    rows: tuple[Change, ...]
    width: float
    zero: float
    passed: bool | None
    gate: str


def changes(result: Mapping[str, Any]) -> Changes | None:
    """Return what a comparison found; None when the result is none."""
    metrics = result.get("metrics")
    if not isinstance(metrics, list) or "threshold_pct" not in result:
        return None
    try:
        found = [MetricComparison.model_validate(metric) for metric in metrics]
    except ValidationError:
        return None
    reach = max([_LEAST, *(abs(v) for metric in found for v in _logs(metric) if v is not None)])
    rows = tuple(_row(metric, reach) for metric in found)
    gate = signed(float(result["threshold_pct"]))
    passed = result.get("passed")
    return Changes(rows, _WIDTH, _x(0, reach), passed if isinstance(passed, bool) else None, gate)


def _logs(metric: MetricComparison) -> list[float | None]:
    values = (metric.ci_low_pct, metric.change_pct, metric.ci_high_pct)
    return [None if v is None or v <= -100 else math.log1p(v / 100) for v in values]  # noqa: PLR2004


def _x(logarithm: float, reach: float) -> float:
    return round(_WIDTH / 2 + logarithm / reach * (_WIDTH / 2 - _EDGE), 1)


def _row(metric: MetricComparison, reach: float) -> Change:
    low, middle, high = (None if v is None else _x(v, reach) for v in _logs(metric))
    interval = ""
    if metric.ci_low_pct is not None and metric.ci_high_pct is not None:
        interval = f"{signed(metric.ci_low_pct)} to {signed(metric.ci_high_pct)} %"
    return Change(
        name=metric.name,
        before=quantity(metric.before, metric.unit),
        after=quantity(metric.after, metric.unit),
        change="from zero" if metric.change_pct is None else f"{signed(metric.change_pct)} %",
        interval=interval,
        verdict=metric.verdict,
        low=low,
        middle=middle,
        high=high,
    )
