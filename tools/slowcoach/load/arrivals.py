"""Whether users came at a rate or one took another's place, from when they began and ended. Pure.

In a closed test each user (or iteration) begins as another ends. In an open one a beginning falls
right after an end by chance alone, as often as ends come within that time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.outcome import LoadModel

_LEAST = 20  # beginnings that are looked at
_CLOSED, _OPEN = 0.8, 0.2  # share of them that replace an end, beyond chance
_MOST_BY_CHANCE = 0.4


def model_of_arrivals(
    starts_s: Sequence[float] | NDArray[np.float64],
    ends_s: Sequence[float] | NDArray[np.float64],
    within_s: float,
) -> LoadModel:
    """Return open or closed by how many beginnings follow an end `within_s`; unknown between.

    Those before the first end are left out: in both models users come then without any going.
    Above some hundred ends a second chance alone would do it, and neither can be told.
    """
    starts, ends = (np.sort(np.asarray(each, dtype=np.float64)) for each in (starts_s, ends_s))
    if not len(starts) or not len(ends):
        return "unknown"
    later = starts[starts > ends[0]]
    if len(later) < _LEAST or ends[-1] <= ends[0]:
        return "unknown"
    by_chance = 1 - math.exp(-len(ends) / (ends[-1] - ends[0]) * within_s)
    if by_chance > _MOST_BY_CHANCE:
        return "unknown"
    last = ends[np.searchsorted(ends, later, side="right") - 1]
    share = float((later - last <= within_s).mean())
    beyond = (share - by_chance) / (1 - by_chance)
    if beyond >= _CLOSED:
        return "closed"
    return "open" if beyond <= _OPEN else "unknown"
