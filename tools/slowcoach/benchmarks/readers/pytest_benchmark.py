"""pytest-benchmark's --benchmark-json: the rounds of each test, all of one process."""

from typing import Any

from slowcoach.benchmarks.model import Metric, Reader
from slowcoach.benchmarks.readers import document, is_number, member, numbers


def matches(data: bytes) -> bool:
    """Recognize the statistics of a test's rounds."""
    first = member(document(data), "benchmarks", 0)
    return member(first, "stats", "rounds") is not None and member(first, "fullname") is not None


def read(data: bytes, name: str) -> list[Metric]:
    """Return the seconds of each round; the mean alone where the rounds were not kept."""
    benchmarks: list[Any] = document(data)["benchmarks"]
    names = [str(item["name"]) for item in benchmarks]
    return [
        _metric(item, item["name"] if names.count(item["name"]) == 1 else item["fullname"])
        for item in benchmarks
    ]


def _metric(item: Any, name: str) -> Metric:
    rounds = numbers(member(item, "stats", "data"))
    if rounds:
        runs = tuple((value,) for value in rounds)
        return Metric(str(name), "s", runs, quantile=0.5, separate=False)
    mean = member(item, "stats", "mean")
    return Metric(str(name), "s", ((float(mean),),) if is_number(mean) else (), separate=False)


READER = Reader("pytest_benchmark", "pytest-benchmark JSON", matches, read)
