"""The text of `go test -bench`, as benchstat reads it: one line a benchmark, one a -count."""

import re

from slowcoach.benchmarks.model import Metric, Reader

_LINE = re.compile(r"^Benchmark(?P<name>\S*)\s+(?P<iterations>\d+)\s+(?P<values>\d.*)$")
_PROCESSORS = re.compile(r"-\d+$")
_RATE = re.compile(r"/s$")
_UNITS = {"ns/op": "ns", "B/op": "bytes"}
_TIMES = ("ns/op",)


def matches(data: bytes) -> bool:
    """Recognize a benchmark's line."""
    return any(_LINE.match(line) for line in _lines(data))


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines() if b"Benchmark" in data else []


def read(data: bytes, name: str) -> list[Metric]:
    """Return each benchmark's measures; counted ones (B/op, allocs/op) do not vary by process."""
    found: dict[tuple[str, str], list[tuple[float]]] = {}
    for line in _lines(data):
        if match := _LINE.match(line):
            benchmark = _PROCESSORS.sub("", match["name"])
            parts = match["values"].split()
            for value, unit in zip(parts[::2], parts[1::2], strict=False):
                found.setdefault((benchmark, unit), []).append((float(value),))
    return [
        Metric(
            benchmark if unit in _TIMES else f"{benchmark} {unit}",
            _UNITS.get(unit, unit),
            tuple(runs),
            separate=unit not in _TIMES and not _RATE.search(unit),
            lower_is_better=not _RATE.search(unit),
        )
        for (benchmark, unit), runs in found.items()
    ]


READER = Reader("go_testing", "go test -bench text", matches, read)
