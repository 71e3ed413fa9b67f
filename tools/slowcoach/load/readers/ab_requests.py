"""ab's `-g`: a line for each request, sorted by how long it took, in whole ms."""

from __future__ import annotations

from dataclasses import replace

from slowcoach.load.outcome import Figures, Moment, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import decimal, refuse
from slowcoach.load.readers._table import Row, gather, grained, rows
from slowcoach.load.readers.ab import STALL
from slowcoach.load.samples import Samples
from slowcoach.load.steps import steps_of
from slowcoach.load.streams import Stream

_HEADER = b"starttime\tseconds\tctime\tdtime\tttime\twait"
_COLUMNS = _HEADER.count(b"\t") + 1
_SECONDS, _TOTAL = 1, 4
_LEAST_S = 10.0  # of a test whose length, known to a second, gives a throughput
_UNKNOWN = (
    "ab -g: which requests failed",
    "ab -g: latencies below 1 ms, which all read 0",
    STALL,
)


def _matches(source: Source) -> bool:
    return source.head.lstrip().startswith(_HEADER)


def _read(source: Source) -> Outcome:
    stream, samples = Stream(source), Samples()
    name = samples.names.code("all")

    def parsed(line: bytes) -> Row | None:
        fields = line.split(b"\t")
        if len(fields) != _COLUMNS:
            return None
        sent, took = (decimal(fields[at].decode("ascii", "replace")) for at in (_SECONDS, _TOTAL))
        if sent is None or took is None or sent < 0 or took < 0:
            return None
        return sent, took, name, 0

    gather(rows(source, stream, parsed, "ab's columns", _HEADER), samples)
    if not samples.count:
        refuse(source, "a request", "only the header")
    moments = tuple(_untold(moment) for moment in samples.moments())
    return Outcome(
        tool="ab",
        model="closed",
        whole=_figures(grained(samples.figures(), 1.0)),
        steps=steps_of(moments, "closed"),
        moments=moments,
        unknown=_UNKNOWN,
        warnings=(*stream.warnings, *samples.doubts()),
    )


def _untold(moment: Moment) -> Moment:
    return replace(moment, failed=None, succeeded=None, good=None)


def _figures(found: Figures) -> Figures:
    """Return figures without what whole seconds and no statuses do not tell."""
    length = found.duration_s
    sure = length is not None and length >= _LEAST_S
    return replace(
        found,
        failed=None,
        good=None,
        goodput_rps=None,
        duration_s=length if sure else None,
        throughput_rps=found.throughput_rps if sure else None,
    )


READER = Reader(
    name="ab_requests",
    title="ab -g (TSV)",
    matches=_matches,
    read=_read,
    example="ab -n 10000 -c 8 -k -g requests.tsv URL",
    over=("ab_percentiles",),
)
