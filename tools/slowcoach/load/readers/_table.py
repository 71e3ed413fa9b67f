"""Tables of single requests with a fixed number of plain columns, read in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from slowcoach.load.outcome import Figures, Latencies
from slowcoach.load.reader_kind import Source
from slowcoach.load.readers._reports import refuse
from slowcoach.load.samples import CHUNK, Samples
from slowcoach.load.streams import Stream

Row = tuple[float, float, int, int]
"""When it was sent (s), its latency (ms, NaN for none), codes of its name and its kind."""


def rows(
    source: Source,
    stream: Stream,
    parsed: Callable[[bytes], Row | None],
    expected: str,
    header: bytes = b"",
) -> Iterator[Row]:
    """Yield the row of each line.

    A last line that has no end (the file is cut: its figures may be too) is left out with a
    warning. `parsed` gives None for what is no row; lines like `header` are skipped (files may be
    joined). Raises UnreadableError with the line otherwise.
    """
    held: tuple[int, bytes, Row | None] | None = None
    for number, line in stream.lines():
        if held is not None:
            yield _sure(source, held, expected)
            held = None
        if line.strip() and line != header:
            held = number, line, parsed(line)
    if held is not None and stream.ended:
        yield _sure(source, held, expected)
    elif held is not None:
        stream.warnings.append(f"line {held[0]} is cut: what came before is read")


def _sure(source: Source, held: tuple[int, bytes, Row | None], expected: str) -> Row:
    number, line, row = held
    if row is None:
        shown = line.decode("utf-8", "replace")
        refuse(source, f"{expected} in line {number}", shown, "Give the file as it was written")
    return row


def gather(found: Iterator[Row], samples: Samples) -> None:
    """Add all rows to the samples."""
    while chunk := list(islice(found, CHUNK)):
        sent, latency, names, kinds = zip(*chunk, strict=True)
        samples.add(sent, latency, names, kinds)


def grained(figures: Figures, resolution_ms: float) -> Figures:
    """Return figures whose latencies have a grain."""

    def with_grain(found: Latencies | None) -> Latencies | None:
        return None if found is None else replace(found, resolution_ms=resolution_ms)

    latency = replace(figures.latency, resolution_ms=resolution_ms)
    return replace(figures, latency=latency, good=with_grain(figures.good))
