"""The general query log of MySQL and MariaDB: what was asked, without times of execution."""

import re
from collections.abc import Iterator

from slowcoach.queries.logs.event import Event, Source
from slowcoach.queries.logs.sources._clock import seconds
from slowcoach.queries.logs.stream import Stream

_COMMAND = (
    r"(?P<command>Query|Execute|Prepare|Connect|Quit|Init DB|Close stmt|Statistics|Ping|"
    r"Field List|Reset stmt|Change user|Fetch|Sleep|Debug|Daemon|Shutdown|Binlog Dump|Kill)"
)
_LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?|\d{6}\s+\d{1,2}:\d\d:\d\d)?\s+"
    rf"(?P<id>\d+) {_COMMAND}(?:\t(?P<text>.*))?$"
)
_HEAD = re.compile(
    r"(?m)^(?:\d{4}-\d\d-\d\dT[\d:.]+\S*|\d{6}\s+\d{1,2}:\d\d:\d\d|\t)\s+\d+ "
    r"(?:Query|Connect|Execute)\t"
)
_LONGEST = 1 << 17
_ASKED = frozenset({"Query", "Execute"})


class _Reader:
    """Keeps the statement that is being read, and the time that was told last."""

    def __init__(self) -> None:
        self._at: float | None = None
        self._session = ""
        self._lines: list[str] = []
        self._length = 0

    def go_on(self, line: str) -> None:
        """Take a line that begins nothing."""
        if self._lines and self._length < _LONGEST:
            self._lines.append(line)
            self._length += len(line)

    def asked(self) -> Iterator[Event]:
        """Yield the statement that has ended."""
        if self._lines:
            coarse = self._at is not None and self._at.is_integer()
            text = "\n".join(self._lines)
            yield Event(text, None, self._at, self._session, mysql=True, coarse=coarse)
        self._lines = []

    def begin(self, match: re.Match[str]) -> Iterator[Event]:
        """Take the first line of an entry."""
        self._session, self._length = match["id"], 0
        if match["time"]:
            self._at = seconds(match["time"].rstrip("Z"))
        if match["command"] in _ASKED and match["text"]:
            self._lines = [match["text"]]
        elif match["command"] == "Quit":
            yield Event("", session=self._session, kind="end")


def _read(stream: Stream) -> Iterator[Event]:
    reader = _Reader()
    for line in stream.lines():
        match = _LINE.match(line)
        if match is None:
            reader.go_on(line)
            continue
        yield from reader.asked()
        yield from reader.begin(match)
    yield from reader.asked()


SOURCE = Source(
    name="mysql_general",
    title="the general query log of MySQL or MariaDB",
    matches=lambda head: _HEAD.search(head) is not None,
    read=_read,
    tells=frozenset({"clock", "sessions", "transactions"}),
    more="the slow query log: slow_query_log = 1 and long_query_time = 0 (the general log has "
    "no times of execution)",
)
