"""What PostgreSQL says of statements in its log, whatever form the log has."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from slowcoach.queries.logs.event import Event, Tells

TELLS: frozenset[Tells] = frozenset(
    {"times", "clock", "sessions", "transactions", "locks", "spills", "failures"}
)
MORE = (
    "log_min_duration_statement = 0 (or log_min_duration_sample), log_lock_waits = on, "
    "log_temp_files = 0, and %m [%p] in log_line_prefix"
)
_DURATION = re.compile(
    r"duration: (\d+(?:\.\d+)?) ms"
    r"(?:  (?:(statement|plan)|(execute|parse|bind)(?: fetch from)? [^:\n]*):\s*(.*))?$",
    re.DOTALL,
)
_STATEMENT = re.compile(r"(?:statement|execute [^:\n]*): (.*)$", re.DOTALL)
_LOCK = re.compile(r"process \d+ (?:still waiting for|acquired) (\w+) on .* after (\d+\.?\d*) ms")
_TEMPORARY = re.compile(r"temporary file: path .*, size (\d+)")
_PLAN_TEXT = re.compile(
    r"Query Text: (.*?)(?=\n\s*(?:Query Parameters: |\S[^\n]*\((?:cost=|actual ))|\Z)", re.DOTALL
)
_PLAN_JSON = re.compile(r'"Query Text":\s*"([^"\\]*(?:\\.[^"\\]*)*)"')
_PARAMETERS = re.compile(r"\s*(?:Parameters|parameters): ")
_FAILURES = frozenset({"ERROR", "FATAL", "PANIC"})
_MOST_WAITING = 10_000


class Record(NamedTuple):
    """One message with what belongs to it."""

    severity: str
    message: str
    at: float | None
    session: str
    detail: str = ""
    statement: str = ""


class Messages:
    """Turns records into events. Remembers, by session, a statement whose time comes later."""

    def __init__(self) -> None:
        self._waiting: dict[str, Event] = {}
        self._planned: dict[str, str] = {}

    def events(self, record: Record) -> Iterator[Event]:
        """Yield what one record tells."""
        if record.severity in _FAILURES:
            if record.statement:
                yield self._event(record, record.statement)._replace(kind="error")
        elif record.message.startswith("duration: "):
            yield from self._timed(record)
        elif found := _STATEMENT.match(record.message):
            yield from self._started(record, found.group(1))
        elif found := _LOCK.match(record.message):
            amount = float(found.group(2))
            yield self._event(record, record.statement)._replace(kind="lock_wait", amount=amount)
        elif found := _TEMPORARY.match(record.message):
            amount = float(found.group(1))
            yield self._event(record, record.statement)._replace(kind="temp_file", amount=amount)

    def rest(self) -> Iterator[Event]:
        """Yield the statements whose time never came."""
        yield from self._waiting.values()
        self._waiting.clear()

    def _event(self, record: Record, sql: str, ms: float | None = None) -> Event:
        begun = record.at
        if begun is not None and ms is not None:
            begun -= ms / 1000
        parameters = _PARAMETERS.sub("", record.detail) if record.detail else ""
        coarse = record.at is not None and record.at.is_integer()
        return Event(sql, ms, begun, record.session, parameters, coarse=coarse)

    def _timed(self, record: Record) -> Iterator[Event]:
        found = _DURATION.match(record.message)
        if found is None:
            return
        ms = float(found.group(1))
        text = found.group(4)
        if found.group(2) == "plan":
            yield self._plan(record, text, ms)
        elif text is None:  # log_duration: the statement was logged before
            before = self._waiting.pop(record.session, None)
            if before is not None:
                at = None if record.at is None else record.at - ms / 1000
                yield before._replace(ms=ms, at=at)
        elif found.group(3) not in {"parse", "bind"}:
            self._waiting.pop(record.session, None)
            if self._planned.pop(record.session, None) != text.strip():
                yield self._event(record, text, ms)

    def _started(self, record: Record, sql: str) -> Iterator[Event]:
        before = self._waiting.pop(record.session, None)
        if before is not None:
            yield before
        if len(self._waiting) > _MOST_WAITING:
            yield from self.rest()
        self._waiting[record.session] = self._event(record, sql)

    def _plan(self, record: Record, text: str, ms: float) -> Event:
        found = _PLAN_TEXT.search(text)
        if found is None:
            json_text = _PLAN_JSON.search(text)
            sql = _unescaped(json_text.group(1)) if json_text else ""
        else:
            sql = found.group(1)
        if len(self._planned) > _MOST_WAITING:
            self._planned.clear()
        self._planned[record.session] = sql.strip()
        return self._event(record, sql, ms)._replace(plan=text)


def _unescaped(text: str) -> str:
    import json

    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text
