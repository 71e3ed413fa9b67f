"""The processor is the limit, and no single function is to blame."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, share
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._compute import blameless, spread_of
from slowcoach.diagnosis.causes._places import latency, places
from slowcoach.diagnosis.claim import all_that
from slowcoach.diagnosis.models import Judgement
from slowcoach.diagnosis.view import View, burns, ramp

WORD = "cpu.spread"
_SHOWN = 6


def _judge(view: View) -> Judgement:
    limits, hot = rule(WORD), rule("cpu.hot_function")
    spread = spread_of(view)
    if not spread.functions:
        return Judgement(cause=WORD, score=0, why="no function of the program was seen computing")
    even = 1 - spread.concentrated(0)
    many = ramp(spread.needed, 1, limits.limit("functions"))
    score = view.compute_share * even * many * blameless(view)
    score *= view.costly * view.crowded
    total = sum(f.mean for f in spread.functions)
    shown = spread.functions[:_SHOWN]
    figures = [
        Evidence(metric="CPU per request", value=view.cpu_ms, unit="ms", limit=hot.limit("cpu_ms")),
        Evidence(
            metric="functions for four fifths of the computing", value=spread.needed, unit="count"
        ),
        *(
            Evidence(
                metric="share of the computing", value=a.mean / total, unit="share", where=a.place
            )
            for a in shown
        ),
        *latency(view),
    ]
    return Judgement(
        cause=WORD,
        score=score,
        why=(
            f"{duration(view.cpu_ms / 1000)} of CPU per request over {spread.needed} functions, "
            f"the largest with {share(spread.top)}"
        ),
        where=tuple(places(list(shown), _SHOWN)),
        figures=tuple(figures),
        against="" if even else f"{spread.functions[0].function} has {share(spread.top)}",
    )


CAUSE = Cause(WORD, _judge, claims=lambda _: all_that(burns))
