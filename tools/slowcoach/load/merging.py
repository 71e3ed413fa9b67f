"""Several outcomes of one test as one: counts are added, and so are histograms, which is exact.

Percentiles that a tool only states cannot be merged: of ten runners, one of them slow, the mean of
the p99s was 68 % below the true one and their maximum 68 % above it. They are left out, and why
is said.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from slowcoach.core.errors import InputError
from slowcoach.load.histogram import merged
from slowcoach.load.merging_figures import (
    merged_figures,
    most_of,
    of_all,
    sum_of,
    with_length,
)
from slowcoach.load.outcome import Figures, Generator, LoadModel, Moment, Outcome, Step
from slowcoach.load.steps import steps_of

_MOST_MOMENTS = 1_000_000
_MOST_WARNINGS = 20
_HALF = 0.5  # to the nearest moment
_REFUSED = (
    "percentiles of all together: {n} of {count} results state percentiles without a histogram, "
    "and such percentiles cannot be merged (their mean was 68 % off in a measured case)"
)


def merged_outcomes(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome of a test that several runners shared, or of several at the same time.

    Counts are sums and are not told where one runner does not tell them. Seconds are aligned by
    when each began, where all tell it. Steps of the same scenario and name, and endpoints of the
    same name, belong together. Raises InputError for none, and for open and closed ones together.
    """
    if not outcomes:
        raise InputError("no results to merge", hint="Give at least one")
    if len(outcomes) == 1:
        return outcomes[0]
    models: set[LoadModel] = {o.model for o in outcomes if o.model != "unknown"}
    if len(models) > 1:
        raise InputError(
            "results of open and of closed tests together",
            hint="Merge the runners of one test; compare different tests instead",
        )
    model: LoadModel = models.pop() if models else "unknown"
    starts, begun = _starts(outcomes)
    moments = _moments(outcomes, starts) if starts else ()
    return Outcome(
        tool=_tool(outcomes),
        model=model,
        whole=_whole(outcomes, starts),
        steps=_steps(outcomes, starts or [0.0] * len(outcomes)) or _steps_anew(moments, model),
        endpoints=_endpoints(outcomes),
        moments=moments,
        generator=_generator(outcomes),
        thresholds=(),
        started=begun.isoformat(timespec="milliseconds") if begun else None,
        target=_same(outcome.target for outcome in outcomes),
        unknown=_unknown(outcomes, starts),
        warnings=_warnings(outcomes, starts),
    )


def _starts(outcomes: Sequence[Outcome]) -> tuple[list[float] | None, datetime | None]:
    """Return how many seconds after the first each began, and when the first did."""
    found: list[datetime] = []
    for outcome in outcomes:
        try:
            at = datetime.fromisoformat(outcome.started or "")
        except ValueError:
            return None, None
        found.append(at if at.tzinfo else at.replace(tzinfo=UTC))
    first = min(found)
    return [(at - first).total_seconds() for at in found], first


def _whole(outcomes: Sequence[Outcome], starts: list[float] | None) -> Figures:
    figures = merged_figures([outcome.whole for outcome in outcomes])
    lengths = [outcome.whole.duration_s for outcome in outcomes]
    if starts is None or None in lengths:
        return figures
    ends = [start + (length or 0.0) for start, length in zip(starts, lengths, strict=True)]
    return with_length(figures, max(ends) - min(starts))


def _moments(outcomes: Sequence[Outcome], starts: Sequence[float]) -> tuple[Moment, ...]:
    """Return the seconds of all, put together by when they were."""
    length = max((m.length_s for o in outcomes for m in o.moments[:1]), default=1.0)
    found: dict[int, list[Moment]] = {}
    for outcome, start in zip(outcomes, starts, strict=True):
        for moment in outcome.moments:
            place = math.floor((start + moment.start_s) / length + _HALF)
            found.setdefault(place, []).append(moment)
    if len(found) > _MOST_MOMENTS:
        raise InputError(
            f"results whose times lie {max(found):,} moments apart",
            hint="Merge only the runners of one test",
        )
    return tuple(_moment(place * length, length, found[place]) for place in sorted(found))


def _moment(start_s: float, length_s: float, parts: Sequence[Moment]) -> Moment:
    histograms = [part.histogram for part in parts]
    asked = [h for h, part in zip(histograms, parts, strict=True) if part.completed != 0 or h]
    told = [h for h in asked if h is not None]
    goods = [part.good for part in parts if part.good is not None]
    return Moment(
        start_s=start_s,
        length_s=length_s,
        sent=sum_of(part.sent for part in parts),
        completed=sum_of(part.completed for part in parts),
        failed=sum_of(part.failed for part in parts),
        succeeded=sum_of(part.succeeded for part in parts),
        dropped=sum_of(part.dropped for part in parts),
        users=of_all((part.users for part in parts), math.fsum),
        due_rps=of_all((part.due_rps for part in parts), math.fsum),
        histogram=merged(told) if told and len(told) == len(asked) else None,
        good=merged(goods) if goods and len(goods) == len(parts) else None,
    )


