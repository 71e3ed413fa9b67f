"""k6's summary in its three forms: --summary-export, handleSummary, and the machine-readable one.

They differ in the sense of a threshold (true means crossed in the first, `ok` in the second) and
in the names of percentiles; the third has neither thresholds nor p(99) whatever the script asks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.load.names import Names, cleaned
from slowcoach.load.outcome import Figures, Latencies, LoadModel, Outcome, Threshold
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.reading_k6 import FROM_SENT, model_of
from slowcoach.load.streams import Stream, count, figure, items, mapping

_PERCENTILE = re.compile(r"p\(?(\d+(?:\.\d+)?)\)?")
_SUBMETRIC = re.compile(r"http_req_duration\{(.*)\}", re.DOTALL)
_DURATION, _REQUESTS, _FAILED = "http_req_duration", "http_reqs", "http_req_failed"
_GOOD = "http_req_duration{expected_response:true}"
_DROPPED = "dropped_iterations"
_MARKS = (b'"http_req', b'"iterations"', b'"vus_max"')


@dataclass(frozen=True, slots=True)
class _Summary:
    """What each form tells: figures by metric, and of the test as a whole."""

    metrics: Mapping[str, Mapping[str, Any]]
    thresholds: tuple[Threshold, ...] = ()
    seconds: float | None = None
    version: str | None = None
    script: str | None = None
    unknown: tuple[str, ...] = field(default=())


def matches(source: Source) -> bool:
    """Know a JSON object with k6's metrics, in any of the three forms."""
    head = source.head.lstrip()
    if not head.startswith(b"{") or head.startswith(b'{"type":"Metric"'):
        return False
    if b'"k6_version"' in head:
        return True
    named = b'"root_group"' in head or b'"metrics"' in head
    return named and any(mark in head for mark in _MARKS)


def read(source: Source) -> Outcome:
    """Return what the summary tells; raises UnreadableError for another document."""
    stream = Stream(source)
    document = mapping(stream.document())
    summary = _summary(document)
    duration, requests = (mapping(summary.metrics.get(n)) for n in (_DURATION, _REQUESTS))
    sent = count(requests.get("count"))
    if sent is None:
        raise UnreadableError(
            f"{source.path}: expected a k6 summary with http_reqs, got one of no HTTP request",
            hint="Other protocols are not read: give the results of a script that uses k6/http",
        )
    dropped = _dropped(summary.metrics, sent)
    model, why = _model(summary, dropped)
    whole = _whole(summary, model, sent, dropped)
    late = () if whole.latency.corrected else (FROM_SENT,)
    return Outcome(
        tool=f"k6 {summary.version}" if summary.version else "k6",
        model=model,
        whole=whole,
        endpoints=_endpoints(summary.metrics),
        thresholds=summary.thresholds,
        unknown=(*why, *summary.unknown, *_gaps(duration), *late),
        warnings=tuple(stream.warnings),
    )


def _summary(document: Mapping[str, Any]) -> _Summary:
    if "results" in document:
        return _machine(document)
    metrics = mapping(document.get("metrics"))
    if any("values" in mapping(each) for each in metrics.values()):
        return _handled(document, metrics)
    return _exported(metrics)


def _machine(document: Mapping[str, Any]) -> _Summary:
    config, results = mapping(document.get("config")), mapping(document["results"])
    script = config.get("script")
    version = mapping(document.get("metadata")).get("k6_version")
    return _Summary(
        metrics={
            str(mapping(each).get("name")): mapping(mapping(each).get("values"))
            for each in items(results.get("metrics"))
        },
        seconds=figure(config.get("duration")),
        version=cleaned(version) if isinstance(version, str) else None,
        script=script if isinstance(script, str) else None,
        unknown=("whether thresholds were crossed: this form of k6's summary leaves them out",),
    )


def _handled(document: Mapping[str, Any], metrics: Mapping[str, Any]) -> _Summary:
    state = mapping(document.get("state"))
    milliseconds = figure(state.get("testRunDurationMs"))
    return _Summary(
        metrics={name: mapping(mapping(each).get("values")) for name, each in metrics.items()},
        thresholds=tuple(
            Threshold(cleaned(f"{name}: {expression}"), mapping(judged).get("ok") is True)
            for name, each in metrics.items()
            for expression, judged in mapping(mapping(each).get("thresholds")).items()
        ),
        seconds=None if milliseconds is None else milliseconds / 1000,
    )


def _exported(metrics: Mapping[str, Any]) -> _Summary:
    return _Summary(
        metrics={name: mapping(each) for name, each in metrics.items()},
        thresholds=tuple(
            Threshold(cleaned(f"{name}: {expression}"), crossed is False)
            for name, each in metrics.items()
            for expression, crossed in mapping(mapping(each).get("thresholds")).items()
        ),
    )


