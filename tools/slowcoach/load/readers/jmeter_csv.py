"""JMeter's results as CSV (.jtl): any columns, any order, any delimiter, the head row optional."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from operator import itemgetter

from slowcoach.core.errors import UnreadableError
from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.reading_jmeter import FIRST_PART, NOT_A_NUMBER, Gathered, Meaning
from slowcoach.load.samples import CHUNK
from slowcoach.load.streams import Stream

_DELIMITERS = (",", ";", "\t", "|", "^", ":")
_COLUMNS = [
    *("timeStamp", "elapsed", "label", "responseCode", "responseMessage", "threadName"),
    *("dataType", "success", "failureMessage", "bytes", "sentBytes", "grpThreads"),
    *("allThreads", "URL", "Latency", "IdleTime", "Connect"),
]
_KNOWN = frozenset({*_COLUMNS, "SampleCount", "ErrorCount", "Hostname", "Filename", "Encoding"})
_NEEDED = ("timeStamp", "elapsed")
_LEAST_KNOWN = 3  # columns by which a head row is known
_BEFORE_URL = _COLUMNS.index("URL")
_SUCCESS = _COLUMNS.index("success")
_TIME = re.compile(r"\d{12,14}|\d{2,4}[-/]\d\d[-/]\d{2,4}[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?")
_PATTERNS = ("%Y-%m-%d %H:%M:%S", "%m-%d-%y %H:%M:%S", "%m-%d-%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S")
_MOST_SECONDS = 100_000
_MOST_UNREAD = 0.5
_HINT = (
    "Give the file that jmeter -l wrote; without a head row its columns must be JMeter's defaults"
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where each column stands, and what parts them."""

    at: dict[str, int]
    width: int
    delimiter: str
    has_head: bool


def matches(source: Source) -> bool:
    """Know a head row with JMeter's names, or a first row of its default columns."""
    return _layout(source) is not None


def _layout(source: Source) -> _Layout | None:
    first = source.head.lstrip().split(b"\n", 1)[0].decode("utf-8", "replace").rstrip("\r")
    for delimiter in _DELIMITERS:
        names = [name.strip().strip('"') for name in first.split(delimiter)]
        if len(_KNOWN.intersection(names)) >= _LEAST_KNOWN and "elapsed" in names:
            at = {name: index for index, name in enumerate(names)}
            return _Layout(at, len(names), delimiter, has_head=True)
    return _by_default(first)


def _by_default(first: str) -> _Layout | None:
    """Return JMeter's default columns when the row begins like them."""
    time = _TIME.match(first)
    if time is None or time.end() >= len(first) or first[time.end()] not in _DELIMITERS:
        return None
    delimiter = first[time.end()]
    row = next(csv.reader([first], delimiter=delimiter), [])
    if len(row) <= _SUCCESS or row[_SUCCESS].lower() not in {"true", "false"}:
        return None
    names = _COLUMNS
    if len(row) == len(_COLUMNS) - 1:  # before version 5.0
        names = [*_COLUMNS[:_BEFORE_URL], *_COLUMNS[_BEFORE_URL + 1 :]]
    elif len(row) != len(_COLUMNS):
        names = _COLUMNS[: _SUCCESS + 1]
    return _Layout({n: i for i, n in enumerate(names)}, len(row), delimiter, has_head=False)


def read(source: Source) -> Outcome:
    """Return what the rows tell; raises UnreadableError when most are none."""
    layout = _layout(source)
    if layout is None or any(name not in layout.at for name in _NEEDED):
        raise UnreadableError(
            f"{source.path}: expected JMeter's columns {' and '.join(_NEEDED)} in the first line",
            hint=_HINT,
        )
    stream, gathered = Stream(source), Gathered()
    rows = _rows(stream, layout.delimiter)
    if layout.has_head:
        next(rows, None)
    taker = _Taker(layout, gathered)
    for number, row in rows:
        if not taker.take(row):
            taker.refuse(source, number)
    if gathered.unread == 1 and taker.last_was_none and not stream.ended:
        gathered.unread = 0
        stream.warnings.append("the last row is cut: JMeter was ended while it wrote")
    gathered.has_clock = taker.times.has_zone
    return gathered.outcome(source, (*stream.warnings, *_said(layout)))


def _said(layout: _Layout) -> list[str]:
    said = [] if layout.has_head else ["no head row: the columns are taken to be JMeter's defaults"]
    if "success" not in layout.at:
        said.append("no column success: errors are told by responseCode alone")
    if "allThreads" not in layout.at:
        said.append("no column allThreads: users, and so steps, are not known")
    return said


