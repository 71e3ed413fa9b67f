"""Django's log of its database backends (logger django.db.backends at DEBUG)."""

import re
from collections.abc import Iterator

from slowcoach.queries.logs.event import Event, Source
from slowcoach.queries.logs.sources._clock import found
from slowcoach.queries.logs.stream import Stream

_BEGIN = re.compile(r"\((\d+\.\d{3})\) (?=\S)")
_END = re.compile(r"; args=(?P<args>.*?)(?:; alias=(?P<alias>\w+))?$", re.DOTALL)
_HEAD = re.compile(r"(?m)^.{0,300}?\(\d+\.\d{3}\) [A-Z][^\n]*?(?:; args=|$)")
_THREAD = re.compile(r"\b\w*[Tt]hread\w*-?\d*\b[^\s\]]*|(?<![\d:.,-])\d{9,}(?![\d:.,-])")
_MANY = re.compile(r"\[[(\[]")
_PREFIX = 300
_LONGEST = 1 << 17


def _read(stream: Stream) -> Iterator[Event]:
    prefix, ms, lines, length = "", 0.0, list[str](), 0
    for line in stream.lines():
        match = _BEGIN.search(line, 0, _PREFIX)
        if match is None:
            if lines and length < _LONGEST and not _END.search(lines[-1]):
                lines.append(line)
                length += len(line)
            continue
        if lines:
            yield _event(prefix, ms, "\n".join(lines))
        prefix, ms = line[: match.start()], float(match.group(1)) * 1000
        lines, length = [line[match.end() :]], 0
    if lines:
        yield _event(prefix, ms, "\n".join(lines))


def _event(prefix: str, ms: float, text: str) -> Event:
    end = text.rfind("; args=")
    beside = _END.match(text, end) if end >= 0 else None
    args = beside["args"] if beside else ""
    at = found(prefix)
    thread = _THREAD.search(prefix)
    session = f"{(beside and beside['alias']) or ''} {thread.group() if thread else ''}".strip()
    return Event(
        text[:end] if beside else text,
        ms,
        None if at is None else at - ms / 1000,
        session,
        args,
        batched=_MANY.match(args) is not None,
    )


SOURCE = Source(
    name="django",
    title="Django's query log",
    matches=lambda head: _HEAD.search(head) is not None,
    read=_read,
    tells=frozenset({"times", "clock", "transactions"}),
    more="times finer than 1 ms from the server's own log (PostgreSQL: "
    "log_min_duration_statement = 0)",
    orm="Django",
)
