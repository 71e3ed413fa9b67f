"""The way down a plan and up again: whose time is whose, and who gets a part of the rows."""

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slowcoach.queries.model import PlanNode

_GATHERS = frozenset({"Gather", "Gather Merge"})
# a step that takes all of its input before it gives a row: what is below never stops early
_BLOCKING = frozenset({"Sort", "Hash", "Bitmap Index Scan", "ModifyTable"})
_PARAMETER = re.compile(r"\$\d+|InitPlan \d+")
_RETURNS = re.compile(r"\$\d+")
_MOST_USERS = 1000  # of one parameter; plans made to be slow have more


@dataclass(slots=True)
class Draft:
    """What is known of a step on the way down, before its own time can be told."""

    node: PlanNode
    parent: int | None
    depth: int
    processes: float
    workers_planned: float
    stops_early: bool
    partial: bool = False
    total_ms: float | None = None
    self_ms: float = 0.0
    self_cost: float = 0.0


def drafted(root: PlanNode) -> list[Draft]:
    """Return the steps, parents first, with their own times (ms) and costs."""
    drafts = _drafts(root)
    for draft in reversed(drafts):
        _mark_partial(draft, drafts)
    _add_times(drafts)
    return drafts


def _drafts(root: PlanNode) -> list[Draft]:
    drafts: list[Draft] = []
    stack = [Draft(root, None, 0, 1.0, 0.0, stops_early=False)]
    while stack:
        draft = stack.pop()
        index = len(drafts)
        drafts.append(draft)
        stack += [
            _draft_of(child, position, index, draft)
            for position, child in reversed(list(enumerate(draft.node.plans)))
        ]
    return drafts


def _draft_of(node: PlanNode, position: int, parent_index: int, parent: Draft) -> Draft:
    processes, workers = parent.processes, parent.workers_planned
    if parent.node.kind in _GATHERS and not _is_init_plan(node):
        loops = parent.node.number("actual_loops") or 1.0
        processes = max(1.0, (node.number("actual_loops") or 1.0) / loops)
        workers = parent.node.number("workers_planned") or 0.0
    return Draft(
        node=node,
        parent=parent_index,
        depth=parent.depth + 1,
        processes=processes,
        workers_planned=workers,
        stops_early=_stops_early(node, position, parent),
    )


def _is_init_plan(node: PlanNode) -> bool:
    return node.text("parent_relationship") == "InitPlan"


def _stops_early(node: PlanNode, position: int, parent: Draft) -> bool:
    """Tell whether the parent may leave rows of this child untaken."""
    above = parent.node
    if node.text("parent_relationship") in {"SubPlan", "InitPlan"}:
        return True
    if above.kind in _BLOCKING or _takes_all(above):
        return False
    if above.kind in {"Limit", "Merge Join"}:
        return True
    if above.kind == "Hash Join" and any(_empty(other) for other in above.plans):
        return True
    inner = position > 0
    one_is_enough = above.text("join_type") in {"Semi", "Anti"} or bool(
        above.fields.get("inner_unique")
    )
    return parent.stops_early or (inner and one_is_enough and above.kind == "Nested Loop")


def _takes_all(node: PlanNode) -> bool:
    """Tell whether an aggregate reads all before it answers (one that hashes, or has no key)."""
    return node.kind == "Aggregate" and not (
        node.node_type == "GroupAggregate" or node.text("strategy") == "Sorted"
    )


def _empty(node: PlanNode) -> bool:
    return node.number("actual_rows") == 0


def _mark_partial(draft: Draft, drafts: list[Draft]) -> None:
    """A step is partial when each process gets a part of its rows, from the leaves up."""
    if draft.workers_planned and draft.node.fields.get("parallel_aware"):
        draft.partial = True
    if not draft.partial or draft.parent is None:
        return
    above = drafts[draft.parent]
    subplan = draft.node.text("parent_relationship") in {"SubPlan", "InitPlan"}
    if above.node.kind not in _GATHERS and not subplan:
        above.partial = True


def _add_times(drafts: list[Draft]) -> None:
    for draft in drafts:
        draft.total_ms = _total_ms(draft)
        draft.self_ms += draft.total_ms or 0.0
        draft.self_cost += draft.node.number("total_cost") or 0.0
        if draft.parent is not None:
            above = drafts[draft.parent]
            above.self_cost -= draft.node.number("total_cost") or 0.0
            if not _is_init_plan(draft.node):
                above.self_ms -= draft.total_ms or 0.0
    _charge_init_plans(drafts)
    _settle(drafts)


