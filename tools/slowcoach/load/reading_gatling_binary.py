"""The binary simulation.log of Gatling 3.12 and later, as it is seen in files of 3.13 to 3.15.

Big-endian. A string is its length, its bytes, and 0 for Latin-1 or 1 for UTF-16 (none of these
when empty). A cached string is a new number and the string, or a known number, negative. The head:
0, version, class, start in ms (8 bytes), description, scenarios, assertions (as blocks of bytes).
Records: 1 request (groups, name, start, end, ok, message), 2 user (scenario, comes, time),
3 group (groups, start, end, cumulated time, ok), 4 error (message, time); times in ms from start.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from slowcoach.core.errors import UnreadableError
from slowcoach.load.reader_kind import Source
from slowcoach.load.reading_gatling import Records
from slowcoach.load.streams import Stream

_RUN, _REQUEST, _USER, _GROUP, _ERROR = range(5)
_INT, _LONG = struct.Struct(">i"), struct.Struct(">q")
_LONGEST = 1 << 20  # bytes of a string
_MOST_STRINGS = 1_000_000
_MOST_CACHED_BYTES = 50_000_000
_DEEPEST = 64  # groups within groups
_MOST_LISTED = 10_000  # scenarios, assertions
_UTF16 = 1
_LONGEST_VERSION = 30


class _CutError(Exception):
    """The file ends within a record."""


class _Bytes:
    """The bytes of a stream, taken in turn."""

    def __init__(self, parts: Iterator[bytes], source: Source) -> None:
        self.done = 0
        self._parts, self._source = parts, source
        self._data, self._at = b"", 0
        self._cached: dict[int, str] = {}
        self._room = _MOST_CACHED_BYTES

    def take(self, count: int) -> bytes:
        """Return the next bytes; raises _CutError when there are too few."""
        while len(self._data) - self._at < count:
            part = next(self._parts, b"")
            if not part:
                raise _CutError
            self._data, self._at = self._data[self._at :] + part, 0
        found = self._data[self._at : self._at + count]
        self._at += count
        self.done += count
        return found

    def at_end(self) -> bool:
        """Tell whether nothing is left."""
        while self._at >= len(self._data):
            self._data, self._at = next(self._parts, b""), 0
            if not self._data:
                return True
        return False

    def byte(self) -> int:
        """Return one byte."""
        return self.take(1)[0]

    def whole(self) -> int:
        """Return a whole number of 4 bytes."""
        found: int = _INT.unpack(self.take(4))[0]
        return found

    def long(self) -> int:
        """Return a whole number of 8 bytes."""
        found: int = _LONG.unpack(self.take(8))[0]
        return found

    def count(self, most: int, what: str) -> int:
        """Return a count within bounds; raises UnreadableError."""
        found = self.whole()
        if not 0 <= found <= most:
            self.refuse(f"at most {most:,} {what}, got {found:,}")
        return found

    def text(self) -> str:
        """Return a string."""
        length = self.count(_LONGEST, "bytes of text")
        if not length:
            return ""
        data = self.take(length)
        return data.decode("utf-16-le" if self.byte() == _UTF16 else "latin-1", "replace")

    def cached(self) -> str:
        """Return a string that stands once, where it is used first."""
        number = self.whole()
        if number >= 0:
            found = self.text()
            self._room -= len(found)
            if len(self._cached) >= _MOST_STRINGS or self._room < 0:
                self.refuse(f"at most {_MOST_STRINGS:,} names and messages, got more")
            self._cached[number] = found
            return found
        known = self._cached.get(-number)
        if known is None:
            self.refuse(f"a name that stands before, got number {-number:,}")
        return known or ""

    def groups(self) -> str:
        """Return the names of a request's groups, outermost first."""
        names = [self.cached() for _ in range(self.count(_DEEPEST, "groups"))]
        return " / ".join(names)

    def refuse(self, message: str) -> None:
        """Raise UnreadableError for what is no log of this kind."""
        raise UnreadableError(
            f"{self._source.path}, byte {self.done:,}: expected {message}",
            hint="This binary simulation.log is damaged or of a newer Gatling: give its results "
            "folder, whose js/stats.js is read instead",
        )


def is_binary(head: bytes) -> bool:
    """Tell whether a file begins like a binary log: 0, and a version as a string."""
    if len(head) < 6 or head[0] != _RUN:  # noqa: PLR2004 (type, length and a first digit)
        return False
    length: int = _INT.unpack(head[1:5])[0]
    version = head[5 : 5 + max(min(length, _LONGEST_VERSION), 0)]
    return 0 < length <= _LONGEST_VERSION and version[:1].isdigit() and b"." in version


def read_binary(source: Source, stream: Stream, records: Records) -> None:
    """Read all records; a cut end is a warning. Raises UnreadableError for another layout."""
    data = _Bytes(stream.parts(), source)
    try:
        start = _head(data, records)
        while not data.at_end():
            _record(data, records, start)
    except _CutError:
        stream.warnings.append("the log ends within a record: what came before is read")


def _head(data: _Bytes, records: Records) -> int:
    data.byte()
    records.version = data.text()
    data.text()
    start = data.long()
    data.text()
    for _ in range(data.count(_MOST_LISTED, "scenarios")):
        data.text()
    for _ in range(data.count(_MOST_LISTED, "assertions")):
        data.take(data.count(_LONGEST, "bytes of an assertion"))
    return start


def _record(data: _Bytes, records: Records, start: int) -> None:
    kind = data.byte()
    if kind == _REQUEST:
        group, name = data.groups(), data.cached()
        begin, end, ok = start + data.whole(), start + data.whole(), data.byte() != 0
        records.request(group, name, begin, end, ok, data.cached())
    elif kind == _USER:
        data.whole()
        records.user(starts=data.byte() != 0, at_ms=start + data.whole())
    elif kind == _GROUP:
        names, begin, end = data.groups(), start + data.whole(), start + data.whole()
        data.whole()
        records.group(names, begin, end, data.byte() != 0)
    elif kind == _ERROR:
        records.other(data.cached())
        data.whole()
    else:
        data.refuse(f"a record of kind 1 to 4, got {kind}")
