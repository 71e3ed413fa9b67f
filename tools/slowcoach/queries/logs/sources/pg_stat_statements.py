"""pg_stat_statements as CSV (with a header), or as psql shows it (aligned or expanded)."""

import csv
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from slowcoach.queries.logs.event import Event, Source
from slowcoach.queries.logs.stream import LINE, Stream

_COLUMNS = re.compile(r"(?m)^[^\n]*\bcalls\b[^\n]*$")
_RECORD = re.compile(r"-\[ RECORD \d+ \]|[─-]+\[ RECORD \d+ \]")
_RULER = re.compile(r"[-+ |]*-\+-[-+ |]*$")
_TIMES = ("total_exec_time", "total_time", "total_ms")
_MEANS = ("mean_exec_time", "mean_time", "mean_ms")
_OWN = re.compile(r"\bpg_stat_statements\b")


def _header(head: str) -> str | None:
    """Return the line with the names of the columns."""
    for match in _COLUMNS.finditer(head):
        line = match.group()
        if re.search(r"\bquery\b", line) and re.search(r"_time\b|_ms\b|\brows\b", line):
            return line
    return None


def _matches(head: str) -> bool:
    header = _header(head)
    if header is not None and re.search(r"[,;\t|]", header):
        return len(header) < _WIDEST
    expanded = _RECORD.search(head) is not None
    return expanded and all(re.search(rf"(?m)^{name} +\|", head) for name in ("query", "calls"))


_WIDEST = 20_000
_BLOCK = 8192


def _read(stream: Stream) -> Iterator[Event]:
    if _RECORD.search(stream.head):
        rows = _expanded(stream)
    elif "|" in (_header(stream.head) or ""):
        rows = _aligned(stream)
    else:
        rows = _separated(stream)
    for row in rows:
        if event := _event(row):
            yield event


def _event(row: Mapping[str, str]) -> Event | None:
    calls = _number(row, "calls")
    query = (row.get("query") or "").strip()
    if not calls or not query or _OWN.search(query):
        return None
    total = next((found for name in _TIMES if (found := _number(row, name)) is not None), None)
    if total is None:
        mean = next((found for name in _MEANS if (found := _number(row, name)) is not None), None)
        total = None if mean is None else mean * calls
    blocks = _number(row, "temp_blks_written") or 0.0
    return Event(
        query, total, calls=round(calls), rows=_number(row, "rows"), temp_bytes=blocks * _BLOCK
    )


def _number(row: Mapping[str, str], name: str) -> float | None:
    try:
        found = float(row[name].replace(",", ""))
    except (KeyError, ValueError, AttributeError):
        return None
    return found if 0 <= found < float("inf") else None


def _separated(stream: Stream) -> Iterator[Mapping[str, str]]:
    header = _header(stream.head) or ""
    separator = max(",;\t", key=header.count)
    before = csv.field_size_limit(2 * LINE)
    try:
        lines = (f"{line}\n" for line in stream.lines())
        for line in lines:
            if line.rstrip() == header.rstrip():
                break
        names = [name.strip().strip('"').lower() for name in header.split(separator)]
        for row in csv.reader(lines, delimiter=separator):
            yield dict(zip(names, row, strict=False))
    except csv.Error as error:
        stream.warnings.append(f"the rest could not be read as CSV: {error}")
    finally:
        csv.field_size_limit(before)


def _aligned(stream: Stream) -> Iterator[Mapping[str, str]]:
    """Read psql's table: cells stand between the ruler's crosses; `+` goes on below."""
    lines = stream.lines()
    header, cuts = "", list[int]()
    for line in lines:
        if _RULER.match(line):
            cuts = [match.start() for match in re.finditer(r"\+", line)]
            break
        header = line
    names = [name.strip().lower() for name in _cells(header, cuts)]
    row = [""] * len(names)
    for line in lines:
        cells = _cells(line, cuts)
        if len(cells) != len(names) or line.startswith("("):
            break
        more = any(cell.rstrip().endswith(("+", "↵")) for cell in cells)
        for index, cell in enumerate(cells):
            row[index] += cell.rstrip().removesuffix("+").removesuffix("↵").strip() + " "
        if not more:
            yield {name: cell.strip() for name, cell in zip(names, row, strict=True)}
            row = [""] * len(names)


def _cells(line: str, cuts: list[int]) -> list[str]:
    edges = [-1, *cuts, len(line)]
    return [line[begin + 1 : end] for begin, end in pairwise(edges)]


def _expanded(stream: Stream) -> Iterator[Mapping[str, str]]:
    row: dict[str, str] = {}
    name = ""
    for line in stream.lines():
        if _RECORD.match(line):
            if row:
                yield row
            row, name = {}, ""
            continue
        key, bar, value = line.partition("|")
        if not bar:
            continue
        name = key.strip().lower() or name
        value = value.strip().removesuffix("+").strip()
        row[name] = f"{row[name]} {value}" if name in row else value
    if row:
        yield row


SOURCE = Source(
    name="pg_stat_statements",
    title="pg_stat_statements",
    matches=_matches,
    read=_read,
    tells=frozenset({"times", "spills"}),
    more="a log with each statement: log_min_duration_statement = 0 for a while, and %m [%p] in "
    "log_line_prefix (pg_stat_statements counts, and knows no order)",
)
