"""Rows that are kept to be read again (a CTE, a window, a function's rows) went to disk."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.memory import work_mem
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.rows_kept_on_disk"
_BLOCK_BYTES, _KB = 8192, 1024
_KEEPING = frozenset(
    {"Materialize", "CTE Scan", "WindowAgg", "Function Scan", "Recursive Union",
     "Table Function Scan"}
)  # fmt: skip


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.steps:
        share = step.weight
        if step.node.kind not in _KEEPING or share < limits.limit("min_share"):
            continue
        written = _own_written(subject, step) * _BLOCK_BYTES
        if written < limits.limit("written"):
            continue
        evidence = [
            Evidence(
                metric="written to temporary files",
                value=written,
                unit="bytes",
                limit=limits.limit("written"),
                where=place(step),
            ),
            Evidence(metric=subject.share_named, value=share, unit="share"),
        ]
        needed = written / _KB * limits.limit("memory_per_disk")
        finding = limits.finding(evidence, where=where(step))
        yield Problem(finding, work_mem(step, needed, limits.limit("most_memory")))


def _own_written(subject: Subject, step: Step) -> float:
    """Return the blocks that the step wrote itself: its count has those below, and its CTE's."""
    made = [
        other
        for other in subject.steps
        if step.node.text("cte_name")
        and other.node.text("subplan_name") == f"CTE {step.node.text('cte_name')}"
    ]
    others = (*subject.figures.below(step.index), *made)
    inner = sum(other.node.number("temp_written_blocks") or 0.0 for other in others)
    return (step.node.number("temp_written_blocks") or 0.0) - inner


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"analyze", "buffers"}))
