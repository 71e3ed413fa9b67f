"""Write a plan as scripts for k6 and Locust. Texts from outside appear only as escaped literals."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from slowcoach.core.knowledge import page, render
from slowcoach.load.design import Design
from slowcoach.load.plan import LoadPlan, Scenario, seconds, span
from slowcoach.load.schedule import Ladder, ladder_of

PLAN_FILE, K6_FILE, LOCUST_FILE = "load-test-plan.yaml", "load-test.js", "locustfile.py"
HELD = frozenset({"smoke", "baseline", "peak", "soak"})
_ARRIVALS_PER_USER = 20.0
_MS = 1000.0
_HUNDRED = 100.0
_MINUTE = 60.0
_LEAST_CYCLE_S = 0.001


@dataclass(frozen=True, slots=True)
class _Stages:
    """One scenario in the two engines' words; the lists of stages are source text."""

    key: str
    k6: dict[str, Any]
    k6_stages: str
    locust: str


def write_scripts(plan: LoadPlan, design: Design) -> dict[str, str]:
    """Return the plan as YAML, the k6 script and the Locust file, by file name."""
    data = _data(plan, design)
    return {
        PLAN_FILE: plan.yaml(),
        K6_FILE: render(_template(f"{K6_FILE}.j2"), **data),
        LOCUST_FILE: render(_template(f"{LOCUST_FILE}.j2"), **data),
    }


def _template(name: str) -> str:
    return (files("slowcoach.load") / "templates" / name).read_text(encoding="utf-8")


def _data(plan: LoadPlan, design: Design) -> dict[str, Any]:
    criteria = plan.pass_criteria
    quantiles = {
        q: ms
        for q, ms in (
            (0.5, criteria.p50_response_ms),
            (0.95, criteria.p95_response_ms),
            (0.99, criteria.p99_response_ms),
        )
        if ms is not None
    }
    error_share = round((criteria.error_rate_pct or 0.0) / _HUNDRED, 9)
    per_user = _per_user(plan.scenarios) if design.is_open else 1.0
    sizing = page("load_scenarios").data["sizing"]
    parts = urlsplit(plan.target)
    has_breakpoint = any(scenario.key == "breakpoint" for scenario in plan.scenarios)
    think = next((s.think_time for s in plan.scenarios if s.think_time), None)
    requests = [(e.method, e.url, e.weight) for e in plan.endpoints] or [("GET", plan.target, 1.0)]
    return {
        "js": _js,
        "py": repr,
        "requests": requests,
        "host": f"{parts.scheme}://{parts.netloc}",
        "stages": (stages := _all_stages(plan, design, per_user)),
        "ladders": any(stage.k6_stages for stage in stages),
        "is_open": design.is_open,
        "think": span(think) if think else None,
        "timeout": f"{round(design.timeout_s * _MS)}ms",
        "timeout_s": design.timeout_s,
        "per_user": f"{per_user:g}",
        "pacing_s": f"{1 / per_user:.6g}",
        "in_flight": math.ceil(per_user * design.timeout_s),
        "least": {
            s.key: _least(s, criteria.p95_response_ms) for s in plan.scenarios if s.key in HELD
        },
        "limits": {
            "duration": [f"p({q * _HUNDRED:g})<{ms:g}" for q, ms in quantiles.items()],
            "failed": [f"rate<={error_share:.9f}".rstrip("0").rstrip(".")],
        },
        "quantiles": quantiles,
        "error_share": error_share,
        "breaks": sizing["stop_error_share"] if has_breakpoint else None,
    }


