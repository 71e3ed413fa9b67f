"""Which share of the latency each cause explains: what two claim is counted once. Pure.

The causes are asked in order of their rank. Each takes what it claims of every activity and is
left by those before it. Requests that nobody works on belong to a cause that makes them queue;
where none does, to those that hold the workers, in proportion.
"""

from collections.abc import Mapping, Sequence

from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.claim import Claim
from slowcoach.diagnosis.models import Activity, Explains
from slowcoach.diagnosis.view import View


def explained(view: View, ranked: Sequence[Cause]) -> Mapping[str, Explains]:
    """Return the shares by cause, best first; those of all causes add up to at most one."""
    claims = {c.word: c.claims(view) for c in ranked if c.claims}
    loaded = _served(view, view.loaded.activities)
    total = max(float(view.concurrency), sum(a.mean for a in loaded))
    under_load = _divided(claims, loaded, total, view.queued)
    lone = _served(view, view.alone.activities)
    alone = _divided(claims, lone, max(1.0, sum(a.mean for a in lone)), 0.0)
    return {
        word: Explains(alone=_share(alone[word]), loaded=_share(under_load[word]))
        for word in claims
    }


def raw_share(view: View, cause: Cause) -> float:
    """Return the share of the loaded latency that a cause claims by itself."""
    return explained(view, (cause,))[cause.word].loaded if cause.claims else 0.0


def _served(view: View, activities: Sequence[Activity]) -> list[Activity]:
    return [a for a in activities if not view.hands_over(a)]


def _divided(
    claims: Mapping[str, Claim], activities: Sequence[Activity], total: float, queued: float
) -> dict[str, float]:
    """Return the share of `total` that each claim gets, in order."""
    left = [1.0] * len(activities)
    served = sum(a.mean for a in activities)
    queue = min(queued, max(0.0, total - served))
    behind = queue
    found: dict[str, float] = {}
    for word, claim in claims.items():
        taken = 0.0
        for k, a in enumerate(activities):
            part = min(left[k], max(0.0, claim.part(a)))
            left[k] -= part
            taken += part * a.mean
        if claim.queues:
            got, behind = behind, 0.0
        else:
            got = min(behind, queue * taken / served) if served else 0.0
            behind -= got
        found[word] = (taken + got) / total
    return found


def _share(value: float) -> float:
    return min(1.0, round(value, 4))
