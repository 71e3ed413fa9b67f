"""What users who wait for answers do not see of a stall: coordinated omission, estimated. Pure.

While the target stands still, a user who waits sends nothing, and the requests that would have
been slow are missing. Filled in as HdrHistogram does (Tene, copyCorrectedForCoordinatedOmission):
a latency above the usual interval stands for requests due during it, each an interval shorter.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from slowcoach.core.units import quantity
from slowcoach.load.histogram import GROWTH, LEAST_MS, Histogram
from slowcoach.load.outcome import Latencies, Moment

_TAILS = (0.95, 0.99)
_MUCH = 1.5  # times the percentile as it stands
_LEAST_REQUESTS = 100
_LEAST_MOMENTS = 3


def filled_in(found: Histogram, interval_ms: float) -> Histogram:
    """Return the latencies of requests due each `interval_ms` for every user, sent or not."""
    result = Histogram()
    result.merge(found)
    if not found.n or interval_ms <= 0:
        return result
    edges = LEAST_MS * GROWTH ** np.arange(found.first + len(found.counts) + 1, dtype=np.float64)
    middles = (edges[1:] + edges[:-1]) / 2
    missing = np.zeros(len(edges) - 1, dtype=np.float64)
    for bucket in np.flatnonzero(found.counts):
        longest = float(middles[found.first + bucket]) - interval_ms
        if longest < interval_ms:
            continue
        covered = np.clip(
            np.minimum(edges[1:], longest) - np.maximum(edges[:-1], interval_ms), 0, None
        )
        missing += covered / interval_ms * float(found.counts[bucket])
    # by the sum so far, so that parts of a request are not lost
    counts = np.diff(np.rint(np.cumsum(missing)), prepend=0.0).astype(np.int64)
    for bucket in np.flatnonzero(counts):
        result.add(middles[bucket : bucket + 1], times=int(counts[bucket]))
    return result


def usual_interval_ms(moments: Sequence[Moment]) -> float | None:
    """Return how often a user sends a request in a usual moment; None where users are not told."""
    rates = [m.users / (m.sent / m.length_s) * 1000 for m in moments[1:-1] if m.users and m.sent]
    return float(np.median(rates)) if len(rates) >= _LEAST_MOMENTS else None


def hidden_by_waiting(moments: Sequence[Moment], latency: Latencies) -> list[str]:
    """Return a sentence when a stall hides in what waiting users saw, else nothing."""
    interval, found = usual_interval_ms(moments), latency.histogram
    if interval is None or found is None or found.n < _LEAST_REQUESTS:
        return []
    due = filled_in(found, interval)
    pairs = [(tail, found.quantile(tail) or 0.0, due.quantile(tail) or 0.0) for tail in _TAILS]
    tail, seen, truth = max(pairs, key=lambda pair: pair[2] / max(pair[1], LEAST_MS))
    if truth < _MUCH * seen:
        return []
    return [
        f"stalls hide: users waited instead of sending. With a request of each user every "
        f"{quantity(interval, 'ms')}, as usual here, p{tail * 100:g} would be about "
        f"{quantity(truth, 'ms')}, not {quantity(seen, 'ms')}"
    ]
