"""From judgements to one verdict, or `unsure` with the next measurement that would decide. Pure."""

from dataclasses import dataclass

from slowcoach.core.knowledge import page
from slowcoach.core.registry import discover
from slowcoach.diagnosis import causes
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.models import Judgement, Observed
from slowcoach.diagnosis.view import View

UNSURE = "unsure"
HEALTHY = "healthy"
_LATENCY_ACCOUNTS = frozenset({"memory.leak", "lock.deadlock"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """The cause and how sure, with all judgements, best first. `next_step` is set when unsure."""

    cause: str
    confidence: float
    best: Judgement
    considered: tuple[Judgement, ...]
    next_step: str = ""


def all_causes() -> tuple[Cause, ...]:
    """Return every cause, in the order of its module's name."""
    return discover(causes, "CAUSE", Cause)


def decide(observed: Observed) -> Verdict:
    """Judge every cause by the evidence; the best stands if it is likely and ahead."""
    limits = page("diagnosis").data["limits"]
    view = View(observed)
    judged = _ranked(view, limits["symptom"]["value"])
    best, second = judged[0], judged[1]
    ahead = best.score - second.score
    confidence = round(min(best.score, 0.5 + ahead), 2) if best.score else 0.0
    if best.cause == HEALTHY:
        sure = best.score >= limits["healthy_score"]["value"]
    else:
        sure = best.score >= limits["least_score"]["value"] and (
            ahead >= limits["margin"]["value"] or second.cause == HEALTHY
        )
    if sure:
        return Verdict(best.cause, max(confidence, 0.5), best, tuple(judged))
    return Verdict(UNSURE, confidence, best, tuple(judged), _next_step(view, best, second))


def _ranked(view: View, discount: float) -> list[Judgement]:
    """Return the judgements, best first; symptoms of a likely cause are worth less."""
    causes_ = all_causes()
    judged = {c.word: c.judge(view) for c in causes_}
    kept = dict.fromkeys(judged, 1.0)
    for c in causes_:
        for symptom in c.symptoms:
            kept[symptom] = min(kept[symptom], 1 - discount * judged[c.word].score)
    scored = [j.model_copy(update={"score": j.score * kept[w]}) for w, j in judged.items()]
    return sorted(scored, key=lambda j: -j.score)


def _next_step(view: View, best: Judgement, second: Judgement) -> str:
    missing = view.observed.missing
    if "process" in missing:
        return "Give the service's `pid`: without it only the latency from outside is known."
    if "stacks" in missing or "interpreter" in missing:
        return (
            "Record a profile of the service under load (record_profile), and read its top frames."
        )
    if "database" in missing and view.sql_share > 0:
        return "Give `database_url`: the time is in the database, and its statements would tell."
    if second.score and best.score:
        return (
            f"{best.cause} and {second.cause} explain it about equally: investigate again for "
            "longer (`duration_s: 40`) on a quiet machine."
        )
    return "Investigate again at a higher `concurrency`, or with the request that users find slow."
