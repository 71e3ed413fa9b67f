"""The statements to serve, and how much each counts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from slowcoach.core.errors import InputError, SlowcoachError
from slowcoach.queries.statement import only_select
from slowcoach.queries.statistics import top_statements

_MOST = 200
_SHOWN = 80
_READS = re.compile(r"\s*(?:\(|select\b|with\b|values\b|table\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """One statement: its text as the planner takes it, and how often it runs (1: unknown)."""

    name: str
    sql: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Workload:
    """The statements that only read, and what was left out and why."""

    queries: tuple[Query, ...]
    left_out: tuple[str, ...] = ()


def from_text(text: str) -> Workload:
    """Return the statements of a file of SQL, each ended by a semicolon, each counting once.

    A comment `-- name` right before a statement names it. Raises InputError without any SELECT.
    """
    return _workload((_named(part, number), part, 1.0) for number, part in enumerate(_split(text)))


def from_server(connection: Any) -> Workload:
    """Return what the server counted (pg_stat_statements), each with its number of calls.

    Raises MissingDependencyError where the server does not count.
    """
    found = top_statements(connection, limit=_MOST)
    reads = [item for item in found if _READS.match(item.query)]
    return _workload((f"{i.query[:_SHOWN]}", i.query, float(i.calls)) for i in reads)


def _workload(given: Iterable[tuple[str, str, float]]) -> Workload:
    queries: list[Query] = []
    left_out: list[str] = []
    for name, text, weight in given:
        try:
            statement = only_select(text)
        except SlowcoachError as error:
            left_out.append(f"{name[:_SHOWN]}: {error.message}")
            continue
        if len(queries) < _MOST:
            queries.append(Query(name, statement.text, weight))
    if not queries:
        raise InputError(
            "workload: expected SELECT statements, found none",
            hint="Give a file of SELECT statements ended by semicolons, or leave `workload` out "
            "to take what pg_stat_statements counted",
        )
    return Workload(tuple(queries), tuple(left_out))


_COMMENT = re.compile(r"\s*--\s*(?:name:?\s*)?([^\n]{1,80})")
_PIECE = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|;|[^'"$;/-]+|.""",
    re.DOTALL,
)


def _split(text: str) -> Sequence[str]:
    """Cut a file at the semicolons that stand outside of strings and comments."""
    parts: list[str] = []
    begin = 0
    for piece in _PIECE.finditer(text):
        if piece.group() == ";":
            parts.append(text[begin : piece.start()])
            begin = piece.end()
    parts.append(text[begin:])
    return [part for part in parts if _bare(part)]


def _bare(part: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/", "", part, flags=re.DOTALL).strip()


def _named(part: str, number: int) -> str:
    comment = _COMMENT.match(part)
    return comment.group(1).strip() if comment else f"statement {number + 1}"
