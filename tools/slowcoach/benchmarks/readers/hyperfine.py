"""hyperfine's --export-json: one process for each time."""

from slowcoach.benchmarks.model import Metric, Reader
from slowcoach.benchmarks.readers import document, items, mapping, member, numbers


def matches(data: bytes) -> bool:
    """Recognize a list of commands with their times."""
    first = member(document(data), "results", 0)
    return member(first, "command") is not None and member(first, "median") is not None


def read(data: bytes, name: str) -> list[Metric]:
    """Return the wall-clock seconds of each start of a command."""
    return [
        Metric(str(item["command"]), "s", tuple((t,) for t in numbers(item.get("times"))))
        for item in map(mapping, items(member(document(data), "results")))
        if "command" in item
    ]


READER = Reader("hyperfine", "hyperfine JSON", matches, read)
