"""Lines with a quoted request: common, combined, with a virtual host before or figures after it.

Which column is what is told from the first lines, so custom formats of nginx, Apache, gunicorn
and others are read without their format string.
"""

import re
from collections import Counter
from collections.abc import Sequence

from slowcoach.load.access_logs.layout import (
    IGNORED,
    Field,
    Layout,
    LogFormat,
    Stamp,
    lines_of,
    listed,
    regular,
)

_TOKEN = re.compile(
    r'(?P<key>[A-Za-z][\w.$-]*(?:=(?=["\[\d-])|:(?=")))?'
    r'(?:"(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)"|\[(?P<bracketed>[^\]\[]*)\]|'
    r"(?P<bare>[^\s,]+(?:, [^\s,]+)*))"
)
_REQUEST = re.compile(r"[A-Z][A-Z-]{2,} \S+(?: HTTP/\d(?:\.\d)?)?")
_CLF = re.compile(r"\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?:[.,]\d+)?(?: [+-]\d{4})?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*")
_EPOCH = re.compile(r"1\d{9}(?:\.\d+)?")
_EPOCH_MS = re.compile(r"1\d{12}")
_EPOCH_US = re.compile(r"1\d{15}")
_IP = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?:%\w+)?")
_ADDRESSES = re.compile(rf"(?:{_IP.pattern}|unknown)(?:, *(?:{_IP.pattern}|unknown))*")
_HOST = re.compile(r"[\w.-]+(?::\d+)?")
_STATUS = re.compile(r"[1-5]\d\d")
_WHOLE = re.compile(r"\d+")
_DECIMAL = re.compile(r"\d+\.\d{1,9}(?:(?:, | : )(?:\d+\.\d+|-))*")
_AGENT = re.compile(r".*[a-zA-Z]/[\d.]|Mozilla")
_REFERRER = re.compile(r"https?://\S*")
_OPAQUE = re.compile(r"(?:\w+=)?[\w.+/=-]{8,}")
_DURATION_KEY = re.compile(
    r"(?:rt|request_?time|req_?time|resp(?:onse)?_?time|duration|elapsed|took|time|latency|total)"
    r"(?P<unit>_?(?:ms|us|s|µs))?",
    re.IGNORECASE,
)
_SESSION_KEY = re.compile(r".*(?:sess|sid|cookie|visitor|uid|user)\w*", re.IGNORECASE)
_EMPTY = {"", "-"}
_LEAST_SHARE = 0.6
_SAME = 0.9
_REPEATED = 0.9
_NGINX_DIGITS = 3


class _Column:
    """One column of the sampled lines."""

    def __init__(self, matches: Sequence[re.Match[str]], index: int) -> None:
        first = matches[0]
        self.index = index
        self.key = first["key"] or ""
        self.kind = first.lastgroup or "bare"
        if self.kind == "key":
            self.kind = "bare"
        self.values = [m[m.lastgroup or "bare"] or "" for m in matches]
        self.given = [value for value in self.values if value not in _EMPTY]
        self.role: str | None = None

    def all(self, pattern: re.Pattern[str]) -> bool:
        """Tell whether nearly all values that are given fit a pattern."""
        fits = sum(1 for value in self.given if pattern.fullmatch(value))
        return bool(self.given) and fits >= len(self.given) * _SAME

    def most(self, pattern: re.Pattern[str]) -> bool:
        """Tell whether the given values mostly begin like this."""
        fits = sum(1 for value in self.given if pattern.match(value))
        return bool(self.given) and fits >= len(self.given) * _LEAST_SHARE


def _known(head: str) -> Layout | None:
    lines = lines_of(head)
    rows = [found for line in lines if (found := list(_TOKEN.finditer(line)))]
    shapes = Counter(_shape(row) for row in rows if _is_request(row))
    if not shapes:
        return None
    shape, _count = shapes.most_common(1)[0]
    alike = [row for row in rows if _shape(row) == shape]
    columns = [_Column([row[at] for row in alike], at) for at in range(len(alike[0]))]
    note = _assign(columns)
    if note is None:
        return None
    roles = {column.role for column in columns}
    stamp: Stamp = "start" if "duration_us" in roles else "end"
    name = "combined" if "agent" in roles else "common"
    extra = " and more columns" if {"duration_s", "duration_us"} & roles else ""
    return regular(_parts(alike[0], columns), f"{name} format{extra}", stamp, note, rest=True)


def _shape(row: Sequence[re.Match[str]]) -> tuple[str, ...]:
    """Return the kind of each column, which lines of one format have in common."""
    return tuple(f"{m['key'] or ''}{m.lastgroup or ''}" for m in row)


def _is_request(row: Sequence[re.Match[str]]) -> bool:
    return any(m["quoted"] and _REQUEST.match(m["quoted"]) for m in row)


def _assign(columns: list[_Column]) -> str | None:
    """Give each column its role; return what was assumed, None when it is no access log."""
    request = next((c for c in columns if c.kind == "quoted" and c.most(_REQUEST)), None)
    if request is None:
        return None
    request.role = "request"
    if not _assign_time(columns):
        return None
    _assign_clients(columns)
    after = [c for c in columns if c.index > request.index and c.role is None]
    status = next((c for c in [*after, *columns] if c.role is None and c.all(_STATUS)), None)
    if status is not None:
        status.role = "status"
        _assign_bytes([c for c in columns if c.index > status.index])
    _assign_texts([c for c in columns if c.index > request.index])
    note = _assign_durations([c for c in columns if c.index > request.index or c.key])
    _assign_sessions(columns)
    return note


