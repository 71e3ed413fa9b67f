"""The pauses that users make between requests."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.plan import LoadPlan, ThinkTime, span

_CHUNK = 1024


@dataclass(frozen=True, slots=True)
class Pauses:
    """Lognormal pauses as they were seen, or else evenly spread between two ends in seconds."""

    seen: ThinkTime | None = None
    ends: tuple[float, float] = (0.0, 0.0)

    @property
    def any(self) -> bool:
        """Tell whether there are pauses at all."""
        return self.seen is not None or self.ends[1] > 0

    def drawn(self, seed: int) -> Iterator[float]:
        """Yield pauses in seconds, without end."""
        draw = self._draw(np.random.default_rng(seed))
        while True:
            yield from draw().tolist()

    def _draw(self, random: np.random.Generator) -> Callable[[], NDArray[np.float64]]:
        if self.seen is not None:
            middle, sigma = math.log(self.seen.median_s), self.seen.sigma
            return lambda: random.lognormal(middle, sigma, _CHUNK)
        return lambda: random.uniform(*self.ends, _CHUNK)


def pauses_of(plan: LoadPlan, scenario: str) -> Pauses:
    """Return the pauses of a plan's scenario: those of the logs before those of the plan."""
    if plan.think is not None:
        return Pauses(seen=plan.think)
    stated = next((s.think_time for s in plan.scenarios if s.name == scenario), None)
    return Pauses(ends=span(stated)) if stated else Pauses()
