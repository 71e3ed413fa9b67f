"""The costliest plans of a log (auto_explain, # explain), judged by the checks of plans."""

from collections.abc import Sequence

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.finding import Finding
from slowcoach.queries.logs.judging import shown
from slowcoach.queries.logs.patterns import Pattern

_PATTERNS = 5
_MOST = 3


def plan_findings(patterns: Sequence[Pattern], warnings: list[str]) -> list[Finding]:
    """Return what is wrong with the plans of the statements that cost most (given first).

    A plan that cannot be read adds a warning.
    """
    from slowcoach.queries.checking import judge
    from slowcoach.queries.figures import figures
    from slowcoach.queries.reading import read_plan

    found: dict[str, Finding] = {}
    unread = 0
    for pattern in [p for p in patterns if p.plans][:_PATTERNS]:
        try:
            plan, _ = read_plan(pattern.plans[0][1])
        except (SlowcoachError, RecursionError):
            unread += 1
            continue
        for finding in judge(figures(plan)).findings:
            where = (shown(pattern), *finding.where)
            found.setdefault(finding.rule, finding.model_copy(update={"where": where}))
    if unread:
        warnings.append(f"{unread} plans in the log could not be read")
    return list(found.values())[:_MOST]
