"""Latencies as counts in logarithmic buckets: small, exact to merge, any quantile afterwards.

Buckets grow by 1 %, so that a quantile is right within half a per cent. Merging adds counts, and
equals the histogram of the pooled values: percentiles are never averaged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

GROWTH = 1.01
LEAST_MS = 0.001  # all below stand in the first bucket
BUCKETS = math.ceil(math.log(86_400_000.0 / LEAST_MS) / math.log(GROWTH))  # up to a day
_LOG = math.log(GROWTH)
_SLACK = 1e-9
_MOST = 1 << 60  # of a sum or a count that is read: far beyond any test
_COLUMNS = 2


@dataclass(slots=True)
class Histogram:
    """Counts of latencies in ms; bucket i holds [LEAST_MS x GROWTH^i, LEAST_MS x GROWTH^(i+1)).

    `counts` begins at bucket `first` and is as long as needed, so that a second's takes about a
    kilobyte. `least`, `most` and `total` (the sum) are exact. It grows by `add` and `merge`.
    """

    first: int = 0
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    n: int = 0
    total: float = 0.0
    least: float = math.inf
    most: float = 0.0

    @classmethod
    def of(cls, values_ms: Sequence[float] | NDArray[np.float64]) -> Histogram:
        """Return the histogram of latencies in ms."""
        found = cls()
        found.add(values_ms)
        return found

    def add(self, values_ms: Sequence[float] | NDArray[np.float64], times: int = 1) -> None:
        """Count latencies in ms, each `times` over; values below 0 count as 0, NaN not at all."""
        values = np.asarray(values_ms, dtype=np.float64)
        values = np.maximum(values[np.isfinite(values)], 0.0)
        if not len(values):
            return
        self.add_placed(values, buckets_of(values), times)

    def add_placed(
        self, values_ms: NDArray[np.float64], buckets: NDArray[np.intp], times: int = 1
    ) -> None:
        """Count latencies (some, finite, not negative) whose buckets are known already."""
        values = values_ms
        first = int(buckets.min())
        self._count(first, np.bincount(buckets - first).astype(np.int64) * times)
        self.n += len(values) * times
        self.total += float(values.sum()) * times
        self.least = min(self.least, float(values.min()))
        self.most = max(self.most, float(values.max()))

    def merge(self, other: Histogram) -> None:
        """Add the counts of another one."""
        self._count(other.first, other.counts)
        self.n += other.n
        self.total += other.total
        self.least = min(self.least, other.least)
        self.most = max(self.most, other.most)

    def _count(self, first: int, counts: NDArray[np.int64]) -> None:
        if not len(counts):
            return
        if not len(self.counts):
            self.first, self.counts = first, counts.copy()
            return
        low = min(self.first, first)
        high = max(self.first + len(self.counts), first + len(counts))
        if low < self.first or high > self.first + len(self.counts):
            grown = np.zeros(high - low, dtype=np.int64)
            grown[self.first - low : self.first - low + len(self.counts)] = self.counts
            self.first, self.counts = low, grown
        self.counts[first - low : first - low + len(counts)] += counts

    @property
    def mean(self) -> float | None:
        """Return the mean in ms, None when empty."""
        return self.total / self.n if self.n else None

    def quantile(self, q: float) -> float | None:
        """Return the latency in ms at quantile `q` (0..1), within 0.5 %; None if empty."""
        if not self.n:
            return None
        return self._at(math.ceil(min(max(q, 0.0), 1.0) * self.n - _SLACK))

    def interval(self, q: float, confidence: float = 0.95) -> tuple[float, float] | None:
        """Return the interval of a quantile by order statistics, None where an end is not known.

        The number of values below the true quantile is binomial; its normal approximation gives
        the ranks of both ends (Hahn and Meeker, "Statistical Intervals", 1991). Assumes values
        that do not depend on one another, which latencies during one stall do.
        """
        z = _normal_quantile(0.5 + confidence / 2)
        spread = z * math.sqrt(self.n * q * (1 - q))
        low, high = math.floor(self.n * q - spread), math.ceil(self.n * q + spread) + 1
        if low < 1 or high > self.n:
            return None
        # latencies below the first bucket's edge have it too
        return (
            min(max(self._edge(self._bucket(low)), self.least), self.most),
            min(self._edge(self._bucket(high) + 1), self.most),
        )

    def above(self, limit_ms: float) -> float:
        """Return the share (0..1) of the latencies above a limit, within a bucket."""
        if not self.n:
            return 0.0
        bucket = int(buckets_of(np.array([limit_ms], dtype=np.float64))[0])
        return float(self.counts[max(bucket + 1 - self.first, 0) :].sum()) / self.n

    def _at(self, rank: int) -> float:
        """Return the value of a rank from 1: its bucket's middle, within what was really seen."""
        if rank <= 1:
            return self.least
        if rank >= self.n:
            return self.most
        return min(max(self._edge(self._bucket(rank) + 0.5), self.least), self.most)

    def _bucket(self, rank: int) -> int:
        return self.first + int(np.searchsorted(np.cumsum(self.counts), rank))

    @staticmethod
    def _edge(bucket: float) -> float:
        return float(LEAST_MS * GROWTH**bucket)

    def encoded(self) -> dict[str, Any]:
        """Return it as plain data: what was seen, and the counts by bucket as [bucket, count]."""
        used = np.flatnonzero(self.counts)
        return {
            "growth": GROWTH,
            "least_ms": LEAST_MS,
            "n": self.n,
            "sum_ms": self.total,
            "min_ms": self.least if self.n else None,
            "max_ms": self.most if self.n else None,
            "counts": [[self.first + int(i), int(self.counts[i])] for i in used],
        }

    @classmethod
    def decoded(cls, data: Mapping[str, Any]) -> Histogram:
        """Return what `encoded` gave; raises ValueError for other buckets or wrong figures."""
        if data.get("growth") != GROWTH or data.get("least_ms") != LEAST_MS:
            raise ValueError("a histogram with other buckets")
        pairs = _pairs(data.get("counts"))
        if not len(pairs):
            return cls()
        places, counts = pairs[:, 0], pairs[:, 1]
        if places.min() < 0 or places.max() >= BUCKETS or counts.min() < 0:
            raise ValueError("a bucket out of range")
        if counts.astype(np.float64).sum() > _MOST:
            raise ValueError("more latencies than there can be")
        first = int(places.min())
        found = cls(first, np.zeros(int(places.max()) - first + 1, dtype=np.int64))
        np.add.at(found.counts, places - first, counts)
        found.n = int(counts.sum())
        if data.get("n") != found.n:
            raise ValueError("counts that are not as many as it says")
        if found.n:
            ends = (_number(data, name) for name in ("sum_ms", "min_ms", "max_ms"))
            found.total, found.least, found.most = ends
        if found.total < 0 or (found.n and not 0 <= found.least <= found.most):
            raise ValueError("a least latency above the greatest")
        return found


