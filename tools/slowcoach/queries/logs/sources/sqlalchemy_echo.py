"""SQLAlchemy's log of its engine (echo=True): statements and parameters, without their times."""

import re
from collections.abc import Iterator

from slowcoach.queries.logs.event import Event, Source
from slowcoach.queries.logs.sources._clock import found
from slowcoach.queries.logs.stream import Stream

_MARK = re.compile(r"sqlalchemy\.engine\.\w*\.?Engine(?:\.[\w.]+)?\b[\]:\s|-]*")
_CACHED = re.compile(
    r"(?:\[[^\[\]]{1,40}\] )?"
    r"\[(?:generated in|cached since|caching disabled|no key|raw sql|dialect|insertmanyvalues)"
    r"[^\]]*\] ?(.*)$",
    re.DOTALL,
)
_MANY = re.compile(r"\[[(\[{]|\[\(|.*displaying \d+ of \d+ total")
_TOKEN = re.compile(r"^\[([^\[\]]{1,40})\] (?=[A-Z])")
_ROWS = re.compile(r"^(?:Col|Row) \(")
_LONGEST = 1 << 17
_PREFIX = 300
_HEAD = r"sqlalchemy\.engine\.\w*\.?Engine\b"


def _read(stream: Stream) -> Iterator[Event]:
    waiting: Event | None = None
    for at, message, session in _messages(stream):
        beside = _CACHED.match(message)
        if beside is None:
            if waiting is not None:
                yield waiting
            waiting = Event(message, None, at, session)
        elif waiting is not None:
            values = beside.group(1)
            batched = _MANY.match(values) is not None
            yield waiting._replace(parameters=values, batched=batched)
            waiting = None
    if waiting is not None:
        yield waiting


def _messages(stream: Stream) -> Iterator[tuple[float | None, str, str]]:
    """Yield the time, the text and the logging token (if any) of each message of the engine."""
    lines: list[str] = []
    at, session, length = None, "", 0
    for line in stream.lines():
        mark = _MARK.search(line, 0, _PREFIX)
        if mark is None:
            if lines and length < _LONGEST:
                lines.append(line)
                length += len(line)
            continue
        if lines and not _ROWS.match(lines[0]):
            yield at, "\n".join(lines), session
        message, session = _with_token(line[mark.end() :])
        lines, at, length = [message], found(line[: mark.start()]), 0
    if lines and not _ROWS.match(lines[0]):
        yield at, "\n".join(lines), session


def _with_token(message: str) -> tuple[str, str]:
    token = _TOKEN.match(message)
    if token is None or _CACHED.match(message):
        return message, ""
    return message[token.end() :], token.group(1)


SOURCE = Source(
    name="sqlalchemy_echo",
    title="SQLAlchemy's log of its engine",
    matches=lambda head: re.search(_HEAD, head) is not None,
    read=_read,
    tells=frozenset({"clock", "transactions"}),
    more="the server's own log with times of execution (PostgreSQL: log_min_duration_statement = "
    "0; MySQL: long_query_time = 0), or OpenTelemetry's instrumentation of SQLAlchemy",
    orm="SQLAlchemy",
)
