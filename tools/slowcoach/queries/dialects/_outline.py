"""What readers of indented plans share: numbers with units, and the tree from a list of steps."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from slowcoach.queries.model import PlanNode

_TIMES_MS = {
    "ns": 1e-6,
    "µs": 1e-3,
    "μs": 1e-3,
    "us": 1e-3,
    "ms": 1.0,
    "s": 1e3,
    "m": 6e4,
    "h": 3.6e6,
}
_TIME = re.compile(r"([\d.]+)(ns|µs|μs|us|ms|s|m|h)")
_NUMBER = re.compile(r"~?\s*(\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?)")


def grown(fields: Sequence[Mapping[str, Any]], parents: Sequence[int]) -> PlanNode:
    """Return the tree of steps that stand parents first; `parents[0]` is not looked at.

    Built from the last step to the root, so that depth costs nothing.
    """
    children: list[list[PlanNode]] = [[] for _ in fields]
    for index in range(len(fields) - 1, 0, -1):
        node = PlanNode(fields[index], tuple(reversed(children[index])))
        children[index] = []
        children[parents[index]].append(node)
    return PlanNode(fields[0], tuple(reversed(children[0])))


class Path:
    """The way from the root to the step that is being read, by the column each begins at."""

    def __init__(self) -> None:
        self._open: list[tuple[int, int]] = []

    def enter(self, column: int, step: int) -> int:
        """Begin a step at a column; return its parent's index, the root's own for the root.

        What begins as far left as the root or further is the root's child: a plan has one root.
        """
        while len(self._open) > 1 and self._open[-1][0] >= column:
            self._open.pop()
        above = self._open[-1][1] if self._open else step
        self._open.append((column, step))
        return above


def count(text: str) -> float | int | None:
    """Return the number that a text begins with: `1,000 (100% of the table)` has 1000."""
    match = _NUMBER.match(text)
    if match is None:
        return None
    digits = match.group(1).replace(",", "")
    return int(digits) if digits.isdigit() else float(digits)


def milliseconds(text: str) -> float | None:
    """Return a duration as Go and others print it (`1m2.5s`, `310µs`) in ms."""
    parts = _TIME.findall(text)
    return sum(float(number) * _TIMES_MS[unit] for number, unit in parts) if parts else None
