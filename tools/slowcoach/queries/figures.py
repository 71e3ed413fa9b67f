"""What follows from a plan's figures: self time, rows in all, how far the estimate was off.

PostgreSQL prints time and rows per loop, loops summed over parallel processes, and a CTE or
InitPlan below the step that declares it rather than the one that ran it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from slowcoach.queries.drafts import Draft, drafted
from slowcoach.queries.model import Plan, PlanNode

_ROUNDING_MS = 0.0005  # times are printed with three decimals
_LEADER_SHARE = 0.3  # src/backend/optimizer/path/costsize.c, get_parallel_divisor
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

    @cached_property
    def by_kind(self) -> Mapping[str, Sequence[Step]]:
        """Return the steps of each kind, in their order."""
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            found.setdefault(step.node.kind, []).append(step)
        return found

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
        # a CTE that changes data runs to its end after the root
        inside = max(self.root.total_ms, sum(step.self_ms or 0.0 for step in self.steps))
        return max(0.0, self.total_ms - inside)

    def below(self, index: int) -> tuple[Step, ...]:
        """Return the children of a step."""
        return tuple(self.steps[child] for child in self.children[index])

    def above(self, step: Step) -> Iterator[Step]:
        """Yield the steps above, the nearest first; plans nest deep, so only as far as wanted."""
        at = step.parent
        while at is not None:
            yield self.steps[at]
            at = self.steps[at].parent

    def subtree(self, step: Step) -> tuple[Step, ...]:
        """Return a step and all below it: steps are numbered parents first, so they follow it."""
        end = step.index + 1
        while end < len(self.steps) and self.steps[end].depth > step.depth:
            end += 1
        return self.steps[step.index : end]


def _whole_ms(plan: Plan, root_ms: float | None) -> float | None:
    for key in ("execution_time", "total_runtime"):
        if (value := plan.number(key)) is not None:
            return value
    return root_ms


def figures(plan: Plan) -> Figures:
    """Return the figures of a plan. Takes time linear in its steps; plans may nest deep."""
    drafts = drafted(plan.root)
    whole = _whole_ms(plan, drafts[0].total_ms)
    cost = drafts[0].node.number("total_cost")
    parts = _parts_run(drafts)
    steps = tuple(
        _step(index, draft, whole, cost / part if cost and part else cost)
        for index, (draft, part) in enumerate(zip(drafts, parts, strict=True))
    )
    return Figures(plan, steps)


def _parts_run(drafts: Sequence[Draft]) -> list[float]:
    """Return how much of each step the planner means to run: below a LIMIT a part, and the cost
    of a step is of all of it.
    """
    parts: list[float] = []
    for draft in drafts:
        if draft.parent is None:
            parts.append(1.0)
            continue
        own = draft.node.number("total_cost") or 0.0
        above = drafts[draft.parent].node.number("total_cost") or own
        parts.append(parts[draft.parent] * (above / own if own > above >= 0.0 else 1.0))
    return parts


def _step(index: int, draft: Draft, whole_ms: float | None, cost: float | None) -> Step:
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
    each = node.number("actual_rows")
    if each is None:
        return None
    if (
        each == 0 and loops > 1 and isinstance(node.fields["actual_rows"], int)
    ):  # rounded down: up to half a row a loop
        return None
    return each * loops


def _rows_expected(draft: Draft, loops: float) -> float | None:
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