def _assign_time(columns: list[_Column]) -> bool:
    kinds = (
        ("time_epoch", _EPOCH),
        ("time_ms", _EPOCH_MS),
        ("time_us", _EPOCH_US),
        ("time_iso", _ISO),
        ("time_clf", _CLF),
    )
    for role, pattern in kinds:  # $msec is more precise than $time_local beside it
        column = next((c for c in columns if c.role is None and c.all(pattern)), None)
        if column is not None:
            column.role = role
            return True
    return False


def _assign_clients(columns: list[_Column]) -> None:
    free = [c for c in columns if c.role is None and c.kind != "bracketed"]
    client = next((c for c in free if c.kind == "bare" and not c.key and c.all(_IP)), None)
    if client is None and free and free[0].index == 0 and free[0].all(_HOST):
        client = free[0]
    if client is not None:
        client.role = "client"
        _assign_names(columns, client)
    for column in free:
        if column.role is None and column.all(_ADDRESSES):
            column.role = "forwarded"
            break


def _assign_names(columns: list[_Column], client: _Column) -> None:
    """The virtual host stands before the client, the user two columns after it."""
    if client.index == 1 and columns[0].role is None and columns[0].all(_HOST):
        columns[0].role = "host"
    bare = [c for c in columns[client.index + 1 :] if c.kind == "bare"][:2]
    if len(bare) > 1 and bare[1].role is None and bare[1].index == client.index + 2:
        bare[1].role = "user"


def _assign_bytes(after: list[_Column]) -> None:
    column = next(iter(after), None)
    if column is not None and column.role is None and (column.all(_WHOLE) or not column.given):
        column.role = "answer_bytes"


def _assign_texts(after: list[_Column]) -> None:
    free = [c for c in after if c.role is None and c.kind == "quoted"]
    agent = next((c for c in free if c.most(_AGENT) and not c.most(_REFERRER)), None)
    if agent is None and len(free) > 1 and not free[1].key:
        agent = free[1]  # combined: the referrer and then the agent
    if agent is not None:
        agent.role = "agent"
        for column in free:
            if column.index == agent.index - 1:
                column.role = IGNORED


def _assign_durations(after: list[_Column]) -> str:
    free = [c for c in after if c.role is None and c.kind != "bracketed"]
    for column in free:
        match = _DURATION_KEY.fullmatch(column.key[:-1]) if column.key else None
        if match and (column.all(_DECIMAL) or column.all(_WHOLE)):
            return _duration(column, match["unit"])
    plain = [c for c in free if not c.key]
    decimal = next((c for c in plain if c.all(_DECIMAL)), None)
    if decimal is not None:
        return _duration(decimal, None)
    whole = [c for c in plain if c.kind == "bare" and c.all(_WHOLE)]
    if len(whole) == 1:
        whole[0].role = "duration_us"
        return f"the column {whole[0].index + 1} was read as microseconds (Apache's %D)"
    if len(whole) >= 2 and whole[0].index + 1 == whole[1].index:  # noqa: PLR2004
        whole[0].role = "request_bytes"  # Apache's combinedio
    return ""


def _duration(column: _Column, unit: str | None) -> str:
    named = (unit or "").strip("_").lower().replace("µ", "u")
    if not named:
        named = "s" if column.all(_DECIMAL) else "ms"
    column.role = f"duration_{named}"
    return ""


def _assign_sessions(columns: list[_Column]) -> None:
    """Take a column for sessions whose opaque values come again, but not in every line."""
    for column in columns:
        if column.role is not None or column.kind == "bracketed":
            continue
        named = _SESSION_KEY.fullmatch(column.key[:-1]) if column.key else None
        if not (named or (column.all(_OPAQUE) and any(map(str.isdigit, "".join(column.given))))):
            continue
        distinct = len(set(column.given))
        if 1 < distinct < len(column.given) * _REPEATED:
            column.role = "session"
            return


def _parts(row: Sequence[re.Match[str]], columns: Sequence[_Column]) -> list[str | Field]:
    """Return the line as literals and fields, as far as the last column that is needed."""
    last = max(column.index for column in columns if column.role)
    parts: list[str | Field] = []
    at = 0
    for match, column in zip(row[: last + 1], columns, strict=False):
        begin, end = match.span(match.lastgroup or "bare")
        parts.append(match.string[at:begin])
        role = column.role or IGNORED
        is_list = column.kind == "bare" and any(", " in v or " : " in v for v in column.values)
        parts.append(listed(role) if is_list else Field(role, _pattern(role, column)))
        at = end
    closing = {"quoted": '"', "bracketed": "]"}.get(columns[last].kind, "")
    return [part for part in [*parts, closing] if part != ""]


def _pattern(role: str, column: _Column) -> str | None:
    if role == "status":
        return r"\d{3}"
    return r"[^\s,]+(?:, [^\s,]+)*" if column.kind == "bare" and role == "forwarded" else None


FORMAT = LogFormat(name="common, combined and custom formats", known=_known, order=2)
