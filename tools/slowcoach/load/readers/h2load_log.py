"""h2load's `--log-file`: when each request was sent (µs), its status, how long it took (µs)."""

from __future__ import annotations

import re

from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import refuse
from slowcoach.load.readers._table import Row, gather, grained, rows
from slowcoach.load.readers.h2load import STALL
from slowcoach.load.samples import Samples
from slowcoach.load.steps import steps_of
from slowcoach.load.streams import Stream

_LINE = re.compile(rb"(\d{15,17})\t(-1|[1-5]\d\d)\t(\d{1,13})\r?")
_HEAD = re.compile(rb"\A\d{15,17}\t(?:-1|[1-5]\d\d)\t\d{1,13}\r?(?:\n|\Z)")
_NONE = -1
_FAILED = 400
_NAN = float("nan")
_UNKNOWN = (
    "h2load: why a request failed that has no status, and the number of clients (-c) and streams",
    STALL,
)


def _matches(source: Source) -> bool:
    return _HEAD.match(source.head) is not None


def _read(source: Source) -> Outcome:
    stream, samples = Stream(source), Samples()
    name = samples.names.code("all")
    none = samples.kinds.code("no answer", answered=False)
    kinds = {_NONE: none} | {
        code: samples.kinds.code(f"HTTP {code}", answered=True)
        for code in (400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504)
    }

    def parsed(line: bytes) -> Row | None:
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        status, took = int(found[2]), int(found[3]) / 1000
        if status < _FAILED and status != _NONE:
            return int(found[1]) / 1e6, took, name, 0
        kind = kinds.get(status)
        if kind is None:
            kind = samples.kinds.code(f"HTTP {status}", answered=True)
        return int(found[1]) / 1e6, _NAN if kind == none else took, name, kind

    gather(rows(source, stream, parsed, "h2load's three columns"), samples)
    if not samples.count:
        refuse(source, "a request", "")
    moments = samples.moments()
    return Outcome(
        tool="h2load",
        model="closed",
        whole=grained(samples.figures(), 0.001),
        steps=steps_of(moments, "closed"),
        moments=moments,
        unknown=_UNKNOWN,
        warnings=(*stream.warnings, *samples.doubts()),
    )


READER = Reader(
    name="h2load_log",
    title="h2load --log-file (TSV)",
    matches=_matches,
    read=_read,
    example="h2load -D 30 -c 8 --log-file=requests.tsv URL",
    over=("h2load",),
)
