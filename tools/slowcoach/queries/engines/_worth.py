"""Which of the indexes that were tried are worth having."""

from slowcoach.core.knowledge import rule
from slowcoach.queries.subject import Recommendation
from slowcoach.queries.verification import Verification

_RULE = "db.missing_index"


def worth_having(
    advised: tuple[Recommendation, ...], verification: Verification
) -> tuple[Recommendation, ...]:
    """Return the indexes that made the statement faster, the best first, and those not timed.

    What was tried and did not help is said in the verification's warnings.
    """
    least_ms, most = rule(_RULE).limit("least_ms"), 1 - rule(_RULE).limit("least_gain")
    ratios: dict[str, float] = {}
    for item in advised:
        trials = verification.trials.get(item.statement, [])
        timed = next((trial for trial in trials if trial.before_ms is not None), None)
        if timed is None or timed.before_ms is None or timed.after_ms is None:
            ratios[item.statement] = most
        elif timed.before_ms >= least_ms:
            ratios[item.statement] = timed.after_ms / timed.before_ms
        else:
            ratios[item.statement] = float("inf")
    kept = [item for item in advised if ratios[item.statement] <= most]
    rest = [item.statement for item in advised if item not in kept]
    if rest:
        verification.warn(f"tried and no faster by it: {'; '.join(rest)}")
    return tuple(sorted(kept, key=lambda item: ratios[item.statement]))
