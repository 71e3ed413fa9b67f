"""Traffic from what Prometheus answered: the mix by route, the minutes' rates, latencies."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from slowcoach.core.knowledge import page
from slowcoach.load.exclusions import PAGE, paths
from slowcoach.load.plan import Endpoint
from slowcoach.load.templates_of_paths import VALUE
from slowcoach.load.traffic import Rates

ROUTES = (
    "http_route",
    "route",
    "handler",
    "uri",
    "path",
    "endpoint",
    "url",
    "view",
    "http_target",
    "url_path",
)
METHODS = ("http_request_method", "method", "http_method", "verb")
STATUSES = ("http_response_status_code", "status_code", "status", "code", "http_status_code")
QUANTILES = (0.5, 0.95, 0.99)
READING = frozenset({"GET", "HEAD"})
_ANSWERED = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_P999, _P99, _MINUTE_S, _DAY_S = 0.999, 0.99, 60.0, 86_400.0
_PLACEHOLDER = re.compile(
    r"\{(?P<braces>[^{}/]*)\}|<(?:\w+:)?(?P<angles>[^<>/]*)>|(?<=/):(?P<colon>\w+)|\*+"
)
_NO_ROUTES = frozenset({"", "none", "unknown", "unmatched", "n/a", "null", "undefined", "other"})
_LEAST_POINTS = 3
_MS = {"seconds": 1e3, "milliseconds": 1.0, "ms": 1.0, "microseconds": 1e-3}
_MOST_POINTS = 2_000_000


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an answer: its labels, and its values at times (seconds since 1970)."""

    labels: Mapping[str, str]
    times: NDArray[np.float64]
    values: NDArray[np.float64]

    @property
    def name(self) -> str:
        """Return the metric's name, empty for what a query computed."""
        return self.labels.get("__name__", "")

    @property
    def is_bucket(self) -> bool:
        """Tell whether it counts what lies below an end (`le`)."""
        return "le" in self.labels

    def first_of(self, names: Iterable[str]) -> str:
        """Return the first of these labels that is given."""
        return next((self.labels[name] for name in names if self.labels.get(name)), "")

    def total(self) -> float:
        """Return how many it counted: a counter's growth, else the mean of what was computed."""
        if len(self.values) == 1:
            return float(self.values[0])
        if self.name:
            return float(np.nansum(growth(self.values)))
        return float(np.nanmean(self.values)) if np.isfinite(self.values).any() else 0.0


def growth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a counter grew between its points; where it fell, it began anew from 0."""
    steps = np.diff(values)
    return np.where(steps < 0, values[1:], steps)


def series_of(data: Any) -> list[Series]:
    """Return the series of an answer's `data`; raises ValueError for another kind of answer."""
    try:
        kind, results = data["resultType"], data["result"]
        if kind not in {"matrix", "vector"}:
            raise ValueError(f"a result of type {kind}")
        found = [_series(result, kind) for result in results]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no answer of Prometheus' API ({error!r})") from None
    if sum(len(series.times) for series in found) > _MOST_POINTS:
        raise ValueError(f"more than {_MOST_POINTS:,} points")
    return found


def _series(result: Mapping[str, Any], kind: str) -> Series:
    points = result.get("values", []) if kind == "matrix" else [result["value"]]
    times = np.array([float(at) for at, _ in points])
    values = np.array([float(value) for _, value in points])
    labels = {str(key): str(value) for key, value in result["metric"].items()}
    return Series(labels, times, values)


@dataclass(frozen=True, slots=True)
class Mix:
    """Endpoints by route, the values that their paths take, and what to know of them."""

    endpoints: tuple[Endpoint, ...]
    data: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


def mix_of(found: Sequence[Series], origin: str, *, writes: bool) -> Mix:
    """Return the mix of series by route and method. A route's places get values to fill in."""
    counts: Counter[tuple[str, str]] = Counter()
    left_out: Counter[str] = Counter()
    for series in found:
        method = series.first_of(METHODS).upper() or "GET"
        route = _route(series.first_of(ROUTES))
        total = series.total()
        if not math.isfinite(total) or total <= 0:
            continue
        reason = _left_out(method, route, writes=writes)
        if reason:
            left_out[reason] += 1
        else:
            counts[method, route] += total  # type: ignore[assignment]  # a weight, not a count
    notes = [f"left out: {', '.join(f'{n} series of {why}' for why, n in left_out.items())}"]
    data: dict[str, tuple[str, ...]] = {}
    most = int(page("access_logs").data["templates"]["endpoints"]["value"])
    kept = counts.most_common(most)
    endpoints = tuple(_endpoint(m, r, weight, origin, data) for (m, r), weight in kept)
    if data:
        notes.append(f"routes tell no values: put real ones in the plan for {', '.join(data)}")
    if len(counts) > most:
        notes.append(f"the {most} largest of {len(counts)} routes")
    return Mix(endpoints, data, tuple(notes if left_out else notes[1:]))


