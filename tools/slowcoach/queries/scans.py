"""What one scan reads and keeps, measured or as the planner sees it."""

from collections.abc import Iterator
from dataclasses import dataclass

from slowcoach.core.knowledge import Rule
from slowcoach.queries.figures import Step
from slowcoach.queries.model import POSTGRESQL
from slowcoach.queries.subject import Subject

# src/backend/optimizer/path/costsize.c: what a sequential scan costs, with the default settings
_PAGE_COST, _ROW_COST, _OPERATOR_COST = 1.0, 0.01, 0.0025
_PAGE_BYTES, _ROW_OVERHEAD_BYTES = 8192, 28


@dataclass(frozen=True, slots=True)
class Scan:
    """`rows_each`: rows that one run reads; `kept`: share that the filter lets through."""

    condition: str
    rows_each: float
    rows_read: float
    kept: float
    measured: bool


def scan_of(subject: Subject, step: Step) -> Scan | None:
    """Return what a scan with a filter reads, None where that cannot be told or it never ran.

    Several checks ask for the same scan: it is worked out once.
    """
    if step.index not in subject.scans:
        subject.scans[step.index] = _scan_of(subject, step)
    found: Scan | None = subject.scans[step.index]
    return found


def selective(subject: Subject, rule: Rule) -> Iterator[tuple[Step, Scan]]:
    """Yield the sequential scans that read much, keep little and cost their share.

    The rule's limits `table_rows`, `kept_share` and `min_share` say how much that is.
    """
    for step in subject.of("Seq Scan"):
        scan = scan_of(subject, step) if step.node.kind == "Seq Scan" else None
        if (
            scan is not None
            and scan.rows_each >= rule.limit("table_rows")
            and scan.kept <= rule.limit("kept_share")
            and step.weight >= rule.limit("min_share")
        ):
            yield step, scan


def _scan_of(subject: Subject, step: Step) -> Scan | None:
    condition = step.node.conditions("filter")
    if not condition:
        return None
    if "actual_loops" in step.node.fields:
        return _measured(step, condition)
    return _estimated(subject, step, condition)


def _measured(step: Step, condition: str) -> Scan | None:
    if not step.executed:
        return None
    removed = (step.node.number("rows_removed_by_filter") or 0.0) * step.loops
    kept = step.rows or 0.0
    read = kept + removed
    if not read:
        return None
    runs = max(1.0, step.loops / step.processes)
    return Scan(condition, read / runs, read, kept / read, measured=True)


def _estimated(subject: Subject, step: Step, condition: str) -> Scan | None:
    kept = step.rows_expected
    facts = subject.facts(step)
    known = facts.rows if facts is not None and facts.rows else step.node.number("table_rows")
    total = known or (_rows_by_cost(step) if subject.figures.plan.engine == POSTGRESQL else None)
    if kept is None or not total or step.node.kind != "Seq Scan":
        return None
    return Scan(condition, total, total, min(1.0, kept / total), measured=False)


def _rows_by_cost(step: Step) -> float | None:
    """Return about how many rows a table has, from the cost of scanning it.

    The width is that of the columns asked for, so this errs upwards for wide tables.
    """
    cost = step.node.number("total_cost")
    if cost is None:
        return None
    width = step.node.number("plan_width") or 0.0
    pages = (width + _ROW_OVERHEAD_BYTES) / _PAGE_BYTES
    return cost / (pages * _PAGE_COST + _ROW_COST + _OPERATOR_COST)
