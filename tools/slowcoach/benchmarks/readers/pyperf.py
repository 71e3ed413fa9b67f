"""pyperf's JSON: several processes for each benchmark, some values in each."""

from typing import Any

from slowcoach.benchmarks.model import Metric, Reader
from slowcoach.benchmarks.readers import document, items, mapping, member, numbers

_UNITS = {"second": "s", "byte": "bytes", "integer": "count"}


def matches(data: bytes) -> bool:
    """Recognize runs with values or warm-ups."""
    runs = member(document(data), "benchmarks", 0, "runs")
    return any({"values", "warmups"} & mapping(run).keys() for run in items(runs))


def read(data: bytes, name: str) -> list[Metric]:
    """Return the values of each process, calibration and warm-ups left out."""
    whole = document(data)
    return [_metric(item, member(whole, "metadata")) for item in whole["benchmarks"]]


def _metric(item: Any, common: Any) -> Metric:
    own = member(item, "metadata")
    title = member(own, "name") or member(common, "name") or "benchmark"
    unit = member(own, "unit") or member(common, "unit") or "second"
    runs = tuple(numbers(member(run, "values")) for run in items(member(item, "runs")))
    return Metric(str(title), _UNITS.get(unit, str(unit)), tuple(run for run in runs if run))


READER = Reader("pyperf", "pyperf JSON", matches, read)
