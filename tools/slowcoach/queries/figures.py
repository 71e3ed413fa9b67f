"""What follows from a plan's figures: self time, rows in all, how far the estimate was off.

PostgreSQL prints time and rows per loop, loops summed over parallel processes, and a CTE or
InitPlan below the step that declares it rather than the one that ran it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from slowcoach.queries.model import Plan, PlanNode

_GATHERS = frozenset({"Gather", "Gather Merge"})
# a step that takes all of its input before it gives a row: what is below never stops early
_BLOCKING = frozenset({"Sort", "Hash", "Bitmap Index Scan", "ModifyTable"})
_ROUNDING_MS = 0.0005  # times are printed with three decimals
_LEADER_SHARE = 0.3  # src/backend/optimizer/path/costsize.c, get_parallel_divisor
_PARAMETER = re.compile(r"\$\d+|InitPlan \d+")
_RETURNS = re.compile(r"\$\d+")
_BLOCKS_A_SECOND = 1000.0


@dataclass(frozen=True, slots=True)
class Step:
    """The figures of one step. Times in ms as the clock on the wall counts them, all loops.

    `self_ms` is without what other steps took; None where the plan was not run. `rows` is the
    count over all loops and processes, None where it is not known (PostgreSQL before 18 rounds
    rows per loop). `factor` is actual by estimated rows: 100 means a hundred times too few were
    expected. `stops_early` tells that a step above may take less than all of its rows.
    """

    node: PlanNode
    index: int
    parent: int | None
    depth: int
    loops: float
    processes: float
    partial: bool
    stops_early: bool
    total_ms: float | None
    self_ms: float | None
    share: float | None
    error_ms: float
    rows: float | None
    rows_expected: float | None
    factor: float | None
    self_cost: float | None
    cost_share: float | None

    @property
    def executed(self) -> bool:
        """Tell whether the step ran at all."""
        return self.loops > 0

    @property
    def weight(self) -> float:
        """Return its share of the time, or of the planner's cost when it was not run."""
        return (self.share if self.share is not None else self.cost_share) or 0.0


@dataclass(frozen=True, slots=True)
class InputOutput:
    """Time that one step and those below waited for blocks (ms), and blocks a second."""

    read_ms: float
    write_ms: float
    blocks_read: float
    blocks_written: float

    @property
    def read_speed(self) -> float | None:
        """Return blocks read a second; None when no time was counted."""
        return self.blocks_read / self.read_ms * _BLOCKS_A_SECOND if self.read_ms else None

    @property
    def write_speed(self) -> float | None:
        """Return blocks written a second; None when no time was counted."""
        return self.blocks_written / self.write_ms * _BLOCKS_A_SECOND if self.write_ms else None


@dataclass(frozen=True)
class Figures:
    """The steps of a plan, parents first, and the times of the whole."""

    plan: Plan
    steps: tuple[Step, ...]

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """Return for each step the indexes of its children."""
        found: list[list[int]] = [[] for _ in self.steps]
        for step in self.steps:
            if step.parent is not None:
                found[step.parent].append(step.index)
        return tuple(map(tuple, found))

    @property
    def root(self) -> Step:
        """Return the root's figures."""
        return self.steps[0]

    @property
    def total_ms(self) -> float | None:
        """Return the whole time: the execution time, or the root's."""
        return _whole_ms(self.plan, self.root.total_ms)

    @property
    def outside_ms(self) -> float | None:
        """Return the time of the execution that no step accounts for (triggers, JIT, output)."""
        if self.root.total_ms is None or self.total_ms is None:
            return None
        return max(0.0, self.total_ms - self.root.total_ms)

    def below(self, index: int) -> tuple[Step, ...]:
        """Return the children of a step."""
        return tuple(self.steps[child] for child in self.children[index])

    def above(self, step: Step) -> tuple[Step, ...]:
        """Return the steps above, the nearest first."""
        found: list[Step] = []
        at = step.parent
        while at is not None:
            found.append(self.steps[at])
            at = self.steps[at].parent
        return tuple(found)


def _whole_ms(plan: Plan, root_ms: float | None) -> float | None:
    for key in ("execution_time", "total_runtime"):
        if (value := plan.number(key)) is not None:
            return value
    return root_ms


@dataclass(slots=True)
class _Draft:
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


def figures(plan: Plan) -> Figures:
    """Return the figures of a plan. Takes time linear in its steps; plans may nest deep."""
    drafts = _drafts(plan.root)
    for draft in reversed(drafts):
        _mark_partial(draft, drafts)
    _add_times(drafts)
    whole = _whole_ms(plan, drafts[0].total_ms)
    cost = drafts[0].node.number("total_cost")
    steps = tuple(_step(index, draft, whole, cost) for index, draft in enumerate(drafts))
    return Figures(plan, steps)


def _drafts(root: PlanNode) -> list[_Draft]:
    drafts: list[_Draft] = []
    stack = [_Draft(root, None, 0, 1.0, 0.0, stops_early=False)]
    while stack:
        draft = stack.pop()
        index = len(drafts)
        drafts.append(draft)
        stack += [
            _draft_of(child, position, index, draft)
            for position, child in reversed(list(enumerate(draft.node.plans)))
        ]
    return drafts


