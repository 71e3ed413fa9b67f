"""The pass criteria of a test, and when a run cannot answer them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from slowcoach.core.knowledge import rule
from slowcoach.load.answer import Criterion
from slowcoach.load.generator_health import Health
from slowcoach.load.outcome import Latencies, Outcome
from slowcoach.load.plan import PassCriteria

_PERCENT = 100.0
_LATENCIES = (
    ("p50_response_ms", 0.5, None),
    ("p95_response_ms", 0.95, "p95_samples"),
    ("p99_response_ms", 0.99, "p99_samples"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`passed` is None without criteria, or where the run cannot answer: `refused` says why."""

    passed: bool | None = None
    criteria: tuple[Criterion, ...] = ()
    refused: str | None = None


def verdict_of(outcome: Outcome, criteria: PassCriteria | None, health: Health) -> Verdict:
    """Return each criterion judged, as far as the generator's own faults allow.

    Requests that were never sent flatter the latencies: a limit crossed even so stays crossed, one
    that holds says nothing. The generator's own delay does the opposite.
    """
    judged = _judged(outcome, criteria or PassCriteria())
    rows = tuple(_doubted(row, health) for row in judged)
    rows += tuple(
        Criterion(metric=each.expression, limit=0.0, unit="", ok=each.ok)
        for each in outcome.thresholds
        if criteria is None
    )
    doubted = [row for row, was in zip(rows, judged, strict=False) if row.ok is not was.ok]
    if any(row.ok is False for row in rows):
        return Verdict(False, rows)
    if doubted:
        return Verdict(None, rows, _why(health, doubted))
    known = [row for row in rows if row.ok is not None]
    if not known or len(known) < len(rows):
        return Verdict(None, rows)
    return Verdict(True, rows)


def _judged(outcome: Outcome, criteria: PassCriteria) -> list[Criterion]:
    found: list[Criterion] = []
    for name, q, needed in _LATENCIES:
        limit = getattr(criteria, name)
        if limit is not None:
            value = _percentile(outcome.whole.latency, q, needed)
            found.append(_row(name, limit, value, "ms"))
    if criteria.error_rate_pct is not None:
        rate = outcome.whole.error_rate
        value = None if rate is None else rate * _PERCENT
        found.append(_row("error_rate_pct", criteria.error_rate_pct, value, "%"))
    if criteria.throughput_rps is not None:
        value = _best_goodput(outcome)
        found.append(_row("throughput_rps", criteria.throughput_rps, value, "req/s", least=True))
    return found


def _percentile(latency: Latencies, q: float, needed: str | None) -> float | None:
    """Return a percentile; None when it rests on too few requests."""
    n = latency.count
    if n is None and latency.histogram is not None:
        n = latency.histogram.n
    if n is not None and needed is not None and n < rule("load.few_samples").limit(needed):
        return None
    return latency.percentile(q)


def _best_goodput(outcome: Outcome) -> float | None:
    """Return the most successes a second that a step, or the whole test, reached."""
    found = [
        rate
        for figures in (outcome.whole, *(step.figures for step in outcome.steps))
        if (rate := _goodput(figures.goodput_rps, figures.throughput_rps, figures.error_rate))
        is not None
    ]
    return max(found, default=None)


def _goodput(good: float | None, every: float | None, errors: float | None) -> float | None:
    if good is not None or every is None:
        return good
    return every * (1 - (errors or 0.0))


def _row(
    metric: str, limit: float, value: float | None, unit: str, *, least: bool = False
) -> Criterion:
    ok = None if value is None else value >= limit if least else value <= limit
    told = None if value is None else float(f"{value:.6g}")
    return Criterion(metric=metric, limit=limit, value=told, unit=unit, ok=ok)


def _doubted(row: Criterion, health: Health) -> Criterion:
    """Return a criterion as unknown where the generator's fault could have decided it."""
    if row.ok is None or row.metric == "error_rate_pct":
        return row
    is_latency = row.metric.endswith("_ms")
    favoured = health.flatters and is_latency and row.ok
    disfavoured = health.delays and not row.ok
    return row.model_copy(update={"ok": None}) if favoured or disfavoured else row


def _why(health: Health, rows: list[Criterion]) -> str:
    names = ", ".join(row.metric for row in rows)
    fault = "requests were dropped" if health.flatters else "the generator itself was too slow"
    if health.flatters and health.delays:
        fault = "requests were dropped and the generator itself was too slow"
    return f"{fault}, which may have decided {names}"
