"""One call to another service takes the time."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._calls import Calls, calls_of, peers, waits
from slowcoach.diagnosis.causes._places import latency, places, shares
from slowcoach.diagnosis.claim import Claim, all_that
from slowcoach.diagnosis.models import Judgement
from slowcoach.diagnosis.view import View, ramp

WORD = "io.external"


def _judge(view: View) -> Judgement:
    calls = calls_of(view)
    if not calls.share:
        return Judgement(cause=WORD, score=0, why="no time is spent waiting for another service")
    score = calls.share * one_call(calls) * view.late
    return Judgement(
        cause=WORD,
        score=score,
        why=(
            f"{share(calls.share)} of the latency waits for another service, in "
            f"{number(calls.count)} calls per request{_together(calls)}"
        ),
        where=(*peers(view, calls), *places(list(calls.activities), 2)),
        figures=(
            *shares(view, list(calls.activities), "wait for a peer", 2),
            Evidence(metric="calls per request", value=calls.count, unit="count"),
            *latency(view),
        ),
        against="" if score else "the waiting is spread over several calls",
    )


def _together(calls: Calls) -> str:
    several = calls.at_a_time >= rule(WORD).limit("calls")
    return f", {number(calls.at_a_time)} of them at a time" if several else ""


def one_call(calls: Calls) -> float:
    """Return how far one call has the waiting: 1 when one line, or one way to it, makes one call
    with most of it.
    """
    return max(_one(calls.top, calls.top_calls), _one(calls.step, calls.step_calls))


def _one(part: float, count: float) -> float:
    limits = rule(WORD)
    concentrated = ramp(part, limits.limit("least_share"), limits.limit("share"))
    repeated = ramp(count, limits.limit("calls"), limits.limit("many_calls"))
    return concentrated * (1 - repeated)


def _claims(view: View) -> Claim:
    """Return the claim to all such waits: one call or several is either way of reading them."""
    del view
    return all_that(waits)


CAUSE = Cause(WORD, _judge, claims=_claims)
