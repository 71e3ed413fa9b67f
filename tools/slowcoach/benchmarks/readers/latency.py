"""The latency.json that investigate keeps: latencies by second under load, and alone."""

from typing import Any

from slowcoach.benchmarks.model import Metric, Reader
from slowcoach.benchmarks.readers import document, member, numbers

_PERCENTILES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))


def matches(data: bytes) -> bool:
    """Recognize windows of latencies in milliseconds."""
    found = document(data)
    return isinstance(member(found, "windows"), list) and member(found, "unit") == "ms"


def read(data: bytes, name: str) -> list[Metric]:
    """Return p50, p95 and p99 under load, the throughput, and the median of single requests."""
    found = document(data)
    windows = tuple(numbers(window) for window in found["windows"])
    metrics = [
        Metric(title, "ms", windows, quantile, separate=False) for title, quantile in _PERCENTILES
    ]
    alone = tuple((value,) for value in numbers(member(found, "unloaded")))
    return [
        *metrics,
        _throughput(windows),
        Metric("p50 unloaded", "ms", alone, 0.5, separate=False),
    ]


def _throughput(windows: tuple[tuple[float, ...], ...]) -> Metric:
    whole: tuple[Any, ...] = windows[:-1]  # the last second is seldom a whole one
    runs = tuple((float(len(window)),) for window in whole)
    return Metric("throughput", "req/s", runs, separate=False, lower_is_better=False)


READER = Reader("latency", "latency.json of a run", matches, read)
