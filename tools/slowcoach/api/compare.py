"""The tool `compare`: is it faster or slower than before, and how sure is that?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from slowcoach.benchmarks.model import Metric, MetricComparison
from slowcoach.core.finding import Evidence, Finding, NotChecked
from slowcoach.core.job import Job
from slowcoach.core.knowledge import rule
from slowcoach.core.result import Result, Table
from slowcoach.core.tool import Tool
from slowcoach.core.units import number, quantity

if TYPE_CHECKING:
    from slowcoach.benchmarks.sources import Side

_TOP = 10
_NAMED = 5
_MEDIAN = 0.5
_LEAST_P = 0.0001
_RANK = {"slower": 0, "faster": 1, "unsure": 2, "same": 3}


class Comparison(Result):
    """The answer of `compare`: one verdict, and each metric with its interval."""

    verdict: Literal["faster", "slower", "same", "unsure"]
    metrics: tuple[MetricComparison, ...]
    passed: bool | None = Field(description="None: the runs cannot tell.")
    threshold_pct: float
    metrics_compared: int
    difference: str | None = None
    """Of two profiles: where the data of the difference flame graph is kept."""
    picture: str | None = None
    """The difference flame graph as SVG."""
    image: str | None = None
    """The same as PNG, when it was asked for."""

    def tables(self) -> tuple[Table, ...]:
        """Return one row a metric."""
        cut = self.metrics_compared - len(self.metrics)
        note = (
            f"{cut} of {self.metrics_compared} metrics are not shown; ask with top." if cut else ""
        )
        return (
            Table(
                title="Before and after",
                columns=(
                    "metric",
                    "before",
                    "after",
                    "change",
                    "95 % interval",
                    "p",
                    "runs",
                    "verdict",
                ),
                rows=tuple(_row(metric) for metric in self.metrics),
                right=("before", "after", "change", "95 % interval", "p", "runs"),
                note=note,
            ),
        )


def _row(metric: MetricComparison) -> tuple[str, ...]:
    from slowcoach.benchmarks.wording import signed

    low, high = metric.ci_low_pct, metric.ci_high_pct
    return (
        metric.name,
        quantity(metric.before, metric.unit),
        quantity(metric.after, metric.unit),
        "" if metric.change_pct is None else f"{signed(metric.change_pct)} %",
        "" if low is None or high is None else f"{signed(low)} to {signed(high)} %",
        _p(metric.p_value),
        f"{metric.runs_before}/{metric.runs_after}",
        metric.verdict,
    )


def _p(value: float | None) -> str:
    if value is None:
        return ""
    return f"< {number(_LEAST_P)}" if value < _LEAST_P else number(value, 2)


def compare(
    job: Job,
    before: Annotated[
        str | list[str],
        Field(
            description="Run id, or file(s) of benchmark, load test, profile; several: a run each."
        ),
    ],
    after: Annotated[str | list[str], Field(description="The same, of the changed version.")],
    threshold_pct: Annotated[
        float | None,
        Field(gt=0, le=1000, description="Worse by more than this fails (default 10)."),
    ] = None,
    top: Annotated[int, Field(ge=1, le=500, description="Metrics to show.")] = _TOP,
    picture: Annotated[
        Literal["difference"] | None, Field(description="Show it, of profiles.")
    ] = None,
) -> Comparison:
    """Tell whether a change made it faster or slower, with interval and p-value.

    Use it after a fix with two runs of investigate, two benchmark files (pytest-benchmark,
    hyperfine, Google Benchmark, go test -bench, pyperf, JSON {name: [one value a run]}), or two
    profiles (files, or runs of record_profile): then the functions that changed are named.
    It answers unsure rather than guess. `passed` is the CI gate.
    Next: find the cause of a regression with record_profile.
    """
    from slowcoach.benchmarks import sources
    from slowcoach.benchmarks.compare import compare_metrics, default_threshold_pct

    gate = default_threshold_pct() if threshold_pct is None else threshold_pct
    old, new = (
        sources.side([given] if isinstance(given, str) else given, lambda: job.runs)
        for given in (before, after)
    )
    sources.demand_common(old, new)
    if not old.metrics:
        from slowcoach.benchmarks import profiles

        told, tree = profiles.fields(old, new, gate, top)
        return _drawn(job, Comparison(**told, threshold_pct=gate), tree, picture)
    if old.latency and new.latency:  # for the report's drawing
        job.save("latency.before.json", old.latency, "application/json")
        job.save(sources.LATENCY, new.latency, "application/json")
    metrics = compare_metrics(old.metrics, new.metrics, threshold_pct=gate)
    return _explained(job, judge(old, new, metrics, gate, top), old, new, picture)


def _drawn(job: Job, result: Comparison, tree: dict[str, Any], picture: str | None) -> Comparison:
    """Keep the difference of two profiles, as data and drawn."""
    from slowcoach.benchmarks import profiles
    from slowcoach.profiling.kept import keep_difference

    data = json.dumps(tree, separators=(",", ":")).encode()
    kept = job.save(profiles.DIFFERENCE, data, "application/json")
    fields, said = keep_difference(job, tree, picture=picture)
    return result.model_copy(
        update={"difference": kept, **fields, "warnings": (*result.warnings, *said)}
    )


def _explained(
    job: Job, result: Comparison, old: Side, new: Side, picture: str | None
) -> Comparison:
    """Add what the profiles say that both runs kept beside their latencies."""
    if not (old.profiles and new.profiles):
        return result
    from slowcoach.benchmarks import profiles

    found = profiles.beside(old, new, result.threshold_pct, _TOP)
    if found is None:
        return result
    told, tree = found
    said = f"{result.summary} Their profiles: {told['summary'].split('. ', 1)[0]}."
    more = {"summary": said, "findings": (*result.findings, *told["findings"])}
    return _drawn(job, result.model_copy(update=more), tree, picture)


def judge(
    old: Side, new: Side, metrics: list[MetricComparison], gate: float, top: int = _TOP
) -> Comparison:
    """Turn compared metrics into the tool's answer. Pure."""
    from slowcoach.benchmarks import wording
    from slowcoach.benchmarks.compare import overall, passed

    kept, thin = _without_thin_tails(old, metrics)
    verdict, ok = overall(kept), passed(kept, gate)
    shown = kept if len(kept) <= top else sorted(kept, key=_worst_first)[:top]
    return Comparison(
        summary=wording.summary(kept, verdict, ok, gate),
        verdict=verdict,
        passed=ok,
        metrics=tuple(shown),
        threshold_pct=gate,
        metrics_compared=len(kept),
        findings=tuple(_findings(kept, verdict, gate)),
        not_checked=thin,
        warnings=tuple(_warnings(old, new)),
        next=_next(verdict),
    )


