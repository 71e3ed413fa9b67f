"""Google Benchmark's --benchmark_out (JSON): repetitions in one process."""

from typing import Any

from slowcoach.benchmarks.model import Metric, Reader
from slowcoach.benchmarks.readers import document, is_number, member
from slowcoach.core.errors import UnreadableError


def matches(data: bytes) -> bool:
    """Recognize entries with a real time and its unit."""
    first = member(document(data), "benchmarks", 0)
    return member(first, "real_time") is not None and member(first, "time_unit") is not None


def read(data: bytes, name: str) -> list[Metric]:
    """Return the wall-clock time of each repetition; aggregates are left out."""
    found: dict[str, list[Any]] = {}
    for item in document(data)["benchmarks"]:
        if member(item, "run_type") != "aggregate" and is_number(member(item, "real_time")):
            found.setdefault(str(item.get("run_name") or item.get("name")), []).append(item)
    if not found:
        raise UnreadableError(
            f"{name}: expected repetitions, got only aggregates of them",
            hint="Run without --benchmark_report_aggregates_only, with --benchmark_repetitions=10",
        )
    return [
        Metric(
            benchmark,
            str(items[0].get("time_unit", "ns")),
            tuple((float(item["real_time"]),) for item in items),
            separate=False,
        )
        for benchmark, items in found.items()
    ]


READER = Reader("google_benchmark", "Google Benchmark JSON", matches, read)
