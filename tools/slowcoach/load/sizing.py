"""Figures of a load test's scenarios: users by Little's law, rates without noise, lengths."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from slowcoach.load.goal import Goal
from slowcoach.load.plan import duration_text

LONG_S = 1800.0


def users(rate: float, response_s: float) -> int:
    """Return the users that keep a rate going by Little's law, at least one."""
    return max(math.ceil(round(rate * response_s, 6)), 1)


def rounded(value: float) -> float:
    """Return a rate without noise: whole from 10 on, three digits below."""
    return float(round(value)) if value >= 10 else float(f"{value:.3g}")  # noqa: PLR2004


def length(entry: Mapping[str, Any], goal: Goal) -> str:
    """Return how long a scenario lasts: the goal's duration where it is meant."""
    wanted = goal.duration_s
    is_soak = entry["name"] == "Soak"
    if wanted is None or entry["name"] not in {"Baseline", "Peak", "Soak"}:
        return str(entry["duration"])
    if is_soak == (wanted >= LONG_S):
        return duration_text(wanted)
    return str(entry["duration"])
