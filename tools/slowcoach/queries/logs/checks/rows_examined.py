"""Statements that read many rows to return few."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.judging import Check, shown
from slowcoach.queries.logs.patterns import Pattern
from slowcoach.queries.logs.workload import Workload

RULE = "db.rows_examined"
_MOST = 3


def _run(workload: Workload) -> Iterator[Finding]:
    written = rule(RULE)
    found: list[tuple[float, float, Pattern]] = []
    for pattern in workload.patterns.by_key.values():
        if not pattern.told_examined or pattern.verb not in {"read", "write"}:
            continue
        each = pattern.examined / pattern.told_examined
        kept = max(pattern.rows / pattern.told_rows if pattern.told_rows else 0.0, 1.0)
        if each >= written.limit("rows") and each >= written.limit("ratio") * kept:
            found.append((pattern.examined, each / kept, pattern))
    for _, ratio, pattern in sorted(found, key=lambda item: -item[0])[:_MOST]:
        yield written.finding(
            [
                Evidence(
                    metric="rows read for each row returned",
                    value=round(ratio, 1),
                    unit="count",
                    limit=written.limit("ratio"),
                    note=f"{pattern.examined / pattern.told_examined:,.0f} rows read per call, "
                    f"{pattern.calls} calls",
                )
            ],
            where=[f"table {pattern.table}", shown(pattern)] if pattern.table else [shown(pattern)],
        )


CHECK = Check(RULE, _run, frozenset({"rows_examined"}))
