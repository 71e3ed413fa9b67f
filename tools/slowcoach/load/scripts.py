"""Write a plan as scripts for k6 and Locust. Texts from outside appear only as escaped literals."""

import math
from collections.abc import Iterable
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from slowcoach.core.knowledge import page, render
from slowcoach.load.design import Design
from slowcoach.load.plan import Endpoint, Journey, LoadPlan, Scenario, seconds, span
from slowcoach.load.schedule import schedule_of
from slowcoach.load.script_literals import js, js_key
from slowcoach.load.script_loads import HELD as HELD  # who asks for scripts asks for this too
from slowcoach.load.script_loads import (
    loads_of,
    pauses_of,
    per_user_of,
    response_s,
    session_of,
    short,
)
from slowcoach.load.secrecy import PLACEHOLDER

PLAN_FILE, K6_FILE, LOCUST_FILE = "load-test-plan.yaml", "load-test.js", "locustfile.py"
TESTRUN_FILE = "testrun.yaml"
_MS = 1000.0
_HUNDRED = 100.0
_LEAST_CYCLE_S = 0.001
_DEFAULT_TIMEOUT_S = 5.0


def write_scripts(plan: LoadPlan, design: Design | None = None) -> dict[str, str]:
    """Return the plan as YAML, the k6 script and the Locust file, by file name.

    `design` gives the time limit of a request where the plan has none.
    """
    data = _data(plan, design)
    return {
        PLAN_FILE: plan.yaml(),
        K6_FILE: render(_template(f"{K6_FILE}.j2"), **data),
        LOCUST_FILE: render(_template(f"{LOCUST_FILE}.j2"), **data),
    }


def write_testrun(plan: LoadPlan, design: Design | None = None) -> str:
    """Return the plan for k6-operator: a TestRun, and a script whose runners tell histograms that
    can be merged. Raises InputError for a plan that no ConfigMap holds.
    """
    from slowcoach.load.distributed.k6_script import histogram_script
    from slowcoach.load.distributed.testrun import testrun_yaml

    data = _data(plan, design)
    # each runner sends a part only, so no count of one says whether the whole was sent
    shared = {
        **data,
        "histogram": histogram_script(),
        "least": {},
    }
    return testrun_yaml(plan, render(_template(f"{K6_FILE}.j2"), **shared))


def _template(name: str) -> str:
    return (files("slowcoach.load") / "templates" / name).read_text(encoding="utf-8")


def _data(plan: LoadPlan, design: Design | None) -> dict[str, Any]:
    timeout_s = plan.timeout_s or (design.timeout_s if design else _DEFAULT_TIMEOUT_S)
    journeys = journeys_of(plan)
    steps = [step for journey in journeys for step in journey.steps]
    fills = any(PLACEHOLDER.search(text) for step in steps for text in _texts(step))
    session = session_of(journeys, plan)
    sizing = page("load_scenarios").data["sizing"]
    per_user = per_user_of(plan.scenarios, session.requests)
    loads = loads_of(plan, session, timeout_s, per_user)
    stay_s = session.longest_s(timeout_s, response_s(plan))
    return {
        "histogram": None,
        "js": js,
        "js_key": js_key,
        "py": ascii,
        "journeys": [_journey(journey) for journey in journeys],
        "data": {name: list(values) for name, values in plan.data.items() if values},
        "names": list(dict.fromkeys(step.label for step in steps)),
        "secrets": _secrets(steps),
        "fills": fills,
        "fills_headers": any(PLACEHOLDER.search(v) for s in steps for v in s.headers.values()),
        "fills_bodies": any(PLACEHOLDER.search(step.body or "") for step in steps),
        "extracts": fills and any(step.extract for step in steps),
        "headers": any(step.headers for step in steps),
        "bodies": any(step.body is not None for step in steps),
        "many": any(len(journey.steps) > 1 for journey in journeys),
        "pauses": pauses_of(plan, loads),
        "loads": loads,
        "mixed": len({load.is_open for load in loads}) > 1,
        "opened": [load.key for load in loads if load.is_open],
        "host": _origin(plan.target),
        "hurry_ms": {load.key: load.hurry_ms for load in loads},
        "timeout_ms": round(timeout_s * _MS),
        "timeout": f"{round(timeout_s * _MS)}ms",
        "timeout_s": timeout_s,
        "per_user": f"{per_user:g}",
        "pacing_s": f"{1 / per_user:.6g}",
        "stay_s": math.ceil(stay_s),
        "in_flight": math.ceil(per_user * stay_s),
        "breaks": sizing["stop_error_share"] if any(x.key == "breakpoint" for x in loads) else None,
        **_criteria(plan),
    }


