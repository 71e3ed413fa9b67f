"""The layout of a log's lines: which columns they have, and what each one is.

Roles of columns: client, forwarded, user, session, time_clf, time_iso, time_epoch, time_ms,
time_us, date, clock, request, method, target, query, status, answer_bytes, request_bytes, agent,
host, and duration in its unit (duration_s, duration_ms, duration_us, duration_ns).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Columns = Mapping[str, Sequence[str]]
"""The lines of a block that fit: a column of texts for each role, all of the same length."""

Stamp = Literal["start", "end"]
"""Whether a line's time is when the request came, or when the answer was done."""

_LOOKED_INTO = 8192  # characters of a line
# possessive (++, *+): what was taken is not given back, so that no line costs its length squared
_QUOTED = r'[^"\\\n]*+(?:\\.[^"\\\n]*+)*'
_REQUEST = r'([A-Z][A-Z-]*+) ([^\s"]++)[^"\n]*+'
_LIST = r"(?:[^\s,]+(?:(?:, | : )[^\s,]+)*)"


@dataclass(frozen=True, slots=True)
class Layout:
    """How one log's lines are read. `name` is the format in words; `note` what was assumed."""

    name: str
    columns: Callable[[str], Columns]
    stamp: Stamp = "end"
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class LogFormat:
    """One format. `known` returns its layout when a log begins like this, else None; `made` one
    from a format string of its server (None: not its kind of string). `order`: who is asked first.
    """

    name: str
    known: Callable[[str], Layout | None]
    made: Callable[[str], Layout | None] = lambda _text: None
    order: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A column within a line: its role, and the pattern of its text (None: by what follows)."""

    role: str
    pattern: str | None = None


Parts = Sequence[str | Field]
"""A line as literal texts and fields in turn."""

IGNORED = ""


def regular(parts: Parts, name: str, stamp: Stamp, note: str = "", rest: bool = False) -> Layout:
    """Return the layout of lines that are literals and fields in turn.

    `rest` allows more after the last part. Patterns are linear in a line's length.
    """
    pattern, roles = _pattern(parts)
    compiled = re.compile(rf"^{pattern}{'.*' if rest else ''}$", re.MULTILINE)

    def columns(block: str) -> Columns:
        rows = compiled.findall(block)
        return dict(zip(roles, zip(*rows, strict=True), strict=True)) if rows else {}

    return Layout(name, columns, stamp, note)


def _pattern(parts: Parts) -> tuple[str, tuple[str, ...]]:
    found: list[str] = []
    roles: list[str] = []
    for index, part in enumerate(parts):
        if isinstance(part, str):
            found.append(re.escape(part))
            continue
        following = parts[index + 1] if index + 1 < len(parts) else ""
        pattern = part.pattern or _until(part.role, following if isinstance(following, str) else "")
        if part.role == "request":
            found.append(pattern)
            roles += ["method", "target"]
        elif part.role == IGNORED or part.role in roles:
            found.append(f"(?:{pattern})")
        else:
            found.append(f"({pattern})")
            roles.append(part.role)
    if len(roles) == 1:  # findall gives bare texts for one group
        found.append("()")
        roles.append("nothing")
    return "".join(found), tuple(roles)


def _until(role: str, following: str) -> str:
    """Return the pattern of a field's text, which ends where the literal after it begins."""
    if role == "request":
        return _REQUEST
    first = following[:1]
    if first == '"':
        return _QUOTED
    if first in {"", " "}:
        return r"\S*+"
    return rf"[^{re.escape(first)}\n]*+"


def listed(role: str) -> Field:
    """Return a field that may be a list with spaces, such as nginx's upstream times."""
    return Field(role, _LIST)


def lines_of(head: str, most: int = 300) -> list[str]:
    """Return the first lines that are not empty, nor too long to be looked into."""
    first = head.split("\n", most * 2)[: most * 2]
    return [line for line in first if line.strip() and len(line) <= _LOOKED_INTO][:most]


def columns_of(rows: Iterable[Sequence[str]], roles: Sequence[str]) -> Columns:
    """Return columns from rows, with texts by role; roles that are empty are left out."""
    columns = list(zip(*rows, strict=True))
    if not columns:
        return {}
    return {role: columns[at] for at, role in enumerate(roles) if role != IGNORED}
