"""The difference of two profiles in words: metrics, findings, a summary. Pure.

Imports no numpy before it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slowcoach.benchmarks.model import MetricComparison
from slowcoach.benchmarks.wording import change as clause
from slowcoach.core.finding import Evidence, Finding, Severity
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slowcoach.profiling.difference import Difference, FunctionChange, Side
    from slowcoach.profiling.model import Profile
    from slowcoach.profiling.moved import Moved
    from slowcoach.profiling.ratio import Ratio

WHOLE = "the whole"
_NAMED = 3
_FINDINGS = 4
_STEADY = 3
_UNITS = {"seconds": "s", "bytes": "bytes", "samples": "samples"}
_NAME = 120


def metrics(found: Difference, runs: tuple[int, int], top: int) -> list[MetricComparison]:
    """Return the functions that changed (or else the largest), then the whole where it is known."""
    sure = [change for change in found.functions if change.verdict in {"faster", "slower"}]
    open_ones = [change for change in found.functions if change.verdict == "unsure"]
    open_ones.sort(key=lambda change: (-max(change.cost), change.name))
    steady = [change for change in found.functions if change.verdict == "same"]
    steady.sort(key=lambda change: (-max(change.cost), change.name))
    chosen = [*sure, *open_ones[:_STEADY], *([] if sure else steady[:_STEADY])]
    rows = [_metric(found, change, runs) for change in chosen[: max(top - 1, 1)]]
    if found.whole is not None:
        rows.append(_whole(found, found.whole, runs))
    return rows


def count(found: Difference) -> int:
    """Return how many metrics there are in all."""
    return len(found.functions) + (found.whole is not None)


def _metric(found: Difference, change: FunctionChange, runs: tuple[int, int]) -> MetricComparison:
    unit, (before, after) = _figures(found, change.weight, change.cost)
    base = MetricComparison(
        name=_short(change.place),
        unit=unit,
        before=before,
        after=after,
        change_pct=None,
        verdict=change.verdict,
        runs_before=runs[0],
        runs_after=runs[1],
        note=_note(change),
    )
    return base.model_copy(update=_ratio(change.ratio))


def _figures(
    found: Difference, weight: tuple[float, float], cost: tuple[float, float]
) -> tuple[str, tuple[float, float]]:
    """Return unit and figures: as measured when the work is the same, else shares of the whole
    before for the same work, else shares of each whole.
    """
    if found.scale is not None and found.scale.same_work and found.before.unit in _UNITS:
        return _UNITS[found.before.unit], weight
    return "share", (cost[0], cost[1] * found.factor)


def _whole(found: Difference, ratio: Ratio, runs: tuple[int, int]) -> MetricComparison:
    weights = (found.before.whole, found.after.whole)
    unit, (before, after) = _figures(found, weights, (1.0, 1.0))
    base = MetricComparison(
        name=WHOLE,
        unit=unit,
        before=before,
        after=after,
        change_pct=None,
        verdict=found.verdict,
        runs_before=runs[0],
        runs_after=runs[1],
    )
    return base.model_copy(update=_ratio(ratio))


def _ratio(ratio: Ratio) -> dict[str, float | None]:
    def pct(value: float | None) -> float | None:
        return None if value is None else (value - 1) * 100

    bounded = ratio.low is not None and ratio.high is not None
    return {
        "change_pct": pct(ratio.value),
        "ci_low_pct": pct(ratio.low) if bounded else None,
        "ci_high_pct": pct(ratio.high) if bounded else None,
        "p_value": ratio.p_value,
    }


def _note(change: FunctionChange) -> str:
    kind = "new; " if change.cost[0] <= 0 else "gone; " if change.cost[1] <= 0 else ""
    shares = f"itself {_pair(change.own)}, in total {_pair(change.total)} of the profile"
    return f"{kind}{shares}"


def _pair(shares: tuple[float, float]) -> str:
    return f"{number(shares[0] * 100)} → {share(shares[1])}"


def _short(text: str) -> str:
    return text if len(text) <= _NAME else f"{text[: _NAME - 1]}…"


def findings(found: Difference, moves: Sequence[Moved]) -> list[Finding]:
    """Return what surely changed: what costs more as warnings, what costs less for information."""
    sure = [change for change in found.functions if change.verdict in {"faster", "slower"}]
    told = [_changed(found, change) for change in sure]
    told.sort(key=lambda finding: finding.severity.rank)
    return [*told[:_FINDINGS], *(_moved(move) for move in moves[:_NAMED])]


def _changed(found: Difference, change: FunctionChange) -> Finding:
    limits, more = rule("profile.changed"), change.verdict == "slower"
    of_what = "whole for the same work" if found.scale is not None else "profile (shares only)"
    low, high = (number(value * 100) for value in change.points)
    evidence = Evidence(
        metric=f"change of the {of_what} by it",
        value=change.impact,
        unit="share",
        limit=limits.limit("share"),
        where=_short(change.place),
        note=f"{_note(change)}; share with its library code {_pair(change.cost)}, "
        f"95 % interval of the change {low} to {high} points",
    )
    word = "more" if more else "less"
    if change.cost[0] <= 0 or change.cost[1] <= 0:
        word = "time that it did not before" if more else "no time any more"
    return limits.finding(
        [evidence],
        where=[_short(change.place)],
        title=f"{_short(change.name)} costs {word}",
        severity=Severity.WARNING if more else Severity.INFO,
        fix=None if more else [],
    )


def _moved(move: Moved) -> Finding:
    limits = rule("profile.moved")
    evidence = Evidence(
        metric=f"share of {_short(move.name)} called by {_short(move.taker)}",
        value=move.taken[1],
        unit="share",
        limit=limits.limit("moved"),
        note=f"was {share(move.taken[0])}; by {_short(move.giver)} {_pair(move.given)}; "
        f"the function in total {_pair(move.total)} of the profile",
    )
    return limits.finding([evidence], where=[_short(move.name), _short(move.taker)])


def summary(found: Difference, rows: Sequence[MetricComparison], gate: float) -> str:
    """Return two or three sentences: verdict, what changed, on what basis."""
    changed = [row for row in rows if row.verdict in {"faster", "slower"} and row.name != WHOLE]
    told = "; ".join(clause(row) for row in changed[:_NAMED])
    whole = next((clause(row) for row in rows if row.name == WHOLE), "")
    if not changed:
        told = "no function surely changed"
    parts = "; ".join(filter(None, (whole or "by shares", told)))
    ok = passed(found, gate)
    gated = {True: "passes", False: "fails", None: "cannot be judged from these profiles"}[ok]
    return (
        f"{found.verdict.capitalize()}: {parts}. {_basis(found)} "
        f"The gate of {number(gate)} % {gated}."
    )


def _basis(found: Difference) -> str:
    seen = f"{_looks(found.before)} before, {_looks(found.after)} after"
    if found.scale is None:
        return (
            f"How much work each profile holds cannot be told ({seen}), so only shares are "
            "compared: where one falls, the others rise."
        )
    stayed = f"{found.scale.functions} function{'s' if found.scale.functions > 1 else ''}"
    if found.scale.same_work:
        return f"Both profiles hold the same work by {stayed} that stayed ({seen})."
    from math import exp

    return (
        f"For the same work: by {stayed} that stayed, the profile after holds "
        f"{number(exp(found.scale.log))} times the work ({seen})."
    )


def _looks(side: Side) -> str:
    return "traced" if side.samples is None else f"{number(side.samples, 6)} samples"


def passed(found: Difference, gate: float) -> bool | None:
    """Return whether the whole got no worse than `gate` per cent; None when that cannot be told."""
    limit, whole = 1 + gate / 100, found.whole
    if found.verdict == "slower":
        return whole is not None and whole.value is not None and whole.value <= limit
    if found.verdict in {"faster", "same"}:
        return True
    if whole is None or whole.high is None or not _judgeable(found):
        return None
    return True if whole.high <= limit else None


def _judgeable(found: Difference) -> bool:
    least = rule("profile.too_few_samples").limit("samples")
    sides = (found.before.samples, found.after.samples)
    return all(count is None or count >= least for count in sides)


def warnings(found: Difference, before: Sequence[Profile], after: Sequence[Profile]) -> list[str]:
    """Return what to doubt about the two profiles."""
    said = [text for profile in (*before, *after) for text in profile.warnings]
    few = rule("profile.too_few_samples")
    for title, side in (("before", found.before), ("after", found.after)):
        if side.samples is not None and side.samples < few.limit("samples"):
            said.append(
                f"Only {number(side.samples)} samples {title} (judging takes "
                f"{few.limits['samples']}): record for longer"
            )
    if found.before.unit != found.after.unit:
        said.append(
            f"Before is in {found.before.unit}, after in {found.after.unit}: only shares compare"
        )
    if found.waits:
        said.append("Most of a profile is threads that wait: their waits are compared too")
    return said


def next_steps(found: Difference) -> tuple[str, ...]:
    """Return what to do now, with tool names."""
    first = next((c for c in found.functions if c.verdict == found.verdict), None)
    if found.verdict == "slower" and first is not None:
        return (
            f"Read what the change did to {_short(first.place)}, then record and compare again",
        )
    if found.verdict == "unsure":
        return (
            "record_profile of both versions doing the same work (command or target), for longer, "
            "then compare again; or compare two runs of investigate, which time requests",
        )
    if found.verdict == "same":
        return ("analyze_profile: the change did not touch what costs the time",)
    return ("analyze_profile of the profile after, for what costs most now",)
