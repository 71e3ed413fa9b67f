"""k6's points as CSV (--out csv): a row for every sample of every metric."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import datetime

from slowcoach.core.errors import UnreadableError
from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.reading_k6_points import Points
from slowcoach.load.streams import Stream

_HEAD = b"metric_name,timestamp,metric_value"
_POINT = re.compile(
    rb"\n(http_req_duration|http_req_blocked|vus|iterations|iteration_duration"
    rb"|dropped_iterations|data_received),"
    rb"([^,\n]+),([^,\n]+)(?:,([^\n]*))?(?=\n)"
)
_ANY_POINT = re.compile(rb"\n\w[\w.]*,\d")
_REQUEST = b"http_req_duration"
_HALF_S = 0.5  # whole seconds are cut off: half of one is right on average
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))  # times beyond are in ns, µs or ms
_MOST_SECONDS = 100_000
_MOST_UNREAD = 0.5
_ALWAYS = 3  # columns before those of tags


def matches(source: Source) -> bool:
    """Know the head row."""
    return source.head.lstrip().startswith(_HEAD)


def read(source: Source) -> Outcome:
    """Return what the rows tell; rows that are none are counted and left out.

    Raises UnreadableError when most rows are none, or no row is of an HTTP request.
    """
    stream, points, times = Stream(source), Points(), _Times()
    lines = 0
    columns: list[str] = []
    for block in stream.blocks():
        rows = b"\n" + block
        if not columns:
            first, _, rest = block.partition(b"\n")
            columns = first.decode("utf-8", "replace").strip().split(",")[_ALWAYS:]
            rows = b"\n" + rest
        if not rows.endswith(b"\n"):
            rows = _without_cut(rows + b"\n", len(columns) + _ALWAYS, stream)
        count = rows.count(b"\n") - 1
        unread = count - sum(1 for _ in _ANY_POINT.finditer(rows))
        if unread:
            points.first_unread = points.first_unread or lines + 2 + _first_odd(rows)
            points.unread += unread
        lines += count
        _refuse(source, points, lines)
        _take(rows, columns, points, times)
    return points.outcome(source, stream.warnings)


def _without_cut(rows: bytes, wanted: int, stream: Stream) -> bytes:
    """Return the rows without the last, if that one is cut."""
    before, _, last = rows.removesuffix(b"\n").rpartition(b"\n")
    if last.count(b",") + 1 >= wanted:
        return rows
    stream.warnings.append("the last row is cut: k6 was ended while it wrote")
    return before + b"\n"


def _first_odd(rows: bytes) -> int:
    for at, line in enumerate(rows[1:].split(b"\n")):
        if not _ANY_POINT.match(b"\n" + line):
            return at
    return 0


def _refuse(source: Source, points: Points, lines: int) -> None:
    if points.unread > max(_MOST_UNREAD * lines, 10):
        raise UnreadableError(
            f"{source.path}: expected k6's rows, got {points.unread:,} others of {lines:,}, the "
            f"first is line {points.first_unread}",
            hint="Give the file that k6 run --out csv=FILE wrote",
        )


def _take(rows: bytes, columns: Sequence[str], points: Points, times: _Times) -> None:
    for metric, time, value, rest in _POINT.findall(rows):
        try:
            at_s, number = times.of(time), float(value)
        except ValueError:
            points.unread += 1
            continue
        if metric != _REQUEST:
            points.other(metric, at_s, number)
            continue
        found = points.known(rest)
        if found is False:
            found = points.learned(rest, _tags(rest, columns))
        points.request(at_s, number, found)


def _tags(rest: bytes, columns: Sequence[str]) -> dict[str, str]:
    text = rest.decode("utf-8", "replace")
    try:
        values = next(csv.reader([text])) if '"' in text else text.split(",")
    except (csv.Error, StopIteration):
        return {}
    return {name: value for name, value in zip(columns, values, strict=False) if value}


class _Times:
    """Seconds since 1970 of k6's times: whole seconds, finer ones, or RFC 3339."""

    def __init__(self) -> None:
        self._known: dict[bytes, float] = {}

    def of(self, text: bytes) -> float:
        """Return the time; raises ValueError for none."""
        found = self._known.get(text)
        if found is None:
            if len(self._known) > _MOST_SECONDS:
                self._known.clear()
            found = self._known[text] = _seconds(text)
        return found


def _seconds(text: bytes) -> float:
    try:
        found = float(text)
    except ValueError:
        day = text.decode("ascii").replace("Z", "+00:00")
        return datetime.fromisoformat(day).timestamp()
    for above, unit in _UNITS:
        if found > above:
            return found / unit
    return found if b"." in text else found + _HALF_S


READER = Reader(
    name="k6_csv",
    title="k6 points (CSV)",
    matches=matches,
    read=read,
    example="k6 run --out csv=points.csv script.js",
    over=("k6_summary",),
)
