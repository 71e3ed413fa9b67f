"""Columns of texts to requests in arrays: who asked for what, when, and how it was answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.access_logs.layout import Columns, Layout
from slowcoach.load.access_logs.times import NAN, Clock, numbers

if TYPE_CHECKING:
    from slowcoach.load.access_logs.clients import Clients
    from slowcoach.load.access_logs.places import Places

_DURATIONS = {"duration_s": 1.0, "duration_ms": 1e-3, "duration_us": 1e-6, "duration_ns": 1e-9}
_EMPTY = ("", "-", "*")
_LONGEST_S = 86_400.0
_LATEST_S = 4_102_444_800.0  # the year 2100
_STATUS = re.compile(r"\d{3}(?!\d)")


@dataclass(frozen=True, slots=True)
class Rows:
    """Requests of a block, as arrays of one length, in the order of the lines.

    `at` is what the line says, `start` and `end` what follows from it and its duration (the same
    without one), in seconds since 1970; `service` in seconds, `answer_bytes` and `request_bytes`
    (NaN: not told); `status` 0 for none. `place` and `client` are numbers that `Places` and
    `Clients` gave.
    """

    at: NDArray[np.float64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    service: NDArray[np.float64]
    client: NDArray[np.int64]
    place: NDArray[np.int64]
    status: NDArray[np.int64]
    answer_bytes: NDArray[np.float64]
    request_bytes: NDArray[np.float64]
    targets: Sequence[str]

    def __len__(self) -> int:
        return len(self.start)

    def only(self, kept: NDArray[np.bool_]) -> Rows:
        """Return the requests of a mask."""
        places = np.flatnonzero(kept)
        texts = self.targets
        return Rows(
            self.at[kept],
            self.start[kept],
            self.end[kept],
            self.service[kept],
            self.client[kept],
            self.place[kept],
            self.status[kept],
            self.answer_bytes[kept],
            self.request_bytes[kept],
            texts if len(places) == len(texts) else [texts[at] for at in places.tolist()],
        )


class Assembly:
    """Makes rows of the columns of one file."""

    def __init__(self, layout: Layout, places: Places, clients: Clients) -> None:
        self._layout = layout
        self._clock = Clock()
        self._places = places
        self._clients = clients

    def rows(self, columns: Columns) -> Rows:
        """Return the requests of a block's columns; times that are none leave their line out."""
        count = len(next(iter(columns.values())))
        targets = _targets(columns)
        at = self._clock.times(columns)
        service = _service(columns, count)
        took = np.nan_to_num(service)
        start, end = (at, at + took) if self._layout.stamp == "start" else (at - took, at)
        rows = Rows(
            at=at,
            start=start,
            end=end,
            service=service,
            client=self._clients.of(columns, count),
            place=self._places.of(columns, targets),
            status=_statuses(columns, count),
            answer_bytes=_figures(columns, "answer_bytes", count),
            request_bytes=_figures(columns, "request_bytes", count),
            targets=targets,
        )
        told = (at > 0) & (at < _LATEST_S)
        return rows if told.all() else rows.only(told)


def _targets(columns: Columns) -> Sequence[str]:
    if "target" in columns:
        return columns["target"]
    if "path" not in columns:
        return [_of_request(text) for text in columns["request"]]
    paths = columns["path"]
    if "query" not in columns:
        return paths
    pairs = zip(paths, columns["query"], strict=True)
    return [p if q in _EMPTY else f"{p}?{q.removeprefix('?')}" for p, q in pairs]


def _of_request(line: str) -> str:
    words = line.split(" ", 2)
    return words[1] if len(words) > 1 else line


def method_of(line: str) -> str:
    """Return the method of a request line such as "GET / HTTP/1.1"."""
    return line.split(" ", 1)[0]


def _service(columns: Columns, count: int) -> NDArray[np.float64]:
    """Return seconds; what is longer than a day or negative is a fault of the log."""
    for role, scale in _DURATIONS.items():
        if role in columns:
            found = numbers(columns[role]) * scale
            return np.where((found >= 0) & (found <= _LONGEST_S), found, NAN)
    return np.full(count, NAN)


def _statuses(columns: Columns, count: int) -> NDArray[np.int64]:
    if "status" not in columns:
        return np.full(count, 200, dtype=np.int64)
    texts = columns["status"]
    try:
        return np.fromiter(map(int, texts), dtype=np.int64, count=count)
    except (ValueError, OverflowError):
        return np.fromiter(map(_status, texts), dtype=np.int64, count=count)


def _status(text: str) -> int:
    """Return a status that may be written as a number of another kind; 0 for none."""
    match = _STATUS.match(text)
    return int(match[0]) if match else 0


def _figures(columns: Columns, role: str, count: int) -> NDArray[np.float64]:
    return numbers(columns[role]) if role in columns else np.full(count, NAN)
