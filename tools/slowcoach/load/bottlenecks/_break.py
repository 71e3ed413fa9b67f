"""From which level on requests are refused. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slowcoach.core.knowledge import rule
from slowcoach.core.stats import wilson
from slowcoach.load.levels import Level
from slowcoach.load.shape import Shape

RULE = "load.hard_limit"


@dataclass(frozen=True, slots=True)
class Break:
    """Between which levels requests began to be refused, and what then was seen."""

    good: Level | None
    bad: Level
    failing: tuple[Level, ...]
    refused: float


def break_of(shape: Shape) -> Break | None:
    """Return where requests begin to be refused; None when they are not, or at every load alike."""
    least = rule(RULE).limit("error_share")
    shares = [level.refused_share for level in shape.levels]
    failing = [
        (level, refused)
        for level, refused in zip(shape.levels, shares, strict=True)
        if refused >= least and _certain(level, refused) >= least / 2
    ]
    if not failing:
        return None
    first = failing[0][0]
    below = [level for level in shape.levels if level.load < first.load]
    if not below and len(shape.levels) > 1 and not _grows(shares):
        return None
    return Break(
        below[-1] if below else None, first, tuple(each for each, _ in failing), failing[0][1]
    )


def _certain(level: Level, refused: float) -> float:
    return wilson(refused * level.requests, level.requests)[0]


def _grows(shares: Sequence[float]) -> bool:
    return shares[-1] > 2 * max(shares[0], 1e-3)
