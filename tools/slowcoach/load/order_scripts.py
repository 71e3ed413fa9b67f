"""The scripts of one order: its scenario alone, with its own time limit."""

from __future__ import annotations

from collections.abc import Mapping

from slowcoach.load.engine_kind import Order
from slowcoach.load.plan import Endpoint, LoadPlan, Scenario
from slowcoach.load.scripts import write_scripts


def scripts_of(order: Order) -> Mapping[str, str]:
    """Return the plan's scripts by file name, for the order's scenario alone."""
    plan = order.plan
    scenario = next(s for s in plan.scenarios if s.name == order.schedule.scenario)
    if order.schedule.unit == "users" and scenario.think_time is None and plan.think is None:
        scenario = scenario.model_copy(update={"think_time": "0s"})
    return write_scripts(
        plan.model_copy(update={"scenarios": (scenario,), "timeout_s": order.timeout_s})
    )


def key_of(order: Order) -> str:
    """Return the scenario's name as scripts use it."""
    return Scenario(name=order.schedule.scenario).key


def requests_of(plan: LoadPlan) -> tuple[Endpoint, ...]:
    """Return every request that a plan may send, those of its journeys too."""
    if plan.journeys:
        return tuple(step for journey in plan.journeys for step in journey.steps)
    return plan.requests


def labels_of(plan: LoadPlan) -> dict[str, str]:
    """Return how results call a request, by what a script may call it."""
    found: dict[str, str] = {}
    for each in requests_of(plan):
        for told in (each.url, f"{each.method} {each.url}", each.label):
            found.setdefault(told, each.label)
    return found


def session_of(plan: LoadPlan) -> tuple[float, int]:
    """Return the requests of a session, on average and in the longest; 1 without journeys."""
    weight = sum(journey.weight for journey in plan.journeys)
    if not weight:
        return 1.0, max((len(journey.steps) for journey in plan.journeys), default=1)
    mean = sum(journey.weight * len(journey.steps) for journey in plan.journeys) / weight
    return mean, max(len(journey.steps) for journey in plan.journeys)
