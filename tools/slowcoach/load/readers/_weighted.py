"""A histogram of values that each occurred many times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.histogram import Histogram, buckets_of


def weighted(values_ms: NDArray[np.float64], counts: NDArray[np.int64]) -> Histogram:
    """Return the histogram of values in ms (0 or more), each `counts` times."""
    found = Histogram()
    if not len(values_ms):
        return found
    buckets = buckets_of(values_ms)
    first = int(buckets.min())
    summed = np.bincount(buckets - first, weights=counts.astype(np.float64))
    return Histogram(
        first=first,
        counts=summed.astype(np.int64),
        n=int(counts.sum()),
        total=float((values_ms * counts).sum()),
        least=float(values_ms.min()),
        most=float(values_ms.max()),
    )
