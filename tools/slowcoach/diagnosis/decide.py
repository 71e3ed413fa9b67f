"""From judgements to one verdict, or `unsure` with the next measurement that would decide. Pure."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from slowcoach.core.registry import discover
from slowcoach.diagnosis import causes
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.explaining import explained, raw_share
from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.models import Judgement, Observed
from slowcoach.diagnosis.next_steps import mostly_failing, next_step
from slowcoach.diagnosis.view import View

UNSURE = "unsure"
HEALTHY = "healthy"
_DATABASE = "db."


@dataclass(frozen=True, slots=True)
class Verdict:
    """The cause and how sure, with all judgements, best first. `next_step` is set when unsure.

    `also` are further causes that stand beside the named one, those with most of the latency first.
    """

    cause: str
    confidence: float
    best: Judgement
    considered: tuple[Judgement, ...]
    next_step: str = ""
    also: tuple[Judgement, ...] = ()


@cache
def all_causes() -> tuple[Cause, ...]:
    """Return every cause, in the order of its module's name."""
    return discover(causes, "CAUSE", Cause)


def decide(observed: Observed) -> Verdict:
    """Judge every cause by the evidence; the best stands if it is likely and ahead."""
    view = View(observed)
    judged = {c.word: _judged(c, view) for c in all_causes()}
    ranked = _with_shares(view, _latency_first(_told_first(_ranked(judged))))
    also = _also(view, ranked, judged)
    best, second = ranked[0], _rival(ranked, also)
    ahead = best.score - second.score
    even = deciding("even")
    confidence = round(max(0.0, min(best.score, even + ahead)), 2) if best.score else 0.0
    if not _sure(view, ranked, second, also):
        step = next_step(view, best, second)
        return Verdict(UNSURE, confidence, best, tuple(ranked), step)
    return Verdict(best.cause, max(confidence, even), best, tuple(ranked), also=also)


def _judged(cause: Cause, view: View) -> Judgement:
    """Judge one cause. What cannot be judged for a fault of ours does not take the others with it:
    it is said, and nothing is claimed by it.
    """
    try:
        return cause.judge(view)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told as what was not judged
        said = f"it could not be judged: {type(error).__name__}: {error}"
        warnings.warn(f"{cause.word}: {said}", RuntimeWarning, stacklevel=2)
        return Judgement(cause=cause.word, score=0, why=said, failed=True)


def _ranked(judged: Mapping[str, Judgement]) -> list[Judgement]:
    """Return the judgements, best first; symptoms of a likely cause are worth less."""
    kept = dict.fromkeys(judged, 1.0)
    for c in all_causes():
        for symptom in c.symptoms:
            kept[symptom] = min(kept[symptom], 1 - deciding("symptom") * judged[c.word].score)
    scored = [j.model_copy(update={"score": j.score * kept[w]}) for w, j in judged.items()]
    return sorted(scored, key=lambda j: -j.score)


def _told_first(ranked: list[Judgement]) -> list[Judgement]:
    """Return the order in which a cause that is doubted comes after one that the database itself
    tells of, and that is no symptom of it: what it is worth is halved.
    """
    first = ranked[0]
    symptoms = _cause(first).symptoms
    told = (j for j in ranked[1:] if j.cause.startswith(_DATABASE) and j.cause not in symptoms)
    if not first.doubt or not any(j.score >= deciding("latency_first") for j in told):
        return ranked
    halved = first.model_copy(update={"score": first.score * deciding("doubted")})
    return sorted([halved, *ranked[1:]], key=lambda j: -j.score)


def _latency_first(ranked: list[Judgement]) -> list[Judgement]:
    """Return the order in which a cause that shows otherwise than by latency, such as growing
    memory, comes after one that certainly explains a latency out of its budget.
    """
    first = _cause(ranked[0])
    if first.claims is not None or first.word == HEALTHY:
        return ranked
    for j in ranked[1:]:
        latency = _cause(j).claims is not None and j.cause not in first.symptoms
        if latency and j.score >= deciding("latency_first"):
            return [j, *(other for other in ranked if other is not j)]
    return ranked


