"""What the engine notes of each request, and keeps: counts and histograms, never the requests.

Rows are six numbers in one flat array, worked off by numpy some times a second. Memory does not
grow with the requests, and with time only by what `moments` keep.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.builtin.record import Part, Record
from slowcoach.load.builtin.warm_cells import edges_of
from slowcoach.load.client import Exchange
from slowcoach.load.histogram import Histogram
from slowcoach.load.outcome import Moment
from slowcoach.load.recording import FIRST_ERROR_STATUS
from slowcoach.load.schedule import Schedule

_COLUMNS = 6
_WORK_OFF_AT = 4096 * _COLUMNS
_MS = 1000.0
_GOOD, _TIMEOUT = "", "timeout"

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]


@dataclass(slots=True)
class _Second:
    """What ended within one second."""

    completed: int = 0
    failed: int = 0
    latency: Histogram = field(default_factory=Histogram)
    good: Histogram = field(default_factory=Histogram)


class Ledger:
    """Notes one process's requests. Times are of `time.perf_counter`; `begun` is the test's."""

    def __init__(self, schedule: Schedule, endpoints: int, begun: float) -> None:
        self.record = Record.empty(edges_of(schedule), endpoints)
        self.sent = self.dropped = 0
        self._schedule, self._begun = schedule, begun
        self._rows = array("d")
        self._drops: Counter[int] = Counter()
        self._kinds: dict[str, int] = {_GOOD: 0}
        self._seconds: dict[int, _Second] = {}
        self._edges = np.array(self.record.edges)
        self._told = (0, 0)

    def note(
        self, exchange: Exchange, now: float, status: int, size: int, kind: str | None
    ) -> None:
        """Note the end of a request."""
        code = 0
        if kind is not None or status >= FIRST_ERROR_STATUS:
            code = self._code(kind if kind is not None else f"status {status}")
        self._rows.extend((exchange.due, exchange.started, now, exchange.place, code, size))
        if len(self._rows) >= _WORK_OFF_AT:
            self._work_off()

    def _code(self, kind: str) -> int:
        return self._kinds.setdefault(kind, len(self._kinds))

    def drop(self, due: float, count: int = 1) -> None:
        """Note requests that were due and are not sent."""
        self.dropped += count
        cell = int(self._cell(np.array(due - self._begun)))
        self.record.cells[cell].dropped += count

    def close_second(self, second: int, users: int | None) -> Moment:
        """Return a second that has passed: what was sent and what ended in it."""
        self._work_off()
        found = self._seconds.pop(second, None) or _Second()
        sent, dropped = self.sent - self._told[0], self.dropped - self._told[1]
        self._told = (self.sent, self.dropped)
        is_open = self._schedule.unit == "req/s"
        return Moment(
            start_s=float(second),
            length_s=1.0,
            sent=sent,
            completed=found.completed,
            failed=found.failed,
            dropped=dropped if is_open else None,
            users=None if users is None else float(users),
            due_rps=self._schedule.load_at(second + 0.5) if is_open else None,
            histogram=found.latency,
            good=found.good if found.failed else found.latency,
        )

    @property
    def last_second(self) -> int:
        """Return the last second in which something ended that was not told; -1 without."""
        self._work_off()
        return max(self._seconds, default=-1)

    def _work_off(self) -> None:
        """Turn rows into counts."""
        if not self._rows:
            return
        rows, self._rows = self._rows, array("d")
        table = np.frombuffer(rows, dtype=np.float64).reshape(-1, _COLUMNS)
        due, started, ended = (table[:, i] - self._begun for i in range(3))
        batch = _Batch(
            latency=(ended - due) * _MS,
            service=(ended - started) * _MS,
            kind=table[:, 4].astype(np.intp),
            size=table[:, 5],
            names=list(self._kinds),
        )
        self.record.slips.add((started - due) * _MS)
        for place, rows_of in _groups(table[:, 3].astype(np.intp)):
            _add(self.record.endpoints[place], batch.of(rows_of))
        for cell, rows_of in _groups(self._cell(due)):
            _add(self.record.cells[cell], batch.of(rows_of))
        self._note_ends(batch, ended, table[:, 3].astype(np.intp))

    def _cell(self, at: Floats) -> Whole:
        """Return the cells of times; what a user begins as the test ends is of the last one."""
        inside = np.searchsorted(self._edges, at, side="right") - 1
        return np.clip(inside, 0, len(self._edges) - 2)

    def _note_ends(self, batch: _Batch, ended: Floats, place: Whole) -> None:
        answered, good = batch.answered, batch.kind == 0
        cells = np.where(ended < self._edges[-1], self._cell(ended), -1)
        for cell, rows_of in _groups(cells):
            if cell >= 0:
                self.record.cells[cell].ended += int(answered[rows_of].sum())
                self.record.cells[cell].ended_good += int(good[rows_of].sum())
        for at, rows_of in _groups(np.where(cells >= 0, place, -1)):
            if at >= 0:
                self.record.endpoints[at].ended += int(answered[rows_of].sum())
                self.record.endpoints[at].ended_good += int(good[rows_of].sum())
        for second, rows_of in _groups(np.floor(ended).astype(np.intp)):
            found, part = self._seconds.setdefault(second, _Second()), batch.of(rows_of)
            found.completed += int(part.answered.sum())
            found.failed += int((part.kind != 0).sum())
            found.latency.add(part.latency[part.timed])
            found.good.add(part.latency[part.kind == 0])


@dataclass(frozen=True, slots=True)
class _Batch:
    """Columns of requests that ended: ms, ms, index into `names`, bytes."""

    latency: Floats
    service: Floats
    kind: Whole
    size: Floats
    names: list[str]

    def of(self, rows: Whole | slice) -> _Batch:
        """Return some of them."""
        return _Batch(
            self.latency[rows], self.service[rows], self.kind[rows], self.size[rows], self.names
        )

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Tell which were answered, with whatever status."""
        told = np.array([not n or n.startswith(("status ", "no value ")) for n in self.names])
        found: NDArray[np.bool_] = told[self.kind]
        return found

    @property
    def timed(self) -> NDArray[np.bool_]:
        """Tell which have a latency: answers, and timeouts, which waited at least that."""
        late = np.array([n == _TIMEOUT for n in self.names])
        found: NDArray[np.bool_] = self.answered | late[self.kind]
        return found


def _add(part: Part, batch: _Batch) -> None:
    timed = batch.timed
    part.latency.add(batch.latency[timed])
    part.service.add(batch.service[timed])
    part.good.add(batch.latency[batch.kind == 0])
    part.sent += len(batch.kind)
    part.completed += int(batch.answered.sum())
    part.received += int(batch.size.sum())
    for code, count in enumerate(np.bincount(batch.kind).tolist()):
        if code and count:
            part.errors[batch.names[code]] += count


def _groups(keys: Whole) -> list[tuple[int, Whole | slice]]:
    """Return each key with the rows that have it."""
    if not len(keys):
        return []
    if keys[0] == keys[-1] and (keys == keys[0]).all():
        return [(int(keys[0]), slice(None))]
    order = np.argsort(keys, kind="stable")
    found, starts = np.unique(keys[order], return_index=True)
    return [(int(key), rows) for key, rows in zip(found, np.split(order, starts[1:]), strict=True)]