def _settle(drafts: list[Draft]) -> None:
    """Let a step above pay what the steps below took beyond their parent's own time.

    Limit stops parallel workers itself: that time is in Gather's and in Limit's, not between.
    """
    for draft in reversed(drafts):
        if draft.self_ms < 0 and draft.parent is not None:
            drafts[draft.parent].self_ms += draft.self_ms
            draft.self_ms = 0.0


def _total_ms(draft: Draft) -> float | None:
    each, loops = draft.node.number("actual_total_time"), draft.node.number("actual_loops")
    return None if each is None or loops is None else each * loops / draft.processes


def _charge_init_plans(drafts: list[Draft]) -> None:
    """Take the time of CTEs and InitPlans off the steps that made them run, largest first.

    Those stand at or below the step that declares them.
    """
    wanted = [d for d in drafts if d.total_ms and _is_init_plan(d.node)]
    if not wanted:
        return
    named = [(draft, _names(draft.node)) for draft in wanted]
    users = _users(drafts, {name for _, names in named for name in names})
    ends = _ends(drafts)
    for draft, names in named:
        at = draft.parent or 0
        left = draft.total_ms or 0.0
        for user in _candidates(drafts, [users.get(name, []) for name in names], at, ends[at]):
            taken = min(left, max(0.0, user.self_ms))
            user.self_ms -= taken
            left -= taken
        # what changes data runs to its end after the main plan, beside the time of the root
        if draft.parent is not None and draft.node.kind != "ModifyTable":
            drafts[draft.parent].self_ms -= left


def _candidates(drafts: list[Draft], users: list[list[int]], begin: int, end: int) -> list[Draft]:
    """Return the users within a subtree, the one with the most time of its own first."""
    found: list[Draft] = []
    for indexes in users:
        first = bisect_left(indexes, begin)
        last = min(bisect_left(indexes, end), first + _MOST_USERS)
        found += [drafts[index] for index in indexes[first:last]]
    return sorted(found, key=lambda user: -user.self_ms)


def _ends(drafts: list[Draft]) -> list[int]:
    """Return for each step the index behind the last one below it."""
    ends = list(range(1, len(drafts) + 1))
    for index in range(len(drafts) - 1, 0, -1):
        parent = drafts[index].parent or 0
        ends[parent] = max(ends[parent], ends[index])
    return ends


def _names(node: PlanNode) -> list[str]:
    """Return what other steps call it: `CTE x`, or its parameters (`$0`, `InitPlan 1`)."""
    name = node.text("subplan_name")
    if name.startswith("CTE "):
        return [name]
    return [*_RETURNS.findall(name), name.partition(" (")[0]]


def _users(drafts: list[Draft], wanted: set[str]) -> Mapping[str, list[int]]:
    """Return for each name the steps that use it, in order."""
    users: dict[str, list[int]] = {name: [] for name in wanted}
    parameters = any(not name.startswith("CTE ") for name in wanted)
    for index, draft in enumerate(drafts):
        if draft.node.kind == "CTE Scan":
            users.get(f"CTE {draft.node.text('cte_name')}", []).append(index)
        for name in _parameters(draft.node.fields) if parameters else ():
            if name in users:
                users[name].append(index)
    return users


def _parameters(fields: Mapping[str, Any]) -> set[str]:
    """Return the parameters that the texts of a step name; most have none."""
    found: set[str] = set()
    for key in fields.keys() & _CONDITIONS:
        value = fields[key]
        text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        if "$" in text or "InitPlan" in text:
            found.update(_PARAMETER.findall(text))
    return found


# what may name a parameter
_CONDITIONS = frozenset({
    "filter", "index_cond", "recheck_cond", "hash_cond", "merge_cond", "join_filter", "order_by",
    "one_time_filter", "output", "group_key", "sort_key", "presorted_key", "cache_key", "tid_cond",
    "run_condition", "conflict_filter", "function_call", "table_function_call", "remote_sql",
    "subplans_removed", "sampling_parameters", "repeatable_seed", "hash_key", "window",
})  # fmt: skip
