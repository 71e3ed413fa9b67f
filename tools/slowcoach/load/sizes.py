"""How large a test is: the load it asks for, its time limit, its criteria by scenario. Pure."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping

from slowcoach.core.knowledge import page
from slowcoach.load.asked import Asked
from slowcoach.load.guard import Wanted
from slowcoach.load.plan import PassCriteria, Scenario, span
from slowcoach.load.schedule import Schedule, schedule_of
from slowcoach.load.stopping import BREAKING

_MS = 1000.0
_PLAIN_TIMEOUT_S = 10.0  # of a test without a limit for its latency
_LEAST_PAUSE_S = 0.001
_UTILIZATION = 0.7
_UNKNOWN_PER_CORE = 50_000.0


def wanted(
    engine: str, scenarios: Mapping[str, Scenario], schedules: Mapping[str, Schedule]
) -> Wanted:
    """Return how much load the scenarios ask for together."""
    found = [schedules[key] for key in scenarios]
    rates = [s.top for s in found if s.unit == "req/s"]
    users = [s.top for s in found if s.unit == "users"]
    return Wanted(
        rps=max(rates, default=None),
        users=math.ceil(max(users)) if users else None,
        duration_s=sum(s.length_s for s in found),
        requests=sum(_requests(engine, s, schedules[key]) for key, s in scenarios.items()),
    )


def _requests(engine: str, scenario: Scenario, schedule: Schedule) -> float:
    """Return the most requests that a scenario may send."""
    area = sum((s.first + s.last) / 2 * s.length_s for s in schedule.stages)
    if schedule.unit == "req/s":
        return area
    pause = span(scenario.think_time)[0] if scenario.think_time else 0.0
    most = _per_core(engine) * (os.cpu_count() or 1) * schedule.length_s
    return min(area / max(pause, _LEAST_PAUSE_S), most)


def _per_core(engine: str) -> float:
    rows = page("load_scenarios").data["generators"]
    return float(
        next((r["rps_per_core"] for r in rows if r["engine"] == engine), _UNKNOWN_PER_CORE)
    )


def timeout_s(asked: Asked) -> float:
    """Return after how many seconds a request is given up: the plan's, or as scripts are sized."""
    criteria = asked.plan.pass_criteria
    limit_ms = criteria.p95_response_ms or criteria.p99_response_ms
    if asked.plan.timeout_s is not None or limit_ms is None:
        return asked.plan.timeout_s or _PLAIN_TIMEOUT_S
    sizing = page("load_scenarios").data["sizing"]
    seconds = limit_ms / _MS * sizing["timeout_per_p95"]
    return float(min(max(seconds, sizing["least_timeout_s"]), sizing["most_timeout_s"]))


def in_flight(schedule: Schedule, limit_s: float) -> int:
    """Return the most requests under way: rate x timeout (Little's law), or one a user."""
    top = schedule.top * (limit_s if schedule.unit == "req/s" else 1.0)
    return max(math.ceil(top) + 1, 1)


def processes(engine: str, schedule: Schedule) -> int:
    """Return how many processes an engine needs on this machine for a load."""
    if schedule.unit == "users" or engine == "k6":  # one process of k6 uses every core
        return 1
    needed = math.ceil(schedule.top / (_per_core(engine) * _UTILIZATION))
    return max(min(needed, os.cpu_count() or 1), 1)


def criteria(asked: Asked, scenario: Scenario, schedule: Schedule) -> PassCriteria | None:
    """Return what must hold in a scenario. The throughput is that of the whole plan: a scenario
    with less load is asked for its own. None where the script's own thresholds judge.
    """
    if asked.script is not None:
        return None
    if scenario.key in BREAKING:
        return PassCriteria()
    found = asked.plan.pass_criteria
    if found.throughput_rps is None:
        return found
    if schedule.unit == "users":
        tops = [schedule_of(s).top for s in asked.plan.scenarios if s.key not in BREAKING]
        least = found.throughput_rps if schedule.top >= max(tops) else None
    else:
        margin = float(page("load_scenarios").data["sizing"]["throughput_margin"])
        least = min(found.throughput_rps, round(schedule.top * (1 - margin), 6))
    return found.model_copy(update={"throughput_rps": least})
