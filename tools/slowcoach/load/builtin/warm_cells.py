"""Into which cells of time a test is cut, so that a warm-up may be left out of its first step."""

from __future__ import annotations

import math

from slowcoach.load.schedule import Schedule

MOST_WARM_UP = 0.5  # of the first step: more than half of it is no warm-up
_MOST_CELLS = 600


def edges_of(schedule: Schedule) -> tuple[float, ...]:
    """Return the edges of the cells in seconds: each stage is one, but the first held stage's
    beginning is cut by the second, as far as it may be a warm-up.
    """
    edges = [0.0]
    is_first = True
    for stage in schedule.stages:
        if stage.length_s <= 0:
            continue
        if stage.held and is_first:
            is_first = False
            count = min(math.floor(stage.length_s * MOST_WARM_UP), _MOST_CELLS)
            # whole seconds of the test, since moments are those
            first = math.floor(stage.start_s) + 1
            edges += [float(at) for at in range(first, first + count) if at > stage.start_s]
        edges.append(stage.end_s)
    return tuple(dict.fromkeys(edges)) if len(edges) > 1 else (0.0, 0.0)


def cells_between(edges: tuple[float, ...], start_s: float, end_s: float) -> range:
    """Return the indices of the cells between two edges."""
    return range(edges.index(start_s), edges.index(end_s))
