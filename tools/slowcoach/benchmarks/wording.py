"""A comparison in words: what a colleague would say of it."""

from collections.abc import Sequence

from slowcoach.benchmarks.model import MetricComparison, Verdict
from slowcoach.core.units import number, quantity

_NAMED = 3


def interval(metric: MetricComparison) -> str:
    """Return the change with its interval: '+12 % (95 %: +8 to +16)'."""
    if metric.change_pct is None:
        return "from zero"
    text = f"{signed(metric.change_pct)} %"
    if metric.ci_low_pct is None or metric.ci_high_pct is None:
        return text
    return f"{text} (95 %: {signed(metric.ci_low_pct)} to {signed(metric.ci_high_pct)})"


def signed(value: float) -> str:
    """Return a number with its sign and about three digits."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{number(abs(value))}"


def change(metric: MetricComparison) -> str:
    """Return one metric as a clause with both figures."""
    return f"{metric.name} {figures(metric)}, {interval(metric)}"


def figures(metric: MetricComparison) -> str:
    """Return both typical runs: '28 ms → 32.4 ms'."""
    return " → ".join(quantity(v, metric.unit) for v in (metric.before, metric.after))


def summary(
    metrics: Sequence[MetricComparison], verdict: Verdict, ok: bool | None, gate: float
) -> str:
    """Return two or three sentences on the whole comparison."""
    shown = [metric for metric in metrics if metric.verdict == verdict]
    shown.sort(key=lambda metric: -abs(metric.change_pct or 0))
    clauses = "; ".join(change(metric) for metric in shown[:_NAMED])
    more = f"; and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    counts = ", ".join(
        f"{count} {word}"
        for word in ("slower", "faster", "same", "unsure")
        if (count := sum(metric.verdict == word for metric in metrics))
    )
    judged = {
        True: f"The gate of {number(gate)} % passes.",
        False: f"The gate of {number(gate)} % fails.",
        None: f"Whether the gate of {number(gate)} % holds cannot be told from these runs.",
    }[ok]
    return f"{verdict.capitalize()}: {clauses}{more}. {len(metrics)} compared: {counts}. {judged}"
