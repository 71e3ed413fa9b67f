"""Single statements that take long."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.judging import Check, shown
from slowcoach.queries.logs.patterns import Pattern
from slowcoach.queries.logs.workload import Workload

RULE = "db.slow_query"
_MOST = 3


def _run(workload: Workload) -> Iterator[Finding]:
    written = rule(RULE)
    total = sum(p.total_ms for p in workload.patterns.by_key.values())
    slow = [
        p
        for p in workload.patterns.by_cost()
        if p.verb in {"read", "write"}
        and _own_ms(p) >= written.limit("slow_ms")
        and p.total_ms >= written.limit("least_share") * total
    ]
    for pattern in slow[:_MOST]:
        share = pattern.total_ms / total if total else 0.0
        heavy = share >= written.limit("much_share")
        yield written.finding(
            [
                Evidence(
                    metric="mean time without waits for locks",
                    value=round(_own_ms(pattern), 2),
                    unit="ms",
                    limit=written.limit("slow_ms"),
                    note=f"{pattern.calls} calls, {pattern.max_ms:,.4g} ms at most",
                ),
                Evidence(metric="share of the log's time", value=round(share, 3), unit="share"),
            ],
            where=[*([pattern.where] if pattern.where else []), shown(pattern)],
            severity=Severity.CRITICAL if heavy else Severity.WARNING,
        )


def _own_ms(pattern: Pattern) -> float:
    """Return the mean time without waits for locks: those have their own rule."""
    if not pattern.timed:
        return 0.0
    return max(0.0, pattern.total_ms - pattern.lock_ms) / pattern.timed


CHECK = Check(RULE, _run, frozenset({"times"}))
