"""Percentile spectra as HdrHistogram's classes print them, and a histogram made of one.

A row says that so many values are at most so large. Between two rows the values are not known:
they are spread evenly by their logarithm, so that the rows' own quantiles stay right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from slowcoach.load.histogram import GROWTH, LEAST_MS, Histogram
from slowcoach.load.outcome import Latencies

ROW = re.compile(
    r"^[ \t]*(\d{1,18}\.\d{1,12})[ \t,]+([01]\.\d{1,15})[ \t,]+(\d{1,15})"
    r"(?:[ \t,]+(?:\d{1,20}\.\d{1,12}|inf(?:inity)?))?[ \t]*$",
    re.IGNORECASE,
)
MOST_ROWS = 100_000
JUDGED = (0.5, 0.9, 0.95, 0.99, 0.999)
_UPPER = 0.9  # the stated error is that of quantiles from here on
_CLOSE = 0.01
_SLACK = 1e-6  # of a rank that is computed from rounded quantiles
_LEAST_ERROR = 0.005  # of a bucket


@dataclass(frozen=True, slots=True)
class Row:
    """At most `count` values are at most `value_ms`, which is their quantile `q` (0..1)."""

    value_ms: float
    q: float
    count: int


def row_of(line: str, scale: float = 1.0) -> Row | None:
    """Return the row that a line holds, its value times `scale` in ms; None for another line."""
    found = ROW.match(line)
    if found is None:
        return None
    return Row(float(found[1]) * scale, float(found[2]), int(found[3]))


def ordered(rows: Sequence[Row]) -> bool:
    """Tell whether rows are a spectrum: neither values nor counts nor quantiles fall."""
    return bool(rows) and all(
        a.value_ms <= b.value_ms and a.count <= b.count and a.q <= b.q for a, b in pairwise(rows)
    )


def histogram_of(rows: Sequence[Row]) -> Histogram:
    """Return a histogram in which the values up to each row are as many as it says.

    A row's value is that of its quantile, so of all ranks from there up to its count.
    """
    found, total = Histogram(), rows[-1].count
    found.add([rows[0].value_ms], max(rows[0].count, 1))
    for before, row in pairwise(rows):
        below = max(before.count, 1)
        known = min(max(math.ceil(row.q * total - _SLACK) - 1, below), row.count)
        spread(found, before.value_ms, row.value_ms, known - below)
        if row.count > known:
            found.add([row.value_ms], row.count - known)
    return found


def spread(found: Histogram, low: float, high: float, count: int) -> None:
    """Add `count` values above `low` up to `high`, the last of them `high` itself."""
    if count <= 0:
        return
    low = max(low, LEAST_MS)
    high = max(high, low)
    places = min(count, math.ceil(math.log(high / low) / math.log(GROWTH)) + 1)
    values = low * (high / low) ** (np.arange(1, places + 1) / places)
    values[-1] = high
    each, rest = divmod(count, places)
    if each:
        found.add(values, each)
    if rest:
        found.add(values[-rest:])


def bracket(rows: Sequence[Row], q: float) -> tuple[float, float] | None:
    """Return the values that a quantile lies between; None without rows around it."""
    for before, row in pairwise(rows):
        if before.q < q <= row.q or (row.q == q):
            return (row.value_ms if row.q == q else before.value_ms), row.value_ms
    return None


def latencies_of(
    rows: Sequence[Row],
    *,
    corrected: bool = False,
    mean_ms: float | None = None,
    most_ms: float | None = None,
) -> Latencies:
    """Return what a spectrum tells; its error is the widest gap around p90, p95, p99, p99.9."""
    found = histogram_of(rows)
    gaps = [
        high / low - 1
        for q in JUDGED
        if q >= _UPPER and (ends := bracket(rows, q)) is not None
        for low, high in [ends]
        if low > 0
    ]
    return Latencies(
        count=rows[-1].count,
        histogram=found,
        stated={row.q: row.value_ms for row in rows if row.q in JUDGED},
        mean_ms=mean_ms,
        least_ms=rows[0].value_ms,
        most_ms=rows[-1].value_ms if most_ms is None else most_ms,
        error=max([_LEAST_ERROR, *gaps]),
        corrected=corrected,
    )


def unknown(rows: Sequence[Row], tool: str) -> str:
    """Say which percentiles the rows only bound."""
    wide = [
        f"p{100 * q:g} lies between {low:.4g} and {high:.4g} ms"
        for q in JUDGED
        if (ends := bracket(rows, q)) is not None
        for low, high in [ends]
        if high > low * (1 + _CLOSE)
    ]
    said = f"{tool}: latencies between the rows of the percentile spectrum"
    return f"{said} ({'; '.join(wide)})" if wide else said
