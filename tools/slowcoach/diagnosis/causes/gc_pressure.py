"""The garbage collector is the cost."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import share
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._compute import (
    called,
    collected_beside,
    collecting,
    collector_share,
    collectors,
)
from slowcoach.diagnosis.causes._places import latency, places
from slowcoach.diagnosis.causes._statements import reading
from slowcoach.diagnosis.claim import Claim
from slowcoach.diagnosis.models import Activity, Judgement
from slowcoach.diagnosis.view import View, burns, ramp

WORD = "gc.pressure"


def _judge(view: View) -> Judgement:
    limits = rule(WORD)
    if not view.observed.tasks_seen:
        return Judgement(cause=WORD, score=0, why="the interpreter's collector could not be read")
    part, strong = collecting(view), collector_share(view)
    # as of a hot function: what all compute together delays each, whether within the budget or not
    felt = max(view.late, view.costly * view.crowded)
    score = strong * max(view.compute_share, view.late * _filled(view) * _waited_for(view)) * felt
    # what collects while rows in excess become objects is their consequence
    score *= 1 - reading(view)
    functions = collectors(view)
    runs = view.loaded.collections
    figures = [
        Evidence(
            metric="share of the computing that is garbage collection",
            value=part,
            unit="share",
            limit=limits.limit("share"),
        ),
        *latency(view),
    ]
    if runs:
        figures.append(
            Evidence(
                metric="full collections per request", value=runs[2] / view.requests, unit="count"
            )
        )
    return Judgement(
        cause=WORD,
        score=score,
        why=f"{share(part)} of the computing is the garbage collector",
        where=(*places(functions), *_asked_by(functions)),
        figures=tuple(figures),
        against="" if strong else "the collector hardly runs",
    )


def _asked_by(functions: list[Activity]) -> list[str]:
    """Return by what the first of the places asks for collections, if it does."""
    inner = called(functions[0]) if functions else ""
    return [f"inside {inner}"] if inner else []


def _filled(view: View) -> float:
    """Return how surely all that can compute does: what has room left waits for something else."""
    half = rule(WORD).limit("half_filled")
    return ramp(view.saturation, half, 1.0)


def _waited_for(view: View) -> float:
    """Return how far requests wait for the collector: one that runs in a thread of its own, with
    or without them, does not hold up those that wait for something else than the interpreter.
    """
    computing = min(1.0, view.mean(burns) / view.served) if view.served else 0.0
    return 1 - collected_beside(view) * (1 - computing)


def _claims(view: View) -> Claim:
    """Claim the collections, and of the waits for the interpreter the collections' part."""
    part = collecting(view)
    return Claim(lambda a: 1.0 if a.state == "gc" else part * float(a.state == "gil" and burns(a)))


CAUSE = Cause(
    WORD,
    _judge,
    claims=_claims,
    symptoms=("cpu.hot_function", "cpu.spread"),
)
