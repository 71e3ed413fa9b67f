"""Since when a figure is what it is: the one step in a series that explains most of it. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

_LEAST_POINTS = 4


@dataclass(frozen=True, slots=True)
class Step:
    """A change of level: when, and the medians before and after."""

    at: float
    before: float
    after: float


def step_of(at_s: ArrayLike, levels: ArrayLike, ratio: float) -> Step | None:
    """Return the step that leaves the least squares of the logarithms; None below the ratio.

    Points weigh by the time until the next, so that a finer stretch counts no more than others.
    """
    times, values = np.asarray(at_s, dtype=np.float64), np.asarray(levels, dtype=np.float64)
    kept = np.isfinite(values) & (values > 0)
    times, logs = times[kept], np.log(values[kept])
    if len(times) < 2 * _LEAST_POINTS:
        return None
    weights = np.diff(times, append=2 * times[-1] - times[-2])
    mass, sums = np.cumsum(weights), np.cumsum(weights * logs)
    left = sums**2 / mass
    right = (sums[-1] - sums[:-1]) ** 2 / (mass[-1] - mass[:-1])
    gain = (left[:-1] + right)[_LEAST_POINTS - 1 : -(_LEAST_POINTS - 1)]
    at = int(np.argmax(gain)) + _LEAST_POINTS
    before, after = float(np.exp(np.median(logs[:at]))), float(np.exp(np.median(logs[at:])))
    if max(after / before, before / after) < ratio:
        return None
    return Step(float(times[at]), before, after)
