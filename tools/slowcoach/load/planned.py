"""What a plan tells of a test whose results do not say it. Pure."""

from __future__ import annotations

from dataclasses import replace

from slowcoach.load.outcome import LoadModel, Outcome
from slowcoach.load.plan import LoadPlan
from slowcoach.load.steps import steps_of

SAID = "open or closed: taken from the plan, the results do not say"


def as_planned(outcome: Outcome, plan: LoadPlan) -> Outcome:
    """Return the outcome with the plan's load model where it is not known, and its steps by it."""
    model = _model(plan)
    if outcome.model != "unknown" or model == "unknown":
        return outcome
    return replace(
        outcome,
        model=model,
        steps=steps_of(outcome.moments, model) or outcome.steps,
        unknown=(SAID, *outcome.unknown),
    )


def _model(plan: LoadPlan) -> LoadModel:
    """Return open when every scenario has a rate, closed when none has, else unknown."""
    rates = {each.rate is not None or each.rate_start is not None for each in plan.scenarios}
    if rates == {True}:
        return "open"
    return "closed" if rates == {False} else "unknown"
