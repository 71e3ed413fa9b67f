"""What files of single requests tell, gathered in bounded memory: readers give them in columns.

Requests, and how long they took, belong to the second in which they were sent; answers to the
one in which they came, so that a queue does not look like throughput.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.histogram import buckets_of, merged
from slowcoach.load.names import Kinds, Names
from slowcoach.load.outcome import Figures, Moment
from slowcoach.load.sample_counts import Slot, Tally, groups, latencies_of

CHUNK = 1 << 16  # requests that a reader gives at once
_MOST_SLOTS = 7_200
_MOST_EMPTY = 20_000  # moments, those without a request included
_IDLE_SHARE = 0.5
_IDLE_S = 60.0
_LATEST_S = 1e11  # later times, and longer latencies, are no times
_DAY_MS = 86_400_000.0

Columns = NDArray[np.float64]
Codes = NDArray[np.int64]


class Samples:
    """Requests as they are read. `warnings` says what was joined or left out."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.origin: float | None = None
        self.length_s = 1.0
        self.first_s = float("inf")
        self.last_s = float("-inf")
        self.bytes: int | None = None
        self._slots: dict[int, Slot] = {}
        self.names = Names()
        self.kinds = Kinds()
        self._by_name: dict[int, Tally] = {}
        self._odd = 0

    @property
    def count(self) -> int:
        """Return how many requests there are so far."""
        return sum(tally.sent for tally in self._by_name.values())

    @property
    def unanswered(self) -> int:
        """Return how many of them failed without an answer."""
        return sum(
            n
            for tally in self._by_name.values()
            for kind, n in tally.errors.items()
            if not self.kinds.answered[kind]
        )

    def add(
        self,
        sent_s: Sequence[float] | Columns,
        latency_ms: Sequence[float] | Columns,
        names: Sequence[int] | Codes,
        kinds: Sequence[int] | Codes,
    ) -> None:
        """Add requests: when each was sent (seconds of any clock), its latency in ms (NaN for a
        failure that has none), and the codes of `names` and `kinds`.
        """
        starts = np.asarray(sent_s, dtype=np.float64)
        latencies = np.asarray(latency_ms, dtype=np.float64)
        name_codes = np.asarray(names, dtype=np.int64)
        kind_codes = np.asarray(kinds, dtype=np.int64)
        sane = (starts >= 0) & (starts < _LATEST_S) & ~(np.abs(latencies) > _DAY_MS)
        if not sane.all():
            self._odd += int((~sane).sum())
            starts, latencies = starts[sane], latencies[sane]
            name_codes, kind_codes = name_codes[sane], kind_codes[sane]
        if len(starts):
            self._add(starts, latencies, name_codes, kind_codes)

    def _add(self, starts: Columns, latencies: Columns, names: Codes, kinds: Codes) -> None:
        ends = starts + np.nan_to_num(latencies) / 1000
        self.first_s = min(self.first_s, float(starts.min()))
        self.last_s = max(self.last_s, float(ends.max()))
        slots, failed = self._slots_of(starts), kinds != 0
        self._add_latencies(latencies, slots, names, failed)
        for slot, count in zip(*np.unique(slots, return_counts=True), strict=True):
            self._slot(int(slot)).sent += int(count)
        for code, at in groups(names):
            tally = self._tally(code)
            tally.sent += len(at)
            for kind, wrong in groups(kinds[at[failed[at]]]):
                tally.errors[kind] += len(wrong)
        answered = np.asarray(self.kinds.answered)[kinds]
        found, index = np.unique(self._slots_of(ends), return_inverse=True)
        columns = [np.bincount(index, weights=w) for w in (answered, failed, ~failed)]
        for slot, completed, wrong, right in zip(found, *columns, strict=True):
            into = self._slot(int(slot))
            into.completed += int(completed)
            into.failed += int(wrong)
            into.succeeded += int(right)
        self._bound()

    def _add_latencies(
        self, latencies: Columns, slots: Codes, names: Codes, failed: NDArray[np.bool_]
    ) -> None:
        """Add the latencies that are known to their moments and endpoints."""
        known = np.isfinite(latencies)
        values, wrong = np.maximum(latencies[known], 0.0), failed[known].astype(np.int64)
        buckets = buckets_of(values)
        for key, at in groups(slots[known] * 2 + wrong):
            slot = self._slot(key // 2)
            (slot.bad if key % 2 else slot.good).add_placed(values[at], buckets[at])
        for key, at in groups(names[known] * 2 + wrong):
            tally = self._tally(key // 2)
            (tally.bad if key % 2 else tally.good).add_placed(values[at], buckets[at])

    def _tally(self, code: int) -> Tally:
        found = self._by_name.get(code)
        if found is None:
            found = self._by_name[code] = Tally()
        return found

    def add_users(self, at_s: float, users: float) -> None:
        """Note how many users there were at a time."""
        self.add_users_told(np.array([at_s]), np.array([users]))

    def add_users_told(self, at_s: Columns, users: Columns) -> None:
        """Note how many users each of many requests met."""
        sane = (at_s >= 0) & (at_s < _LATEST_S)
        at_s, users = at_s[sane], users[sane]
        if not len(at_s):
            return
        for slot, at in groups(self._slots_of(at_s)):
            told = self._slot(slot).users
            told[0] += float(users[at].sum())
            told[1] += len(at)
        self._bound(slack=2)

    def add_dropped(self, at_s: float, count: int) -> None:
        """Note requests that were due at a time and never sent."""
        if 0 <= at_s < _LATEST_S:
            self._slot(int(self._slots_of(np.array([at_s]))[0])).dropped += count
            self._bound(slack=2)

    def _slots_of(self, at_s: Columns) -> Codes:
        if self.origin is None:
            self.origin = float(at_s.min())
        return np.floor((at_s - self.origin) / self.length_s).astype(np.int64)

    def _slot(self, slot: int) -> Slot:
        found = self._slots.get(slot)
        if found is None:
            found = self._slots[slot] = Slot()
        return found

    def _bound(self, slack: int = 1) -> None:
        """Join moments two by two until they are few enough; with slack, few enough for now."""
        if slack > 1 and len(self._slots) <= slack * _MOST_SLOTS:
            return
        while len(self._slots) > _MOST_SLOTS or self._span() > _MOST_EMPTY:
            joined: dict[int, Slot] = {}
            for slot, found in self._slots.items():
                if slot // 2 in joined:
                    joined[slot // 2].merge(found)
                else:
                    joined[slot // 2] = found
            self._slots = joined
            self.length_s *= 2

    def _span(self) -> int:
        return max(self._slots) - min(self._slots) + 1 if self._slots else 0

    def moments(self, *, dropped: bool = False) -> tuple[Moment, ...]:
        """Return each moment of the test, from the one of the first request on.

        `dropped` tells that requests which were not sent are counted here.
        """
        self._bound()
        if not self._slots:
            return ()
        first = min(self._slots)
        return tuple(
            self._moment(slot - first, self._slots.get(slot, Slot()), dropped=dropped)
            for slot in range(first, max(self._slots) + 1)
        )

    def _moment(self, index: int, slot: Slot, *, dropped: bool) -> Moment:
        users, told = slot.users
        return Moment(
            start_s=index * self.length_s,
            length_s=self.length_s,
            sent=slot.sent,
            completed=slot.completed,
            failed=slot.failed,
            succeeded=slot.succeeded,
            dropped=slot.dropped if dropped else None,
            users=users / told if told else None,
            histogram=merged((slot.good, slot.bad)) if slot.bad.n else slot.good,
            good=slot.good,
        )

    @property
    def started(self) -> str | None:
        """Return when the first moment begins, if times are of this world's clock."""
        if self.origin is None:
            return None
        begun = self.origin + min(self._slots, default=0) * self.length_s
        try:
            return datetime.fromtimestamp(begun, UTC).isoformat(timespec="milliseconds")
        except (ValueError, OverflowError, OSError):
            return None

    @property
    def duration_s(self) -> float:
        """Return the seconds from the first request to the last answer."""
        return max(self.last_s - self.first_s, 0.0) if self._by_name else 0.0

    def figures(self, *, corrected: bool = False, dropped: int | None = None) -> Figures:
        """Return the figures of all requests together."""
        whole = Tally()
        for tally in self._by_name.values():
            whole.merge(tally)
        found = self._figures(whole, corrected=corrected)
        return replace(found, dropped=dropped, received_bytes=self.bytes)

    def endpoints(self, *, corrected: bool = False) -> dict[str, Figures]:
        """Return the figures by endpoint, the most asked first."""
        joined: dict[str, Tally] = {}
        for code, tally in self._by_name.items():
            joined.setdefault(self.names.titles[code], Tally()).merge(tally)
        ordered = sorted(joined.items(), key=lambda item: -item[1].sent)
        return {name: self._figures(tally, corrected=corrected) for name, tally in ordered}

    def _figures(self, tally: Tally, *, corrected: bool) -> Figures:
        kinds = self.kinds
        failed = tally.errors.total()
        unanswered = sum(n for kind, n in tally.errors.items() if not kinds.answered[kind])
        length = self.duration_s
        return Figures(
            latency=latencies_of(tally.all(), corrected=corrected),
            good=latencies_of(tally.good, corrected=corrected),
            sent=tally.sent,
            completed=tally.sent - unanswered,
            failed=failed,
            errors={kinds.titles[kind]: n for kind, n in tally.errors.most_common()},
            duration_s=length,
            throughput_rps=(tally.sent - unanswered) / length if length else None,
            goodput_rps=(tally.sent - failed) / length if length else None,
        )

    def doubts(self) -> tuple[str, ...]:
        """Return what to doubt: names or seconds joined, odd times, a pause within the file."""
        said = [*self.warnings, *self.names.warnings]
        if self._odd:
            said.append(f"{self._odd:,} requests with a time or latency that is none are left out")
        if self.length_s > 1:
            said.append(f"moments are {self.length_s:g} s long: the test is too long for seconds")
        idle = self._longest_idle_s()
        if idle > max(_IDLE_S, _IDLE_SHARE * self.duration_s):
            said.append(
                f"no request for {idle:,.0f} s within the file: it may hold two runs (a tool that "
                "adds to a file that is there); figures a second count that time too"
            )
        return tuple(said)

    def _longest_idle_s(self) -> float:
        used = sorted(slot for slot, found in self._slots.items() if found.sent)
        gaps = (b - a - 1 for a, b in pairwise(used))
        return max(gaps, default=0) * self.length_s
