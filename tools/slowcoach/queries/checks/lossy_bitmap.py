"""A bitmap that did not fit into work_mem and remembers pages instead of rows."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.memory import work_mem
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.lossy_bitmap"
_BITMAP_KB_PER_PAGE = 0.08  # an exact page of a bitmap takes 50 to 80 bytes (tidbitmap.c)


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("Bitmap Heap Scan"):
        lossy = step.node.number("lossy_heap_blocks") or 0.0
        exact = step.node.number("exact_heap_blocks") or 0.0
        if not exact:
            continue  # an index that only knows pages (BRIN): no memory would help
        if not lossy or lossy / (lossy + exact) < limits.limit("lossy_share"):
            continue
        rechecked = (step.node.number("rows_removed_by_index_recheck") or 0.0) * step.loops
        evidence = [
            Evidence(
                metric="share of pages kept without their rows",
                value=lossy / (lossy + exact),
                unit="share",
                limit=limits.limit("lossy_share"),
                where=place(step),
                note=f"{rechecked:,.0f} rows read and thrown away",
            )
        ]
        small = step.weight < limits.limit("min_share")
        severity = Severity.INFO if small else None
        finding = limits.finding(
            evidence, where=where(step, step.node.conditions("recheck_cond")), severity=severity
        )
        needed = (lossy + exact) * _BITMAP_KB_PER_PAGE * limits.limit("memory_margin")
        yield Problem(finding, work_mem(step, needed, limits.limit("most_memory")))


CHECK = Check(rule=_RULE, run=_run)
