"""oha's CSV: a line for each request that was answered, times in seconds."""

from __future__ import annotations

from dataclasses import replace

from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import decimal, refuse
from slowcoach.load.readers._table import Row, gather, rows
from slowcoach.load.readers.oha import FAILED, HOW
from slowcoach.load.samples import Samples
from slowcoach.load.steps import steps_of
from slowcoach.load.streams import Stream

_HEADER = b"request-start,DNS,DNS+dialup,Response-delay,request-duration,bytes,status"
_COLUMNS = _HEADER.count(b",") + 1
_START, _TOOK, _BYTES, _STATUS = 0, 4, 5, 6
_STATUSES = range(100, 1000)
_HINT = "oha's CSV leaves out requests without an answer; its other outputs count them"
_UNKNOWN = (
    "oha: requests without an answer (errors, timeouts), which the CSV leaves out, so the share of "
    "errors is of those answered",
    "oha: the number of connections (-c)",
    HOW,
)


def _matches(source: Source) -> bool:
    return source.head.lstrip().startswith(_HEADER)


def _read(source: Source) -> Outcome:
    stream, samples = Stream(source), Samples()
    samples.bytes = 0
    name = samples.names.code("all")

    def parsed(line: bytes) -> Row | None:
        fields = line.decode("ascii", "replace").split(",")
        if len(fields) != _COLUMNS:
            return None
        start, took, size, status = (decimal(fields[i]) for i in (_START, _TOOK, _BYTES, _STATUS))
        if start is None or took is None or size is None or status is None:
            return None
        if min(start, took, size) < 0 or int(status) not in _STATUSES:
            return None
        samples.bytes = (samples.bytes or 0) + int(size)
        code = int(status)
        kind = samples.kinds.code(f"HTTP {code}", answered=True) if code >= FAILED else 0
        return start, took * 1000, name, kind

    gather(rows(source, stream, parsed, "oha's columns", _HEADER), samples)
    if not samples.count:
        refuse(source, "a request that was answered", "only the header", _HINT)
    moments = samples.moments()
    return Outcome(
        tool="oha",
        model="unknown",
        whole=replace(samples.figures(), sent=None),
        steps=steps_of(moments, "unknown"),
        moments=moments,
        unknown=_UNKNOWN,
        warnings=(*stream.warnings, *samples.doubts()),
    )


READER = Reader(
    name="oha_csv",
    title="oha (CSV)",
    matches=_matches,
    read=_read,
    example="oha -z 30s -q 200 --latency-correction --output-format csv URL > oha.csv",
)
