"""A plain JSON object {name: [one value a run]}, or {name: [[values of a run], ...]}."""

import re
from typing import Any

from slowcoach.benchmarks.model import Metric, Reader
from slowcoach.benchmarks.readers import document, is_number, items, mapping, numbers

_RATE = re.compile(r"(throughput|_rps|_qps|_ops|per_s(ec(ond)?)?|/s)$", re.IGNORECASE)
_UNIT = re.compile(r"_(ns|us|ms|s|bytes|rps)$")
_WRITTEN = {"rps": "req/s"}


def matches(data: bytes) -> bool:
    """Recognize an object whose every value is a list of numbers, or of lists of them."""
    found = mapping(document(data))
    return bool(found) and all(map(_is_series, found.values()))


def _is_series(value: Any) -> bool:
    values = items(value)
    if not values:
        return False
    return all(map(is_number, values)) or all(
        isinstance(run, list) and all(map(is_number, items(run))) for run in values
    )


def read(data: bytes, name: str) -> list[Metric]:
    """Return each series; one named like a rate (`_rps`, `throughput`) is better when higher."""
    return [_metric(title, values) for title, values in document(data).items()]


def _metric(title: str, values: list[Any]) -> Metric:
    nested = isinstance(values[0], list)
    runs = tuple(numbers(run) for run in values) if nested else tuple((v,) for v in numbers(values))
    unit = _UNIT.search(title)
    return Metric(
        title,
        _WRITTEN.get(unit[1], unit[1]) if unit else "",
        runs,
        quantile=0.5 if nested else None,
        lower_is_better=not _RATE.search(title),
    )


READER = Reader("plain", "JSON {name: [one value a run]}", matches, read)
