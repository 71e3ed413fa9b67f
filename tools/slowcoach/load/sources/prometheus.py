"""Traffic as a Prometheus counts it: asked by its URL, or from recorded answers of its API."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.files import read_bytes
from slowcoach.core.permission import Permissions
from slowcoach.core.units import duration, number
from slowcoach.load.plan import Endpoint
from slowcoach.load.prometheus_api import Ask, asking
from slowcoach.load.prometheus_traffic import (
    METHODS,
    ROUTES,
    STATUSES,
    Series,
    latency_of,
    mix_of,
    rates_of,
    series_of,
    statuses_of,
)
from slowcoach.load.traffic import Given, Source, Traffic

_ANSWER = re.compile(rb'"resultType"\s*:\s*"(?:matrix|vector)"')
_DOCUMENTS = re.compile(r"\.(?:json|ya?ml|har|log|gz)$", re.IGNORECASE)
_LARGEST = 256 * 1024 * 1024
_HINT = "Give the JSON of /api/v1/query or query_range, or a Prometheus' own URL"
_WEEK_S = 7 * 86_400
_STEP_S = 60
_LOOK_BACK_S = 600
_FEW = 3
_SCRAPES = 2.5  # in a rate's window, so that two are always inside
# of what servers count their requests by, the telling ones first
_METRICS = (
    "http_server_request_duration_seconds_count",
    "http_server_requests_seconds_count",
    "http_request_duration_seconds_count",
    "http_requests_total",
    "http_server_duration_milliseconds_count",
    "http_server_duration_seconds_count",
    "flask_http_request_duration_seconds_count",
    "starlette_requests_total",
    "fastapi_requests_total",
    "django_http_requests_total_by_view_transport_method_total",
    "nginx_ingress_controller_requests",
    "traefik_router_requests_total",
    "traefik_service_requests_total",
    "istio_requests_total",
    "caddy_http_request_duration_seconds_count",
    "promhttp_metric_handler_requests_total",
)
_LIKELY = re.compile(r"http.*requests?(?:_\w+)?_total|\w*http\w*(?:duration|latency)\w*_count")
_NO_TRAFFIC = re.compile(r"promhttp|grpc|client|prometheus_(?!http)|size|response_bytes")


def _matches(given: Given) -> bool:
    if given.address is not None:
        return not _DOCUMENTS.search(urlsplit(given.address).path)
    return _ANSWER.search(given.head) is not None


def _read(given: Given) -> Traffic:
    if given.base is None:
        raise InputError(
            "prometheus: it tells no host that serves its routes",
            hint="Give `url` too, such as https://staging.test",
        )
    parts = urlsplit(given.base)
    origin = f"{parts.scheme}://{parts.netloc}"
    if given.address is not None:
        ask = asking(given.address, given.permissions or Permissions())
        return traffic_asked(ask, given.address, origin, writes=given.writes)
    content = read_bytes(str(given.path), what="answers", limit=_LARGEST, smaller="Ask for less")
    answers = _answers(content, str(given.path))
    return _recorded(answers, str(given.path), origin, writes=given.writes)


def _answers(content: bytes, where: str) -> list[list[Series]]:
    """Return the series of each answer: one, a list, by name, or one in each line."""
    try:
        text = content.decode("utf-8-sig")
        try:
            documents = [json.loads(text)]
        except json.JSONDecodeError:
            documents = [json.loads(line) for line in text.splitlines() if line.strip()]
        found = [series_of(data) for document in documents for data in _data(document)]
    except (ValueError, RecursionError) as error:
        raise UnreadableError(
            f"{where}: expected answers of Prometheus, got {str(error)[:120]}", hint=_HINT
        ) from None
    if not any(found):
        raise UnreadableError(f"{where}: expected series, got empty results", hint=_HINT)
    return found


def _data(document: Any) -> Iterable[Any]:
    """Yield what answers hold, however they were put together."""
    if isinstance(document, list):
        for each in document:
            yield from _data(each)
    elif isinstance(document, dict) and "resultType" in document:
        yield document
    elif isinstance(document, dict) and "data" in document:
        if document.get("status") not in {"success", None}:
            raise ValueError(f"the error {document.get('error', '')!r}")
        yield document["data"]
    elif isinstance(document, dict):
        for each in document.values():
            yield from _data(each)
    else:
        raise ValueError("no answer of its API")


def _recorded(
    answers: Sequence[Sequence[Series]], where: str, origin: str, *, writes: bool
) -> Traffic:
    """Return the traffic of recorded answers: each is taken for what its labels say."""
    counted = [[s for s in answer if not s.is_bucket] for answer in answers]
    routed = [[s for s in answer if s.first_of(ROUTES)] for answer in counted]
    # without a counter of its own a histogram's last bucket, which holds all, counts by route
    endless = [
        [s for s in a if s.labels.get("le") == "+Inf" and s.first_of(ROUTES)] for a in answers
    ]
    by_route = max([*routed, *endless], key=_weight, default=[])
    over_time = max(counted, key=lambda answer: sum(len(s.times) for s in answer), default=[])
    buckets = [series for answer in answers for series in answer if series.is_bucket]
    statuses = next((s for answer in counted if (s := statuses_of(answer))), {})
    return _traffic(by_route, over_time or by_route, buckets, statuses, (where, origin, writes))


def _weight(answer: Sequence[Series]) -> float:
    routes = {(s.first_of(METHODS), s.first_of(ROUTES)) for s in answer}
    return float(len(routes))


def traffic_asked(
    ask: Ask, where: str, origin: str, *, writes: bool, now: float | None = None
) -> Traffic:
    """Return the last week's traffic, as a Prometheus answers. Pure but for `ask` and the clock."""
    names = ask("/api/v1/label/__name__/values", {})
    ranked = _ranked([str(name) for name in names] if isinstance(names, list) else [])
    metric = next(iter(ranked), None)
    if metric is None:
        raise UnreadableError(
            f"{where}: expected a count of HTTP requests, got {len(names)} other metrics",
            hint="Known are those of OpenTelemetry, Micrometer and Prometheus' client libraries",
        )
    now = time.time() if now is None else now
    span_s = _span_s(ask, metric, now)
    window = max(_STEP_S, round(_SCRAPES * _scrape_s(ask, metric, now)))

    def at_once(query: str) -> list[Series]:
        return series_of(ask("/api/v1/query", {"query": query, "time": f"{now:.3f}"}))

    grown = f"increase({metric}[{span_s}s])"
    by_route = at_once(f"sum by ({', '.join((*ROUTES, *METHODS))}) ({grown})")
    over_time = series_of(
        ask(
            "/api/v1/query_range",
            {
                "query": f"sum(rate({metric}[{window}s]))",
                "start": f"{now - span_s:.3f}",
                "end": f"{now:.3f}",
                "step": str(_STEP_S),
            },
        )
    )
    by_status = f"sum by ({', '.join(STATUSES)}) (increase(%s[{span_s}s]))"
    counted = (statuses_of(at_once(by_status % name)) for name in ranked[:_FEW])
    statuses: Mapping[str, int] = next((found for found in counted if found), {})
    base = metric.removesuffix("_count").removesuffix("_total")
    buckets: list[Series] = []
    if f"{base}_bucket" in names:
        buckets = at_once(f"sum by (le) (increase({base}_bucket[{span_s}s]))")
    latencies = latency_of(buckets, base)
    found = _traffic(by_route, over_time, [], statuses, (f"{where} ({metric})", origin, writes))
    said = f"{where}: {metric}, the last {duration(float(span_s))}"
    return replace(found, latency_ms=latencies, notes=(said, *found.notes))