def journeys_of(plan: LoadPlan) -> tuple[Journey, ...]:
    """Return what sessions do: the journeys, or else each request of the mix as one."""
    if plan.journeys:
        return tuple(journey for journey in plan.journeys if journey.weight > 0)
    return tuple(
        Journey(name=each.label, weight=each.weight, steps=(each,))
        for each in plan.requests
        if each.weight > 0
    )


def _journey(journey: Journey) -> dict[str, Any]:
    return {"weight": short(journey.weight), "steps": [_step(step) for step in journey.steps]}


def _step(step: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = {"method": step.method, "url": step.url, "name": step.label}
    if step.headers:
        found["headers"] = step.headers
    if step.body is not None:
        found["body"] = step.body
    if step.extract:
        found["extract"] = [extract.model_dump(mode="json") for extract in step.extract]
    if step.together:
        found["together"] = True
    return found


def _texts(step: Endpoint) -> tuple[str, ...]:
    return (step.url, step.body or "", *step.headers.values())


def _secrets(steps: Iterable[Endpoint]) -> list[str]:
    """Return the names that requests take from the environment."""
    found = (m[0] for step in steps for text in _texts(step) for m in PLACEHOLDER.finditer(text))
    return [text[6:-1] for text in dict.fromkeys(found) if text.startswith("${env:")]


def _criteria(plan: LoadPlan) -> dict[str, Any]:
    """Return the pass criteria as thresholds of k6 and as figures for Locust."""
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
    return {
        "least": {
            s.key: _least(s, criteria.p95_response_ms) for s in plan.scenarios if s.key in HELD
        },
        "limits": {
            "duration": [f"p({q * _HUNDRED:g})<{ms:g}" for q, ms in quantiles.items()],
            "failed": [f"rate<={error_share:.9f}".rstrip("0").rstrip(".")],
        },
        "quantiles": quantiles,
        "error_share": error_share,
        "passed": f"{1 - error_share:.9f}".rstrip("0").rstrip("."),
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def length_s(scenario: Scenario) -> float:
    """Return how long a scenario takes, its ramps included."""
    return schedule_of(scenario).length_s


def expected_requests(scenario: Scenario, p95_ms: float | None) -> float:
    """Return the requests of a scenario after its ramp, when the p95 is just met."""
    if scenario.rate_start is not None:
        held = [stage for stage in schedule_of(scenario).stages if stage.held]
        return sum(stage.last * stage.length_s for stage in held)
    rate = scenario.rate
    if rate is None:
        think = sum(span(scenario.think_time)) / 2 if scenario.think_time else 0.0
        rate = (scenario.vus or 1) / max((p95_ms or 0.0) / _MS + think, _LEAST_CYCLE_S)
    return rate * seconds(scenario.duration or "0s")


def _least(scenario: Scenario, p95_ms: float | None) -> int:
    """Return the requests that a scenario must have sent: what was asked, less the margin."""
    margin = 1.0 - float(page("load_scenarios").data["sizing"]["throughput_margin"])
    return max(math.floor(expected_requests(scenario, p95_ms) * margin), 1)
