"""Everything that is counted while an access log is read, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from slowcoach.core.knowledge import page
from slowcoach.load.access_logs.clients import Clients
from slowcoach.load.access_logs.places import METHODS, REASONS, Places
from slowcoach.load.access_logs.rows import Rows
from slowcoach.load.histogram import Histogram
from slowcoach.load.rates import RateTally
from slowcoach.load.sessions import SessionTally

QUANTILES = (0.5, 0.95, 0.99)
_ROOM = 16
_MS = 1000.0
_KILO = 1000.0  # bytes are counted as thousands, in the range of the histogram
_MOST_WAITING = 400_000
_STATUSES = 600


_Times = NDArray[np.float64]
_Waiting = tuple[NDArray[np.int64], _Times, _Times, _Times]


class Tally:
    """Takes requests in about the order of time, and puts those that are near in order."""

    def __init__(self, width: float) -> None:
        data = page("access_logs").data["sessions"]
        self.places = Places()
        self.clients = Clients()
        self.rates = RateTally()
        self.sessions = SessionTally(float(data["gap_s"]["value"]), width)
        self.left_out: Counter[str] = Counter()
        self.lines = 0
        self.unread = 0
        self.requests = 0
        self.rewound = 0
        self._disorder = float(data["disorder_s"]["value"])
        self._gap = float(data["gap_s"]["value"])
        self._done = self._forgotten = -np.inf
        self._waiting: list[_Waiting] = []
        self._held = 0
        self._statuses = np.zeros(_STATUSES, dtype=np.int64)
        self._methods = np.zeros(_ROOM, dtype=np.int64)
        self.latency = Histogram()
        self.answer_kilobytes = Histogram()
        self.request_kilobytes = Histogram()

    def add(self, rows: Rows, reached: float) -> None:
        """Take the requests of a block. All files have been read up to `reached` (a time)."""
        self._count_left_out(rows)
        rows = rows.only(rows.place >= 0)
        if not len(rows):
            return
        self.requests += len(rows)
        self.places.add(rows)
        self._count(rows)
        if float(np.median(rows.start)) < self._done - self._gap:
            self._rewind()
        self._waiting.append((rows.client, rows.at, rows.start, rows.end))
        self._held += len(rows)
        self._go_on(reached - self._disorder)

    def _count_left_out(self, rows: Rows) -> None:
        numbers, counts = np.unique(rows.place[rows.place < 0], return_counts=True)
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            self.left_out[REASONS[number]] += count

    def _count(self, rows: Rows) -> None:
        statuses = np.clip(rows.status, 0, _STATUSES - 1)
        self._statuses += np.bincount(statuses, minlength=_STATUSES)
        self._methods += np.bincount(rows.place % _ROOM, minlength=_ROOM)
        self.latency.add(rows.service * _MS)
        self.answer_kilobytes.add(rows.answer_bytes / _KILO)
        self.request_kilobytes.add(rows.request_bytes / _KILO)

    def _rewind(self) -> None:
        """Begin anew: the lines go back by more than a visit's gap, as when logs are put together
        that are not of one another's order.
        """
        self.rewound += 1
        self._go_on(np.inf)
        self.sessions.forget(np.inf, 0)
        self._forgotten = -np.inf
        self._done = -np.inf

    def _go_on(self, until: float) -> None:
        """Judge the requests that came until then; of too many waiting, the older half."""
        if self._held > _MOST_WAITING:
            starts = np.concatenate([start for _, _, start, _ in self._waiting])
            until = max(until, float(np.median(starts)))
        if not self._waiting:
            return
        client, at, start, end = (
            np.concatenate(parts) for parts in zip(*self._waiting, strict=True)
        )
        ready = start <= until
        if not ready.any():
            return
        rest = ~ready
        self._waiting = [(client[rest], at[rest], start[rest], end[rest])] if rest.any() else []
        self._held = int(rest.sum())
        self.rates.add(start[ready])
        self.sessions.add(client[ready], start[ready], end[ready], at[ready])
        self._done = float(start[ready].max())
        if self._done > self._forgotten + self._gap:
            self._forgotten = self._done
            awaited = int(client[rest].min()) if rest.any() else self.clients.count + 1
            self.clients.forget_before(self.sessions.forget(self._done, awaited))

    def close(self) -> None:
        """Judge what is left."""
        self._go_on(np.inf)
        self.sessions.close()

    def statuses(self) -> Mapping[str, int]:
        """Return the requests by status."""
        return {str(n): int(self._statuses[n]) for n in np.flatnonzero(self._statuses).tolist()}

    def methods(self) -> Mapping[str, int]:
        """Return the requests by method."""
        return {METHODS[n]: int(self._methods[n]) for n in np.flatnonzero(self._methods).tolist()}


def quantiles(histogram: Histogram, scale: float = 1.0) -> dict[float, float]:
    """Return the usual quantiles, none where nothing was told."""
    found = {q: histogram.quantile(q) for q in QUANTILES}
    return {q: value * scale for q, value in found.items() if value is not None}