def _route(text: str) -> str:
    """Return a route as a path; what stands for none is empty."""
    if text.lower() in _NO_ROUTES:
        return ""
    route = text.removeprefix("^").removesuffix("$")
    if "://" in route:
        route = f"/{route.partition('://')[2].partition('/')[2]}"
    return route if route.startswith("/") else f"/{route}"


def _left_out(method: str, route: str, *, writes: bool) -> str:
    if method not in _ANSWERED:
        return "other methods"
    if method not in READING and not writes:
        return "writes (say `with writes` in the goal)"
    if not route:
        return "no route"
    return "" if paths()(route) == PAGE else "health checks and files"


def _endpoint(
    method: str, route: str, weight: float, origin: str, data: dict[str, tuple[str, ...]]
) -> Endpoint:
    def filled(match: re.Match[str]) -> str:
        named = match["braces"] or match["angles"] or match["colon"] or "rest"
        before = re.findall(r"[A-Za-z]\w*", route[: match.start()])
        name = re.sub(r"\W+", "_", f"{before[-1] if before else 'root'}_{named}".lower())[:60]
        data[name] = ("1",)
        return f"\0{name}\0"

    parts = _PLACEHOLDER.sub(filled, route).split("\0")
    safe = [f"${{{p}}}" if i % 2 else quote(p, safe="/:@,;+~") for i, p in enumerate(parts)]
    name = _PLACEHOLDER.sub(VALUE, route)
    return Endpoint(
        method=method, url=origin + "".join(safe), weight=float(weight), name=f"{method} {name}"
    )


def rates_of(found: Sequence[Series]) -> Rates | None:
    """Return the rates of all series together: a counter's growth, or rates as computed."""
    rows = [_rate(series) for series in found if len(series.times) >= _LEAST_POINTS]
    rows = [(times, values) for times, values in rows if len(times)]
    if not rows:
        return None
    grid = np.unique(np.concatenate([times for times, _ in rows]))
    total = np.zeros(len(grid))
    for times, values in rows:
        total[np.searchsorted(grid, times)] += np.nan_to_num(values)
    quiet = float(page("access_logs").data["rates"]["quiet_share"]["value"])
    busy = total[total > 0] if (total <= 0).mean() > quiet else total
    if not len(busy):
        return None
    return Rates(
        median=float(np.median(busy)), p999=float(np.quantile(total, _P999, method="higher"))
    )


def _rate(series: Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not series.name:
        return series.times, series.values
    return series.times[1:], growth(series.values) / np.maximum(np.diff(series.times), 1e-9)


def latency_of(found: Sequence[Series], metric: str = "") -> dict[float, float]:
    """Return quantiles in ms from buckets, linear within each as histogram_quantile does.

    What lies in the last, endless bucket is told as its lower end.
    """
    counts: Counter[float] = Counter()
    for series in found:
        if series.is_bucket:
            counts[float(series.labels["le"])] += series.total()  # type: ignore[assignment]
            metric = series.name or metric
    ends = sorted(counts)
    if len(ends) < 2 or not math.isinf(ends[-1]) or counts[ends[-1]] <= 0:  # noqa: PLR2004
        return {}
    below = np.maximum.accumulate([counts[end] for end in ends])
    scale = _scale(metric, ends[-2])
    return {q: _quantile(q, ends, below) * scale for q in QUANTILES}


def _quantile(q: float, ends: Sequence[float], below: NDArray[np.float64]) -> float:
    rank = q * float(below[-1])
    at = int(np.searchsorted(below, rank))
    if at >= len(ends) - 1:
        return ends[-2]
    low, start = (ends[at - 1], float(below[at - 1])) if at else (0.0, 0.0)
    inside = float(below[at]) - start
    return low + (ends[at] - low) * ((rank - start) / inside if inside else 1.0)


_SECONDS_TO = 300.0  # buckets in seconds seldom end beyond, those in ms nearly always


def _scale(metric: str, last: float) -> float:
    for word in reversed(metric.split("_")):
        if word in _MS:
            return _MS[word]
    return 1.0 if last > _SECONDS_TO else _MS["seconds"]


def statuses_of(found: Sequence[Series]) -> dict[str, int]:
    """Return the requests by status, where series tell it and count requests."""
    counts: Counter[str] = Counter()
    for series in found:
        status = series.first_of(STATUSES)
        total = series.total()
        if status and math.isfinite(total):
            counts[status] += round(total)
    return {status: count for status, count in counts.items() if count > 0}
