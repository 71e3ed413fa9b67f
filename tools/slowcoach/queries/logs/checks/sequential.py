"""Calls of one span that ran one after the other and may not need each other's answers."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.fingerprint import readable
from slowcoach.queries.logs.judging import Check
from slowcoach.queries.logs.workload import Workload

RULE = "io.sequential"
_MOST = 2
_CONFIDENCE = 0.5  # whether one needs the other's answer is not in a trace
_SAME_CONNECTION = 0.35  # statements of one transaction cannot run together at all
_NAMES = 4
_LENGTH = 60


def _run(workload: Workload) -> Iterator[Finding]:
    if workload.traces is None:
        return
    found = sorted(workload.traces.sequential.values(), key=lambda item: -item.saving_ms)
    for item in found[:_MOST]:
        names = [readable(name)[:_LENGTH] for name in item.calls[:_NAMES]]
        more = len(item.calls) - len(names)
        calls = "; ".join(names) + (f"; and {more} more" if more > 0 else "")
        yield rule(RULE).finding(
            [
                Evidence(
                    metric="saved per request if they ran together",
                    value=round(item.saving_ms / item.traces, 2),
                    unit="ms",
                    note=f"of {item.trace_ms / item.traces:,.4g} ms, {item.traces} traces, if none "
                    "needs the answer of another",
                ),
                Evidence(
                    metric="calls one after the other",
                    value=round(item.count / item.traces, 1),
                    unit="count",
                    limit=rule(RULE).limit("calls"),
                ),
            ],
            where=[w for w in (item.where, item.parent, calls) if w],
            severity=Severity.INFO if item.databases_only else Severity.WARNING,
            confidence=_SAME_CONNECTION if item.databases_only else _CONFIDENCE,
        )


CHECK = Check(RULE, _run, frozenset({"traces"}))
