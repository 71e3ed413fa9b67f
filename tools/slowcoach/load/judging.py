"""Judge a load test: did it pass, what limits the target, what else is wrong with it. Pure."""

from __future__ import annotations

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.load.check_kind import checks
from slowcoach.load.criteria import verdict_of
from slowcoach.load.deciding import decide
from slowcoach.load.generator_health import health_of
from slowcoach.load.judgement import Judgement
from slowcoach.load.outcome import Outcome
from slowcoach.load.plan import PassCriteria
from slowcoach.load.shape import Shape, shape_of
from slowcoach.load.target_series import TargetSeries


def judged(
    outcome: Outcome, criteria: PassCriteria | None = None, series: TargetSeries | None = None
) -> Judgement:
    """Return what is to be said of a test, by its outcome alone or with its target's series.

    `series` counts its seconds as the outcome does. A bottleneck of None means that nothing is
    sure; `not_checked` says what it would take.
    """
    health = health_of(outcome, series)
    verdict = verdict_of(outcome, criteria, health)
    shape = shape_of(outcome, series, health)
    decision = decide(shape)
    findings, not_checked = _checked(shape)
    return Judgement(
        passed=verdict.passed,
        criteria=verdict.criteria,
        bottleneck=decision.bottleneck,
        findings=(*decision.findings, *health.findings, *findings),
        not_checked=(*health.not_checked, *decision.not_checked, *not_checked),
        refused=verdict.refused,
    )


def _checked(shape: Shape) -> tuple[list[Finding], list[NotChecked]]:
    findings: list[Finding] = []
    not_checked: list[NotChecked] = []
    for check in checks():
        for each in check.run(shape):
            if isinstance(each, Finding):
                findings.append(each)
            else:
                not_checked.append(each)
    return findings, not_checked
