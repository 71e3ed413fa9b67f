"""Think time from the pauses of a recording."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median

from slowcoach.load.plan import ThinkTime

PAUSE_S = 1.0  # a page's own requests follow within it, a person's next step does not
VISIT_S = 1800.0  # a longer pause ends a visit


def think_of(pauses_s: Sequence[float]) -> ThinkTime | None:
    """Return the lognormal of pauses (in s, those of a person); None without any."""
    logs = [math.log(pause) for pause in pauses_s if PAUSE_S <= pause < VISIT_S]
    if not logs:
        return None
    middle = fmean(logs)
    sigma = math.sqrt(sum((x - middle) ** 2 for x in logs) / max(len(logs) - 1, 1))
    return ThinkTime(median_s=round(math.exp(median(logs)), 3), sigma=round(sigma, 3))
