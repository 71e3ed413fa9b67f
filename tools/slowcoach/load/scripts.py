"""Write a plan as scripts for k6 and Locust. Texts from outside appear only as escaped literals."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from slowcoach.core.knowledge import page, render
from slowcoach.load.design import Design
from slowcoach.load.plan import Endpoint, Journey, LoadPlan, Scenario, seconds, span
from slowcoach.load.schedule import Schedule, schedule_of
from slowcoach.load.secrecy import PLACEHOLDER

PLAN_FILE, K6_FILE, LOCUST_FILE = "load-test-plan.yaml", "load-test.js", "locustfile.py"
TESTRUN_FILE = "testrun.yaml"
HELD = frozenset({"smoke", "baseline", "peak", "soak"})
_ARRIVALS_PER_USER = 20.0
_MS = 1000.0
_HUNDRED = 100.0
_UNITS = {"1s": 1.0, "1m": 60.0, "1h": 3600.0}
_WHOLE = 1e-6
_LEAST_CYCLE_S = 0.001
_DEFAULT_TIMEOUT_S = 5.0
_PAUSES_MARGIN = 1.3  # sessions whose pauses are longer than the mean, at the same time


@dataclass(frozen=True, slots=True)
class _Load:
    """One scenario in the two engines' words."""

    key: str
    k6: dict[str, Any]
    k6_stages: list[tuple[float, int]]
    locust: list[tuple[float, float, float]]
    is_open: bool


@dataclass(frozen=True, slots=True)
class _Session:
    """What the sessions of a plan are like on average: requests, and seconds of pauses."""

    requests: float
    pauses_s: float
    longest_requests: int

    def longest_s(self, timeout_s: float, response_s: float) -> float:
        """Return how long one may take when its server stands still for one timeout."""
        return timeout_s + (self.requests - 1) * response_s + self.pauses_s * _PAUSES_MARGIN


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
    whole_s = sum(length_s(scenario) for scenario in plan.scenarios)
    # each runner sends a part only, so no count of one says whether the whole was sent
    shared = {
        **data,
        "histogram": histogram_script(),
        "hurry_ms": round(whole_s * _MS),
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
    session = _session(journeys, plan)
    sizing = page("load_scenarios").data["sizing"]
    per_user = _per_user(plan.scenarios, session.requests)
    loads = _loads(plan, session, timeout_s, per_user)
    stay_s = session.longest_s(timeout_s, _response_s(plan))
    return {
        "histogram": None,
        "js": _js,
        "js_key": _js_key,
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
        "pauses": _pauses(plan, loads),
        "loads": loads,
        "mixed": len({load.is_open for load in loads}) > 1,
        "opened": [load.key for load in loads if load.is_open],
        "host": _origin(plan.target),
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
    return {"weight": _short(journey.weight), "steps": [_step(step) for step in journey.steps]}


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


def _session(journeys: Sequence[Journey], plan: LoadPlan) -> _Session:
    weight = sum(journey.weight for journey in journeys) or 1.0
    requests = sum(j.weight * len(j.steps) for j in journeys) / weight or 1.0
    gaps = sum(j.weight * sum(not s.together for s in j.steps[1:]) for j in journeys) / weight
    longest = max((len(journey.steps) for journey in journeys), default=1)
    return _Session(requests, gaps * _mean_pause_s(plan), longest)


def _mean_pause_s(plan: LoadPlan) -> float:
    if plan.think is not None:
        return plan.think.median_s * math.exp(plan.think.sigma**2 / 2)
    return sum(_span(plan) or (0.0, 0.0)) / 2


def _span(plan: LoadPlan) -> tuple[float, float] | None:
    stated = next((s.think_time for s in plan.scenarios if s.think_time), None)
    return span(stated) if stated else None


def _pauses(plan: LoadPlan, loads: Sequence[_Load]) -> dict[str, float] | None:
    """Return the pauses of users, None where there are none to make."""
    is_closed = not all(load.is_open for load in loads)
    if not (is_closed or any(len(journey.steps) > 1 for journey in plan.journeys)):
        return None
    if plan.think is not None:
        return {"median": plan.think.median_s, "sigma": plan.think.sigma}
    ends = _span(plan)
    return {"low": ends[0], "high": ends[1]} if ends else None


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


def _js(value: Any) -> str:
    """Return a JavaScript literal that cannot end a string, a line or a script element."""
    if isinstance(value, Mapping):
        pairs = (f"{_js_key(str(key))}: {_js(each)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_js, value))}]"
    text = json.dumps(value)
    if isinstance(value, str):
        inner = text[1:-1].replace('\\"', '"').replace("'", "\\'").replace("<", "\\u003c")
        return f"'{inner}'"
    return text


def _js_key(key: str) -> str:
    if key == "__proto__":
        return "['__proto__']"
    return key if key.isascii() and key.isidentifier() else _js(key)


def _per_user(scenarios: Sequence[Scenario], requests: float) -> float:
    """Return the sessions that one Locust user begins a second, so that the lowest rate is met
    exactly.
    """
    rates = [rate for s in scenarios if (rate := s.rate or s.rate_start)]
    lowest = min(rates, default=1.0) / requests
    return float(f"{lowest / math.ceil(lowest / _ARRIVALS_PER_USER):.6g}")


def _response_s(plan: LoadPlan) -> float:
    return (plan.pass_criteria.p95_response_ms or 0.0) / _MS


def _loads(plan: LoadPlan, session: _Session, timeout_s: float, per_user: float) -> list[_Load]:
    found: list[_Load] = []
    start_s = 0.0
    stay_s = session.longest_s(timeout_s, _response_s(plan))
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
        locust = [
            (s.length_s, _short(s.first / per), _short(s.last / per)) for s in schedule.stages
        ]
        found.append(_Load(_free_key(scenario, found), k6, stages, locust, is_open))
        start_s += schedule.length_s + (math.ceil(stay_s) if plan.journeys else 0)
    return found


def _short(value: float) -> float:
    """Return a number as scripts write it, whole ones without a point."""
    short = float(f"{value:.6g}")
    return int(short) if short.is_integer() else short


def _free_key(scenario: Scenario, others: Sequence[_Load]) -> str:
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
        yield _short(stage.length_s), round(stage.last * scale)
        at = stage.last


def _unit(loads: Sequence[float]) -> tuple[str, float]:
    """Return the unit of time by which all loads are whole numbers, or else the longest."""
    for name, scale in _UNITS.items():
        if all(abs(load * scale - round(load * scale)) < _WHOLE * scale for load in loads):
            return name, scale
    return name, scale


def _reserve(scenario: Scenario, most: float) -> dict[str, int]:
    """Return the users in reserve. Little's law: with rate x the longest stay none runs short.

    Where a scenario is there to break things, users for the good case are made at the start
    and the rest when needed.
    """
    whole = math.ceil(most) + 1
    if scenario.key in HELD:
        return {"preAllocatedVUs": whole}
    return {"preAllocatedVUs": min(scenario.vus_end or scenario.vus or 1, whole), "maxVUs": whole}


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
