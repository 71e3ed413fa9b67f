"""Run every check on a workload."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.knowledge import rule
from slowcoach.core.registry import discover
from slowcoach.queries.logs.event import Tells
from slowcoach.queries.logs.patterns import Pattern
from slowcoach.queries.logs.workload import Workload

_LACKS: Mapping[Tells, str] = {
    "times": "the log has no times of execution",
    "clock": "the log has no times of day",
    "sessions": "the log does not tell sessions apart",
    "transactions": "no transaction is in the log (BEGIN and COMMIT)",
    "rows_examined": "only MySQL's and MariaDB's slow log tells how many rows were read",
    "locks": "this source tells of no waits for locks",
    "spills": "this source tells of no temporary files",
    "failures": "this source tells of no failures",
    "traces": "only traces tell what ran at the same time",
}
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Check:
    """One rule's judgement of a workload. `needs` is what the log must tell for it."""

    rule: str
    run: Callable[[Workload], Iterable[Finding]]
    needs: frozenset[Tells] = frozenset()


def judge(workload: Workload) -> tuple[tuple[Finding, ...], tuple[NotChecked, ...]]:
    """Return what is wrong, the worst and surest first, and what could not be judged."""
    from slowcoach.queries.logs import checks

    findings: list[Finding] = []
    not_checked: list[NotChecked] = []
    there = workload.tells
    for check in discover(checks, "CHECK", Check):
        lacking = sorted(check.needs - there)
        if lacking:
            why = _LACKS[lacking[0]]
            if lacking[0] in workload.source.tells and lacking[0] != "transactions":
                why += f": turn on {workload.source.more}"
            not_checked.append(rule(check.rule).not_checked(why))
        else:
            findings += check.run(workload)
    order = sorted(findings, key=lambda f: (f.severity.rank, -f.evidence[0].value))
    return tuple(order), tuple(not_checked)


def shown(pattern: Pattern) -> str:
    """Return the statement of a pattern for a finding: normalized, so no value is in it."""
    text = pattern.text
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
