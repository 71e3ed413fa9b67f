"""Visits and pauses from requests in the order of time, in bounded memory."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.histogram import Histogram
from slowcoach.load.think_time import Pauses
from slowcoach.load.traffic import Sessions

_MINUTE_S = 60.0
_MOST_PAUSES = 2_000_000
_MOST_LENGTH = 10_000  # requests of a visit that are told apart
_MIX = 2_654_435_761  # Knuth's multiplicative hash: spreads numbers in turn over 32 bits
_BITS = 32
_HALF = 0.5


class SessionTally:
    """Follows each client: where a pause is longer than `gap_s`, a new visit begins."""

    def __init__(self, gap_s: float, width: float) -> None:
        """`width` is the resolution of times in seconds; 0 for a millisecond or better."""
        self._gap = gap_s
        self._width = width
        self._begun = np.zeros(0)
        self._last = np.zeros(0)
        self._requests = np.zeros(0, dtype=np.int64)
        self._base = 0  # the client of index 0: those before have long gone
        self.count = 0
        self.parallel = 0
        self._lengths = np.zeros(_MOST_LENGTH + 1, dtype=np.int64)
        self._durations = Histogram()
        self._busy: dict[int, float] = defaultdict(float)
        self._seconds: list[NDArray[np.float64]] = []
        self._clients: list[NDArray[np.int64]] = []
        self._kept = 0
        self._thinned = 0

    def add(
        self,
        client: NDArray[np.int64],
        start: NDArray[np.float64],
        end: NDArray[np.float64],
        at: NDArray[np.float64],
    ) -> None:
        """Take requests of clients (numbers from 1, in the order in which they first came).

        `at` are the times that the lines say. Where they are coarse, the order of the lines is
        better known than the times, less durations, would have it.
        """
        if not len(client):
            return
        self._make_room(int(client.max()))
        order = np.lexsort((at if self._width else start, client))
        client, start, end = client[order] - self._base, start[order], end[order]
        first = np.diff(client, prepend=-1) != 0
        before = self._ends_before(client, end, first)
        pause = start - before
        begins = ~(pause <= self._gap)  # NaN and never: begins too
        follows = ~begins
        together = follows & (pause < -self._width if self._width else pause < 0)
        self.parallel += int(together.sum())
        chosen = follows & ~together
        self._keep(client[chosen] + self._base, pause[chosen])
        self._close_and_open(client, start, end, first, begins)

    def _make_room(self, most: int) -> None:
        room = most - self._base + 1
        if room > len(self._last):
            size = max(room, len(self._last) * 3 // 2) - len(self._last)
            self._begun = np.concatenate([self._begun, np.zeros(size)])
            self._last = np.concatenate([self._last, np.full(size, -np.inf)])
            self._requests = np.concatenate([self._requests, np.zeros(size, np.int64)])

    def _ends_before(
        self, client: NDArray[np.int64], end: NDArray[np.float64], first: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return when the client's last answer before each request was done.

        It is the running maximum of each client's ends. They are taken by rank, and the ranks of
        each client are above those of the one before, so that one running maximum serves all.
        """
        group = np.cumsum(first) - 1
        carried = self._last[client[first]]
        ends = np.maximum(end, carried[group])
        order = np.argsort(ends, kind="stable")
        rank = np.empty(len(ends), dtype=np.int64)
        rank[order] = np.arange(len(ends))
        shift = group * len(ends)
        latest = ends[order][np.maximum.accumulate(rank + shift) - shift]
        found = np.concatenate([[0.0], latest[:-1]])
        found[first] = carried
        return found

    def _keep(self, client: NDArray[np.int64], pause: NDArray[np.float64]) -> None:
        """Store pauses; when there are too many, those of every second client are dropped."""
        chosen = self._sampled(client)
        self._seconds.append(pause[chosen])
        self._clients.append(client[chosen])
        self._kept += int(chosen.sum())
        while self._kept > _MOST_PAUSES:
            self._thinned += 1
            clients, seconds = np.concatenate(self._clients), np.concatenate(self._seconds)
            kept = self._sampled(clients)
            self._clients, self._seconds = [clients[kept]], [seconds[kept]]
            self._kept = int(kept.sum())

    def _sampled(self, client: NDArray[np.int64]) -> NDArray[np.bool_]:
        mixed = (client * _MIX) % (1 << _BITS)
        chosen: NDArray[np.bool_] = mixed < (1 << (_BITS - self._thinned))
        return chosen

    def _close_and_open(
        self,
        client: NDArray[np.int64],
        start: NDArray[np.float64],
        end: NDArray[np.float64],
        first: NDArray[np.bool_],
        begins: NDArray[np.bool_],
    ) -> None:
        """End the visits that a later request shows to be over, and remember the open ones."""
        runs = np.flatnonzero(first | begins)
        who, begun, opens = client[runs], start[runs], begins[runs]
        done = np.maximum.reduceat(end, runs)
        asked = np.diff(runs, append=len(client))
        last_of_client = np.append(who[1:] != who[:-1], True)
        # a run that does not begin a visit goes on with the client's open one
        begun = np.where(opens, begun, self._begun[who])
        asked = np.where(opens, asked, asked + self._requests[who])
        done = np.where(opens, done, np.maximum(done, self._last[who]))
        left = first[runs] & opens & (self._requests[who] > 0)
        old = who[left]
        self._end(self._begun[old], self._last[old], self._requests[old])
        over = ~last_of_client
        self._end(begun[over], done[over], asked[over])
        self._begun[who[~over]] = begun[~over]
        self._last[who[~over]] = done[~over]
        self._requests[who[~over]] = asked[~over]

    def _end(
        self, begun: NDArray[np.float64], done: NDArray[np.float64], asked: NDArray[np.int64]
    ) -> None:
        if not len(begun):
            return
        self.count += len(begun)
        self._lengths += np.bincount(np.minimum(asked, _MOST_LENGTH), minlength=_MOST_LENGTH + 1)
        self._durations.add((done - begun) * 1000)
        self._be_busy(begun, done)

    def _be_busy(self, begun: NDArray[np.float64], done: NDArray[np.float64]) -> None:
        """Add visits to the mean number that go on in each minute, kept as its differences from
        the minute before: a visit that begins adds its part of that minute, and the rest in the
        next one; one that ends takes it away again.
        """
        for at, sign in ((begun, 1.0), (done, -1.0)):
            minute = np.floor(at / _MINUTE_S)
            inside = at / _MINUTE_S - minute
            for shift, amount in ((0, 1 - inside), (1, inside)):
                numbers, where = np.unique((minute + shift).astype(np.int64), return_inverse=True)
                added = np.bincount(where, weights=amount * sign)
                for number, value in zip(numbers.tolist(), added.tolist(), strict=True):
                    self._busy[number] += value

    def forget(self, before: float, awaited: int) -> int:
        """End the visits of clients not heard of for the gap until `before`, and free the room of
        those that came long ago. Returns the first client that is still known: those with a
        smaller number must not come again (`awaited`: the smallest that will).
        """
        gone = np.flatnonzero((self._requests > 0) & (self._last < before - self._gap))
        self._end(self._begun[gone], self._last[gone], self._requests[gone])
        self._requests[gone] = 0
        self._last[gone] = -np.inf
        used = np.flatnonzero(self._requests)
        oldest = int(used[0]) if len(used) else len(self._last)
        oldest = min(oldest, awaited - self._base)
        if oldest > len(self._last) * _HALF:
            self._base += oldest
            self._begun, self._last = self._begun[oldest:], self._last[oldest:]
            self._requests = self._requests[oldest:]
        return self._base

    def close(self) -> None:
        """End all visits."""
        self.forget(np.inf, self._base)

    def found(self) -> Sessions:
        """Return what the visits were like; call `close` before."""
        if not self.count:
            return Sessions(0)
        ranks = np.cumsum(self._lengths)
        median = float(np.searchsorted(ranks, (self.count + 1) / 2))
        duration = self._durations.quantile(_HALF)
        levels = np.cumsum([self._busy[minute] for minute in sorted(self._busy)])
        return Sessions(
            count=self.count,
            median_requests=median,
            median_s=None if duration is None else duration / 1000,
            concurrent_peak=float(np.max(levels, initial=0.0)),
        )

    def pauses(self) -> Pauses:
        """Return the pauses within visits (a sample of the clients when there were many)."""
        if not self._seconds:
            empty = np.zeros(0)
            return Pauses(empty, empty.astype(np.int64), self._width, self._gap)
        return Pauses(
            np.concatenate(self._seconds), np.concatenate(self._clients), self._width, self._gap
        )
