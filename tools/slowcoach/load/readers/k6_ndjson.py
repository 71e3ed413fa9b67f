"""k6's points as lines of JSON (--out json): every sample of every metric.

A request is some 15 lines; seven metrics are looked at, found by a regular expression over a
megabyte at a time, and equal tags are read once.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime

from slowcoach.core.errors import UnreadableError
from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.reading_k6_points import Points
from slowcoach.load.streams import Stream, mapping

_METRICS = (
    rb"(http_req_duration|http_req_blocked|vus|iterations|iteration_duration|dropped_iterations"
    rb"|data_received)"
)
_DATA = (
    rb'"data":\{"time":"([^"\n]{19})(\.\d+)?(Z|[+-]\d\d:\d\d)","value":([^,\n]+),("tags":[^\n]*?)\}'
)
_NEW = re.compile(rb'\{"metric":"' + _METRICS + rb'","type":"Point",' + _DATA + rb"\}(?=\n|$)")
_OLD = re.compile(rb'\{"type":"Point",' + _DATA + rb',"metric":"' + _METRICS + rb'"\}(?=\n|$)')
_BEGINS = (b'{"metric":"', b'{"type":"')
_REQUEST = b"http_req_duration"
_THRESHOLDS = b'"thresholds":["'
_MOST_UNREAD = 0.5  # of the lines: beyond it this is another format


def matches(source: Source) -> bool:
    """Know the first line: a metric that is declared, or a point."""
    first = source.head.lstrip().split(b"\n", 1)[0]
    if b'"type":"Metric"' not in first and b'"type":"Point"' not in first:
        return False
    return first.startswith(_BEGINS) and b'"metric":' in first


class _Times:
    """Seconds since 1970 of k6's times, each second looked up once."""

    def __init__(self) -> None:
        self._known: dict[bytes, float] = {}

    def of(self, second: bytes, fraction: bytes | None, zone: bytes) -> float:
        """Return the time; raises ValueError for none."""
        key = second + zone
        found = self._known.get(key)
        if found is None:
            if len(self._known) > _MOST_SECONDS:
                self._known.clear()
            text = key.decode("ascii").replace("Z", "+00:00")
            found = self._known[key] = datetime.fromisoformat(text).timestamp()
        return found + float(fraction) if fraction else found


_MOST_SECONDS = 100_000


def read(source: Source) -> Outcome:
    """Return what the points tell. Lines that are none are counted and left out.

    Raises UnreadableError when most lines are none, or no point is of an HTTP request.
    """
    stream, points, times = Stream(source), Points(), _Times()
    is_new = b'{"metric":"' in source.head or b'"type":"Point"' not in source.head
    lines = 0
    for block in stream.blocks():
        count = block.count(b"\n") + (not block.endswith(b"\n"))
        _check(block, lines, count, points, ended=stream.ended)
        lines += count
        if points.unread > max(_MOST_UNREAD * lines, 10):
            raise UnreadableError(
                f"{source.path}: expected k6's points, got {points.unread:,} other lines of "
                f"{lines:,}, the first is line {points.first_unread}",
                hint="Give the file that k6 run --out json=FILE wrote",
            )
        _take(block, points, times, is_new=is_new)
    if not stream.ended and points.unread:
        stream.warnings.append("the last line is cut: k6 was ended while it wrote")
    found = points.outcome(source, stream.warnings)
    if _THRESHOLDS not in source.head:
        return found
    said = "whether thresholds were crossed: the points do not say, the summary does"
    return replace(found, unknown=(*found.unknown, said))


def _check(block: bytes, before: int, count: int, points: Points, *, ended: bool) -> None:
    """Count the lines that begin or end as no point does; at full length only if there are any."""
    begun = sum(block.count(b"\n" + begin) + block.startswith(begin) for begin in _BEGINS)
    closed = block.count(b"}\n") + block.endswith(b"}")
    if begun == count and closed == count:
        return
    for number, line in enumerate(block.removesuffix(b"\n").split(b"\n"), before + 1):
        if line.strip() and not (line.startswith(_BEGINS) and line.rstrip().endswith(b"}")):
            points.unread += 1
            points.first_unread = points.first_unread or number


def _take(block: bytes, points: Points, times: _Times, *, is_new: bool) -> None:
    for match in (_NEW if is_new else _OLD).finditer(block):
        if is_new:
            metric, second, fraction, zone, value, tags = match.groups()
        else:
            second, fraction, zone, value, tags, metric = match.groups()
        try:
            at_s, number = times.of(second, fraction, zone), float(value)
        except ValueError:
            points.unread += 1
            continue
        if metric != _REQUEST:
            points.other(metric, at_s, number)
            continue
        found = points.known(tags)
        if found is False:
            found = points.learned(tags, _tags(tags))
        points.request(at_s, number, found)


def _tags(text: bytes) -> dict[str, str]:
    try:
        found = mapping(mapping(json.loads(b"{" + text + b"}")).get("tags"))
    except (ValueError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in found.items()}


READER = Reader(
    name="k6_ndjson",
    title="k6 points (NDJSON)",
    matches=matches,
    read=read,
    example="k6 run --out json=points.ndjson script.js",
    over=("k6_csv", "k6_summary"),
)
