"""The tool `estimate_roi`: does an optimization pay for the work?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from slowcoach.capacity.arguments import as_model
from slowcoach.capacity.roi import ComputePrices, Effort, Latency, common_figure, hours_saved
from slowcoach.core.errors import InputError
from slowcoach.core.finding import Evidence, Finding, NotChecked
from slowcoach.core.knowledge import page, rule
from slowcoach.core.result import Result, Table
from slowcoach.core.tool import Tool
from slowcoach.core.units import duration, number

Verdict = Literal["worth_it", "not_worth_it_for_cost_alone", "no_saving", "unsure"]


class Roi(Result):
    """The answer of `estimate_roi`."""

    verdict: Verdict
    hours_saved_per_month: float
    monthly_saving: float | None = Field(description="In the currency given; None: no price.")
    implementation_cost: float | None
    payback_months: float | None
    roi_per_month: float | None = Field(description="Saving by cost of the work, a share a month.")
    currency: str
    formula: str
    also_consider: tuple[str, ...]

    def tables(self) -> tuple[Table, ...]:
        """Return the steps of the computation."""
        rows = [("hours saved a month", number(self.hours_saved_per_month, 4))]
        for name, value in (
            ("saving a month", self.monthly_saving),
            ("cost of the work", self.implementation_cost),
        ):
            if value is not None:
                rows.append((name, f"{self.currency}{value:,.2f}"))
        if self.payback_months is not None:
            rows.append(("payback", f"{number(self.payback_months)} months"))
        table = Table("Return on investment", ("what", "figure"), tuple(rows), ("figure",))
        return (table,)


def estimate_roi(
    before: Annotated[
        float | dict[str, float],
        Field(description="Response time in ms, or {mean_ms, p50_ms, p95_ms, p99_ms}."),
    ],
    after: Annotated[float | dict[str, float], Field(description="The same after the change.")],
    requests_per_month: Annotated[float, Field(gt=0, le=1e15, description="How many.")],
    prices: Annotated[
        float | dict[str, float | str] | None,
        Field(description="Compute by the hour, or {cost_per_hour, currency}."),
    ] = None,
    effort: Annotated[
        float | dict[str, float] | None,
        Field(description="Cost of the work, or {hours, cost_per_hour}."),
    ] = None,
) -> Roi:
    """Estimate whether an optimization pays for its work in compute.

    Use it before a costly optimization or to justify one. Only the prices given are used; what
    they leave out (users, headroom, fewer instances) is listed. Next: `compare` to prove the
    saving was real.
    """
    chosen = _latencies(before, after)
    name, before_ms, after_ms = chosen
    price = as_model(ComputePrices, _named(prices, "cost_per_hour"), "prices")
    work = as_model(Effort, _named(effort, "cost"), "effort").total
    hours = hours_saved(before_ms, after_ms, requests_per_month)
    saving = None if price.cost_per_hour is None else hours * price.cost_per_hour
    payback = work / saving if work is not None and saving is not None and saving > 0 else None
    verdict = _verdict(hours, payback)
    return Roi(
        summary=_summary(chosen, hours, saving, work, payback, verdict, price.currency),
        verdict=verdict,
        hours_saved_per_month=round(hours, 2),
        monthly_saving=None if saving is None else round(saving, 2),
        implementation_cost=work,
        payback_months=None if payback is None else round(payback, 2),
        roi_per_month=round(saving / work, 4) if work and saving is not None else None,
        currency=price.currency,
        formula=str(page("roi").data["formula"]),
        also_consider=tuple(f"{e['effect']}: {e['leads_to']}" for e in page("roi").data["also"]),
        findings=_findings(payback, verdict),
        not_checked=_missing(saving, work),
        warnings=_warnings(name),
        next=("compare the runs before and after, to prove the saving",),
    )


def _named(value: float | dict[str, float] | dict[str, float | str] | None, name: str) -> object:
    return {name: value} if isinstance(value, float | int) else value


def _latencies(
    before: float | dict[str, float], after: float | dict[str, float]
) -> tuple[str, float, float]:
    first = as_model(Latency, _named(before, "mean_ms"), "before")
    second = as_model(Latency, _named(after, "mean_ms"), "after")
    chosen = common_figure(first, second)
    if chosen is None:
        raise InputError(
            "before and after have no figure in common",
            hint="Give mean_ms for both, or two plain numbers in ms",
        )
    return chosen


def _verdict(hours: float, payback: float | None) -> Verdict:
    if hours <= 0:
        return "no_saving"
    if payback is None:
        return "unsure"
    limit = rule("roi.payback").limit("payback_months")
    return "worth_it" if payback <= limit else "not_worth_it_for_cost_alone"


def _findings(payback: float | None, verdict: Verdict) -> tuple[Finding, ...]:
    judged = rule("roi.payback")
    if payback is None or verdict != "not_worth_it_for_cost_alone":
        return ()
    limit = judged.limit("payback_months")
    evidence = Evidence(metric="payback", value=payback, unit="months", limit=limit)
    return (judged.finding([evidence]),)


def _missing(saving: float | None, work: float | None) -> tuple[NotChecked, ...]:
    wanted = [
        what
        for value, what in (
            (saving, "prices: what an hour of compute costs"),
            (work, "effort: the cost of the work, or hours and cost_per_hour"),
        )
        if value is None
    ]
    return (rule("roi.payback").not_checked(f"give {'; '.join(wanted)}"),) if wanted else ()


def _warnings(name: str) -> tuple[str, ...]:
    if name == "mean_ms":
        return ()
    said = f"{name} stands in for the mean: not every request saves the difference"
    return (said if name != "p50_ms" else "the median stands in for the mean",)


def _summary(
    chosen: tuple[str, float, float],
    hours: float,
    saving: float | None,
    work: float | None,
    payback: float | None,
    verdict: Verdict,
    currency: str,
) -> str:
    name, before_ms, after_ms = chosen
    change = f"{duration(before_ms / 1000)} to {duration(after_ms / 1000)}"
    if verdict == "no_saving":
        return f"From {change} ({name}) nothing is saved."
    parts = [f"From {change} ({name}) saves {hours:,.0f} hours of compute a month"]
    if saving is not None:
        parts.append(f"{currency}{saving:,.0f} a month")
    text = ", ".join(parts)
    if payback is None or work is None:
        return f"{text}. Whether that pays for the work cannot be said without both prices."
    word = "worth it" if verdict == "worth_it" else "not worth it for cost alone"
    return f"{text}. Work of {currency}{work:,.0f} is paid back in {payback:,.0f} months: {word}."


TOOL = Tool(
    estimate_roi,
    title="Estimate return on investment",
    examples=(
        "slowcoach estimate-roi --before 800 --after 200 --requests-per-month 1e7 "
        "--prices 0.05 --effort 2400",
    ),
)