def _ranked(names: Sequence[str]) -> list[str]:
    """Return the metrics that may count the requests that users made, the likeliest first."""
    known = set(names)
    likely = [n for n in names if _LIKELY.fullmatch(n) and not _NO_TRAFFIC.search(n)]
    ranked = [name for name in _METRICS if name in known and not _NO_TRAFFIC.search(name)]
    return list(dict.fromkeys([*ranked, *likely]))


def _span_s(ask: Ask, metric: str, now: float) -> int:
    """Return how far back its counts go, at most a week."""
    arguments = {
        "query": f"sum({metric})",
        "start": f"{now - _WEEK_S:.3f}",
        "end": f"{now:.3f}",
        "step": str(_STEP_S),
    }
    found = series_of(ask("/api/v1/query_range", arguments))
    first = min((float(s.times[0]) for s in found if len(s.times)), default=now - _STEP_S)
    return int(min(max(now - first, 2 * _STEP_S), _WEEK_S))


def _scrape_s(ask: Ask, metric: str, now: float) -> float:
    query = f"max(count_over_time({metric}[{_LOOK_BACK_S}s]))"
    found = series_of(ask("/api/v1/query", {"query": query, "time": f"{now:.3f}"}))
    count = max((s.total() for s in found), default=0.0)
    return _LOOK_BACK_S / count if count else float(_STEP_S)


def _traffic(
    by_route: Sequence[Series],
    over_time: Sequence[Series],
    buckets: Sequence[Series],
    statuses: Mapping[str, int],
    given: tuple[str, str, bool],
) -> Traffic:
    where, origin, writes = given
    mix = mix_of(by_route, origin, writes=writes)
    rates = rates_of(over_time)
    if not mix.endpoints and rates is None:
        raise UnreadableError(
            f"{where}: expected requests by route or their rate, got neither", hint=_HINT
        )
    notes = list(mix.notes)
    if not mix.endpoints:
        notes.append("no routes are told, so the plan asks for / alone: name others in it")
    if rates is not None and rates.median is not None and rates.p999 is not None:
        notes.append(
            f"{number(rates.median)} requests per second in the median, {number(rates.p999)} at "
            "the peak; the busiest second is smoothed away by the scrapes"
        )
    return Traffic(
        endpoints=mix.endpoints or (Endpoint(url=f"{origin}/"),),
        data=mix.data,
        rates=rates,
        statuses=statuses,
        latency_ms=latency_of(buckets),
        notes=tuple(notes),
    )


SOURCE = Source(name="prometheus", title="Prometheus", matches=_matches, read=_read)
