"""Two sides that hold profiles: the fields of the answer, and the data of the drawing. Pure."""

from typing import Any

from slowcoach.benchmarks.model import MetricComparison
from slowcoach.benchmarks.sources import Side
from slowcoach.core.errors import UnreadableError
from slowcoach.core.finding import Finding
from slowcoach.profiling import compared
from slowcoach.profiling.answer import few_warnings
from slowcoach.profiling.difference import difference
from slowcoach.profiling.difference_tree import difference_tree
from slowcoach.profiling.moved import moved

DIFFERENCE = "difference.json"
DEFAULT_TOP = 10
_CHARACTERS = 4_400  # of the 6,000 of an answer, less warnings and what all answers have
_LEAST = 2


def fields(old: Side, new: Side, gate: float, top: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Compare function by function; returns the answer's fields, and the difference as a tree.

    Raises UnreadableError when a side holds no weight.
    """
    before, after = ([p for file in side.profiles for p in file] for side in (old, new))
    runs = (len(old.profiles), len(new.profiles))
    try:
        found = difference(before, after, gate / 100, runs)
    except ValueError:
        raise UnreadableError(
            "expected two profiles with samples, got one that holds no weight",
            hint="Record again while the program does its work",
        ) from None
    rows = compared.metrics(found, runs, top)
    told = compared.findings(found, moved(found))
    summary = compared.summary(found, rows, gate)
    if top <= DEFAULT_TOP:
        _fit(rows, told, len(summary))
    return {
        "summary": summary,
        "verdict": found.verdict,
        "passed": compared.passed(found, gate),
        "metrics": tuple(rows),
        "metrics_compared": compared.count(found),
        "findings": tuple(told),
        "warnings": few_warnings(compared.warnings(found, before, after)),
        "next": compared.next_steps(found),
    }, difference_tree(found)


def _fit(rows: list[MetricComparison], told: list[Finding], used: int) -> None:
    """Take away the least findings and functions until they fit a default answer."""

    def size() -> int:
        return used + sum(len(item.model_dump_json()) for item in (*rows, *told))

    while size() > _CHARACTERS and (len(told) > _LEAST or len(rows) > _LEAST):
        if len(told) > _LEAST and len(told) * 2 >= len(rows):
            told.pop()
        else:
            del rows[-2 if rows[-1].name == compared.WHOLE else -1]


def beside(
    old: Side, new: Side, gate: float, top: int
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the same of the profiles that both sides kept beside their metrics, if they did."""
    if not (old.profiles and new.profiles):
        return None
    try:
        return fields(old, new, gate, top)
    except UnreadableError:
        return None
