"""Statements that waited for locks."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.judging import Check, shown
from slowcoach.queries.logs.workload import Workload

RULE = "db.lock_wait"
_MOST = 3


def _run(workload: Workload) -> Iterator[Finding]:
    written = rule(RULE)
    waited = [
        p
        for p in workload.patterns.by_key.values()
        if p.longest_lock_ms >= written.limit("waited_ms")
    ]
    for pattern in sorted(waited, key=lambda p: -p.lock_ms)[:_MOST]:
        yield written.finding(
            [
                Evidence(
                    metric="longest wait for a lock",
                    value=round(pattern.longest_lock_ms, 1),
                    unit="ms",
                    limit=written.limit("waited_ms"),
                    note=f"{pattern.lock_waits} waits logged" if pattern.lock_waits else None,
                )
            ],
            where=[f"table {pattern.table}", shown(pattern)] if pattern.table else [shown(pattern)],
        )


CHECK = Check(RULE, _run, frozenset({"locks"}))
