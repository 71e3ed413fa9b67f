"""Transactions that are open for long."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.judging import Check, shown
from slowcoach.queries.logs.workload import Workload

RULE = "db.long_transaction"


def _run(workload: Workload) -> Iterator[Finding]:
    known = workload.transactions
    if not known.long:
        return
    worst = max(known.long, key=lambda t: t.ms or 0.0)
    where = [f"session {worst.session}"] if worst.session else []
    if worst.most is not None:
        where.append(f"most often in it: {shown(worst.most)}")
    yield rule(RULE).finding(
        [
            Evidence(
                metric="longest transaction",
                value=round(worst.ms or 0.0, 1),
                unit="ms",
                limit=rule(RULE).limit("long_ms"),
                note=f"{known.n_long} of {known.count} transactions",
            ),
            Evidence(metric="of it in statements", value=round(worst.spent_ms, 1), unit="ms"),
        ],
        where=where,
    )


CHECK = Check(RULE, _run, frozenset({"transactions", "clock", "sessions"}))
