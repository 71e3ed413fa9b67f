"""Rates of requests from their times, in bounded memory: minutes, seconds, burstiness."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from slowcoach.core.knowledge import page
from slowcoach.load.traffic import Rates

_MINUTE_S = 60
_LEAST_MINUTES = 3
_LEAST_PARTS = 4
_MOST_COUNT = 100_000  # of requests in a second that are told apart
_P99 = 0.99
_P999 = 0.999
_MOST_MINUTES = 60 * 24 * 366 * 3


class RateTally:
    """Counts requests by minute and by second. Times come in order, but for a few that are late."""

    def __init__(self) -> None:
        self._first = 0  # the minute of `_minutes[0]`
        self._minutes = np.zeros(0, dtype=np.int64)
        self._seconds = np.zeros(0, dtype=np.int64)  # how many seconds had so many requests
        self._squares = 0.0
        self._open: tuple[int, int] | None = None  # the last second and its count until now
        self.odd = 0

    def add(self, times: NDArray[np.float64]) -> None:
        """Count requests at times in seconds since 1970."""
        if not len(times):
            return
        times = self._in_range(times)
        seconds, counts = np.unique(np.floor(times).astype(np.int64), return_counts=True)
        if not len(seconds):
            return
        self._count_minutes(seconds // _MINUTE_S, counts)
        if self._open is not None:
            if seconds[0] == self._open[0]:
                counts[0] += self._open[1]
            else:
                self._close(np.array([self._open[1]]))
        self._open = (int(seconds[-1]), int(counts[-1]))
        self._close(counts[:-1])

    def _in_range(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Leave out times that are years from the first: a clock that was not set."""
        middle = self._first if len(self._minutes) else int(np.median(times)) // _MINUTE_S
        near = np.abs(times / _MINUTE_S - middle) < _MOST_MINUTES
        self.odd += int(len(times) - near.sum())
        return times[near]

    def _count_minutes(self, minutes: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        low, high = int(minutes[0]), int(minutes[-1]) + 1
        if not len(self._minutes):
            self._first = low
        before = max(self._first - low, 0)
        after = max(high - self._first - len(self._minutes), 0)
        if before or after:
            room = max(after, len(self._minutes) // 2) if after else 0
            parts = (np.zeros(before, np.int64), self._minutes, np.zeros(room, np.int64))
            self._minutes = np.concatenate(parts)
            self._first -= before
        self._minutes += np.bincount(
            minutes - self._first, weights=counts, minlength=len(self._minutes)
        ).astype(np.int64)

    def _close(self, counts: NDArray[np.int64]) -> None:
        self._squares += float((counts.astype(np.float64) ** 2).sum())
        found = np.bincount(np.minimum(counts, _MOST_COUNT))
        if len(found) > len(self._seconds):
            self._seconds = np.concatenate(
                [self._seconds, np.zeros(len(found) - len(self._seconds), np.int64)]
            )
        self._seconds[: len(found)] += found

    def found(self) -> tuple[Rates, float]:
        """Return the rates, and the length in seconds that they were measured over.

        The first and the last minute are cut somewhere by the log's ends, so they are left out
        where there are others.
        """
        if self._open is not None:
            self._close(np.array([self._open[1]]))
            self._open = None
        used = np.flatnonzero(self._minutes)
        if not len(used):
            return Rates(), 0.0
        minutes = self._minutes[used[0] : used[-1] + 1]
        whole = minutes[1:-1] if len(minutes) > _LEAST_MINUTES else minutes
        whole = whole if whole.any() else minutes
        traffic = whole
        quiet = float(page("access_logs").data["rates"]["quiet_share"]["value"])
        if (whole == 0).mean() > quiet:
            traffic = whole[whole > 0]
        span_s = len(minutes) * _MINUTE_S
        rates = Rates(
            median=float(np.median(traffic)) / _MINUTE_S,
            p999=float(np.quantile(whole, _P999, method="higher")) / _MINUTE_S,
            peak_second=float(np.flatnonzero(self._seconds)[-1]),
            p99_second=self._p99(span_s),
            burstiness=self._burstiness(minutes),
        )
        return rates, float(span_s)

    def is_cut(self, length_s: float) -> tuple[bool, float]:
        """Tell whether the log ends in the midst of its traffic, by its last `length_s`, in which
        traffic that comes to its own end would fade; and how many seconds the log has.
        """
        used = np.flatnonzero(self._minutes)
        if not len(used):
            return False, 0.0
        minutes = self._minutes[used[0] : used[-1] + 1]
        last = max(math.ceil(length_s / _MINUTE_S), 1)
        if len(minutes) < last * _LEAST_PARTS + 2:
            return False, 0.0
        share = float(page("access_logs").data["think"]["cut_share"]["value"])
        # the very last minute is cut somewhere in any case
        is_busy = minutes[-1 - last : -1].mean() > share * minutes[last : -1 - last].mean()
        return bool(is_busy), float(len(minutes) * _MINUTE_S)

    def _p99(self, span_s: int) -> float:
        """Return the 0.99-quantile of the seconds' counts, seconds without requests included."""
        counts = self._seconds.copy()
        counts[0] += max(span_s - int(counts.sum()), 0)
        rank = np.searchsorted(np.cumsum(counts), _P99 * counts.sum())
        return float(rank)

    def _burstiness(self, minutes: NDArray[np.int64]) -> float | None:
        """Return the variance of the seconds' counts within their minutes, by their mean."""
        used = minutes[minutes > 0].astype(np.float64)
        total = float(used.sum())
        if len(minutes) < _LEAST_MINUTES or total <= 0:
            return None
        within = self._squares - float((used**2).sum()) / _MINUTE_S
        return within / (len(used) * (_MINUTE_S - 1)) / (total / (len(used) * _MINUTE_S))
