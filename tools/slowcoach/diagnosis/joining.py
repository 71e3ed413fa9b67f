"""One verdict from what a process showed and what traces say of the whole endpoint. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from slowcoach.core.units import duration, share
from slowcoach.diagnosis.behind import is_asked, share_inside
from slowcoach.diagnosis.decide import HEALTHY, UNSURE, Verdict
from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.models import Judgement, Observed
from slowcoach.diagnosis.tracing.judging import OWN, Suspect, limit
from slowcoach.diagnosis.tracing.study import Study

_WAITS = frozenset({"io.external", "io.sequential"})


def inside(decided: Verdict, observed: Observed) -> Verdict:
    """Return the verdict on a service behind others: it stands if the time is spent in there."""
    part = share_inside(observed)
    if part is None or decided.cause in {HEALTHY, UNSURE}:
        return decided
    if not is_asked(observed):
        return _unsure(
            decided,
            f"No request came to pid {observed.pid} while the load ran: it is not behind this "
            "endpoint. Investigate without `pid`, or with that of another service.",
        )
    if part < deciding("least_score"):
        return _unsure(
            decided,
            f"Only {share(part)} of the latency is spent with pid {observed.pid}: investigate "
            "without `pid` for the rest.",
        )
    place = f"pid {observed.pid}, asked at port {observed.port}, has {share(min(1.0, part))} of it"
    return _placed(decided, place)


def _unsure(decided: Verdict, step: str) -> Verdict:
    best = decided.best
    return Verdict(
        UNSURE,
        min(decided.confidence, deciding("unsure_elsewhere")),
        best,
        decided.considered,
        step,
    )


def _placed(decided: Verdict, place: str) -> Verdict:
    best = decided.best.model_copy(update={"where": (*decided.best.where, place)})
    others = [best if j is decided.best else j for j in decided.considered]
    return replace(decided, best=best, considered=tuple(others))


def from_traces(study: Study, late: float) -> Verdict:
    """Return the verdict that traces alone allow; `late` is how far their latency is off (0..1)."""
    judged = _distinct(study.suspects, late)
    best, second = judged[0], judged[1] if len(judged) > 1 else None
    ahead = best.score - (second.score if second else 0.0)
    named = best.cause != OWN
    sure = best.score >= deciding("least_score") and ahead >= deciding("margin")
    considered = tuple(j for j in judged if j.cause != OWN)
    if sure and named:
        confidence = round(min(best.score, limit("traces_only")), 2)
        return Verdict(best.cause, max(confidence, deciding("even")), best, considered)
    step = _within(study) if not late else _go_there(study)
    confidence = round(min(best.score, deciding("unsure_by_traces")), 2)
    return Verdict(UNSURE, confidence, best, considered, step)


def _distinct(suspects: Sequence[Suspect], late: float) -> list[Judgement]:
    """Return the best judgement of each cause, best first, less where the latency is in budget."""
    found: dict[str, Judgement] = {}
    for suspect in suspects:
        score = min(1.0, suspect.score * late)
        judgement = suspect.judgement.model_copy(update={"score": score})
        if judgement.cause not in found or found[judgement.cause].score < score:
            found[judgement.cause] = judgement
    return sorted(found.values(), key=lambda judgement: -judgement.score)


def _within(study: Study) -> str:
    seen = study.seen
    return (
        f"These {seen.traces} traces are within budget (median {duration(seen.p50_ms / 1000)}, "
        f"95th percentile {duration(seen.p95_ms / 1000)}): give traces of slow requests."
    )


def _go_there(study: Study) -> str:
    located = study.located
    where = f" ({located.place})" if located.place else ""
    return (
        f"{study.suspects[0].judgement.why}; spans do not show what it does. Run this on the host "
        f"of service {located.service}{where}."
    )


def joined(process: Verdict, traces: Verdict, study: Study, *, looked: bool) -> Verdict:
    """Return one verdict. `looked`: the process was that of the service that the traces name.

    A process shows more than spans do, but only of itself: that another service has the time, and
    which statement, spans know better.
    """
    if process.cause == HEALTHY:
        return process
    if traces.cause == UNSURE:
        silent = process.cause != UNSURE or not traces.best.score
        return process if silent else replace(process, next_step=traces.next_step)
    better = process.cause in _WAITS and (not looked or traces.cause.startswith("db."))
    if process.cause == UNSURE or better:
        return replace(traces, considered=_merged(traces.considered, process.considered))
    return _with_figures(process, study) if looked else process


def _with_figures(decided: Verdict, study: Study) -> Verdict:
    """Return a verdict on the service that the traces led to, with the share that they gave it."""
    figures = (*decided.best.figures, *study.suspects[0].judgement.figures[:1])
    best = decided.best.model_copy(update={"figures": figures})
    considered = tuple(best if j is decided.best else j for j in decided.considered)
    return replace(decided, best=best, considered=considered)


def _merged(first: Iterable[Judgement], second: Iterable[Judgement]) -> tuple[Judgement, ...]:
    found = {judgement.cause: judgement for judgement in first}
    return tuple(found.values()) + tuple(j for j in second if j.cause not in found)


def doubts(process: Verdict | None, traces: Verdict, study: Study, *, looked: bool) -> list[str]:
    """Return where the traces and today's measurement do not agree."""
    seen = study.seen
    said = [f"Traces: {note}." for note in seen.notes]
    if study.located.note:
        said.append(f"{study.located.note}.")
    if process is None or traces.cause == UNSURE:
        return said
    if process.cause == HEALTHY:
        said.append(
            f"The traces are of slower requests (median {duration(seen.p50_ms / 1000)}) than those "
            f"sent now; in them the cause was {traces.cause}: {traces.best.why}."
        )
    elif not looked and process.cause not in {*_WAITS, UNSURE, traces.cause}:
        said.append(f"The traces name another cause: {traces.cause}: {traces.best.why}.")
    return said
