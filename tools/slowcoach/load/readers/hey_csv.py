"""hey's `-o csv`: a line for each request that was answered."""

from __future__ import annotations

from dataclasses import replace

from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import decimal, refuse
from slowcoach.load.readers._table import Row, gather, grained, rows
from slowcoach.load.readers.hey import MOST_KEPT, RESOLUTION_MS, STALL
from slowcoach.load.samples import Samples
from slowcoach.load.steps import steps_of
from slowcoach.load.streams import Stream

_HEADER = (
    b"response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset"
)
_COLUMNS = _HEADER.count(b",") + 1
_FAILED = 400
_STATUSES = range(100, 1000)
_HINT = "hey -o csv leaves out requests without an answer; its text counts them"
_UNKNOWN = (
    "hey: requests without an answer (errors, timeouts), which -o csv leaves out, so the share of "
    "errors is of those answered",
    "hey: its number of workers (-c) and rate (-q)",
    STALL,
)


def _matches(source: Source) -> bool:
    return source.head.lstrip().startswith(_HEADER)


def _read(source: Source) -> Outcome:
    stream, samples = Stream(source), Samples()
    name = samples.names.code("all")

    def parsed(line: bytes) -> Row | None:
        fields = line.split(b",")
        if len(fields) != _COLUMNS:
            return None
        took, status, sent = (_figure(fields[at]) for at in (0, -2, -1))
        if took is None or status is None or sent is None or int(status) not in _STATUSES:
            return None
        code = int(status)
        kind = samples.kinds.code(f"HTTP {code}", answered=True) if code >= _FAILED else 0
        return sent, took * 1000, name, kind

    gather(rows(source, stream, parsed, "hey's columns", _HEADER), samples)
    if not samples.count:
        refuse(source, "a request that was answered", "only the header", _HINT)
    moments = samples.moments()
    kept = samples.count >= MOST_KEPT
    return Outcome(
        tool="hey",
        model="closed",
        whole=replace(grained(samples.figures(), RESOLUTION_MS), sent=None),
        steps=steps_of(moments, "closed"),
        moments=moments,
        unknown=_UNKNOWN,
        warnings=(
            *([f"hey keeps its first {MOST_KEPT:,} requests only"] if kept else []),
            *stream.warnings,
            *samples.doubts(),
        ),
    )


def _figure(text: bytes) -> float | None:
    value = decimal(text.decode("ascii", "replace"))
    return None if value is None or value < 0 else value


READER = Reader(
    name="hey_csv",
    title="hey (CSV)",
    matches=_matches,
    read=_read,
    example="hey -z 30s -c 8 -o csv URL > hey.csv",
)
