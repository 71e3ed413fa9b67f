"""The slow query log of MySQL, MariaDB and Percona Server."""

import re
from collections.abc import Iterator

from slowcoach.queries.logs.event import Event, Source
from slowcoach.queries.logs.sources._clock import seconds
from slowcoach.queries.logs.stream import Stream

_HEADER = re.compile(r"(?m)^# Query_time: \d+(?:\.\d+)?\s+Lock_time: ")
_FIELD = re.compile(r"(\w+): +(\S+)")
_ID = re.compile(r"\bId: +(\d+)")
_TIME = re.compile(r"# Time: +(.+)")
_NOISE = re.compile(r"(?:use |SET timestamp=|SET last_insert_id=|SET insert_id=)", re.IGNORECASE)
_TIMESTAMP = re.compile(r"SET timestamp=(\d+(?:\.\d+)?);", re.IGNORECASE)
_EXPLAIN = "# explain: "
_BANNER = re.compile(r"(?:/\S+, Version: |Tcp port: |Time\s+Id Command\s+Argument)")
_LONGEST = 1 << 17
_BEGINS = ("# Time: ", "# User@Host: ", "# Thread_id: ", "# Query_time: ")


class _Entry:
    """One entry while it is being read."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.sql: list[str] = []
        self.plan: list[str] = []
        self.at: float | None = None
        self.session = ""
        self._length = 0

    def header(self, line: str) -> None:
        if line.startswith(_EXPLAIN):
            self.plan.append(line.removeprefix(_EXPLAIN))
            return
        if match := _TIME.match(line):
            self.at = seconds(match.group(1).strip().removesuffix("Z"))
            return
        if line.startswith("# User@Host") and (match := _ID.search(line)):
            self.session = match.group(1)
            return
        self.fields.update(_FIELD.findall(line))

    def text(self, line: str) -> None:
        if not self.sql and _NOISE.match(line):
            if match := _TIMESTAMP.match(line):
                self._begun(float(match.group(1)))
            return
        if self._length < _LONGEST:
            self.sql.append(line)
            self._length += len(line)

    def _begun(self, moment: float) -> None:
        """Whole seconds: # Time is finer in MySQL, and as coarse in MariaDB."""
        if self.at is None or self.at.is_integer():
            self.at = moment

    def event(self) -> Event | None:
        ms = self._number("Query_time")
        sql = "\n".join(self.sql).strip().rstrip(";")
        if ms is None or not sql or sql.startswith("# administrator"):
            return None
        lock = self._number("Lock_time")
        coarse = self.at is not None and self.at.is_integer()
        return Event(
            sql,
            ms * 1000,
            None if self.at is None else self.at - (0.0 if coarse else ms),
            self.fields.get("Thread_id") or self.session,
            rows=self._number("Rows_sent"),
            examined=self._number("Rows_examined"),
            lock_ms=None if lock is None else lock * 1000,
            mysql=True,
            coarse=coarse,
            plan="\n".join(self.plan),
        )

    def _number(self, name: str) -> float | None:
        try:
            return float(self.fields[name])
        except (KeyError, ValueError):
            return None


def _read(stream: Stream) -> Iterator[Event]:
    entry, in_text = _Entry(), False
    for line in stream.lines():
        if line.startswith(_BEGINS) or (not in_text and line.startswith("#")):
            if in_text:
                if event := entry.event():
                    yield event
                at, session = entry.at, entry.session
                entry, in_text = _Entry(), False
                entry.at, entry.session = at, session  # some write them only when they change
            entry.header(line)
        elif line and not _BANNER.match(line):
            entry.text(line)
            in_text = True
    if event := entry.event():
        yield event


SOURCE = Source(
    name="mysql_slow",
    title="the slow query log of MySQL or MariaDB",
    matches=lambda head: _HEADER.search(head) is not None,
    read=_read,
    tells=frozenset({"times", "clock", "sessions", "transactions", "rows_examined", "locks"}),
    more="slow_query_log = 1, long_query_time = 0, in MariaDB log_slow_verbosity = "
    "query_plan,explain, in MySQL log_slow_extra = 1",
    certain=True,
)
