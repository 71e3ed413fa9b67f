"""PostgreSQL's log as text, with any log_line_prefix that holds a time or a process."""

import re
from collections.abc import Iterator
from functools import lru_cache

from slowcoach.queries.logs.event import Event, Source
from slowcoach.queries.logs.sources._clock import TIME, seconds
from slowcoach.queries.logs.sources._postgresql import MORE, TELLS, Messages, Record
from slowcoach.queries.logs.stream import Stream

_SEVERITY = (
    r"(?P<severity>LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG[1-5]?"
    r"|DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION)"
)
_LINE = re.compile(rf"(?P<prefix>[^\t\n]{{0,300}}?)\b{_SEVERITY}:  (?P<message>.*)")
_ABOUT = re.compile(
    r"(?m)^[^\t\n]{0,300}?\b(?:LOG|ERROR):  (?:duration: \d|statement: |execute [^:\n]*: "
    r"|process \d+ (?:still|acq)|temporary file: |\w)"
)
_SYSLOG = re.compile(
    r"^(?:<\d+>)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8}|\d{4}-\d\d-\d\dT\S+) \S+ \S*?\[(\d+)\]: "
    r"(?:\[\d+-\d+\] ?)?"
)
_SESSION_ID = re.compile(r"(?<![\w.])[0-9a-f]{8}\.[0-9a-f]{1,8}(?![\w.])")
_BRACKETED = re.compile(r"\[(\d+)(?:-\d+)?\]")
_NUMBER = re.compile(r"(?<![\w.:/(-])\d{2,8}(?![\w.:)])")
_UNIX = re.compile(r"(?<![\w.])\d{10}\.\d{3}(?![\w.])")
_MESSAGES = frozenset({"LOG", "ERROR", "FATAL", "PANIC", "WARNING", "NOTICE", "INFO"})
_LONGEST = 1 << 17
_TAB = "#011"  # how syslog writes it


class _Pending:
    """The record that is being read: its parts as lists of lines."""

    def __init__(self, severity: str, prefix: str, message: str) -> None:
        self.severity = severity
        self.prefix = prefix
        self.parts: dict[str, list[str]] = {"": [message]}
        self._open = self.parts[""]
        self._length = len(message)

    def attach(self, severity: str, message: str) -> None:
        self._open = self.parts.setdefault(severity, [])
        self.go_on(message)

    def go_on(self, line: str) -> None:
        if self._length < _LONGEST:
            self._open.append(line)
            self._length += len(line)

    def record(self) -> Record:
        at, session = _told(self.prefix)
        return Record(
            self.severity,
            "\n".join(self.parts[""]),
            at,
            session,
            "\n".join(self.parts.get("DETAIL", ())),
            "\n".join(self.parts.get("STATEMENT", ())),
        )


def _told(prefix: str) -> tuple[float | None, str]:
    """Return the time and the session that a prefix tells: %m or %t or %n; %c or %p."""
    match = TIME.search(prefix)
    if match:
        at = seconds(match.group())
    else:
        match = _UNIX.search(prefix)
        at = float(match.group()) if match else None
    if match:
        prefix = f"{prefix[: match.start()]} {prefix[match.end() :]}"
    return at, _session(prefix)


@lru_cache(1024)
def _session(prefix: str) -> str:
    found = _SESSION_ID.search(prefix) or _BRACKETED.search(prefix) or _NUMBER.search(prefix)
    return found.group() if found else ""


def _read(stream: Stream) -> Iterator[Event]:
    messages = Messages()
    pending: _Pending | None = None
    for raw in stream.lines():
        line, syslog = _unwrapped(raw)
        match = _LINE.match(line)
        if match is None:
            if pending is not None:
                pending.go_on(line.removeprefix("\t"))
            continue
        severity, message = match["severity"], match["message"]
        if severity in _MESSAGES or severity.startswith("DEBUG"):
            if pending is not None:
                yield from messages.events(pending.record())
            pending = _Pending(severity, f"{match['prefix']} {syslog}", message)
        elif pending is not None:
            pending.attach(severity, message)
    if pending is not None:
        yield from messages.events(pending.record())
    yield from messages.rest()


def _unwrapped(line: str) -> tuple[str, str]:
    """Take off what syslog puts before each line; return it if it tells of the process."""
    wrapped = _SYSLOG.match(line)
    if wrapped is None:
        return line, ""
    return line[wrapped.end() :].replace(_TAB, "\t"), f"{wrapped.group()} [{wrapped.group(1)}]"


SOURCE = Source(
    name="postgresql_stderr",
    title="PostgreSQL's log",
    matches=lambda head: _ABOUT.search(head) is not None,
    read=_read,
    tells=TELLS,
    more=MORE,
)
