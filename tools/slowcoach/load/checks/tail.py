"""The p95 is many times the median."""

from collections.abc import Iterable

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.load.check_kind import Check
from slowcoach.load.checks._ratios import worst_ratio
from slowcoach.load.shape import Shape

_RULE = "load.tail"


def _run(shape: Shape) -> Iterable[Finding | NotChecked]:
    return worst_ratio(shape, _RULE, "p50/p95 ratio", (0.5, 0.95), "p95_samples")


CHECK = Check(rule=_RULE, run=_run)
