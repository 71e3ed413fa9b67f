"""Counts of latencies in the buckets of a monitoring system, and what they tell of quantiles.

Within a bucket values are not known. Quantiles in buckets that are not too wide are told as
Prometheus does, on a straight line through the bucket (its documentation, `histogram_quantile`),
together with the bucket's ends; of others, only the ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slowcoach.load.histogram import Histogram
from slowcoach.load.outcome import Latencies
from slowcoach.load.readers._spectrum import JUDGED, spread

_FINE = 1.1  # ends of a bucket differ at most by this factor: a histogram can be made of such
_NARROW = 3.0  # as a factor: in wider buckets a straight line would be a guess
_LEAST_ERROR = 0.005
_ALL = 1.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many latencies above `low` up to `high`, in ms (may be infinite). Counts may be rates."""

    low: float
    high: float
    count: float


class Buckets:
    """Buckets in the order of their ends; those without a latency are left out."""

    def __init__(self, buckets: Sequence[Bucket]) -> None:
        self.buckets = [bucket for bucket in buckets if bucket.count > 0]
        self.total = math.fsum(bucket.count for bucket in self.buckets)

    @classmethod
    def cumulative(cls, counts: Mapping[float, float]) -> Buckets:
        """Return the buckets whose upper ends (ms) have these counts of all up to them.

        Counts that fall (from two moments of a server that ran on) are taken as standing still.
        """
        found: list[Bucket] = []
        low, below = 0.0, 0.0
        for high in sorted(counts):
            count = max(counts[high], below)
            found.append(Bucket(low, high, count - below))
            low, below = high, count
        return cls(found)

    def around(self, q: float) -> tuple[Bucket, float] | None:
        """Return the bucket that a quantile (0..1) is in, and how far into it (0..1)."""
        rank, below = q * self.total, 0.0
        for bucket in self.buckets:
            if below + bucket.count >= rank:
                return bucket, (rank - below) / bucket.count
            below += bucket.count
        return (self.buckets[-1], _ALL) if self.buckets else None

    def quantile(self, q: float) -> float | None:
        """Return a quantile in ms by interpolation; None in a bucket that is wide or open."""
        found = self.around(q)
        if found is None:
            return None
        bucket, share = found
        if bucket.low <= 0 or bucket.high > bucket.low * _NARROW:
            return None
        return bucket.low + (bucket.high - bucket.low) * share

    def latencies(self, *, counts: bool, mean_ms: float | None = None) -> Latencies:
        """Return what the buckets tell. `counts`: they are numbers of requests, not rates."""
        stated = {q: value for q in JUDGED if (value := self.quantile(q)) is not None}
        errors = [
            max(value - bucket.low, bucket.high - value) / value
            for q, value in stated.items()
            if (found := self.around(q)) is not None and value > 0
            for bucket in [found[0]]
        ]
        total = round(self.total) if counts else None
        fine = counts and all(
            bucket.low > 0 and bucket.high <= bucket.low * _FINE for bucket in self.buckets
        )
        return Latencies(
            count=total,
            histogram=self._histogram() if fine else None,
            stated=stated,
            mean_ms=mean_ms,
            error=max([_LEAST_ERROR, *errors]),
        )

    def _histogram(self) -> Histogram:
        found = Histogram()
        for bucket in self.buckets:
            spread(found, bucket.low, bucket.high, round(bucket.count))
        return found

    def unknown(self, tool: str) -> str:
        """Say between which values the percentiles lie."""
        ends = [
            f"p{100 * q:g} "
            + (
                f"is above {found[0].low:.4g} ms"
                if math.isinf(found[0].high)
                else f"lies between {found[0].low:.4g} and {found[0].high:.4g} ms"
            )
            for q in JUDGED[:-1]
            if (found := self.around(q)) is not None
        ]
        return f"{tool}: latencies within a bucket ({'; '.join(ends)})"
