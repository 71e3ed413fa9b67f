"""Think time from the pauses of a recording, and what is taken from one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median

from slowcoach.core.knowledge import page
from slowcoach.load.plan import ThinkTime


def limit(name: str) -> int:
    """Return a limit of what is taken from recordings (knowledge/pages/recordings.md)."""
    return int(page("recordings").data["limits"][name]["value"])


def visit_s() -> float:
    """Return how long a pause ends a visit."""
    return float(page("access_logs").data["sessions"]["gap_s"]["value"])


def think_of(pauses_s: Sequence[float]) -> ThinkTime | None:
    """Return the lognormal of pauses (in s, those of a person); None without any."""
    logs = [math.log(pause) for pause in pauses_s if limit("pause_s") <= pause < visit_s()]
    if not logs:
        return None
    middle = fmean(logs)
    sigma = math.sqrt(sum((x - middle) ** 2 for x in logs) / max(len(logs) - 1, 1))
    return ThinkTime(median_s=round(math.exp(median(logs)), 3), sigma=round(sigma, 3))
