"""The p99 is many times the p95."""

from collections.abc import Iterable

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.load.check_kind import Check
from slowcoach.load.checks._ratios import worst_ratio
from slowcoach.load.shape import Shape

_RULE = "load.outliers"


def _run(shape: Shape) -> Iterable[Finding | NotChecked]:
    return worst_ratio(shape, _RULE, "p95/p99 ratio", (0.95, 0.99), "p99_samples")


CHECK = Check(rule=_RULE, run=_run)