def _steps(outcomes: Sequence[Outcome], starts: Sequence[float]) -> tuple[Step, ...]:
    """Return the steps that every runner shared, each with the load of all together.

    A runner of k6's segments holds a share of the load, so a step is known by its place in the
    scenario, not by its load. None when steps of the same place were not at the same time: then
    each runner's were found in its own data.
    """
    found: dict[tuple[str, int], list[tuple[Step, float]]] = {}
    for outcome, start in zip(outcomes, starts, strict=True):
        places: Counter[str] = Counter()
        for step in sorted(outcome.steps, key=lambda s: s.start_s):
            found.setdefault((step.scenario, places[step.scenario]), []).append((step, start))
            places[step.scenario] += 1
    if not all(_belong_together(parts) for parts in found.values()):
        return ()
    steps = (_step(parts) for parts in found.values())
    return tuple(sorted(steps, key=lambda step: step.start_s))


def _steps_anew(moments: Sequence[Moment], model: LoadModel) -> tuple[Step, ...]:
    """Return the steps in the seconds of all, if these follow one another."""
    follow = all(
        later.start_s - each.start_s < 2 * each.length_s for each, later in pairwise(moments)
    )
    return steps_of(moments, model) if follow else ()


def _belong_together(parts: Sequence[tuple[Step, float]]) -> bool:
    """Tell whether steps of several runners are of one kind and mostly at the same time."""
    together = min(s.end_s + at for s, at in parts) - max(s.start_s + at for s, at in parts)
    longest = max(step.end_s - step.start_s for step, _ in parts)
    return len({step.unit for step, _ in parts}) == 1 and together >= longest / 2


def _step(parts: Sequence[tuple[Step, float]]) -> Step:
    first = parts[0][0]
    load = math.fsum(step.load for step, _ in parts)
    return Step(
        name=first.name if len(parts) == 1 else f"{load:g} {first.unit}",
        load=load,
        unit=first.unit,
        start_s=min(start + step.start_s for step, start in parts),
        end_s=max(start + step.end_s for step, start in parts),
        figures=merged_figures([step.figures for step, _ in parts]),
        scenario=first.scenario,
    )


def _endpoints(outcomes: Sequence[Outcome]) -> dict[str, Figures]:
    found: dict[str, list[Figures]] = {}
    for outcome in outcomes:
        for name, figures in outcome.endpoints.items():
            found.setdefault(name, []).append(figures)
    together = {name: merged_figures(parts) for name, parts in found.items()}
    return dict(sorted(together.items(), key=lambda item: -(item[1].sent or 0)))


def _generator(outcomes: Sequence[Outcome]) -> Generator | None:
    """Return the generators as one: as late and as busy as the worst of them."""
    told = [outcome.generator for outcome in outcomes if outcome.generator is not None]
    if not told:
        return None
    limits = [each.in_flight_limit for each in told]
    return Generator(
        name=_tool(outcomes),
        slip_p99_ms=most_of(each.slip_p99_ms for each in told),
        cpu_share=most_of(each.cpu_share for each in told),
        ready_share=most_of(each.ready_share for each in told),
        in_flight_limit=sum_of(limits),
        processes=sum(each.processes for each in told),
    )


def _unknown(outcomes: Sequence[Outcome], starts: list[float] | None) -> tuple[str, ...]:
    stated = [
        o for o in outcomes if o.whole.latency.histogram is None and o.whole.latency.count != 0
    ]
    found = [*(sentence for outcome in outcomes for sentence in outcome.unknown)]
    if stated:
        found.insert(0, _REFUSED.format(n=len(stated), count=len(outcomes)))
    if starts is None:
        found.append("the test by seconds: a result does not tell when it began")
    if any(outcome.thresholds for outcome in outcomes):
        found.append("thresholds are judged by each runner, of its share alone: not the verdict")
    return tuple(dict.fromkeys(found))


def _warnings(outcomes: Sequence[Outcome], starts: list[float] | None) -> tuple[str, ...]:
    found = [
        f"result {n}: {warning}"
        for n, outcome in enumerate(outcomes, start=1)
        for warning in outcome.warnings
    ]
    if starts is not None and _is_apart(outcomes, starts):
        found.insert(0, "results that were not at the same time: are they of one test?")
    tools = {outcome.tool for outcome in outcomes}
    targets = {outcome.target for outcome in outcomes if outcome.target}
    if len(tools) > 1:
        found.insert(0, f"results of {len(tools)} tools, which may count differently")
    if len(targets) > 1:
        found.insert(0, f"results of {len(targets)} targets: {', '.join(sorted(targets)[:3])}")
    if len(found) > _MOST_WARNINGS:
        found = [*found[:_MOST_WARNINGS], f"{len(found) - _MOST_WARNINGS} more warnings"]
    return tuple(found)


def _is_apart(outcomes: Sequence[Outcome], starts: Sequence[float]) -> bool:
    """Tell whether one began after another had ended."""
    told = [(o.whole.duration_s, start) for o, start in zip(outcomes, starts, strict=True)]
    ends = [start + length for length, start in told if length is not None]
    return bool(ends) and max(starts) > min(ends)


def _tool(outcomes: Sequence[Outcome]) -> str:
    tools = list(dict.fromkeys(outcome.tool for outcome in outcomes))
    return f"{', '.join(tools[:3])} ({len(outcomes)} results merged)"


def _same(values: Iterable[str | None]) -> str | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None
