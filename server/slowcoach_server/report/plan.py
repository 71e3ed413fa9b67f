"""A query plan in normal form as rows of a table: step, own time, estimated and actual rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slowcoach.core.units import duration, number, quantity
from slowcoach.queries.model import PlanNode
from slowcoach_server.present import cleaned

PLAN = "plan.json"
_DEEPEST = 16  # levels that are indented; deeper ones stay there
_ROWS = 300
_CONDITIONS = (
    "index_cond",
    "filter",
    "hash_cond",
    "merge_cond",
    "join_filter",
    "recheck_cond",
    "sort_key",
    "group_key",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One node: its depth, its name, a condition, its own part of the whole (0..1) and rows."""

    depth: int
    label: str
    condition: str
    own: str
    own_share: float
    estimated: str
    actual: str
    loops: str
    factor: str


@dataclass(frozen=True, slots=True)
class PlanTable:
    """A plan to show; `measured` tells whether own parts are times (else estimated costs)."""

    steps: tuple[Step, ...]
    measured: bool
    total: str
    note: str


def plan_table(artefacts: Mapping[str, tuple[bytes, str]]) -> PlanTable | None:
    """Return the plan that a run left; None when there is none that can be read."""
    if PLAN not in artefacts:
        return None
    try:
        found: Any = json.loads(artefacts[PLAN][0])
    except (ValueError, RecursionError):
        return None
    whole = found.get("plan") if isinstance(found, dict) else None
    if not isinstance(whole, dict) or "node_type" not in whole:
        return None
    rows = _preorder(whole)
    measured = any("actual_loops" in node.fields for node, _, _ in rows)
    whole_cost = _total(rows[0][0], measured) or 0.0
    steps = tuple(_step(*row, measured, whole_cost) for row in rows[:_ROWS])
    hidden = len(rows) - len(steps)
    return PlanTable(
        steps=steps,
        measured=measured,
        total=duration(whole_cost / 1000) if measured else number(whole_cost),
        note=f"{hidden} further steps are in {PLAN}." if hidden else "",
    )


def _preorder(root: dict[str, Any]) -> list[tuple[PlanNode, int, tuple[PlanNode, ...]]]:
    """Return each node with its depth and its children (shallow: their own `plans` are empty)."""
    rows: list[tuple[PlanNode, int, tuple[PlanNode, ...]]] = []
    stack: list[tuple[dict[str, Any], int]] = [(root, 0)]
    while stack:
        fields, depth = stack.pop()
        inner: Any = fields.get("plans")
        children = [c for c in inner if isinstance(c, dict)] if isinstance(inner, list) else []
        rows.append((_node(fields), depth, tuple(map(_node, children))))
        stack += [(child, depth + 1) for child in reversed(children)]
    return rows


def _node(fields: dict[str, Any]) -> PlanNode:
    return PlanNode({key: value for key, value in fields.items() if key != "plans"})


def _total(node: PlanNode, measured: bool) -> float | None:
    """Return a node's time with its children's over all loops (ms), or its estimated cost."""
    if not measured:
        return node.number("total_cost")
    once, loops = node.number("actual_total_time"), node.number("actual_loops")
    return None if once is None else once * (loops if loops is not None else 1)


def _step(
    node: PlanNode, depth: int, children: tuple[PlanNode, ...], measured: bool, whole: float
) -> Step:
    total = _total(node, measured)
    own = None
    if total is not None:
        own = max(0.0, total - sum(_total(child, measured) or 0.0 for child in children))
    estimated, actual = node.number("plan_rows"), node.number("actual_rows")
    never = measured and node.number("actual_loops") == 0
    return Step(
        depth=min(depth, _DEEPEST),
        label=str(cleaned(node.label)),
        condition=str(cleaned(node.conditions(*_CONDITIONS))),
        own="never run" if never else _own(own, measured),
        own_share=min(1.0, own / whole) if own and whole else 0.0,
        estimated="" if estimated is None else number(estimated),
        actual="" if actual is None or never else number(actual),
        loops=_loops(node),
        factor="" if never else _factor(estimated, actual),
    )


def _own(own: float | None, measured: bool) -> str:
    if own is None:
        return ""
    return quantity(own, "ms") if measured else number(own)


def _loops(node: PlanNode) -> str:
    loops = node.number("actual_loops")
    return "" if loops is None else number(loops)


def _factor(estimated: float | None, actual: float | None) -> str:
    """Return by how much the estimate missed, when by more than twice."""
    if estimated is None or actual is None:
        return ""
    smaller, larger = sorted((max(estimated, 1.0), max(actual, 1.0)))
    if larger < 2 * smaller:
        return ""
    return f"{'under' if actual > estimated else 'over'} by {number(larger / smaller, 2)}×"