def _pairs(listed: Any) -> NDArray[np.int64]:
    """Return [bucket, count] pairs as an array of two columns; raises ValueError."""
    try:
        pairs = np.array(listed, dtype=np.int64)
    except (TypeError, OverflowError):
        raise ValueError("counts that are no whole numbers") from None
    if pairs.size and (pairs.ndim != _COLUMNS or pairs.shape[1] != _COLUMNS):
        raise ValueError("counts that are no pairs")
    return pairs.reshape(-1, _COLUMNS)


def _number(data: Mapping[str, Any], name: str) -> float:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"no number {name}")
    if not abs(value) < math.inf or abs(value) > _MOST:
        raise ValueError(f"a {name} that cannot be")
    return float(value)


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """Return one histogram of all: the one that the pooled values would give."""
    told = [each for each in histograms if len(each.counts)]
    if not told:
        return Histogram()
    # one array wide enough for all: an hour of a hundred runners has 360,000 of them
    low = min(each.first for each in told)
    high = max(each.first + len(each.counts) for each in told)
    counts = np.zeros(high - low, dtype=np.int64)
    for each in told:
        counts[each.first - low : each.first - low + len(each.counts)] += each.counts
    return Histogram(
        first=low,
        counts=counts,
        n=sum(each.n for each in told),
        total=math.fsum(each.total for each in told),
        least=min(each.least for each in told),
        most=max(each.most for each in told),
    )


def buckets_of(values_ms: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the bucket of each latency in ms (not negative)."""
    with np.errstate(divide="ignore"):
        places = np.floor(np.log(values_ms / LEAST_MS) / _LOG + _SLACK)
    return np.clip(places, 0, BUCKETS - 1).astype(np.intp)


def _normal_quantile(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)
