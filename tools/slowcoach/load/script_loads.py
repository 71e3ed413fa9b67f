"""The load of a plan in the words of k6 and of Locust: arrivals or users over time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from slowcoach.load.plan import Journey, LoadPlan, Scenario, span
from slowcoach.load.schedule import Schedule, schedule_of

HELD = frozenset({"smoke", "baseline", "peak", "soak"})
_ARRIVALS_PER_USER = 20.0
_MS = 1000.0
_UNITS = {"1s": 1.0, "1m": 60.0}
_HOUR_S = 3600.0
_WHOLE = 1e-6
_PAUSES_MARGIN = 1.3  # sessions whose pauses are longer than the mean, at the same time
_SETTLE_S = 2.0  # what a runner's rows wait at most


@dataclass(frozen=True, slots=True)
class Load:
    """One scenario in the two engines' words."""

    key: str
    k6: dict[str, Any]
    k6_stages: list[tuple[float, int]]
    locust: list[tuple[float, float, float]]
    is_open: bool
    hurry_ms: int


@dataclass(frozen=True, slots=True)
class Session:
    """What the sessions of a plan are like on average: requests, and seconds of pauses."""

    requests: float
    pauses_s: float

    def longest_s(self, timeout_s: float, response_s: float) -> float:
        """Return how long one may take when its server stands still for one timeout."""
        return timeout_s + (self.requests - 1) * response_s + self.pauses_s * _PAUSES_MARGIN


def session_of(journeys: Sequence[Journey], plan: LoadPlan) -> Session:
    """Return what the sessions of a plan are like, as the mean by weight."""
    weight = sum(journey.weight for journey in journeys) or 1.0
    requests = sum(j.weight * len(j.steps) for j in journeys) / weight or 1.0
    gaps = sum(j.weight * sum(not s.together for s in j.steps[1:]) for j in journeys) / weight
    return Session(requests, gaps * _mean_pause_s(plan))


def _mean_pause_s(plan: LoadPlan) -> float:
    if plan.think is not None:
        return plan.think.median_s * math.exp(plan.think.sigma**2 / 2)
    return sum(_span(plan) or (0.0, 0.0)) / 2


def _span(plan: LoadPlan) -> tuple[float, float] | None:
    stated = next((s.think_time for s in plan.scenarios if s.think_time), None)
    return span(stated) if stated else None


def pauses_of(plan: LoadPlan, loads: Sequence[Load]) -> dict[str, float] | None:
    """Return the pauses of users, None where there are none to make."""
    is_closed = not all(load.is_open for load in loads)
    if not (is_closed or any(len(journey.steps) > 1 for journey in plan.journeys)):
        return None
    if plan.think is not None:
        return {"median": plan.think.median_s, "sigma": plan.think.sigma}
    ends = _span(plan)
    return {"low": ends[0], "high": ends[1]} if ends else None


def per_user_of(scenarios: Sequence[Scenario], requests: float) -> float:
    """Return the sessions that one Locust user begins a second, so that the lowest rate is met
    exactly.
    """
    rates = [rate for s in scenarios if (rate := s.rate or s.rate_start)]
    lowest = min(rates, default=1.0) / requests
    return float(f"{lowest / math.ceil(lowest / _ARRIVALS_PER_USER):.6g}")


def response_s(plan: LoadPlan) -> float:
    """Return the p95 that is wanted, in s."""
    return (plan.pass_criteria.p95_response_ms or 0.0) / _MS


def loads_of(plan: LoadPlan, session: Session, timeout_s: float, per_user: float) -> list[Load]:
    """Return every scenario, one after the other, for Locust's users of `per_user` sessions/s."""
    found: list[Load] = []
    start_s = 0.0
    stay_s = session.longest_s(timeout_s, response_s(plan))
    for scenario in plan.scenarios:
        schedule = schedule_of(scenario)
        is_open = schedule.unit == "req/s"
        k6, stages = _k6(schedule, session.requests)
        if is_open:
            k6 |= _reserve(scenario, schedule.top / session.requests * stay_s)
        if plan.journeys:
            k6["gracefulStop"] = f"{math.ceil(stay_s)}s"
        if start_s:
            k6["startTime"] = f"{start_s:g}s"
        per = per_user * session.requests if is_open else 1.0
        locust = [(s.length_s, short(s.first / per), short(s.last / per)) for s in schedule.stages]
        hurry_ms = round(max(schedule.length_s - timeout_s - _SETTLE_S, 0.0) * _MS)
        key = _free_key(scenario, found)
        found.append(Load(key, k6, stages, locust, is_open, hurry_ms))
        start_s += schedule.length_s + (math.ceil(stay_s) if plan.journeys else 0)
    return found


def short(value: float) -> float:
    """Return a number as scripts write it, whole ones without a point."""
    short = float(f"{value:.6g}")
    return int(short) if short.is_integer() else short


def _free_key(scenario: Scenario, others: Sequence[Load]) -> str:
    taken = {load.key for load in others}
    key, number = scenario.key, 1
    while key in taken:
        number += 1
        key = f"{scenario.key}_{number}"
    return key


def _k6(schedule: Schedule, requests: float) -> tuple[dict[str, Any], list[tuple[float, int]]]:
    """Return a scenario as k6's options, arrivals when open and users when closed, and its stages
    as (seconds, target). k6 takes whole numbers: slow arrivals are counted by the minute or hour.
    """
    stages = schedule.stages
    is_open = schedule.unit == "req/s"
    per = requests if is_open else 1.0
    unit, scale = _unit([load / per for stage in stages for load in (stage.first, stage.last)])
    named = {"timeUnit": unit} if is_open else {}
    if len(stages) == 1 and stages[0].held:
        load = max(round(stages[0].last / per * scale), 1)
        length = {"duration": f"{stages[0].length_s:g}s"}
        if is_open:
            return {"executor": "constant-arrival-rate", "rate": load, **named, **length}, []
        return {"executor": "constant-vus", "vus": load, **length}, []
    first = round(stages[0].first / per * scale) if stages else 0
    kind = "ramping-arrival-rate" if is_open else "ramping-vus"
    start = {"startRate" if is_open else "startVUs": first} if first or not is_open else {}
    return {"executor": kind, **start, **named}, list(_k6_stages(schedule, scale / per))


def _k6_stages(schedule: Schedule, scale: float) -> Iterable[tuple[float, int]]:
    at = schedule.stages[0].first if schedule.stages else 0.0
    for stage in schedule.stages:
        if stage.first != at:
            yield 0, round(stage.first * scale)  # a jump
        yield short(stage.length_s), round(stage.last * scale)
        at = stage.last


def _unit(loads: Sequence[float]) -> tuple[str, float]:
    """Return the unit of time by which all loads are whole numbers, or else the longest."""
    for name, scale in _UNITS.items():
        if all(abs(load * scale - round(load * scale)) < _WHOLE * scale for load in loads):
            return name, scale
    return "1h", _HOUR_S


def _reserve(scenario: Scenario, most: float) -> dict[str, int]:
    """Return the users in reserve. Little's law: with rate x the longest stay none runs short.

    Where a scenario is there to break things, users for the good case are made at the start
    and the rest when needed.
    """
    whole = math.ceil(most) + 1
    if scenario.key in HELD:
        return {"preAllocatedVUs": whole}
    return {"preAllocatedVUs": min(scenario.vus_end or scenario.vus or 1, whole), "maxVUs": whole}