def _js(value: Any) -> str:
    """Return a JavaScript literal that cannot end a string, a line or a script element."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _per_user(scenarios: Sequence[Scenario]) -> float:
    """Return the arrivals per second of one Locust user, so that the lowest rate is met exactly."""
    lowest = min(s.rate or s.rate_start or 1.0 for s in scenarios)
    return float(f"{lowest / math.ceil(lowest / _ARRIVALS_PER_USER):.6g}")


def _all_stages(plan: LoadPlan, design: Design, per_user: float) -> list[_Stages]:
    found: list[_Stages] = []
    start_s = 0.0
    for scenario in plan.scenarios:
        ladder = ladder_of(scenario)
        k6, stages = _k6(scenario, ladder, design)
        if start_s:
            k6["startTime"] = f"{start_s:g}s"
        locust = _locust(ladder, per_user)
        found.append(_Stages(key=scenario.key, k6=k6, k6_stages=stages, locust=locust))
        start_s += ladder.length_s
    return found


def _k6(scenario: Scenario, ladder: Ladder, design: Design) -> tuple[dict[str, Any], str]:
    """Return a scenario as k6's options, arrival rate when open and users when closed, and the
    source text of its stages (empty when it has none).
    """
    is_flat = ladder.count == 1 and ladder.ramp_s == 0
    flat = {"duration": f"{ladder.hold_s:g}s"}
    if not design.is_open:
        if is_flat:
            return {"executor": "constant-vus", "vus": int(ladder.first), **flat}, ""
        return {"executor": "ramping-vus", "startVUs": 0}, _k6_stages(ladder, 1.0)
    # k6 takes whole rates only: count by the minute where a second's rate is not whole
    scale = 1.0 if ladder.is_whole else _MINUTE
    unit = {"timeUnit": "1s" if ladder.is_whole else "1m"}
    reserve = _reserve(scenario, ladder.top, design)
    if is_flat:
        rate = {"rate": max(round(ladder.first * scale), 1)}
        return {"executor": "constant-arrival-rate", **rate, **flat, **unit, **reserve}, ""
    return {"executor": "ramping-arrival-rate", **unit, **reserve}, _k6_stages(ladder, scale)


def _k6_stages(ladder: Ladder, scale: float) -> str:
    first, step = max(round(ladder.first * scale), 1), round(ladder.step * scale)
    ramp, hold = f"{ladder.ramp_s:g}s", f"{ladder.hold_s:g}s"
    return f"ladder({ladder.count}, {first}, {step}, '{ramp}', '{hold}')"


def _locust(ladder: Ladder, per_user: float) -> str:
    first, step = round(ladder.first / per_user, 3), round(ladder.step / per_user, 3)
    return f"ladder({ladder.count}, {first:g}, {step:g}, {ladder.ramp_s:g}, {ladder.hold_s:g})"


def _reserve(scenario: Scenario, top: float, design: Design) -> dict[str, int]:
    """Return the users in reserve. Little's law: with rate x timeout of them none runs short.

    Where a scenario is there to break things, users for the good case are made at the start
    and the rest when needed.
    """
    most = math.ceil(top * design.timeout_s) + 1
    if scenario.key in HELD:
        return {"preAllocatedVUs": most}
    return {"preAllocatedVUs": scenario.vus_end or scenario.vus or 1, "maxVUs": most}


def length_s(scenario: Scenario) -> float:
    """Return how long a scenario takes, its ramps included."""
    return ladder_of(scenario).length_s


def expected_requests(scenario: Scenario, p95_ms: float | None) -> float:
    """Return the requests of a scenario after its ramp, when the p95 is just met."""
    rate = scenario.rate
    if rate is None:
        think = sum(span(scenario.think_time)) / 2 if scenario.think_time else 0.0
        rate = (scenario.vus or 1) / max((p95_ms or 0.0) / _MS + think, _LEAST_CYCLE_S)
    return rate * seconds(scenario.duration or "0s")


def _least(scenario: Scenario, p95_ms: float | None) -> int:
    """Return the requests that a scenario must have sent: what was asked, less the margin."""
    margin = 1.0 - float(page("load_scenarios").data["sizing"]["throughput_margin"])
    return max(math.floor(expected_requests(scenario, p95_ms) * margin), 1)
