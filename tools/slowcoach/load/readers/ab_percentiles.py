"""ab's `-e`: the latency of each whole percentile, from 0 to 99."""

from __future__ import annotations

from itertools import pairwise

from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import decimal, refuse, text_of, whole
from slowcoach.load.readers.ab import STALL

_HEADER = "Percentage served,Time in ms"
_HUNDRED = 100
_UNKNOWN = (
    "ab -e: how many requests there were and how many failed, how long the test took, its "
    "throughput, and the maximum",
    "ab -e: the interval of each percentile",
    STALL,
)


def _matches(source: Source) -> bool:
    return source.head.lstrip().startswith(_HEADER.encode())


def _read(source: Source) -> Outcome:
    lines = text_of(source).strip().split("\n")
    found: dict[int, float] = {}
    for number, line in enumerate(lines[1:], 2):
        text, _, value = line.partition(",")
        percent, took = whole(text), decimal(value)
        if percent is None or percent > _HUNDRED or took is None or took < 0:
            refuse(source, f"a percentile and its ms in line {number}", line)
        found[percent] = took
    values = [found[percent] for percent in sorted(found)]
    if not values or any(a > b for a, b in pairwise(values)):
        refuse(source, "percentiles that grow", lines[-1])
    cut = max(found) < _HUNDRED - 1
    return Outcome(
        tool="ab",
        model="closed",
        whole=Figures(
            latency=Latencies(
                stated={p / 100: value for p, value in found.items() if 0 < p < _HUNDRED},
                least_ms=found.get(0),
                most_ms=found.get(_HUNDRED),
                resolution_ms=0.001,
            )
        ),
        unknown=_UNKNOWN,
        warnings=("the file is cut: higher percentiles are missing",) if cut else (),
    )


READER = Reader(
    name="ab_percentiles",
    title="ab -e (CSV)",
    matches=_matches,
    read=_read,
    example="ab -n 10000 -c 8 -k -e percentiles.csv URL",
)
