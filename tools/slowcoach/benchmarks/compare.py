"""Before against after: one change with its interval and verdict for each metric. Pure.

The unit is the run. Each run is reduced to one number; the logarithms of those are compared, so
that a change is a ratio and one slow run weighs little.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist, fmean, stdev

from slowcoach.benchmarks.model import Metric, MetricComparison, Verdict
from slowcoach.core import stats
from slowcoach.core.knowledge import rule

MEDIAN = 0.5
_TWO_SIDES = 2


@dataclass(frozen=True, slots=True)
class _Policy:
    """The limits a verdict depends on, as shares, and whether one process made all runs."""

    threshold: float
    significance: float
    negligible: float
    least_runs: int
    good_runs: int
    most_runs: int
    process_noise: float


@dataclass(frozen=True, slots=True)
class _Change:
    """A difference of logarithms (after less before) with its interval."""

    value: float
    low: float
    high: float
    p_value: float
    noise: float


def default_threshold_pct() -> float:
    """Return the change for the worse, in per cent, beyond which the gate fails."""
    return rule("bench.regression").limit("regression") * 100


def compare_samples(
    name: str,
    before: Sequence[Sequence[float]],
    after: Sequence[Sequence[float]],
    *,
    threshold_pct: float,
    lower_is_better: bool = True,
    quantile: float | None = MEDIAN,
    separate: bool = True,
    unit: str = "",
) -> MetricComparison:
    """Compare one metric, given the values of each run before and after.

    `quantile` reduces a run to one number (None: the mean). With `separate=False` the runs are
    windows of one process: they are joined until each can carry the quantile, and the interval
    is widened by the noise from start to start, which such data cannot show.
    """
    sides = [
        Metric(name, unit, tuple(map(tuple, runs)), quantile, separate, lower_is_better)
        for runs in (before, after)
    ]
    return compare_metrics(sides[:1], sides[1:], threshold_pct=threshold_pct)[0]


def compare_metrics(
    before: Sequence[Metric], after: Sequence[Metric], *, threshold_pct: float
) -> list[MetricComparison]:
    """Compare the metrics that both sides have, in the order of `before`.

    The verdicts take into account how many metrics are judged at once (Benjamini-Hochberg).
    """
    later = {metric.name: metric for metric in after}
    pairs = [(metric, later[metric.name]) for metric in before if metric.name in later]
    policy = _policy(threshold_pct / 100)
    compared = [_compare(old, new, policy) for old, new in pairs]
    judged = [c for c in compared if c.p_value is not None]
    adjusted = iter(stats.benjamini_hochberg([c.p_value or 0.0 for c in judged]))
    return [c if c.p_value is None else _judged(c, next(adjusted), policy) for c in compared]


def overall(metrics: Sequence[MetricComparison]) -> Verdict:
    """Return one verdict: slower if any metric is, else faster if any is, same if all are."""
    verdicts = {metric.verdict for metric in metrics}
    order: tuple[Verdict, ...] = ("slower", "faster", "unsure", "same")
    for verdict in order:
        if verdict in verdicts:
            return verdict
    return "unsure"


def worsening_pct(metric: MetricComparison) -> float | None:
    """Return the change in per cent with the sign turned so that worse is positive."""
    change = metric.change_pct
    return change if change is None or metric.lower_is_better else -change


def passed(metrics: Sequence[MetricComparison], threshold_pct: float) -> bool | None:
    """Return False for a shown regression beyond the gate, True for none, None if unsure.

    A metric that is unsure leaves the gate open only if its interval reaches beyond it.
    """
    worse = [m for m in metrics if m.verdict == "slower"]
    if any((worsening_pct(m) or math.inf) > threshold_pct for m in worse):
        return False
    unsure = [m for m in metrics if m.verdict == "unsure"]
    if not metrics or any(_worst_pct(m) > threshold_pct for m in unsure):
        return None
    return True


def _worst_pct(metric: MetricComparison) -> float:
    """Return how much worse it may be at the end of its interval."""
    if metric.ci_low_pct is None or metric.ci_high_pct is None:
        return math.inf
    return metric.ci_high_pct if metric.lower_is_better else -metric.ci_low_pct


def _policy(threshold: float) -> _Policy:
    regression, few = rule("bench.regression"), rule("bench.too_few_runs")
    return _Policy(
        threshold=threshold,
        significance=regression.limit("significance"),
        negligible=regression.limit("negligible"),
        least_runs=int(few.limit("least_runs")),
        good_runs=int(few.limit("good_runs")),
        most_runs=int(few.limit("most_runs")),
        process_noise=rule("bench.single_process").limit("process_noise"),
    )


def run_statistics(metric: Metric) -> list[float]:
    """Return one number for each run; windows of one process are joined first."""
    runs = [run for run in metric.runs if run]
    if metric.quantile is None:
        return [fmean(run) for run in runs]
    if not metric.separate:
        runs = _joined(runs, metric.quantile)
    return [stats.percentile(run, metric.quantile) for run in runs]


def _joined(runs: Sequence[Sequence[float]], quantile: float) -> list[tuple[float, ...]]:
    """Join consecutive windows until each holds enough samples beyond the quantile."""
    total = sum(map(len, runs))
    beyond = rule("bench.too_few_runs").limit("tail_samples")
    needed = math.ceil(beyond / (1 - quantile))
    blocks = rule("bench.single_process").limit("blocks")
    needed = max(needed, math.ceil(total / blocks))
    joined: list[tuple[float, ...]] = []
    current: list[float] = []
    for run in runs:
        current += run
        if len(current) >= needed:
            joined.append(tuple(current))
            current = []
    if current and joined:
        joined[-1] += tuple(current)
    return joined


def _compare(old: Metric, new: Metric, policy: _Policy) -> MetricComparison:
    before, after = run_statistics(old), run_statistics(new)
    typical = _typical(before) or _of_all(old), _typical(after) or _of_all(new)
    base = MetricComparison(
        name=old.name,
        unit=old.unit,
        before=typical[0],
        after=typical[1],
        change_pct=_ratio_pct(*typical),
        verdict="unsure",
        lower_is_better=old.lower_is_better,
        runs_before=len(before),
        runs_after=len(after),
    )
    fewest = min(len(before), len(after))
    if fewest < policy.least_runs:
        return base.model_copy(
            update={
                "runs_needed": policy.good_runs,
                "note": f"{fewest} runs a side are too few: {policy.least_runs} at least, "
                f"{policy.good_runs} are good",
            }
        )
    noise = 0.0 if old.separate and new.separate else policy.process_noise
    change = _change(_scaled(before), _scaled(after), noise, policy)
    logarithmic = min(*before, *after) > 0
    return base.model_copy(
        update={
            "ci_low_pct": _pct(change.low) if logarithmic else None,
            "ci_high_pct": _pct(change.high) if logarithmic else None,
            "p_value": change.p_value,
            "noise_pct": change.noise * 100 if logarithmic else None,
        }
    )


def _typical(values: Sequence[float]) -> float:
    """Return the geometric mean, or the mean when a value is not positive; 0 for none."""
    if not values:
        return 0.0
    if min(values) > 0:
        return math.exp(fmean(map(math.log, values)))
    return fmean(values)


def _of_all(metric: Metric) -> float:
    """Return the quantile of all values together, for when they are too few for any window."""
    values = [value for run in metric.runs for value in run]
    return stats.percentile(values, metric.quantile or MEDIAN) if values else 0.0


def _scaled(values: Sequence[float]) -> list[float]:
    return [math.log(v) for v in values] if min(values) > 0 else list(values)


def _ratio_pct(before: float, after: float) -> float | None:
    if before == after:
        return 0.0
    return (after / before - 1) * 100 if before > 0 else None


def _pct(logarithm: float) -> float:
    return math.expm1(logarithm) * 100


def _change(before: list[float], after: list[float], noise: float, policy: _Policy) -> _Change:
    value = fmean(after) - fmean(before)
    spread = math.sqrt((stdev(before) ** 2 + stdev(after) ** 2) / _TWO_SIDES)
    low, high = stats.welch_interval(before, after, 1 - policy.significance)
    if not noise:
        return _Change(value, low, high, stats.permutation_p(before, after), spread)
    between = noise * math.sqrt(_TWO_SIDES)
    quantile = NormalDist().inv_cdf(1 - policy.significance / _TWO_SIDES)
    half = math.hypot((high - low) / _TWO_SIDES, quantile * between)
    error = math.hypot(stats.standard_error(before, after), between)
    p_value = _TWO_SIDES * NormalDist().cdf(-abs(value) / error)
    return _Change(value, value - half, value + half, p_value, spread)


def _judged(metric: MetricComparison, adjusted_p: float, policy: _Policy) -> MetricComparison:
    verdict = _verdict(metric, adjusted_p, policy)
    judged = metric.model_copy(update={"verdict": verdict})
    return judged if verdict != "unsure" else _with_advice(judged, policy)


def _verdict(metric: MetricComparison, adjusted_p: float, policy: _Policy) -> Verdict:
    low, high = metric.ci_low_pct, metric.ci_high_pct
    significant = adjusted_p < policy.significance
    if low is None or high is None:  # some values are zero: no ratio, only the test
        return _direction(metric) if significant else _same_if_equal(metric)
    largest = max(abs(low), abs(high))
    if largest <= policy.negligible * 100:
        return "same"
    if significant and low * high > 0:
        return _direction(metric)
    return "same" if largest <= policy.threshold * 100 else "unsure"


def _same_if_equal(metric: MetricComparison) -> Verdict:
    return "same" if metric.before == metric.after else "unsure"


def _direction(metric: MetricComparison) -> Verdict:
    grew = metric.after > metric.before
    return "slower" if grew == metric.lower_is_better else "faster"


def _with_advice(metric: MetricComparison, policy: _Policy) -> MetricComparison:
    """Say how many runs a side would make the interval as narrow as the gate."""
    quantile = NormalDist().inv_cdf(1 - policy.significance / _TWO_SIDES)
    noise = (metric.noise_pct or 0.0) / 100
    needed = math.ceil(_TWO_SIDES * (quantile * noise / math.log1p(policy.threshold)) ** 2)
    fewest = min(metric.runs_before, metric.runs_after)
    needed = max(needed, policy.good_runs, fewest * _TWO_SIDES)
    if needed > policy.most_runs:
        note = f"the runs differ too much ({metric.noise_pct or 0:.0f} %): quiet the machine first"
        return metric.model_copy(update={"note": note})
    note = f"the interval is wider than the gate: about {needed} runs a side would decide"
    return metric.model_copy(update={"runs_needed": needed, "note": note})


def merged(files: Sequence[Sequence[Metric]]) -> list[Metric]:
    """Join several files of one side: each file of a single process becomes one run."""
    first = files[0]
    if len(files) == 1:
        return list(first)
    rest = [{metric.name: metric for metric in metrics} for metrics in files]
    return [_merge([found[m.name] for found in rest if m.name in found]) for m in first]


def _merge(metrics: Sequence[Metric]) -> Metric:
    runs: list[tuple[float, ...]] = []
    for metric in metrics:
        runs += metric.runs if metric.separate else [tuple(v for run in metric.runs for v in run)]
    return replace(metrics[0], runs=tuple(runs), separate=True)