def _worst_first(metric: MetricComparison) -> tuple[int, float]:
    return _RANK[metric.verdict], -abs(metric.change_pct or 0)


def _without_thin_tails(
    old: Side, metrics: list[MetricComparison]
) -> tuple[list[MetricComparison], tuple[NotChecked, ...]]:
    """Leave out percentiles for which there are too few requests, if others remain."""
    few = rule("bench.too_few_runs")
    tails = {m.name for m in old.metrics if (m.quantile or 0) > _MEDIAN}
    thin = [
        m
        for m in metrics
        if m.name in tails and min(m.runs_before, m.runs_after) < few.limit("least_runs")
    ]
    kept = [metric for metric in metrics if metric not in thin]
    if not kept:
        return metrics, ()
    why = "too few requests for this percentile; measure longer or with more load"
    return kept, tuple(few.not_checked(f"{metric.name}: {why}") for metric in thin)


def _findings(metrics: list[MetricComparison], verdict: str, gate: float) -> list[Finding]:
    from slowcoach.benchmarks.compare import worsening_pct

    found: list[Finding] = []
    worse = [m for m in metrics if m.verdict == "slower" and (worsening_pct(m) or gate + 1) > gate]
    if worse:
        worse.sort(key=_worst_first)
        evidence = [_worsened(metric, gate) for metric in worse[:_NAMED]]
        found.append(
            rule("bench.regression").finding(evidence, where=[m.name for m in worse[:_NAMED]])
        )
    few = [m for m in metrics if m.verdict == "unsure" and m.runs_needed]
    if few and verdict == "unsure":
        limit = rule("bench.too_few_runs").limit("least_runs")
        evidence = [
            Evidence(
                metric=f"runs a side of {metric.name}",
                value=min(metric.runs_before, metric.runs_after),
                unit="count",
                limit=limit if metric.p_value is None else metric.runs_needed,
                note=metric.note,
            )
            for metric in few[:_NAMED]
        ]
        found.append(rule("bench.too_few_runs").finding(evidence))
    return found


def _worsened(metric: MetricComparison, gate: float) -> Evidence:
    from slowcoach.benchmarks.wording import figures, signed

    low, high = metric.ci_low_pct, metric.ci_high_pct
    interval = "" if low is None or high is None else f", 95 %: {signed(low)} to {signed(high)} %"
    return Evidence(
        metric=f"change of {metric.name}",
        value=(metric.change_pct or 0) / 100,
        unit="share",
        limit=gate / 100 if metric.lower_is_better else -gate / 100,
        note=figures(metric) + interval,
    )


def _warnings(old: Side, new: Side) -> list[str]:
    said: list[str] = []
    for title, side, other in (("before", old, new), ("after", new, old)):
        missing = sorted({m.name for m in side.metrics} - {m.name for m in other.metrics})
        if missing:
            names = ", ".join(missing[:_NAMED])
            said.append(f"{len(missing)} metrics are only in {title}: {names}")
    if any(_one_process(metric) for metric in (*old.metrics, *new.metrics)):
        noise = rule("bench.single_process").limits["process_noise"]
        said.append(
            f"All values of a side come from one process, so the interval is widened by an assumed "
            f"{noise} from start to start; give files of several starts to measure it"
        )
    return said


def _one_process(metric: Metric) -> bool:
    return not metric.separate and bool(metric.runs)


def _next(verdict: str) -> tuple[str, ...]:
    return {
        "slower": ("record_profile on both versions shows where the new time goes",),
        "unsure": (
            "repeat both sides in turns (before, after, after, before), then compare again",
        ),
        "same": ("find_bottleneck: the change did not touch what costs the time",),
        "faster": ("keep this run as the baseline of a CI gate: compare with threshold_pct",),
    }[verdict]


TOOL = Tool(
    compare,
    title="Compare before and after",
    positional=("before", "after"),
    sizes=("top",),
    writes=("image", "picture", "difference"),
    examples=(
        "slowcoach compare before.json after.json",
        "slowcoach compare before.speedscope.json after.speedscope.json",
        "slowcoach compare investigate-k3mxpqrt investigate-w8hnc2df --threshold-pct 5",
    ),
)
