"""Whether the load generator, rather than the target, shaped the figures of a test. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from slowcoach.core.finding import Evidence, Finding, NotChecked
from slowcoach.core.knowledge import rule
from slowcoach.load.outcome import Outcome, Step
from slowcoach.load.target_series import TargetSeries

RULE = "load.generator_unfit"


@dataclass(frozen=True, slots=True)
class Health:
    """`flatters`: requests were left out that would have been slow. `delays`: the generator's own
    delay is in the latencies. `is_full`: it could not send more, whatever the target did.
    """

    flatters: bool = False
    delays: bool = False
    is_full: bool = False
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()


def health_of(outcome: Outcome, series: TargetSeries | None = None) -> Health:
    """Return how fit the generator was. Dropped requests flatter, late sends delay."""
    judged = rule(RULE)
    evidence = {
        "dropped_share": _dropped(outcome),
        "slip_share": _slip(outcome),
        "busy_share": _busy(outcome, series),
    }
    found = {
        name: each
        for name, each in evidence.items()
        if each is not None and each.value > judged.limit(name)
    }
    if outcome.generator is None and evidence["dropped_share"] is None:
        why = f"{outcome.tool} tells neither dropped requests nor how the generator itself was"
        return Health(not_checked=(judged.not_checked(why),))
    return Health(
        flatters="dropped_share" in found,
        delays="slip_share" in found or "busy_share" in found,
        is_full="busy_share" in found,
        findings=(judged.finding(found.values()),) if found else (),
    )


def _evidence(metric: str, value: float, limit: str, note: str | None = None) -> Evidence:
    return Evidence(
        metric=metric, value=value, unit="share", limit=rule(RULE).limit(limit), note=note
    )


def _dropped(outcome: Outcome) -> Evidence | None:
    whole = outcome.whole
    if whole.dropped is None:
        return None
    due = (whole.sent or whole.completed or 0) + whole.dropped
    value = whole.dropped / due if due else 0.0
    return _evidence("requests dropped", value, "dropped_share")


def _slip(outcome: Outcome) -> Evidence | None:
    slip = outcome.generator.slip_p99_ms if outcome.generator is not None else None
    p99 = outcome.whole.latency.percentile(0.99)
    if slip is None or not p99 or slip < rule(RULE).limit("least_slip"):
        return None
    return _evidence("late sends by the p99", slip / p99, "slip_share")


def _busy(outcome: Outcome, series: TargetSeries | None) -> Evidence | None:
    """Return for how much of the time the generator ran or stood ready; near 1 it sends late.

    The fullest step counts: over the whole test a step that it could not send is thinned out.
    """
    generator = outcome.generator
    shares = [(share, step.name) for step in outcome.steps if (share := _own(series, step))]
    if generator is not None and generator.cpu_share is not None:
        shares.append((generator.cpu_share + (generator.ready_share or 0.0), "the whole test"))
    if not shares:
        return None
    most, where = max(shares)
    return _evidence("generator ran or stood ready", most, "busy_share", f"in {where}")


def _own(series: TargetSeries | None, step: Step) -> float | None:
    moments = series.between(step.start_s, step.end_s) if series is not None else ()
    told = [each.own_busy for each in moments if each.own_busy is not None]
    return median(told) if told else None
