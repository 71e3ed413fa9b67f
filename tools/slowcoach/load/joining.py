"""Several scenarios of one test as one outcome and one judgement. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from slowcoach.core.finding import Finding
from slowcoach.load.histogram import merged
from slowcoach.load.judgement import Judgement
from slowcoach.load.outcome import Figures, Generator, Latencies, Moment, Outcome, Step
from slowcoach.load.target_series import TargetSeries


@dataclass(frozen=True, slots=True)
class Part:
    """One scenario: how it went, what is to be said of it, how long it took."""

    scenario: str
    outcome: Outcome
    judgement: Judgement
    length_s: float
    series: TargetSeries | None = None


def outcome_of(parts: Sequence[Part]) -> Outcome:
    """Return the scenarios in turn as one outcome: latencies merged, times one after another."""
    if len(parts) == 1:
        return parts[0].outcome
    outcomes = [part.outcome for part in parts]
    first = outcomes[0]
    models = {outcome.model for outcome in outcomes}
    return Outcome(
        tool=first.tool,
        model=first.model if len(models) == 1 else "unknown",
        whole=_figures([outcome.whole for outcome in outcomes]),
        steps=tuple(_steps(parts)),
        endpoints=_endpoints(outcomes),
        moments=tuple(_moments(parts)),
        generator=_generator([o.generator for o in outcomes if o.generator is not None]),
        thresholds=tuple(each for outcome in outcomes for each in outcome.thresholds),
        started=first.started,
        target=first.target,
        unknown=tuple(dict.fromkeys(each for o in outcomes for each in o.unknown)),
        warnings=tuple(f"{part.scenario}: {w}" for part in parts for w in part.outcome.warnings),
    )


def judgement_of(parts: Sequence[Part]) -> Judgement:
    """Return what is to be said of all: it passes when every scenario with criteria does."""
    if len(parts) == 1:
        return parts[0].judgement
    said = [part.judgement for part in parts]
    verdicts = [judgement.passed for judgement in said if judgement.criteria]
    limits = [j.bottleneck for j in said if j.bottleneck is not None]
    refused = [f"{p.scenario}: {p.judgement.refused}" for p in parts if p.judgement.refused]
    return Judgement(
        passed=_all(verdicts),
        criteria=tuple(
            row.model_copy(update={"metric": f"{part.scenario}: {row.metric}"})
            for part in parts
            for row in part.judgement.criteria
        ),
        bottleneck=max(limits, key=lambda b: (b.kind != "none", b.confidence), default=None),
        findings=tuple(_one_of_each(parts)),
        not_checked=tuple(dict.fromkeys(each for j in said for each in j.not_checked)),
        refused="; ".join(refused) or None,
    )


def _one_of_each(parts: Sequence[Part]) -> Iterable[Finding]:
    """Yield each rule's finding once, with the evidence of every scenario."""
    found: dict[str, list[tuple[str, Finding]]] = {}
    for part in parts:
        for each in part.judgement.findings:
            found.setdefault(each.rule, []).append((part.scenario, each))
    for alike in found.values():
        evidence = [
            e.model_copy(update={"where": f"{name}, {e.where}" if e.where else name})
            for name, each in alike
            for e in each.evidence
        ]
        worst = min((each for _, each in alike), key=lambda f: f.severity.rank)
        yield worst.model_copy(update={"evidence": tuple(evidence)})


def _all(verdicts: Sequence[bool | None]) -> bool | None:
    if False in verdicts:
        return False
    return None if None in verdicts or not verdicts else True


def _starts(parts: Sequence[Part]) -> Iterable[tuple[Part, float]]:
    at = 0.0
    for part in parts:
        yield part, at
        at += part.length_s


def _steps(parts: Sequence[Part]) -> Iterable[Step]:
    for part, at in _starts(parts):
        for step in part.outcome.steps:
            yield replace(
                step,
                name=f"{part.scenario} {step.name}",
                start_s=step.start_s + at,
                end_s=step.end_s + at,
            )


def _moments(parts: Sequence[Part]) -> Iterable[Moment]:
    for part, at in _starts(parts):
        for moment in part.outcome.moments:
            yield replace(moment, start_s=moment.start_s + at)


def _endpoints(outcomes: Sequence[Outcome]) -> Mapping[str, Figures]:
    names = dict.fromkeys(name for outcome in outcomes for name in outcome.endpoints)
    return {
        name: _figures([o.endpoints[name] for o in outcomes if name in o.endpoints])
        for name in names
    }


def _figures(found: Sequence[Figures]) -> Figures:
    length = _sum(found, lambda f: f.duration_s)
    completed = _sum(found, lambda f: f.completed)
    good = [f.goodput_rps * f.duration_s for f in found if f.goodput_rps and f.duration_s]
    errors: Counter[str] = Counter()
    for each in found:
        errors.update(each.errors)
    return Figures(
        latency=_latencies([f.latency for f in found]),
        good=_latencies([f.good for f in found if f.good is not None]),
        service=_latencies([f.service for f in found if f.service is not None])
        if any(f.service for f in found)
        else None,
        sent=_whole(found, lambda f: f.sent),
        completed=None if completed is None else round(completed),
        failed=_whole(found, lambda f: f.failed),
        errors=dict(errors.most_common()),
        dropped=_whole([f for f in found if f.dropped is not None], lambda f: f.dropped),
        duration_s=length,
        throughput_rps=completed / length if completed is not None and length else None,
        goodput_rps=sum(good) / length if length else None,
        received_bytes=_whole(found, lambda f: f.received_bytes),
    )


def _sum(found: Sequence[Figures], of: Callable[[Figures], float | None]) -> float | None:
    """Return the sum; None when one of them does not tell, or there is none."""
    values = [of(each) for each in found]
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _whole(found: Sequence[Figures], of: Callable[[Figures], float | None]) -> int | None:
    value = _sum(found, of)
    return None if value is None else round(value)


def _latencies(found: Sequence[Latencies]) -> Latencies:
    whole = merged(each.histogram for each in found if each.histogram is not None)
    return Latencies(
        count=whole.n,
        histogram=whole,
        mean_ms=whole.mean,
        least_ms=whole.least if whole.n else None,
        most_ms=whole.most if whole.n else None,
        corrected=all(each.corrected for each in found),
    )


def _generator(found: Sequence[Generator]) -> Generator | None:
    """Return the worst that any scenario saw of the generator."""
    if not found:
        return None
    return replace(
        found[0],
        slip_p99_ms=max((g.slip_p99_ms for g in found if g.slip_p99_ms is not None), default=None),
        cpu_share=max((g.cpu_share for g in found if g.cpu_share is not None), default=None),
        ready_share=max((g.ready_share for g in found if g.ready_share is not None), default=None),
    )
