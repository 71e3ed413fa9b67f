"""Answers of Prometheus' query API with the buckets of a histogram, classic or native."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers import _prometheus
from slowcoach.load.readers._prometheus import MODEL, MOST_SERIES, SERVER, Grid, Values
from slowcoach.load.readers._reports import decimal, named, refuse
from slowcoach.load.streams import Stream, items, mapping

_RATES = (
    "Prometheus: how many requests these were: values that are no whole numbers may be rates or "
    "increases"
)
_SINCE = (
    "Prometheus: when these requests were: a counter at one time counts since its server began "
    "(a range query over the time of the test tells)"
)
_HINT = (
    "Query the buckets, such as sum by (le, handler, status) (http_request_duration_seconds_bucket)"
)
_MOST_TIMES = 11_000  # what the API itself answers at most
_MOST_CELLS = 5_000_000
_PAIR, _NATIVE = 2, 4
_LATEST_S = 4e9


@dataclass(frozen=True, slots=True)
class _Point:
    """A value of a series at a time: up to `high`, or between the ends of a native bucket."""

    labels: Mapping[str, str]
    low: float | None
    high: float
    at: float
    value: float


def _matches(source: Source) -> bool:
    head = source.head.lstrip()[:4096]
    return (
        head.startswith(b"{")
        and b'"status"' in head
        and (b'"resultType"' in head or b'"errorType"' in head)
    )


def _read(source: Source) -> Outcome:
    document = mapping(Stream(source).document())
    if document.get("status") != "success":
        said = document.get("error")
        text = named(said) if isinstance(said, str) else "another status"
        refuse(source, "a query that succeeded", text, "Mend the query and save its answer again")
    results = items(mapping(document.get("data")).get("result"))
    if not results:
        refuse(source, "series in the answer", "an empty result", _HINT)
    grid, name = _grid(source, results)
    scale, doubt = _prometheus.scale_of(name, grid.largest_end())
    told = _prometheus.told(grid, scale)
    if told is None:
        refuse(source, "buckets that count requests", "none that grew", _HINT)
    return _outcome(told, grid, name, doubt)


def _outcome(told: _prometheus.Told, grid: Grid, name: str, doubt: str | None) -> Outcome:
    spans = len(grid.times) > 1
    lacks = [] if grid.whole_numbers else [_RATES]
    if grid.whole_numbers and not spans:
        lacks.append(_SINCE)
    started = datetime.fromtimestamp(float(grid.times[0]), UTC).isoformat() if spans else None
    return Outcome(
        tool="Prometheus",
        model="unknown",
        whole=told.whole,
        endpoints=told.endpoints,
        moments=told.moments,
        started=started,
        target=named(name) if name else None,
        unknown=(told.unknown, *lacks, SERVER, MODEL),
        warnings=(*([doubt] if doubt else []), *grid.names.warnings),
    )


def _grid(source: Source, results: list[Any]) -> tuple[Grid, str]:
    if len(results) > MOST_SERIES:
        refuse(source, f"at most {MOST_SERIES:,} series", f"{len(results):,}")
    counts: dict[str, float] = {}
    for metric in map(_name, map(mapping, results)):
        counts[metric] = counts.get(metric, 0) + 1
    name = _prometheus.chosen({metric: n for metric, n in counts.items() if metric}) or ""
    found = [each for each in map(mapping, results) if _name(each) == name]
    times = sorted({point.at for each in found for point in _points(each)})
    if not times:
        refuse(source, "series with `le`, or native histograms", str(results[0])[:80], _HINT)
    if len(times) > _MOST_TIMES or len(times) * len(found) > _MOST_CELLS:
        refuse(source, "an answer of fewer steps", f"{len(times):,} times", "Query a larger step")
    grid = Grid(np.array(times))
    where = {at: index for index, at in enumerate(times)}
    for each in found:
        _add(grid, _points(each), where)
    grid.split()
    return grid, name.removesuffix("_bucket")


def _name(result: Mapping[str, Any]) -> str:
    name = mapping(result.get("metric")).get("__name__")
    return name if isinstance(name, str) else ""


def _add(grid: Grid, series: Iterable[_Point], where: Mapping[float, int]) -> None:
    by_end: dict[tuple[float | None, float], Values] = {}
    labels: Mapping[str, str] = {}
    for point in series:
        labels = point.labels
        values = by_end.setdefault((point.low, point.high), np.full(len(where), np.nan))
        values[where[point.at]] = point.value
    for (low, high), values in by_end.items():
        filled = _filled(values)
        if low is None:
            grid.add_cumulative(labels, high, filled)
        else:
            grid.add(labels, low, high, filled)


def _filled(values: Values) -> Values:
    """Return a series without gaps: the last value holds on, before the first one stands 0."""
    known = ~np.isnan(values)
    last = np.maximum.accumulate(np.where(known, np.arange(len(values)), -1))
    return np.where(last >= 0, values[np.maximum(last, 0)], 0.0)


def _points(result: Mapping[str, Any]) -> Iterator[_Point]:
    labels = {str(k): v for k, v in mapping(result.get("metric")).items() if isinstance(v, str)}
    high = _number(labels.get("le"))
    if high is not None and high > 0:
        for pair in items(result.get("values")) or [result.get("value")]:
            at, value = _pair(pair)
            number = _number(value)
            if at is not None and number is not None:
                yield _Point(labels, None, high, at, max(number, 0.0))
    for pair in items(result.get("histograms")) or [result.get("histogram")]:
        yield from _native(labels, pair)


def _native(labels: Mapping[str, str], pair: Any) -> Iterator[_Point]:
    at, histogram = _pair(pair)
    for bucket in items(mapping(histogram).get("buckets")) if at is not None else ():
        ends = items(bucket)
        if len(ends) != _NATIVE:
            continue
        low, high, value = (_number(part) for part in ends[1:])
        if low is None or high is None or value is None or at is None:
            continue
        if 0 <= low <= high:
            yield _Point(labels, low, high, at, max(value, 0.0))


def _pair(pair: Any) -> tuple[float | None, Any]:
    parts = items(pair)
    if len(parts) != _PAIR or isinstance(parts[0], bool):
        return None, None
    at = parts[0] if isinstance(parts[0], (int, float)) else None
    return (float(at), parts[1]) if at is not None and 0 <= at < _LATEST_S else (None, None)


def _number(text: Any) -> float | None:
    """Return a number as Prometheus writes them, in a string; infinity is one."""
    if not isinstance(text, str):
        return None
    return math.inf if text in ("+Inf", "Inf") else decimal(text)


READER = Reader(
    name="prometheus_query",
    title="Prometheus query API (JSON)",
    matches=_matches,
    read=_read,
    example="curl -G http://127.0.0.1:9090/api/v1/query_range --data-urlencode 'query="
    "http_request_duration_seconds_bucket' -d start=... -d end=... -d step=5 > buckets.json",
)
