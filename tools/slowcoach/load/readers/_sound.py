"""Files in which figures contradict each other are refused rather than judged."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Source
from slowcoach.load.readers._reports import refuse

_SLACK = 1e-6  # of figures that are computed from rounded ones


def sound(read: Callable[[Source], Outcome]) -> Callable[[Source], Outcome]:
    """Return a reader's `read` that refuses (UnreadableError) figures that cannot be."""

    def checked(source: Source) -> Outcome:
        found = read(source)
        wrong = next(_wrong(found), None)
        if wrong is not None:
            refuse(
                source,
                "figures of a load test that fit together",
                wrong,
                "The file may be damaged: run the tool again",
            )
        return found

    return checked


def _wrong(found: Outcome) -> Iterator[str]:
    every = [found.whole, *found.endpoints.values(), *(step.figures for step in found.steps)]
    for figures in every:
        yield from _wrong_figures(figures)
        for latency in (figures.latency, figures.good, figures.service):
            yield from _wrong_latencies(latency) if latency is not None else ()
    for moment in found.moments:
        if not all(_is_stated(q, value) for q, value in moment.stated.items()):
            yield f"percentiles of {dict(moment.stated)}"


def _wrong_figures(figures: Figures) -> Iterator[str]:
    rates = (figures.duration_s, figures.throughput_rps, figures.goodput_rps)
    if not all(rate is None or 0 <= rate < math.inf for rate in rates):
        yield f"a duration and rates of {rates}"
    share = figures.error_rate
    if share is not None and share > 1 + _SLACK:
        yield f"{figures.failed:,} failures of fewer requests"
    throughput, goodput = figures.throughput_rps, figures.goodput_rps
    if throughput is not None and goodput is not None and goodput > throughput * (1 + _SLACK):
        yield f"{goodput:g} good answers a second of {throughput:g}"


def _wrong_latencies(latency: Latencies) -> Iterator[str]:
    if not all(_is_stated(q, value) for q, value in latency.stated.items()):
        yield f"percentiles of {dict(latency.stated)}"
    for value in (latency.mean_ms, latency.least_ms, latency.most_ms):
        if value is not None and not 0 <= value < math.inf:
            yield f"a latency of {value:g} ms"


def _is_stated(q: float, value: float) -> bool:
    return 0 <= q <= 1 and 0 <= value < math.inf
