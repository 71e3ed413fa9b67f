"""An investigation compared with the earlier one that its brief is of: latencies and cause."""

import json
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.benchmarks.model import Metric, MetricComparison
from slowcoach.core.errors import SlowcoachError
from slowcoach.core.units import duration, number
from slowcoach.diagnosis.brief import Given

if TYPE_CHECKING:
    from slowcoach.core.runs import Runs

_SHOWN = ("p50", "p95", "throughput")
_OPEN = frozenset({"", "unsure"})
Change = Literal["gone", "same", "another", "new", "unknown"]


class Since(BaseModel):
    """What changed since the earlier brief: its cause then and now, and the latencies.

    `cause_is`: gone (healthy now), same, another, new (was healthy), unknown (one is unsure).
    """

    model_config = ConfigDict(frozen=True)

    run: str | None = None
    cause_before: str
    cause_now: str
    cause_is: Change
    verdict: Literal["faster", "slower", "same", "unsure"]
    metrics: tuple[MetricComparison, ...] = ()
    targets_missed: tuple[str, ...] = Field(default=(), description="Of the brief.")
    summary: str


def change_of(before: str, now: str) -> Change:
    """Return what became of a cause."""
    if before in _OPEN or now in _OPEN:
        return "unknown"
    if before == now:
        return "same"
    if now == "healthy":
        return "gone"
    return "new" if before == "healthy" else "another"


def since(
    earlier: Given,
    now: str,
    metrics: list[MetricComparison],
    misses: dict[str, float],
    run: str | None,
) -> Since:
    """Return the comparison in figures and a sentence. Pure."""
    from slowcoach.benchmarks.compare import overall

    before = earlier.cause
    is_now = change_of(before, now)
    verdict = overall(metrics) if metrics else "unsure"
    missed = tuple(
        f"{name}: {duration(value / 1000)}, wanted {duration(earlier.targets[name] / 1000)}"
        for name, value in misses.items()
    )
    said = [_sentence(before, now, is_now), *(_moved(metric) for metric in metrics[:1])]
    if earlier.targets:
        said.append(f"Targets missed: {'; '.join(missed)}" if missed else "All targets are met")
    return Since(
        run=run,
        cause_before=before,
        cause_now=now,
        cause_is=is_now,
        verdict=verdict,
        metrics=tuple(metrics),
        targets_missed=missed,
        summary=". ".join(said) + ".",
    )


def _sentence(before: str, now: str, is_now: Change) -> str:
    return {
        "gone": f"The cause of the earlier brief, {before}, is gone",
        "same": f"The cause is still {now}",
        "another": f"The cause was {before} and is {now} now",
        "new": f"It was healthy and is {now} now",
        "unknown": f"Then: {before or 'no cause named'}; now: {now}",
    }[is_now]


def _moved(metric: MetricComparison) -> str:
    change = metric.change_pct
    if change is None:
        return f"{metric.name}: {metric.verdict}"
    low, high = metric.ci_low_pct, metric.ci_high_pct
    interval = "" if low is None or high is None else f" ({number(low)} to {number(high)} %)"
    return (
        f"{metric.name}: {duration(metric.before / 1000)} before, {duration(metric.after / 1000)} "
        f"now, {number(change)} %{interval}: {metric.verdict}"
    )


def metrics_of(run: str, latency: bytes, runs: "Runs") -> list[MetricComparison]:
    """Return the latencies of an earlier run against these, with intervals.

    None where it kept none, or had another number of requests at a time: they would tell nothing.
    """
    from slowcoach.benchmarks import sources
    from slowcoach.benchmarks.compare import compare_metrics, default_threshold_pct
    from slowcoach.benchmarks.readers import latency as reader

    try:
        before = json.loads(runs.store.artefact(run, sources.LATENCY)[0])
        old = sources.side([run], lambda: runs)
    except (SlowcoachError, ValueError):
        return []
    if before.get("concurrency") != json.loads(latency).get("concurrency"):
        return []
    new: list[Metric] = reader.READER.read(latency, "this run")
    found = compare_metrics(old.metrics, new, threshold_pct=default_threshold_pct())
    return [metric for metric in found if metric.name in _SHOWN]


def told(earlier: Given, measured: dict[str, float | None]) -> list[MetricComparison]:
    """Return the figures that a brief tells against these: single numbers, so without interval."""
    found: list[MetricComparison] = []
    for name, before in earlier.before.items():
        after = measured.get(f"{name}_ms")
        if after is not None and before > 0:
            found.append(
                MetricComparison(
                    name=f"latency under load, {name}",
                    unit="ms",
                    before=before,
                    after=after,
                    change_pct=round(100 * (after / before - 1), 2),
                    verdict="unsure",
                    runs_before=1,
                    runs_after=1,
                    note="the brief tells one number: no interval",
                )
            )
    return found
