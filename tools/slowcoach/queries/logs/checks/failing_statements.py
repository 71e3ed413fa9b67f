"""Statements that fail."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.judging import Check, shown
from slowcoach.queries.logs.workload import Workload

RULE = "db.failing_statements"
_MOST = 3


def _run(workload: Workload) -> Iterator[Finding]:
    written = rule(RULE)
    failed = [p for p in workload.patterns.by_key.values() if p.errors >= written.limit("failures")]
    if not failed:
        return
    ranked = sorted(failed, key=lambda p: -p.errors)
    asked = sum(p.calls + p.errors for p in workload.patterns.by_key.values())
    yield written.finding(
        [
            Evidence(
                metric="failures",
                value=sum(p.errors for p in failed),
                unit="count",
                limit=written.limit("failures"),
                note=f"of {asked} statements in the log",
            )
        ],
        where=[f"{p.errors} times: {shown(p)}" for p in ranked[:_MOST]],
    )


CHECK = Check(RULE, _run, frozenset({"failures"}))
