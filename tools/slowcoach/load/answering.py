"""From a load test and what was judged of it to an answer that fits a reader. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from slowcoach.core.finding import ranked
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, number, quantity, share
from slowcoach.load.answer import (
    Bottleneck,
    EndpointRow,
    Latency,
    LoadAnswer,
    StepRow,
)
from slowcoach.load.judgement import Judgement
from slowcoach.load.outcome import Figures, Latencies, Outcome, Step
from slowcoach.load.shortening import fitted
from slowcoach.load.target_series import TargetSeries

__all__ = ["answer_of", "bottleneck_told", "fitted"]

_MOST_ERRORS = 8
_DIGITS, _SHORT = 6, 4  # digits of the whole test's figures and of rows
_KINDS_OF_NEXT = {
    "cpu": "record_profile of the target under this load: its top frames are what to make cheaper",
    "cpu_quota": "raise or drop the control group's CPU limit, then run_load_test again",
    "pool": "investigate with the target's pid under load: whose slots they are, and who holds "
    "them how long; then plan_capacity for the size",
    "contention": "record_profile with kind lock under load; plan_capacity with these steps",
    "hard_limit": "find the setting with this number, raise it or shed load on purpose, and run "
    "the steps around it again",
    "memory": "check_memory of the target: which objects grow",
    "gc": "record_profile with kind alloc: who allocates most",
    "stall": "investigate while it stalls: what its threads wait for then",
    "queue": "run_load_test again with the target's pid: whether it computes or waits",
    "generator": "run_load_test with more processes, or from another machine, before judging it",
    "none": "run_load_test with higher steps, if more than this is needed",
}


def answer_of(
    outcome: Outcome, judgement: Judgement, *, series: TargetSeries | None = None
) -> LoadAnswer:
    """Return the answer, within what a reader takes in; what was cut is said in `warnings`."""
    whole = outcome.whole
    latency = _latency(whole.latency)
    unknown = [*outcome.unknown, *_refused_percentiles(whole.latency, latency)]
    if series is not None:
        unknown += [f"{series.source}: {each}" for each in series.unknown]
    answer = LoadAnswer(
        tool=outcome.tool,
        model=outcome.model,
        latency=latency,
        throughput_rps=_rounded(whole.throughput_rps),
        goodput_rps=_rounded(whole.goodput_rps),
        error_rate=_rounded(whole.error_rate),
        errors=_errors(whole.errors),
        dropped=whole.dropped,
        steps=tuple(map(_step, outcome.steps)),
        endpoints=tuple(_endpoints(outcome.endpoints)),
        passed=judgement.passed,
        criteria=judgement.criteria,
        bottleneck=judgement.bottleneck,
        unknown=tuple(dict.fromkeys(unknown)),
        findings=ranked(judgement.findings),
        not_checked=judgement.not_checked,
        warnings=outcome.warnings,
        summary=_summary(outcome, judgement, latency),
        next=_next(outcome, judgement),
    )
    return fitted(answer)


# -- figures -------------------------------------------------------------------------------------


def _rounded(value: float | None, digits: int = _DIGITS) -> float | None:
    """Return a figure without digits that mean nothing; None for what is no number."""
    if value is None or value != value or abs(value) == float("inf"):
        return None
    return float(f"{value:.{digits}g}")


def _latency(found: Latencies) -> Latency:
    limits = rule("load.few_samples")
    n = found.count if found.count is not None else _counted(found)
    few_95 = n is not None and n < limits.limit("p95_samples")
    few_99 = n is not None and n < limits.limit("p99_samples")
    return Latency(
        p50_ms=_rounded(found.percentile(0.5)),
        p90_ms=_rounded(found.percentile(0.9)),
        p95_ms=_rounded(found.percentile(0.95)),
        p99_ms=None if few_99 else _rounded(found.percentile(0.99)),
        max_ms=_rounded(_most(found)),
        mean_ms=_rounded(_mean(found)),
        p95_ci_ms=None if few_95 else _interval(found, 0.95),
        p99_ci_ms=None if few_99 else _interval(found, 0.99),
        n=n,
        from_due=found.corrected,
    )


def _counted(found: Latencies) -> int | None:
    return None if found.histogram is None else found.histogram.n


def _most(found: Latencies) -> float | None:
    if found.most_ms is not None:
        return found.most_ms
    return found.histogram.most if found.histogram is not None and found.histogram.n else None


def _mean(found: Latencies) -> float | None:
    if found.mean_ms is not None:
        return found.mean_ms
    return found.histogram.mean if found.histogram is not None else None


def _interval(found: Latencies, q: float) -> tuple[float, float] | None:
    ends = found.interval(q)
    if ends is None:
        return None
    low, high = (_rounded(end) for end in ends)
    return None if low is None or high is None else (low, high)


def _refused_percentiles(found: Latencies, told: Latency) -> list[str]:
    if told.n is None or told.p99_ms is not None or found.percentile(0.99) is None:
        return []
    needed = rule("load.few_samples").limit("p99_samples")
    return [f"p99: {number(told.n)} requests are too few for it, {number(needed)} are needed"]


def _step(step: Step) -> StepRow:
    figures, latency = step.figures, _latency(step.figures.latency)
    return StepRow(
        name=step.name,
        load=_rounded(step.load) or 0.0,
        unit=step.unit,
        seconds=_rounded(step.end_s - step.start_s, _SHORT) or 0.0,
        throughput_rps=_rounded(figures.throughput_rps, _SHORT),
        goodput_rps=_rounded(figures.goodput_rps, _SHORT),
        error_rate=_rounded(figures.error_rate, _SHORT),
        dropped=figures.dropped,
        p50_ms=_rounded(latency.p50_ms, _SHORT),
        p95_ms=_rounded(latency.p95_ms, _SHORT),
        p99_ms=_rounded(latency.p99_ms, _SHORT),
    )


def _endpoints(found: Mapping[str, Figures]) -> Iterable[EndpointRow]:
    """Yield the endpoints, those that took the most time first."""

    def weight(figures: Figures) -> float:
        mean = _mean(figures.latency) or figures.latency.percentile(0.5) or 0.0
        return -mean * (figures.completed or figures.sent or 0)

    for name, figures in sorted(found.items(), key=lambda item: weight(item[1])):
        latency = _latency(figures.latency)
        yield EndpointRow(
            name=name,
            requests=figures.sent if figures.sent is not None else figures.completed,
            error_rate=_rounded(figures.error_rate, _SHORT),
            p50_ms=_rounded(latency.p50_ms, _SHORT),
            p95_ms=_rounded(latency.p95_ms, _SHORT),
        )


def _errors(found: Mapping[str, int]) -> dict[str, int]:
    """Return the errors by kind, most first; the rare ones together."""
    ordered = sorted(found.items(), key=lambda item: -item[1])
    shown = dict(ordered[:_MOST_ERRORS])
    if rest := sum(count for _, count in ordered[_MOST_ERRORS:]):
        shown["other kinds"] = rest
    return shown


# -- sentences -----------------------------------------------------------------------------------


def _summary(outcome: Outcome, judgement: Judgement, latency: Latency) -> str:
    parts = [_sent(outcome), _latency_told(latency, outcome), _verdict(judgement)]
    if judgement.bottleneck is not None and judgement.bottleneck.summary:
        parts.append(judgement.bottleneck.summary)
    elif judgement.bottleneck is None:
        parts.append("What limits it is not sure.")
    return " ".join(part for part in parts if part)


def _sent(outcome: Outcome) -> str:
    whole = outcome.whole
    count = whole.sent if whole.sent is not None else whole.completed
    parts: list[str] = [] if count is None else [f"{number(count)} requests"]
    if whole.duration_s is not None:
        parts.append(f"in {duration(whole.duration_s)}")
    if whole.throughput_rps is not None:
        parts.append(f"({number(whole.throughput_rps)} req/s)")
    text = f"{outcome.tool}: {' '.join(parts)}" if parts else outcome.tool
    if whole.error_rate:
        text += f", {share(whole.error_rate)} errors{_worst(whole.errors)}"
    elif whole.error_rate is not None:
        text += ", no errors"
    if whole.dropped:
        text += f", {number(whole.dropped)} were due and never sent"
    return text + "."


def _worst(errors: Mapping[str, int]) -> str:
    if not errors:
        return ""
    kind, _ = max(errors.items(), key=lambda item: item[1])
    return f" (most: {kind})"


def _latency_told(latency: Latency, outcome: Outcome) -> str:
    parts = [
        f"{name} {quantity(value, 'ms')}{_within(ends)}"
        for name, value, ends in (
            ("p50", latency.p50_ms, None),
            ("p95", latency.p95_ms, latency.p95_ci_ms),
            ("p99", latency.p99_ms, latency.p99_ci_ms),
        )
        if value is not None
    ]
    if not parts:
        return ""
    text = "Latency " + ", ".join(parts)
    if outcome.model == "closed" and not latency.from_due:
        return f"{text} (fixed users: not what users at a rate would meet)."
    return f"{text}, from when requests were due." if latency.from_due else f"{text}."


def _within(ends: tuple[float, float] | None) -> str:
    if ends is None:
        return ""
    return f" (95 %: {quantity(ends[0], 'ms')} to {quantity(ends[1], 'ms')})"


def _verdict(judgement: Judgement) -> str:
    if judgement.refused is not None:
        return f"No verdict: {judgement.refused}."
    if judgement.passed is None:
        return ""
    if judgement.passed:
        return "All criteria hold."
    failed = [
        f"{each.metric} {number(each.value)} {each.unit} (limit {number(each.limit)})"
        for each in judgement.criteria
        if each.ok is False and each.value is not None
    ]
    return f"FAILED: {', '.join(failed)}." if failed else "FAILED."


def _next(outcome: Outcome, judgement: Judgement) -> tuple[str, ...]:
    found: list[str] = []
    if judgement.bottleneck is None:
        found.append(_to_decide(outcome, judgement))
    elif (step := _KINDS_OF_NEXT.get(judgement.bottleneck.kind)) is not None:
        found.append(step)
    if outcome.model == "closed" and judgement.criteria:
        found.append("run_load_test at a `rate` for latencies that users would meet")
    if judgement.passed is not None:
        found.append("compare with the run before the change")
    return tuple(found)


def _to_decide(outcome: Outcome, judgement: Judgement) -> str:
    least = int(rule("load.plateau").limit("least_steps"))
    if len(outcome.steps) < least:
        return f"run_load_test in {least} or more steps, beyond where throughput stops to rise"
    if any("pid" in each.why for each in judgement.not_checked):
        return "run_load_test again with the target's `pid`: whether it computes or waits"
    return "run_load_test again on a quieter machine, with longer steps"


def bottleneck_told(found: Bottleneck) -> str:
    """Return a limit with its interval: `8 slots (7.7 to 8.4)`."""
    if found.limit is None:
        return found.kind
    text = quantity(found.limit, found.unit)
    if found.low is None or found.high is None or found.low == found.high:
        return text
    return f"{text} ({quantity(found.low, found.unit)} to {quantity(found.high, found.unit)})"