def _rival(ranked: Sequence[Judgement], also: Sequence[Judgement]) -> Judgement:
    """Return the best of the others that may not be true as well as the first."""
    beside = {j.cause for j in also if _cause(j).claims is None}
    return next(j for j in ranked[1:] if j.cause not in beside)


def _cause(judgement: Judgement) -> Cause:
    return _by_word()[judgement.cause]


@cache
def _by_word() -> Mapping[str, Cause]:
    return {c.word: c for c in all_causes()}


def _with_shares(view: View, ranked: Sequence[Judgement]) -> list[Judgement]:
    """Return the judgements with the share of the latency that each explains."""
    shares = explained(view, [_cause(j) for j in ranked if j.score > 0])
    return [j.model_copy(update={"explains": shares.get(j.cause)}) for j in ranked]


def _sure(
    view: View, ranked: Sequence[Judgement], second: Judgement, also: Sequence[Judgement]
) -> bool:
    """Tell whether the first is likely and ahead of the second, its rival."""
    best = ranked[0]
    if mostly_failing(view) and view.loaded_ms <= view.budget_p50:
        return False  # a quick refusal of all has another cause than those that make slow
    if best.cause == HEALTHY:
        return best.score >= deciding("healthy_score") and not any(j.failed for j in ranked)
    if _doubted(best, ranked):
        return False
    ahead = best.score - second.score
    beside = any(j.cause == second.cause for j in also) and apart(view, best, second)
    margin = deciding("margin_apart") if beside else deciding("margin")
    together = sum(_loaded(j) for j in (best, *also))
    least = deciding("least_score")
    if beside and together >= deciding("together"):
        least = deciding("least_apart")
    return best.score >= least and (ahead >= margin or second.cause == HEALTHY)


def _doubted(best: Judgement, ranked: Sequence[Judgement]) -> bool:
    """Tell whether the best, or a likely cause of which it may be a symptom, may be nothing."""
    return bool(best.doubt) or any(
        j.doubt and best.cause in _cause(j).symptoms and j.score >= deciding("least_score")
        for j in ranked
    )


def apart(view: View, first: Judgement, second: Judgement) -> bool:
    """Tell whether two causes explain different parts of the latency: both may be true."""
    one, other = _cause(first), _cause(second)
    alone = raw_share(view, other)
    if not alone:
        return False
    left = explained(view, (one, other)).get(other.word)
    return left is not None and left.loaded >= deciding("apart") * alone


def _also(
    view: View, ranked: Sequence[Judgement], judged: Mapping[str, Judgement]
) -> tuple[Judgement, ...]:
    """Return the causes beside the best that are certain and explain enough of the latency, or
    show in another way than by latency.
    """
    best = ranked[0]
    if best.cause == HEALTHY:
        return ()
    found: list[Judgement] = []
    for j in ranked[1:]:
        if j.cause == HEALTHY or not j.score:
            continue
        own = judged[j.cause].score  # before it counts less as a symptom
        if _cause(j).claims is None:
            if own >= deciding("least_score"):
                found.append(j)
            continue
        share = raw_share(view, _cause(j))
        certain = own / share if share else 0.0
        if certain >= deciding("second_certainty") and _explains_enough(view, j):
            found.append(j)
    return tuple(sorted(found, key=_loaded, reverse=True))


def _explains_enough(view: View, judgement: Judgement) -> bool:
    """Tell whether a cause has enough of the latency, and by itself more than the budget allows.

    What a connection or a lock is held for, within budget, is no second cause.
    """
    shares = judgement.explains
    if shares is None or max(shares.alone, shares.loaded) < deciding("second_share"):
        return False
    return max(shares.alone * view.alone_ms, shares.loaded * view.loaded_ms) >= view.budget_p50


def _loaded(judgement: Judgement) -> float:
    return judgement.explains.loaded if judgement.explains else 0.0
