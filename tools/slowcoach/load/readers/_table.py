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
    """Yield the row of each line; a broken last line (the file is cut) is left out with a warning.

    `parsed` gives None for what is no row; lines like `header` are skipped (files may be joined).
    Raises UnreadableError with the line otherwise.
    """
    broken: tuple[int, bytes] | None = None
    for number, line in stream.lines():
        if broken is not None:
            break
        if not line.strip() or line == header:
            continue
        row = parsed(line)
        if row is None:
            broken = number, line
            continue
        yield row
    else:
        if broken is not None and not stream.ended:
            stream.warnings.append(f"line {broken[0]} is cut: what came before is read")
            broken = None
    if broken is not None:
        shown = broken[1].decode("utf-8", "replace")
        refuse(source, f"{expected} in line {broken[0]}", shown, "Give the file as it was written")


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