def _draft_of(node: PlanNode, position: int, parent_index: int, parent: _Draft) -> _Draft:
    processes, workers = parent.processes, parent.workers_planned
    if parent.node.kind in _GATHERS and not _is_init_plan(node):
        loops = parent.node.number("actual_loops") or 1.0
        processes = max(1.0, (node.number("actual_loops") or 1.0) / loops)
        workers = parent.node.number("workers_planned") or 0.0
    return _Draft(
        node=node,
        parent=parent_index,
        depth=parent.depth + 1,
        processes=processes,
        workers_planned=workers,
        stops_early=_stops_early(node, position, parent),
    )


def _is_init_plan(node: PlanNode) -> bool:
    return node.text("parent_relationship") == "InitPlan"


def _stops_early(node: PlanNode, position: int, parent: _Draft) -> bool:
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


def _mark_partial(draft: _Draft, drafts: list[_Draft]) -> None:
    """A step is partial when each process gets a part of its rows, from the leaves up."""
    if draft.workers_planned and draft.node.fields.get("parallel_aware"):
        draft.partial = True
    if not draft.partial or draft.parent is None:
        return
    above = drafts[draft.parent]
    subplan = draft.node.text("parent_relationship") in {"SubPlan", "InitPlan"}
    if above.node.kind not in _GATHERS and not subplan:
        above.partial = True


def _add_times(drafts: list[_Draft]) -> None:
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


def _total_ms(draft: _Draft) -> float | None:
    each, loops = draft.node.number("actual_total_time"), draft.node.number("actual_loops")
    return None if each is None or loops is None else each * loops / draft.processes


def _charge_init_plans(drafts: list[_Draft]) -> None:
    """Take the time of CTEs and InitPlans off the steps that made them run, largest first."""
    wanted = [d for d in drafts if _is_init_plan(d.node) and d.total_ms]
    if not wanted:
        return
    users = _users(drafts)
    for draft in wanted:
        left = draft.total_ms or 0.0
        candidates = [drafts[i] for name in _names(draft.node) for i in users.get(name, ())]
        for user in sorted(candidates, key=lambda user: -user.self_ms):
            taken = min(left, max(0.0, user.self_ms))
            user.self_ms -= taken
            left -= taken
        if draft.parent is not None:
            drafts[draft.parent].self_ms -= left


def _names(node: PlanNode) -> list[str]:
    """Return what other steps call it: `CTE x`, or its parameters (`$0`, `InitPlan 1`)."""
    name = node.text("subplan_name")
    if name.startswith("CTE "):
        return [name]
    return [*_RETURNS.findall(name), name.partition(" (")[0]]


def _users(drafts: list[_Draft]) -> Mapping[str, list[int]]:
    users: dict[str, list[int]] = {}
    for index, draft in enumerate(drafts):
        if draft.node.kind == "CTE Scan":
            users.setdefault(f"CTE {draft.node.text('cte_name')}", []).append(index)
        keys = (key for key in draft.node.fields if key != "subplan_name")
        for name in set(_PARAMETER.findall(draft.node.conditions(*keys))):
            users.setdefault(name, []).append(index)
    return users


def _step(index: int, draft: _Draft, whole_ms: float | None, cost: float | None) -> Step:
    node = draft.node
    loops = node.number("actual_loops") or 0.0
    rows = _rows(node, loops)
    expected = _rows_expected(draft, loops)
    known = draft.total_ms is not None
    self_ms = max(0.0, draft.self_ms) if known else None
    self_cost = max(0.0, draft.self_cost) if "total_cost" in node.fields else None
    return Step(
        node=node,
        index=index,
        parent=draft.parent,
        depth=draft.depth,
        loops=loops,
        processes=draft.processes,
        partial=draft.partial,
        stops_early=draft.stops_early,
        total_ms=draft.total_ms,
        self_ms=self_ms,
        share=self_ms / whole_ms if self_ms is not None and whole_ms else None,
        error_ms=_ROUNDING_MS * loops / draft.processes,
        rows=rows,
        rows_expected=expected,
        factor=_factor(rows, expected),
        self_cost=self_cost,
        cost_share=self_cost / cost if self_cost is not None and cost else None,
    )


def _rows(node: PlanNode, loops: float) -> float | None:
    each = node.fields.get("actual_rows")
    if not isinstance(each, int | float):
        return None
    if each == 0 and loops > 1 and isinstance(each, int):  # rounded down: up to half a row a loop
        return None
    return each * loops


def _rows_expected(draft: _Draft, loops: float) -> float | None:
    """Return the planner's rows in all; those of a partial step are per worker."""
    each = draft.node.number("plan_rows")
    if each is None:
        return None
    if "actual_loops" in draft.node.fields and not loops:
        return None
    runs = max(1.0, loops)
    if not draft.partial:
        return each * runs
    workers = draft.workers_planned
    divisor = workers + max(0.0, 1.0 - _LEADER_SHARE * workers)
    return each * divisor * runs / draft.processes


def _factor(rows: float | None, expected: float | None) -> float | None:
    if rows is None or expected is None:
        return None
    return max(rows, 1.0) / max(expected, 1.0)


def input_output(node: PlanNode) -> InputOutput:
    """Return what a step and those below it read and wrote, over shared, local and temp."""

    def summed(*keys: str) -> float:
        return sum(node.number(key) or 0.0 for key in keys)

    scopes = ("shared", "local", "temp")
    return InputOutput(
        read_ms=summed("io_read_time", *(f"{scope}_io_read_time" for scope in scopes)),
        write_ms=summed("io_write_time", *(f"{scope}_io_write_time" for scope in scopes)),
        blocks_read=summed(*(f"{scope}_read_blocks" for scope in scopes)),
        blocks_written=summed(*(f"{scope}_written_blocks" for scope in scopes)),
    )
