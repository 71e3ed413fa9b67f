"""One function burns the processor."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, share
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._compute import Spread, blameless, called, spread_of
from slowcoach.diagnosis.causes._places import latency, places
from slowcoach.diagnosis.claim import Claim, all_that
from slowcoach.diagnosis.models import Judgement
from slowcoach.diagnosis.view import View, burns, ramp

WORD = "cpu.hot_function"


def _judge(view: View) -> Judgement:
    limits = rule(WORD)
    spread = spread_of(view)
    if not spread.functions:
        return Judgement(cause=WORD, score=0, why="no function of the program was seen computing")
    hottest = spread.functions[0]
    concentrated = _concentrated(spread)
    score = view.compute_share * concentrated * blameless(view)
    score *= view.costly * view.crowded
    inner = called(hottest)
    why = (
        f"{duration(view.cpu_ms / 1000)} of CPU per request, {share(spread.top)} of it in "
        f"{hottest.function}" + (f", inside {inner}" if inner else "")
    )
    figures = [
        Evidence(
            metric="CPU per request", value=view.cpu_ms, unit="ms", limit=limits.limit("cpu_ms")
        ),
        *(
            Evidence(
                metric="share of the computing",
                value=a.mean / sum(f.mean for f in spread.functions),
                unit="share",
                where=a.place,
                note=called(a) or None,
            )
            for a in spread.functions[:3]
        ),
        *latency(view),
    ]
    return Judgement(
        cause=WORD,
        score=score,
        why=why,
        where=tuple(places(list(spread.functions[:1]))),
        figures=tuple(figures),
        against="" if concentrated else f"no function has more than {share(spread.top)}",
    )


def _concentrated(spread: Spread) -> float:
    """Return how far (0..1) one function has the computing."""
    limits = rule(WORD)
    if spread.layered:  # which of the library's functions it is, no one can say
        return ramp(spread.top, limits.limit("layers_share"), limits.limit("layers_top"))
    return spread.concentrated(-1)  # as far as the stacks surely tell


def _claims(view: View) -> Claim:
    spread = spread_of(view)
    if not spread.functions:
        return all_that(lambda _: False)
    hottest = {(a.function, a.file) for a in spread.functions[:1]}
    if hottest & {(a.function, a.file) for a in view.loaded.standing}:
        return all_that(lambda a: a.state == "gil" and burns(a))  # who waits, waits for it
    names = {name for name, _ in hottest}
    # its own work, and what it calls directly
    return all_that(
        lambda a: burns(a) and ((a.function, a.file) in hottest or bool(names & set(a.path[-2:])))
    )


CAUSE = Cause(WORD, _judge, claims=_claims)
