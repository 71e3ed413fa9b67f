"""PostgreSQL's jsonlog (15 and later): one object a line."""

import json
from collections.abc import Iterator

from slowcoach.queries.logs.event import Event, Source
from slowcoach.queries.logs.sources._clock import found
from slowcoach.queries.logs.sources._postgresql import MORE, TELLS, Messages, Record
from slowcoach.queries.logs.stream import Stream


def _matches(head: str) -> bool:
    first = head.lstrip().partition("\n")[0]
    return first.startswith("{") and '"error_severity"' in first and '"timestamp"' in first


def _read(stream: Stream) -> Iterator[Event]:
    messages = Messages()
    broken = 0
    for line in stream.lines():
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            broken += 1
            continue
        if isinstance(item, dict):
            yield from messages.events(_record(item))
    if broken:
        stream.warnings.append(f"{broken} lines could not be read as JSON")
    yield from messages.rest()


def _record(item: dict[str, object]) -> Record:
    def text(name: str) -> str:
        return str(item.get(name) or "")

    return Record(
        text("error_severity"),
        text("message"),
        found(text("timestamp")),
        text("session_id") or text("pid"),
        text("detail"),
        text("statement"),
    )


SOURCE = Source(
    name="postgresql_json",
    title="PostgreSQL's jsonlog",
    matches=_matches,
    read=_read,
    tells=TELLS,
    more=MORE,
    certain=True,
)
