"""Transactions of very many statements that are no loop of one."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.judging import Check, shown
from slowcoach.queries.logs.workload import Workload

RULE = "db.chatty_transaction"


def _run(workload: Workload) -> Iterator[Finding]:
    written = rule(RULE)
    most = written.limit("one_statement")
    mixed = [
        t
        for t in workload.transactions.chatty
        if t.most_repeated < most * t.statements  # else it is N+1, or a loop of writes
    ]
    if not mixed:
        return
    worst = max(mixed, key=lambda t: t.statements)
    evidence = [
        Evidence(
            metric="statements in one transaction",
            value=worst.statements,
            unit="count",
            limit=written.limit("statements"),
            note=f"{workload.transactions.n_chatty} of {workload.transactions.count} transactions",
        )
    ]
    if worst.ms is not None:
        evidence.append(Evidence(metric="it took", value=round(worst.ms, 1), unit="ms"))
    where = [f"session {worst.session}"] if worst.session else []
    if worst.most is not None:
        where.append(f"most of it, {worst.most_repeated} times: {shown(worst.most)}")
    yield written.finding(evidence, where=where)


CHECK = Check(RULE, _run, frozenset({"transactions"}))
