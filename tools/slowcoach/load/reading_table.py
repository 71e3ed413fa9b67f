"""Tables with a head row, by their columns' names, read row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from slowcoach.core.errors import UnreadableError
from slowcoach.load.streams import Stream

_HINT = "Give the file as the tool wrote it"


def rows(stream: Stream, path: Path, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty, with the number of the line it ends in.

    Raises UnreadableError with the line for what is no CSV.
    """
    text = (line.decode("utf-8", "replace") + "\n" for _, line in stream.lines())
    reader = csv.reader(text, delimiter=delimiter)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise UnreadableError(
            f"{path}, line {reader.line_num}: expected CSV, got {error}", hint=_HINT
        ) from None


def records(stream: Stream, path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row under a head row, by the columns' names; cut rows are left out with a
    warning.
    """
    columns: list[str] = []
    cut: list[int] = []
    for number, row in rows(stream, path):
        if not columns:
            columns = row
        elif len(row) != len(columns):
            cut.append(number)
        else:
            yield number, dict(zip(columns, row, strict=True))
    if cut:
        stream.warnings.append(
            f"{path.name}: {len(cut)} rows without all columns are left out (line {cut[0]})"
        )


def number(row: Mapping[str, str], name: str) -> float | None:
    """Return a figure of a row; None where it is missing, "N/A", negative or not finite."""
    try:
        found = float(row.get(name, ""))
    except ValueError:
        return None
    return found if 0 <= found < float("inf") else None


def integer(row: Mapping[str, str], name: str) -> int | None:
    """Return a count of a row; None where it is missing or none."""
    found = number(row, name)
    return None if found is None else round(found)
