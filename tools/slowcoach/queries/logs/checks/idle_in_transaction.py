"""Transactions that stay open while their session does nothing."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.judging import Check, shown
from slowcoach.queries.logs.workload import Workload

RULE = "db.idle_in_transaction"


def _run(workload: Workload) -> Iterator[Finding]:
    known = workload.transactions
    if not known.idle:
        return
    worst = max(known.idle, key=lambda t: t.longest_pause_ms)
    where = [f"session {worst.session}"] if worst.session else []
    if worst.paused_after is not None:
        where.append(f"after {shown(worst.paused_after)}")
    yield rule(RULE).finding(
        [
            Evidence(
                metric="idle inside a transaction",
                value=round(worst.longest_pause_ms, 1),
                unit="ms",
                limit=rule(RULE).limit("idle_ms"),
                note=f"{known.n_idle} of {known.count} transactions",
            )
        ],
        where=where,
    )


CHECK = Check(RULE, _run, frozenset({"transactions", "clock", "sessions"}))
