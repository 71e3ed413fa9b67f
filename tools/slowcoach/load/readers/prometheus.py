"""Prometheus' exposition: the page that a server is scraped at, also as OpenMetrics."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers import _prometheus
from slowcoach.load.readers._prometheus import MODEL, MOST_SERIES, SERVER, Grid
from slowcoach.load.readers._reports import decimal, named, refuse
from slowcoach.load.streams import Stream

_TYPE = re.compile(
    rb"^# TYPE \S{1,500} (?:histogram|counter|gauge|summary|unknown|untyped)$", re.MULTILINE
)
_NAME = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]{0,300})_(bucket|sum|count)(?=[{ \t])")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]{0,100})="((?:[^"\\]|\\.){0,2000})",?[ \t]*')
_ESCAPES = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}
_ESCAPE = re.compile(r'\\[n"\\]')
_MOST_METRICS = 500
_LONGEST_LINE = 16_384
_SINCE = (
    "Prometheus: when these requests were: a page of metrics counts since its server began, so "
    "there are no times, rates or throughput (a query over the time of the test has them)"
)


@dataclass(slots=True)
class _Metric:
    grid: Grid = field(default_factory=lambda: Grid(np.zeros(1)))
    count: float = 0.0
    series: int = 0


def _matches(source: Source) -> bool:
    return _TYPE.search(source.head) is not None and not source.head.lstrip().startswith(b"{")


def _read(source: Source) -> Outcome:
    stream = Stream(source)
    metrics: dict[str, _Metric] = {}
    series = 0
    for name, part, labels, value in _lines(stream):
        if name not in metrics and len(metrics) >= _MOST_METRICS:
            continue
        series += 1
        if series > MOST_SERIES:
            refuse(source, f"at most {MOST_SERIES:,} series", "more")
        _take(metrics.setdefault(name, _Metric()), part, labels, value)
    chosen = _prometheus.chosen({name: metric.count for name, metric in metrics.items()})
    if chosen is None:
        refuse(source, "a histogram of latencies that counted something", "none", _HINT)
    found = metrics[chosen].grid
    found.split()
    scale, doubt = _prometheus.scale_of(chosen, found.largest_end())
    told = _prometheus.told(found, scale)
    if told is None:
        refuse(source, "a histogram of latencies that counted something", chosen, _HINT)
    others = [each for each, metric in metrics.items() if metric.count > 0 and each != chosen]
    return Outcome(
        tool="Prometheus",
        model="unknown",
        whole=told.whole,
        endpoints=told.endpoints,
        target=named(chosen),
        unknown=(told.unknown, SERVER, _SINCE, MODEL),
        warnings=(
            *([doubt] if doubt else []),
            *([f"other histograms are left out: {named(', '.join(others))}"] if others else []),
            *stream.warnings,
            *found.names.warnings,
        ),
    )


_HINT = "Name a page with a histogram such as http_request_duration_seconds"


def _lines(stream: Stream) -> Iterator[tuple[str, str, dict[str, str], float]]:
    """Yield each line of a histogram: its name, part (bucket, sum, count), labels and value."""
    for _, line in stream.lines():
        if line.startswith(b"#") or len(line) > _LONGEST_LINE:
            continue
        text = line.decode("utf-8", "replace").strip()
        found = _NAME.match(text)
        if found is None:
            continue
        labels, at = _labels(text, found.end())
        value = _value(text[at:])
        if value is not None and value >= 0:
            yield found[1], found[2], labels, value


def _labels(text: str, at: int) -> tuple[dict[str, str], int]:
    """Return the labels that begin at a place, and the place after them."""
    labels: dict[str, str] = {}
    if not text.startswith("{", at):
        return labels, at
    at += 1
    while found := _LABEL.match(text, at):
        labels[found[1]] = _ESCAPE.sub(lambda escape: _ESCAPES[escape[0]], found[2])
        at = found.end()
    return labels, at + 1


def _value(rest: str) -> float | None:
    """Return the value that a line goes on with; a time and an exemplar may follow it."""
    return decimal(rest.split(None, 1)[0]) if rest.strip() else None


def _take(metric: _Metric, part: str, labels: dict[str, str], value: float) -> None:
    if part == "sum":
        group = metric.grid.group(labels)
        metric.grid.sums[group] = metric.grid.sums.get(group, 0.0) + value
        return
    if part == "count" or "le" not in labels:
        return
    try:
        high = float(labels["le"])
    except ValueError:
        return
    if not high > 0:
        return
    metric.grid.add_cumulative(labels, high, np.array([value]))
    if math.isinf(high):
        metric.count += value


READER = Reader(
    name="prometheus",
    title="Prometheus metrics (text)",
    matches=_matches,
    read=_read,
    example="curl http://127.0.0.1:8000/metrics > metrics.prom",
)