def _model(summary: _Summary, dropped: int) -> tuple[LoadModel, tuple[str, ...]]:
    """Return the load model, and in a sentence what it was taken from where that may be wrong."""
    if summary.script is not None:
        found = model_of(summary.script)
        said = "open or closed by the script's executors: options on the command line overrule them"
        return found, (said,)
    if dropped:
        said = "the executor: taken for one at an arrival rate, since iterations were dropped"
        return "open", (said,)
    return "unknown", ("the executor, and so whether the load was open or closed",)


def _dropped(metrics: Mapping[str, Mapping[str, Any]], sent: int) -> int:
    """Return the requests of iterations that were due and did not begin, as many as others had."""
    dropped = count(mapping(metrics.get(_DROPPED)).get("count")) or 0
    made = count(mapping(metrics.get("iterations")).get("count"))
    return round(dropped * sent / made) if made else dropped


def _whole(summary: _Summary, model: LoadModel, sent: int, dropped: int) -> Figures:
    duration, requests = (mapping(summary.metrics.get(n)) for n in (_DURATION, _REQUESTS))
    rate = figure(requests.get("rate"))
    seconds = summary.seconds or (sent / rate if rate else None)
    failed = _failed(mapping(summary.metrics.get(_FAILED)), sent)
    is_due = model == "open" and dropped == 0
    good = mapping(summary.metrics.get(_GOOD))
    return Figures(
        latency=_latencies(duration, sent, corrected=is_due),
        good=_latencies(good, None if failed is None else sent - failed) if good else None,
        sent=sent,
        failed=failed,
        dropped=None if model == "closed" else dropped,
        duration_s=seconds,
        throughput_rps=sent / seconds if seconds else rate,
        goodput_rps=(sent - failed) / seconds if seconds and failed is not None else None,
        received_bytes=count(mapping(summary.metrics.get("data_received")).get("count")),
    )


def _failed(values: Mapping[str, Any], sent: int) -> int | None:
    """Return the failed requests. k6 calls them `passes` of http_req_failed, or `matches`."""
    for name in ("passes", "matches"):
        if (found := count(values.get(name))) is not None:
            return min(found, sent)
    rate = figure(values.get("rate", values.get("value")))
    return None if rate is None else round(rate * sent)


def _latencies(
    values: Mapping[str, Any], fallback: int | None, *, corrected: bool = False
) -> Latencies:
    stated = {
        float(match[1]) / 100: found
        for name, value in values.items()
        if (match := _PERCENTILE.fullmatch(name)) and (found := _figure(value)) is not None
    }
    stated = {q: value for q, value in stated.items() if q <= 1}
    if (median := _figure(values.get("med"))) is not None:
        stated[0.5] = median
    told = count(values.get("count"))
    return Latencies(
        count=told if told is not None else fallback,
        stated=dict(sorted(stated.items())),
        mean_ms=_figure(values.get("avg")),
        least_ms=_figure(values.get("min")),
        most_ms=_figure(values.get("max")),
        corrected=corrected,
    )


def _figure(value: Any) -> float | None:
    found = figure(value)
    return None if found is None or found < 0 else found


def _gaps(duration: Mapping[str, Any]) -> tuple[str, ...]:
    found = ["intervals of the percentiles, and figures by the second: the summary has none"]
    if not any(name.strip("p()") == "99" for name in duration):
        found.append(
            "p99: not in this summary; the script's summaryTrendStats can ask for p(99) in "
            "handleSummary and --summary-export, or write all points with --out json"
        )
    return tuple(found)


def _endpoints(metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, Figures]:
    """Return the figures of submetrics that are one endpoint: by its tag name or url."""
    names, found = Names(), dict[str, Figures]()
    for metric, values in metrics.items():
        tags = _tags(metric)
        name = tags.get("name") or tags.get("url")
        if name is None or len(tags) > 1:
            continue
        told = count(values.get("count"))
        beside = metric.replace(_DURATION, _FAILED, 1)
        failed = _failed(mapping(metrics.get(beside)), told or 0)
        title = names.titles[names.code(name)]
        found[title] = Figures(latency=_latencies(values, None), sent=told, failed=failed)
    return found


def _tags(metric: str) -> dict[str, str]:
    """Return the tags of a submetric such as http_req_duration{name:orders}."""
    match = _SUBMETRIC.fullmatch(metric)
    found: dict[str, str] = {}
    for tag in match[1].split(",") if match else ():
        name, _, value = tag.strip().partition(":")
        found[name] = value
    return found


READER = Reader(
    name="k6_summary",
    title="k6 summary",
    matches=matches,
    read=read,
    example="k6 run --summary-export=summary.json script.js",
)
