"""PostgreSQL's csvlog: 23 columns up to version 12, 24 in 13, 26 since 14."""

import csv
import re
from collections.abc import Iterator

from slowcoach.queries.logs.event import Event, Source
from slowcoach.queries.logs.sources._clock import found
from slowcoach.queries.logs.sources._postgresql import MORE, TELLS, Messages, Record
from slowcoach.queries.logs.stream import LINE, Stream

_FIRST = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [^,]*,"
    r'(?:"[^"\n]*")?,(?:"[^"\n]*")?,\d+,(?:"[^"\n]*")?,[0-9a-f]+\.[0-9a-f]+,'
)
_TIME, _PID, _SESSION, _SEVERITY, _MESSAGE, _DETAIL, _STATEMENT = 0, 3, 5, 11, 13, 14, 19


def _read(stream: Stream) -> Iterator[Event]:
    messages = Messages()
    broken = 0
    rows = csv.reader(f"{line}\n" for line in stream.lines())
    before = csv.field_size_limit(2 * LINE)
    try:
        while True:
            try:
                row = next(rows, None)
            except csv.Error:
                broken += 1
                continue
            if row is None:
                break
            if len(row) > _STATEMENT:
                yield from messages.events(_record(row))
    finally:
        csv.field_size_limit(before)
    if broken:
        stream.warnings.append(f"{broken} rows could not be read as CSV")
    yield from messages.rest()


def _record(row: list[str]) -> Record:
    return Record(
        row[_SEVERITY],
        row[_MESSAGE].rstrip("\n"),
        found(row[_TIME]),
        row[_SESSION] or row[_PID],
        row[_DETAIL],
        row[_STATEMENT],
    )


SOURCE = Source(
    name="postgresql_csv",
    title="PostgreSQL's csvlog",
    matches=lambda head: _FIRST.match(head) is not None,
    read=_read,
    tells=TELLS,
    more=MORE,
    certain=True,
)
