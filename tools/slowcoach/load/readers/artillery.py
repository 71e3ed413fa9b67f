"""artillery's `--output` JSON. Users arrive at a rate whatever the server does: an open test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slowcoach.load.names import Names
from slowcoach.load.outcome import Figures, Latencies, Moment, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers import _artillery_1
from slowcoach.load.readers._reports import named, refuse
from slowcoach.load.steps import stated_of, steps_of
from slowcoach.load.streams import Stream, count, figure, items, mapping

_QUANTILES = {"p50": 0.5, "median": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}
_QUANTILES["p999"] = 0.999
_ENDPOINT = "plugins.metrics-by-endpoint."
_TIMES = f"{_ENDPOINT}response_time."
_CODE = re.compile(r"(?:http\.)?codes\.([1-5]\d\d)")
_FAILED = 400
_PERIOD_S = 10.0
_SKETCH = 0.01  # the relative error of the sketch it keeps
_MOST_MOMENTS = 50_000
_MS_OF_2100 = 4.1e12
_UNKNOWN = (
    "artillery: the rest of an answer: response times end with its first byte, in whole ms",
    "artillery: what users waited within a scenario: only the first request of each arrives at the "
    "rate, later ones wait for the answers before",
    "artillery: percentiles other than those it writes, the interval of each, and how many users "
    "there were at a time",
)


def _matches(source: Source) -> bool:
    start = source.head.lstrip()[:4096]
    known = b'"counters"' in start or b'"scenariosCreated"' in start
    return start.startswith(b"{") and b'"aggregate"' in start and known


def _read(source: Source) -> Outcome:
    document = mapping(Stream(source).document())
    whole, parts = mapping(document.get("aggregate")), items(document.get("intermediate"))
    counters = mapping(whole.get("counters"))
    if "codes" in whole or "scenariosCreated" in whole:
        return _of_version_1(whole, parts)
    if not counters:
        refuse(source, "artillery's JSON with `aggregate` and its `counters`", ", ".join(document))
    first, last = _time(whole.get("firstMetricAt")), _time(whole.get("lastMetricAt"))
    length = (last - first) / 1000 if first is not None and last is not None else None
    figures = _figures(counters, "http.", _times(whole), length)
    return _outcome(
        "artillery", figures, _moments(parts), first, _endpoints(whole, counters, length)
    )


def _of_version_1(whole: Mapping[str, Any], parts: list[Any]) -> Outcome:
    moments = _artillery_1.moments(parts)
    rate, requests = (figure(mapping(whole.get("rps")).get(name)) for name in ("mean", "count"))
    length = requests / rate if rate and requests else None
    figures = _artillery_1.figures(whole, _artillery_1.pooled(moments), length)
    return _outcome("artillery 1", figures, moments, None, {})


def _outcome(
    tool: str,
    figures: Figures,
    moments: tuple[Moment, ...],
    first: float | None,
    endpoints: dict[str, Figures],
) -> Outcome:
    return Outcome(
        tool=tool,
        model="open",
        whole=figures,
        steps=steps_of(moments, "open"),
        endpoints=endpoints,
        moments=moments,
        started=None if first is None else datetime.fromtimestamp(first / 1000, UTC).isoformat(),
        unknown=_UNKNOWN if figures.latency.histogram is None else _UNKNOWN[:-1],
        warnings=_warnings(figures),
    )


def _time(value: Any) -> float | None:
    """Return a moment in ms since 1970, None for what is none."""
    ms = figure(value)
    return ms if ms is not None and 0 <= ms < _MS_OF_2100 else None


def _times(part: Mapping[str, Any]) -> Mapping[str, Any]:
    summaries = mapping(part.get("summaries")) or mapping(part.get("histograms"))
    return mapping(summaries.get("http.response_time"))


def _latencies(told: Mapping[str, Any]) -> Latencies:
    answers = count(told.get("count")) or 0
    if not answers:
        return Latencies(count=0)
    values = {name: figure(value) for name, value in told.items()}
    return Latencies(
        count=answers,
        stated=stated_of(values, _QUANTILES),
        mean_ms=values.get("mean"),
        least_ms=values.get("min"),
        most_ms=values.get("max"),
        resolution_ms=1.0,
        error=_SKETCH,
    )


def _figures(
    counters: Mapping[str, Any], prefix: str, told: Mapping[str, Any], length: float | None
) -> Figures:
    """Return the figures of all requests (`prefix` is "http.") or of an endpoint."""
    whole = prefix == "http."
    statuses, errors = _counted(counters, prefix, "errors." if whole else f"{prefix}errors.")
    answers = count(counters.get("http.responses")) if whole else None
    completed = sum(statuses.values()) if answers is None else answers
    wrong = {f"HTTP {code}": n for code, n in statuses.items() if code >= _FAILED}
    failed = sum(wrong.values()) + sum(errors.values())
    sent = count(counters.get("http.requests")) if whole else None
    good = max(completed - sum(wrong.values()), 0)
    return Figures(
        latency=_latencies(told),
        sent=completed + sum(errors.values()) if sent is None else sent,
        completed=completed,
        failed=failed,
        errors=wrong | errors,
        dropped=count(counters.get("vusers.skipped")) or 0 if whole else None,
        duration_s=length,
        throughput_rps=completed / length if length else None,
        goodput_rps=good / length if length else None,
        received_bytes=count(counters.get("http.downloaded_bytes")) if whole else None,
    )


def _counted(
    counters: Mapping[str, Any], prefix: str, errors: str
) -> tuple[dict[int, int], dict[str, int]]:
    statuses: dict[int, int] = {}
    failures: dict[str, int] = {}
    for name, value in counters.items():
        number = count(value)
        if not number:
            continue
        if name.startswith(prefix) and (code := _CODE.fullmatch(name.removeprefix(prefix))):
            statuses[int(code[1])] = number
        elif name.startswith(errors):
            kind = name.removeprefix(errors)
            failures["timeout" if kind == "ETIMEDOUT" else named(kind)] = number
    return statuses, failures


def _endpoints(
    whole: Mapping[str, Any], counters: Mapping[str, Any], length: float | None
) -> dict[str, Figures]:
    summaries = mapping(whole.get("summaries")) or mapping(whole.get("histograms"))
    names = Names()
    found: dict[str, Figures] = {}
    for name, told in list(summaries.items()):
        if name.startswith(_TIMES) and len(found) < _MOST_ENDPOINTS:
            path = name.removeprefix(_TIMES)
            title = names.titles[names.code(path)]
            found[title] = _figures(counters, f"{_ENDPOINT}{path}.", mapping(told), length)
    return dict(sorted(found.items(), key=lambda item: -(item[1].sent or 0)))


_MOST_ENDPOINTS = 200


def _moments(parts: list[Any]) -> tuple[Moment, ...]:
    periods: list[tuple[float, Mapping[str, Any]]] = []
    for part in parts[:_MOST_MOMENTS]:
        period = mapping(part)
        text = period.get("period")
        at = _time(float(text) if isinstance(text, str) and text.isdecimal() else text)
        if at is not None:
            periods.append((at / 1000, period))
    periods.sort(key=lambda item: item[0])
    return tuple(_moment(at - periods[0][0], period) for at, period in periods)


def _moment(start: float, period: Mapping[str, Any]) -> Moment:
    told = _figures(mapping(period.get("counters")), "http.", _times(period), None)
    completed, failed = told.completed or 0, told.failed or 0
    unanswered = max((told.sent or 0) - completed, 0)
    return Moment(
        start_s=start,
        length_s=_PERIOD_S,
        sent=told.sent,
        completed=completed,
        failed=failed,
        dropped=told.dropped,
        stated=told.latency.stated,
        succeeded=max(completed - max(failed - unanswered, 0), 0),
    )


def _warnings(figures: Figures) -> tuple[str, ...]:
    said: list[str] = []
    if figures.dropped:
        said.append(
            f"{figures.dropped:,} users were due and did not come (maxVusers): counted as dropped"
        )
    if not figures.completed:
        said.append("no request was answered: there are no latencies")
    elif figures.sent and figures.sent > figures.completed:
        left = figures.sent - figures.completed
        said.append(f"{left:,} requests without an answer are left out of the latencies")
    return tuple(said)


READER = Reader(
    name="artillery",
    title="artillery (JSON)",
    matches=_matches,
    read=_read,
    example="artillery run --output artillery.json test.yml",
)