def _rows(stream: Stream, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with the number of their last line; what is no CSV comes as an empty row."""
    reader = csv.reader(_lines(stream), delimiter=delimiter)
    while True:
        try:
            for row in reader:
                if row:
                    yield reader.line_num, row
        except csv.Error:
            yield reader.line_num, []
        else:
            return


def _lines(stream: Stream) -> Iterator[str]:
    for block in stream.blocks():
        yield from StringIO(block.decode("utf-8", "replace"), newline="\n")


class _Taker:
    """Takes rows by their columns, and knows the parts of a sample by their labels."""

    def __init__(self, layout: _Layout, gathered: Gathered) -> None:
        self.gathered, self.times = gathered, _Times()
        self.count, self.last_was_none = 0, False
        self._width = layout.width
        # a column that is not there is read from the end of the row, where take() puts a blank
        at = {name: layout.at.get(name, layout.width) for name in _COLUMNS}
        self._time, self._elapsed = at["timeStamp"], at["elapsed"]
        self._label, self._thread, self._success = at["label"], at["threadName"], at["success"]
        self._bytes, self._users = at["bytes"], at["allThreads"]
        self._told = itemgetter(*(at[name] for name in _MEANING))
        self._known: dict[tuple[str, ...], Meaning] = {}
        self._has = frozenset(layout.at)
        self._last = _NOTHING
        self._users_text, self._users_told = "", NOT_A_NUMBER

    def take(self, row: list[str]) -> bool:
        """Take a row; False when it is none."""
        self.last_was_none = len(row) != self._width
        if self.last_was_none:
            return False
        row.append("")
        try:
            sent_s, elapsed = self.times.of(row[self._time]), float(row[self._elapsed])
        except ValueError:
            self.last_was_none = True
            return False
        told = self._told(row)
        meaning = self._known.get(told) or self._meaning(told)
        if meaning.may_be_part:
            self._part_of_last(row, sent_s, sent_s + elapsed / 1000)
        if meaning.is_transaction:
            self._last = _NOTHING
            self.gathered.grouped.add(sent_s, elapsed, meaning, NOT_A_NUMBER)
        else:
            self._last = row, sent_s, elapsed
            self.gathered.columns.add(sent_s, elapsed, meaning, self._extras(row))
        self.count += 1
        if not self.count % CHUNK:
            self.gathered.flush()
        return True

    def _meaning(self, told: tuple[str, ...]) -> Meaning:
        """Return what label, code, message, type, success and failure message mean together."""
        label, code, message, kind, success, why = told
        if not message and (kind or "dataType" not in self._has):
            message = "-"
        if "success" not in self._has:
            success = "true" if code[:1] in _FINE else "false"
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        found = self.gathered.meaning((label, code, message, success, why))
        self._known[told] = found
        return found

    def _part_of_last(self, part: list[str], sent_s: float, end: float) -> None:
        """Keep the last sample apart when this is its first part: a redirect, or a resource."""
        row, its_sent, elapsed = self._last
        if not row or row[self._thread] != part[self._thread]:
            return
        if part[self._label] != f"{row[self._label]}{FIRST_PART}":
            return
        if sent_s >= its_sent - _ROUNDED_S and end <= its_sent + elapsed / 1000 + _ROUNDED_S:
            self.gathered.columns.take_back()
            success = row[self._success].lower() != "false"
            self.gathered.add_group(its_sent, elapsed, row[self._label], success=success)

    def _extras(self, row: list[str]) -> float:
        """Count the bytes; return the users, NaN where they are not told."""
        size, users = row[self._bytes], row[self._users]
        if size.isdecimal():
            self.gathered.bytes += int(size[:15])
        if users != self._users_text:
            self._users_text = users
            self._users_told = float(users[:9]) if users.isdecimal() else NOT_A_NUMBER
        return self._users_told

    def refuse(self, source: Source, number: int) -> None:
        """Count a row that is none; raises UnreadableError when most are."""
        gathered = self.gathered
        gathered.unread += 1
        gathered.first_unread = gathered.first_unread or number
        if gathered.unread > max(_MOST_UNREAD * (self.count + gathered.unread), 10):
            raise UnreadableError(
                f"{source.path}, line {gathered.first_unread}: expected a row of {self._width} "
                f"columns with JMeter's time and elapsed, got {gathered.unread:,} others",
                hint=_HINT,
            )


_MEANING = ("label", "responseCode", "responseMessage", "dataType", "success", "failureMessage")
_MOST_REMEMBERED = 100_000
_FINE = ("1", "2", "3", "")
_NOTHING: tuple[list[str], float, float] = ([], 0.0, 0.0)
_ROUNDED_S = 0.0015


class _Times:
    """Seconds since 1970 of JMeter's times: milliseconds, or a date by a pattern of the user's."""

    def __init__(self) -> None:
        self.has_zone = True
        self._known: dict[str, float] = {}
        self._pattern: str | None = None

    def of(self, text: str) -> float:
        """Return the time; raises ValueError for none."""
        if text.isdecimal():
            return int(text[:20]) / 1000
        return self._dated(text)

    def _dated(self, text: str) -> float:
        second, _, fraction = text.replace(",", ".").partition(".")
        found = self._known.get(second)
        if found is None:
            if len(self._known) > _MOST_SECONDS:
                self._known.clear()
            found = self._known[second] = self._seconds(second)
        return found + float(f"0.{fraction}") if fraction.isdecimal() else found

    def _seconds(self, text: str) -> float:
        self.has_zone = False
        plain = text.strip().replace("/", "-").replace("T", " ")
        for pattern in (self._pattern,) if self._pattern else _PATTERNS:
            try:
                found = datetime.strptime(plain, pattern).replace(tzinfo=UTC).timestamp()
            except ValueError:
                continue
            self._pattern = pattern
            return found
        raise ValueError(text)


READER = Reader(
    name="jmeter_csv",
    title="JMeter results (CSV)",
    matches=matches,
    read=read,
    example="jmeter -n -t plan.jmx -l results.jtl",
)
