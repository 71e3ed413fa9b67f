"""Judge a load test: did it pass, what limits the target, what else is wrong with it. Pure."""

from __future__ import annotations

from slowcoach.load.criteria import verdict_of
from slowcoach.load.generator_health import health_of
from slowcoach.load.judgement import Judgement
from slowcoach.load.outcome import Outcome
from slowcoach.load.plan import PassCriteria
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
    return Judgement(
        passed=verdict.passed,
        criteria=verdict.criteria,
        bottleneck=None,
        findings=health.findings,
        not_checked=health.not_checked,
        refused=verdict.refused,
    )
