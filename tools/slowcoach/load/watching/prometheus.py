"""A target's series from its Prometheus: what exporters, runtimes and cAdvisor count of it.

Only the address given is asked (see `prometheus_api`). Rates are over a window of a few scrapes,
so steps shorter than that blur.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slowcoach.core.errors import InputError
from slowcoach.core.permission import Permissions
from slowcoach.load.prometheus_api import Ask, asking
from slowcoach.load.target_series import TargetMoment, TargetSeries

_MOST_POINTS = 600
_LEAST_STEP_S = 1.0
_LOOK_BACK_S = 300
_SCRAPES = 2.5  # in a window, so that two are always inside
_DEFAULT_SCRAPE_S = 15.0
_MS = 1000.0

_RATES: Mapping[str, tuple[str, ...]] = {
    "cpu": (
        "sum(rate(process_cpu_seconds_total{%s}[%s]))",
        'sum(rate(container_cpu_usage_seconds_total{container!="",%s}[%s]))',
        "sum(process_cpu_usage{%s}) * max(system_cpu_count{%s})",
    ),
    "throttled": ("max(rate(container_cpu_cfs_throttled_seconds_total{%s}[%s]))",),
    "gc_share": (
        "sum(rate(jvm_gc_pause_seconds_sum{%s}[%s]))",
        "sum(rate(jvm_gc_collection_seconds_sum{%s}[%s]))",
        "sum(rate(go_gc_duration_seconds_sum{%s}[%s]))",
        "sum(rate(nodejs_gc_duration_seconds_sum{%s}[%s]))",
    ),
    "gc_count": (
        "sum(rate(jvm_gc_pause_seconds_count{%s}[%s]))",
        "sum(rate(jvm_gc_collection_seconds_count{%s}[%s]))",
        "sum(rate(go_gc_duration_seconds_count{%s}[%s]))",
        "sum(rate(nodejs_gc_duration_seconds_count{%s}[%s]))",
    ),
    "pressure": ("max(rate(container_pressure_cpu_waiting_seconds_total{%s}[%s]))",),
    "rss": (
        "sum(process_resident_memory_bytes{%s})",
        'sum(container_memory_working_set_bytes{container!="",%s})',
    ),
    "files": ("max(process_open_fds{%s})", "max(process_files_open_files{%s})"),
    "threads": (
        "sum(jvm_threads_live_threads{%s})",
        "sum(jvm_threads_current{%s})",
        "sum(go_threads{%s})",
    ),
}
_FACTS: Mapping[str, tuple[str, ...]] = {
    "file_limit": ("min(process_max_fds{%s})", "min(process_files_max_files{%s})"),
    "memory_limit": ('sum(container_spec_memory_limit_bytes{container!="",%s})',),
    "quota": (
        'sum(container_spec_cpu_quota{container!="",%s}) / max(container_spec_cpu_period{%s})',
    ),
    "cores": ("max(go_sched_gomaxprocs_threads{%s})", "max(system_cpu_count{%s})"),
}
_TOLD = {
    "cpu": "CPU",
    "throttled": "throttling of the container",
    "gc_share": "garbage collection",
    "rss": "memory",
    "files": "open files",
}


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: series with these labels (`job="shop"`) between two times (Unix seconds)."""

    labels: str
    begun: float
    ended: float

    @property
    def step_s(self) -> float:
        """Return the distance of points."""
        return max(_LEAST_STEP_S, math.ceil((self.ended - self.begun) / _MOST_POINTS))


def prometheus_series(address: str, query: Query, permissions: Permissions) -> TargetSeries:
    """Return a target's moments as a Prometheus tells them; times count from `query.begun`.

    Raises NotPermittedError for a host that is not allowed, InputError for labels that are none,
    UnreachableError when it does not answer as a Prometheus does.
    """
    if any(mark in query.labels for mark in "{}\n"):
        raise InputError(
            f"labels {query.labels!r}", hint='Give them as job="shop",instance="10.0.0.1:80"'
        )
    return series_from(asking(address, permissions), query, address)


