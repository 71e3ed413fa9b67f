"""A live PostgreSQL as a workload: what it has counted, and which sessions are stuck now."""

from typing import Any

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.event import Event
from slowcoach.queries.logs.fingerprint import fingerprint, readable
from slowcoach.queries.logs.sources.pg_stat_statements import SOURCE
from slowcoach.queries.logs.workload import Workload
from slowcoach.queries.statistics import Session, activity, top_statements

_MOST = 5_000
_BLOCK = 8192
_IDLE = "idle in transaction"


def counted(connection: Any) -> Workload:
    """Return what pg_stat_statements has counted; raises MissingDependencyError without it."""
    workload = Workload(SOURCE)
    workload.take_all(
        Event(
            item.query,
            item.total_ms,
            calls=item.calls,
            rows=float(item.rows),
            temp_bytes=float(item.temp_written * _BLOCK),
        )
        for item in top_statements(connection, limit=_MOST)
    )
    return workload


def stuck(connection: Any) -> list[Finding]:
    """Return what the sessions show now: idle in a transaction, waiting for locks."""
    sessions = activity(connection)
    found: list[Finding] = []
    idle_ms = rule("db.idle_in_transaction").limit("idle_ms")
    idle = [
        s for s in sessions if s.state.startswith(_IDLE) and s.seconds_in_state * 1000 >= idle_ms
    ]
    if idle:
        worst = max(idle, key=lambda s: s.seconds_in_state)
        found.append(_finding("db.idle_in_transaction", "idle inside a transaction now", worst,
                              idle_ms, len(idle)))  # fmt: skip
    waiting = [s for s in sessions if s.blocked_by]
    if waiting:
        worst = max(waiting, key=lambda s: s.seconds_in_state)
        limit = rule("db.lock_wait").limit("waited_ms")
        found.append(_finding("db.lock_wait", "waits for a lock now", worst, limit, len(waiting)))
    return found


def _finding(name: str, metric: str, worst: Session, limit: float, count: int) -> Finding:
    where = [f"process {worst.pid} {worst.application}".strip()]
    if worst.blocked_by:
        where.append(f"blocked by {', '.join(map(str, worst.blocked_by))}")
    where.append(readable(fingerprint(worst.query).key))
    return rule(name).finding(
        [
            Evidence(
                metric=metric,
                value=round(worst.seconds_in_state * 1000, 1),
                unit="ms",
                limit=limit,
                note=f"{count} sessions",
            )
        ],
        where=where,
    )
