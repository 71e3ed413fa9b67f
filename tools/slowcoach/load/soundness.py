"""Files in which figures contradict each other are refused rather than judged."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from operator import index
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.load.outcome import Figures, Latencies, Moment, Outcome

_SLACK = 1e-6  # of figures that are computed from rounded ones
_SHOWN = 120
Shown = Iterator[tuple[str, Any]]


def sound(found: Outcome, where: object) -> Outcome:
    """Return an outcome whose figures fit together; raises UnreadableError otherwise."""
    for what, got in _wrong(found):
        raise UnreadableError(
            f"{where}: expected figures of a load test that fit together, got {what}: "
            f"{str(got)[:_SHOWN]}",
            hint="The file may be damaged: run the test again, or give the tool's other output",
        )
    return found


def _wrong(found: Outcome) -> Shown:
    yield from _wrong_texts(found)
    for step in found.steps:
        if not (_is_amount(step.load) and _is_time(step.start_s) and _is_time(step.end_s)):
            yield "a step with a load and times of", (step.load, step.start_s, step.end_s)
    for figures in (found.whole, *found.endpoints.values(), *(s.figures for s in found.steps)):
        yield from _wrong_figures(figures)
    last = -math.inf
    for moment in found.moments:
        yield from _wrong_moment(moment, last)
        last = moment.start_s


def _wrong_texts(found: Outcome) -> Shown:
    texts = (found.tool, *found.endpoints, *found.unknown, *found.warnings)
    wrong: list[object] = [text for text in texts if not _is_text(text)]
    optional = (found.started, found.target)
    wrong += [text for text in optional if text is not None and not _is_text(text)]
    if wrong:
        yield "no text", wrong
    if found.model not in ("open", "closed", "unknown"):
        yield "a load model of", found.model


def _wrong_figures(figures: Figures) -> Shown:
    counts = (figures.sent, figures.completed, figures.failed, figures.dropped)
    if not all(count is None or _is_count(count) for count in (*counts, figures.received_bytes)):
        yield "counts of", counts
        return
    rates = (figures.duration_s, figures.throughput_rps, figures.goodput_rps)
    if not all(rate is None or _is_amount(rate) for rate in rates):
        yield "a duration and rates of", rates
        return
    if not all(_is_text(k) and _is_count(n) for k, n in figures.errors.items()):
        yield "errors of", dict(figures.errors)
    share = figures.error_rate
    if share is not None and share > 1 + _SLACK:
        yield "more failures than requests", counts
    throughput, goodput = figures.throughput_rps, figures.goodput_rps
    if throughput is not None and goodput is not None and goodput > throughput * (1 + _SLACK):
        yield "more good answers than answers a second", rates
    for latency in (figures.latency, figures.good, figures.service):
        yield from _wrong_latencies(latency) if latency is not None else ()


def _wrong_latencies(latency: Latencies) -> Shown:
    if not all(_is_stated(q, value) for q, value in latency.stated.items()):
        yield "percentiles of", dict(latency.stated)
    values = (latency.mean_ms, latency.least_ms, latency.most_ms)
    if not all(value is None or _is_amount(value) for value in values):
        yield "latencies of", values
    if not (latency.count is None or _is_count(latency.count)):
        yield "a count of", latency.count
    if not (_is_amount(latency.resolution_ms) and _is_amount(latency.error)):
        yield "a grain and an error of", (latency.resolution_ms, latency.error)


def _wrong_moment(moment: Moment, after: float) -> Shown:
    if not (_is_time(moment.start_s) and moment.start_s >= after):
        yield "a moment at", moment.start_s
    if not (_is_amount(moment.length_s) and moment.length_s > 0):
        yield "a moment of", moment.length_s
    counts = (moment.sent, moment.completed, moment.failed, moment.dropped, moment.succeeded)
    if not all(count is None or _is_count(count) for count in counts):
        yield "counts of a moment of", counts
    if not all(each is None or _is_amount(each) for each in (moment.users, moment.due_rps)):
        yield "users and a rate of", (moment.users, moment.due_rps)
    if not all(_is_stated(q, value) for q, value in moment.stated.items()):
        yield "percentiles of", dict(moment.stated)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    """Tell whether it is a whole number of 0 or more, numpy's too."""
    try:
        return not isinstance(value, bool) and index(value) >= 0
    except TypeError:
        return False


def _is_time(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and bool(abs(value) < math.inf)


def _is_amount(value: Any) -> bool:
    return _is_time(value) and bool(value >= 0)


def _is_stated(q: Any, value: Any) -> bool:
    return _is_amount(q) and bool(q <= 1) and _is_amount(value)


def checked(read: Callable[[Any], Outcome]) -> Callable[[Any], Outcome]:
    """Return a reader's `read` that refuses outcomes whose figures do not fit together."""
    return lambda source: sound(read(source), source.path)