def series_from(ask: Ask, query: Query, address: str) -> TargetSeries:
    """Return the series from the answers to PromQL. Pure but for `ask`."""
    window = f"{round(_window_s(ask, query))}s"
    columns: dict[str, dict[float, float]] = {}
    for name, expressions in _RATES.items():
        columns[name] = _first(ask, expressions, query, window)
    facts = {name: _fact(ask, expressions, query) for name, expressions in _FACTS.items()}
    quota = facts["quota"] or None
    known = [value for value in (facts["cores"], quota) if value]
    return TargetSeries(
        source=f"Prometheus at {address}",
        moments=_moments(columns, query),
        cores=min(known, default=None),
        memory_limit=_whole(facts["memory_limit"]),
        file_limit=_whole(facts["file_limit"]),
        quota=quota,
        unknown=tuple(
            [
                f"{told}: no series with {{{query.labels}}}"
                for name, told in _TOLD.items()
                if not columns[name]
            ]
            + ["run-queue wait: Prometheus has none; a pid tells it", f"changes within {window}"]
        ),
    )


def _window_s(ask: Ask, query: Query) -> float:
    """Return the window of rates: a few scrapes, by how many there were in the last minutes."""
    found = ask(
        "/api/v1/query",
        {
            "query": f"max(count_over_time(up{{{query.labels}}}[{_LOOK_BACK_S}s]))",
            "time": f"{query.ended:.3f}",
        },
    )
    count = _single(found)
    scrape_s = _LOOK_BACK_S / count if count else _DEFAULT_SCRAPE_S
    return max(_SCRAPES * scrape_s, 2 * query.step_s, 2.0)


def _first(ask: Ask, expressions: Sequence[str], query: Query, window: str) -> dict[float, float]:
    """Return the points of the first expression that has any."""
    for expression in expressions:
        filled = _filled(expression, query.labels, window)
        found = ask(
            "/api/v1/query_range",
            {
                "query": filled,
                "start": f"{query.begun:.3f}",
                "end": f"{query.ended:.3f}",
                "step": f"{query.step_s:g}",
            },
        )
        if points := _points(found):
            return points
    return {}


def _fact(ask: Ask, expressions: Sequence[str], query: Query) -> float | None:
    for expression in expressions:
        filled = _filled(expression, query.labels, "")
        value = _single(ask("/api/v1/query", {"query": filled, "time": f"{query.ended:.3f}"}))
        if value is not None and value > 0:
            return value
    return None


def _filled(expression: str, labels: str, window: str) -> str:
    marks = expression.count("%s")
    rated = "[%s]" in expression
    return expression % ((labels,) * (marks - rated) + (window,) * rated)


def _single(data: Any) -> float | None:
    try:
        rows = data["result"]
        return _number(rows[0]["value"][1]) if rows else None
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _points(data: Any) -> dict[float, float]:
    try:
        rows = data["result"]
        values = rows[0]["values"] if rows else []
        told = [(float(at), _number(value)) for at, value in values]
    except (KeyError, IndexError, TypeError, ValueError):
        return {}
    return {at: value for at, value in told if value is not None}


def _number(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _moments(
    columns: Mapping[str, Mapping[float, float]], query: Query
) -> tuple[TargetMoment, ...]:
    times = sorted({at for column in columns.values() for at in column})
    found: list[TargetMoment] = []
    for at in times:
        row = {name: column.get(at) for name, column in columns.items()}
        spent, count, pressure = row["gc_share"], row["gc_count"], row["pressure"]
        found.append(
            TargetMoment(
                at_s=at - query.begun - query.step_s,
                length_s=query.step_s,
                cpu=row["cpu"],
                throttled=row["throttled"],
                pressure={} if pressure is None else {"cpu": pressure},
                rss_bytes=_whole(row["rss"]),
                threads=_whole(row["threads"]),
                open_files=_whole(row["files"]),
                gc_share=spent,
                gc_pause_ms=None if spent is None else spent / count * _MS if count else 0.0,
            )
        )
    return tuple(found)
