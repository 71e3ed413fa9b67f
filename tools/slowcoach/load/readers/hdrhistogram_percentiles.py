"""HdrHistogram's percentile spectra (.hgrm), as its libraries print them."""

from __future__ import annotations

import re

from slowcoach.load.outcome import Figures, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers import _spectrum
from slowcoach.load.readers._reports import head_of, refuse, text_of

_HEADING = re.compile(r'\A\s*"?Value"?[ ,]+"?Percentile"?[ ,]+"?TotalCount"?[ ,]+"?1/\(1-Perc')
_MEAN = re.compile(r"^#\[Mean +=\s+(\d{1,15}\.\d{1,6}), ", re.MULTILINE)
_MAX = re.compile(r"^#\[Max +=\s+(\d{1,15}\.\d{1,6}), ", re.MULTILINE)
_UNKNOWN = (
    "HdrHistogram: the unit of its values, taken for ms (as most tools scale them)",
    "HdrHistogram: how many requests failed, how long the test took, its throughput, and how "
    "latencies went over time",
    "HdrHistogram: whether the load was open or closed, and whether latencies count from when "
    "requests were due",
)


def _matches(source: Source) -> bool:
    return _HEADING.match(head_of(source)) is not None


def _read(source: Source) -> Outcome:
    text = text_of(source)
    rows = [row for line in text.splitlines() if (row := _spectrum.row_of(line)) is not None]
    if not _spectrum.ordered(rows) or not rows[-1].count:
        refuse(source, "rows whose values and counts grow", text[:200])
    mean, most = _MEAN.search(text), _MAX.search(text)
    cut = rows[-1].q < 1
    latency = _spectrum.latencies_of(
        rows,
        mean_ms=float(mean[1]) if mean else None,
        most_ms=float(most[1]) if most else None,
    )
    return Outcome(
        tool="HdrHistogram",
        model="unknown",
        whole=Figures(latency=latency, completed=rows[-1].count),
        unknown=(_spectrum.unknown(rows, "HdrHistogram"), *_UNKNOWN),
        warnings=("the file is cut: the highest latencies are missing",) if cut else (),
    )


READER = Reader(
    name="hdrhistogram_percentiles",
    title="HdrHistogram percentiles (.hgrm)",
    matches=_matches,
    read=_read,
    example="histogram.outputPercentileDistribution(stream, 5, 1000000.0)",
)
