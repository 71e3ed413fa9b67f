"""The plan as a tree of plain values: whole, or only its costly steps."""

import json
from collections.abc import Mapping
from heapq import nlargest
from typing import Any

from slowcoach.queries.figures import Figures, Step
from slowcoach.queries.model import Plan, PlanNode

_BRIEF = (
    "node_type", "parent_relationship", "subplan_name", "join_type", "relation_name", "alias",
    "index_name", "cte_name", "startup_cost", "total_cost", "plan_rows", "plan_width",
    "actual_startup_time", "actual_total_time", "actual_rows", "actual_loops", "filter",
    "rows_removed_by_filter", "index_cond", "join_filter", "hash_cond", "merge_cond", "sort_key",
    "sort_method", "hash_batches", "heap_fetches", "workers_planned", "workers_launched",
)  # fmt: skip
_LONGEST = 100
MOST_STEPS = 5000  # of a plan that is too large to be given whole
_WHOLE = 20_000  # steps of a plan that is kept whole
_FIELD_LEVELS = 20
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)
DEEPEST = 80  # levels; JSON readers of other programs stop at a few hundred brackets


def tree(figures: Figures, keep: set[int], *, brief: bool) -> dict[str, Any]:
    """Return the plan with these steps and the root; what is left out is counted.

    A step whose parent is left out hangs on the nearest one above that is kept, and
    `omitted_steps` of that one counts the steps between and beside. `brief` shortens the fields.
    """
    kept: dict[int, dict[str, Any]] = {}
    anchor: list[int] = []
    levels: dict[int, int] = {}
    for step in figures.steps:
        above = anchor[step.parent] if step.parent is not None else -1
        level = levels[above] + 1 if above >= 0 else 0
        if step.index and (step.index not in keep or level > DEEPEST):
            anchor.append(above)
            kept[above]["omitted_steps"] = kept[above].get("omitted_steps", 0) + 1
            continue
        fields = _shortened(step.node) if brief else _shallow(step.node.fields)
        kept[step.index], levels[step.index] = fields, level
        anchor.append(step.index)
        if above >= 0:
            kept[above].setdefault("plans", []).append(fields)
    beside = {k: v for k, v in figures.plan.fields.items() if not (brief and k in _NOT_BRIEF)}
    return {"plan": kept[0], **_shallow(beside)}


_NOT_BRIEF = frozenset({"settings", "planning", "query_text", "query_identifier", "serialization"})


def _shortened(node: PlanNode) -> dict[str, Any]:
    fields = node.fields
    found = {key: _cut(fields[key]) for key in _BRIEF if key in fields}
    if found.get("alias") == found.get("relation_name"):
        found.pop("alias", None)
    return found


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}…"
    if isinstance(value, list):
        return [_cut(item) for item in value[:4] if not isinstance(item, dict | list)]
    return None if isinstance(value, dict) else value


def _shallow(value: Any, levels: int = _FIELD_LEVELS) -> Any:
    """Return a copy without what nests deeper than any real field does."""
    if isinstance(value, Mapping):
        return {key: _shallow(item, levels - 1) for key, item in value.items()} if levels else None
    if isinstance(value, list):
        return [_shallow(item, levels - 1) for item in value] if levels else None
    return value


def costly(figures: Figures, most: int = MOST_STEPS) -> tuple[list[Step], bool]:
    """Return the steps that took most, and whether that is not all of them."""
    return nlargest(most, figures.steps, key=lambda step: step.weight), len(figures.steps) > most


def kept_json(figures: Figures) -> bytes:
    """Return the plan as JSON: whole, or a very large one's costliest steps."""
    if len(figures.steps) <= _WHOLE:
        return to_json(figures.plan)
    steps, _ = costly(figures)
    part = tree(figures, {step.index for step in steps}, brief=False)
    return _ENCODER.encode(part).encode()


def to_json(plan: Plan) -> bytes:
    """Return the whole plan in the normal form as JSON, without recursion over its levels."""
    parts: list[str] = [_opened(plan.fields), '"plan": ']
    # what is still to be written, last first: nodes, and the text that stands between them
    pending: list[PlanNode | str] = [plan.root]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        parts.append(_opened(item.fields))
        if not item.plans:
            parts.append('"plans": []}')
            continue
        parts.append('"plans": [')
        pending.append("]}")
        for position, child in enumerate(reversed(item.plans)):
            pending += [", "] if position else []
            pending.append(child)
    return "".join([*parts, "}"]).encode()


def _opened(fields: Mapping[str, Any]) -> str:
    try:
        text = _ENCODER.encode(dict(fields))
    except RecursionError:
        text = _ENCODER.encode(_shallow(fields))
    return text[:-1] + (", " if fields else "")
