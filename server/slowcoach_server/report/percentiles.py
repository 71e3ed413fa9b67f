"""Latency by the share of requests that were quicker: a picture for tests that tell no times."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from slowcoach.core.units import duration
from slowcoach_server.report.charts import Axis, Line, Panel, panel

if TYPE_CHECKING:
    from slowcoach.load.outcome import Latencies

_FEWEST = 3
_MOST_ROWS = 15
_DRAWN = tuple(1 - 10 ** (-step / 10) for step in range(31))  # to 99.9 %, evenly on the axis
_TOLD = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
_NEAREST = 0.99999


def by_share(latency: "Latencies") -> tuple[Panel | None, tuple[tuple[str, str], ...]]:
    """Return the picture (None: fewer than three percentiles are known) and its rows."""
    if latency.histogram is not None:
        known = _known(latency, _DRAWN)
        rows = _known(latency, _TOLD)
    else:
        known = rows = _known(latency, sorted(latency.stated))
        if len(rows) > _MOST_ROWS:
            rows = _known(latency, _TOLD)
    if len(known) < _FEWEST:
        return None, ()
    words = "Latency by share of requests: " + ", ".join(
        f"{_percent(q)} within {duration(value / 1000)}" for q, value in rows
    )
    axis = Axis(
        title="Latency by share of requests",
        words=words,
        x=lambda place: _percent(1 - 10**-place),
        y=lambda value: duration(value / 1000) if value else "0",
        whole=True,
        decades=True,
    )
    points = tuple((-math.log10(1 - min(q, _NEAREST)), value) for q, value in known)
    drawn = panel(axis, [Line("main", "latency", points)])
    return drawn, tuple((_percent(q), duration(value / 1000)) for q, value in rows)


def _known(latency: "Latencies", shares: Sequence[float]) -> list[tuple[float, float]]:
    found = [(q, latency.percentile(q)) for q in shares if 0 <= q < 1]
    return [(q, value) for q, value in found if value is not None and math.isfinite(value)]


def _percent(share: float) -> str:
    return f"{100 * share:.6g} %"
