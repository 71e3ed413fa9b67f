"""What a check looks at and what it answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Literal

from slowcoach.core.finding import Finding
from slowcoach.queries.figures import Figures, Step
from slowcoach.queries.statistics import TableFacts

Kind = Literal["index", "rewrite", "setting", "statistics"]
Need = Literal["analyze", "timing", "buffers", "costs", "tables"]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One thing to do: a statement to run or a change to make, for which step."""

    kind: Kind
    statement: str
    why: str
    step: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding, and what to do about it as statements."""

    finding: Finding
    recommendations: tuple[Recommendation, ...] = ()


@dataclass(frozen=True)
class Subject:
    """A plan with its figures, and what is known of its tables (nothing for a pasted plan)."""

    figures: Figures
    tables: Mapping[str, TableFacts] = field(default_factory=dict[str, TableFacts])
    # what scans.scan_of has found, by step
    scans: dict[int, Any] = field(default_factory=dict[int, Any], repr=False, compare=False)

    def total_share(self, step: Step) -> float:
        """Return the share of the whole that a step and all below it took, by time or cost."""
        whole = self.figures.total_ms
        if whole and step.total_ms is not None:
            return min(1.0, step.total_ms / whole)
        cost, all_cost = step.node.number("total_cost"), self.figures.root.node.number("total_cost")
        return min(1.0, cost / all_cost) if cost and all_cost else 0.0

    @property
    def share_named(self) -> str:
        """Return what shares are of: time when the query was run, else the planner's cost."""
        measured = self.figures.total_ms is not None
        return "share of the query's time" if measured else "share of the query's cost"

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps, parents first."""
        return self.figures.steps

    def of(self, *kinds: str) -> Sequence[Step]:
        """Return the steps of these kinds, parents first; much faster than going through all."""
        known = self.figures.by_kind
        found = [known[kind] for kind in kinds if kind in known]
        if len(found) == 1:
            return found[0]
        return sorted(chain.from_iterable(found), key=lambda step: step.index)

    def facts(self, step: Step) -> TableFacts | None:
        """Return what is known of the table that a step reads."""
        return self.tables.get(step.node.relation or "")


@dataclass(frozen=True, slots=True)
class Check:
    """One rule's judgement of a plan. `needs` are the options of EXPLAIN it cannot do without.

    `tables` stands for what a live server knows of the tables besides.
    """

    rule: str
    run: Callable[[Subject], Iterable[Problem]]
    needs: frozenset[Need] = frozenset({"analyze"})


def place(step: Step) -> str:
    """Return where a step stands, for people: `Seq Scan on orders o (step 3)`."""
    return f"{step.node.label} (step {step.index + 1})"


def where(step: Step, condition: str = "") -> tuple[str, ...]:
    """Return the places of a finding: the step, its table, its condition (cut)."""
    found = [place(step)]
    if step.node.relation:
        found.append(f"table {step.node.relation}")
    if condition:
        found.append(condition if len(condition) <= _SHOWN else f"{condition[:_SHOWN]}…")
    return tuple(found)


_SHOWN = 160
