"""Waits that could run together are done one after another."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, number, share
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._calls import Calls, calls_of, peers, waits
from slowcoach.diagnosis.causes._places import latency, places, shares
from slowcoach.diagnosis.causes.io_external import one_call
from slowcoach.diagnosis.claim import Claim, all_that
from slowcoach.diagnosis.models import Judgement
from slowcoach.diagnosis.view import View

WORD = "io.sequential"


def _judge(view: View) -> Judgement:
    calls = calls_of(view)
    if not calls.share:
        return Judgement(cause=WORD, score=0, why="no time is spent waiting for another service")
    several = 1 - one_call(calls)
    score = calls.share * several * _one_by_one(view, calls) * view.late
    each = calls.share * view.mean_ms / max(1.0, calls.count)
    return Judgement(
        cause=WORD,
        score=score,
        why=(
            f"{number(calls.count)} calls to other services per request, one after another, of "
            f"about {duration(each / 1000)} each: {share(calls.share)} of the latency"
        ),
        where=(*places(list(calls.activities)), *peers(view, calls)),
        figures=(
            Evidence(metric="calls per request", value=calls.count, unit="count"),
            Evidence(metric="mean time of a call", value=each, unit="ms"),
            *shares(view, list(calls.activities), "wait for a peer"),
            *latency(view),
        ),
        against="" if score else "one call has the waiting, or they run together",
    )


def _one_by_one(view: View, calls: Calls) -> float:
    """Return whether requests do one thing at a time: together it would be several for each."""
    limits = rule(WORD)
    if calls.at_a_time > limits.limit("together"):
        return 0.0
    # of awaits whose operations are not known it is rough how many there are
    under_way = view.mean(lambda a: not view.hands_over(a) and a.state != "other")
    at_a_time = under_way / view.concurrency
    joined = view.mean(lambda a: a.state == "join") >= limits.limit("joined") * view.served
    return float(at_a_time <= limits.limit("at_a_time" if joined else "together"))


def _claims(view: View) -> Claim:
    """Return the claim to all such waits: one call or several is either way of reading them."""
    del view
    return all_that(waits)


CAUSE = Cause(WORD, _judge, claims=_claims)
