"""An order as a k6 script for runners that share its load and tell histograms. Texts from outside
appear only as escaped literals.
"""

from __future__ import annotations

import json
import math
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from slowcoach.core.errors import InputError
from slowcoach.core.knowledge import render
from slowcoach.load.k6_script import wrapper
from slowcoach.load.pinning import all_but
from slowcoach.load.plan import Endpoint, Journey, span

if TYPE_CHECKING:
    from pathlib import Path

    from slowcoach.load.engine_kind import Order
    from slowcoach.load.schedule import Schedule

SCRIPT_FILE, OWN_FILE = "load-test.js", "own.js"
RESULT_MARK = "slowcoach-result"
_SCALES = {1: "1s", 60: "1m", 3600: "1h"}
_NEARLY_WHOLE = 1e-6
_MS = 1000
_SETTLE_S = 2.0
_READY_USERS = 2000  # of one runner: each takes about half a megabyte


def histogram_script() -> str:
    """Return the part of a k6 script that records and tells histograms (templates/histogram.js):
    `observe(response, endpoint, timeoutMs, hurryMs)`, `bucketThresholds()`,
    `bucketLines(data, endpoints)`.
    """
    return _template("histogram.js")


def runner_files(order: Order) -> dict[str, str]:
    """Return the k6 script of an order by file name: the plan's, or the user's own, which must
    tell histograms too, and what keeps it to the target.

    Raises InputError for endpoints beyond the target and for a script without histograms.
    """
    if order.script is None:
        return {SCRIPT_FILE: runner_script(order)}
    address = order.target.addresses[0]
    own = _own(order.script)
    return {
        SCRIPT_FILE: wrapper(f"./{OWN_FILE}", order.target, address, is_own=True),
        OWN_FILE: own,
    }


def runner_script(order: Order) -> str:
    """Return an order's plan as k6 script; raises InputError for endpoints beyond the target."""
    journeys = [_journey(journey, order) for journey in _journeys(order)]
    names = list(dict.fromkeys(step["label"] for each in journeys for step in each["steps"]))
    for step in (step for each in journeys for step in each["steps"]):
        step["endpoint"] = names.index(step.pop("label"))
    address = order.target.addresses[0]
    scenario = next((s for s in order.plan.scenarios if s.name == order.schedule.scenario), None)
    return render(
        _template("runner.js.j2"),
        js=_js,
        histogram=histogram_script(),
        scenario=scenario.key if scenario else "load",
        options=_scenario(order, _mean_requests(journeys)),
        journeys=journeys,
        endpoints=names,
        data=order.plan.data,
        think=_think(order, scenario.think_time if scenario else None),
        hosts={} if order.target.host == address else {order.target.host: address},
        blocked=all_but(address),
        timeout_ms=round(order.timeout_s * _MS),
        hurry_ms=_hurry_ms(order),
        closed=order.schedule.unit == "users",
    )


def endpoint_names(order: Order) -> tuple[str, ...]:
    """Return the endpoints' names as the script numbers them."""
    labels = (step.label for journey in _journeys(order) for step in journey.steps)
    return tuple(dict.fromkeys(labels))


def _own(path: Path) -> str:
    text = path.read_text(encoding="utf-8", errors="replace")
    if RESULT_MARK not in text:
        raise InputError(
            f"{path}: expected a script that tells histograms, got one without",
            hint="Give the plan, or write the script with design_load_test: runners' percentiles "
            "cannot be merged otherwise",
        )
    return text


def _journeys(order: Order) -> tuple[Journey, ...]:
    if order.plan.journeys:
        return order.plan.journeys
    return tuple(
        Journey(name=each.label, weight=each.weight, steps=(each,)) for each in order.plan.requests
    )


def _journey(journey: Journey, order: Order) -> dict[str, Any]:
    return {"weight": journey.weight, "steps": [_step(step, order) for step in journey.steps]}


def _step(step: Endpoint, order: Order) -> dict[str, Any]:
    if not order.target.holds(step.url):
        raise InputError(
            f"endpoint {step.label}: expected a URL of {order.target.origin}",
            hint="A test has one target; leave the others out of the plan",
        )
    return {
        "label": step.label,
        "method": step.method,
        "url": step.url,
        "headers": step.headers,
        "body": step.body,
        "extract": [extract.model_dump() for extract in step.extract],
        "together": bool(step.together),
    }


def _mean_requests(journeys: list[dict[str, Any]]) -> float:
    weights = sum(each["weight"] for each in journeys)
    asked = sum(each["weight"] * len(each["steps"]) for each in journeys)
    return asked / weights if weights else 1.0


def _scenario(order: Order, requests: float) -> dict[str, Any]:
    """Return k6's scenario: arrivals when open, users when closed; k6 takes whole numbers."""
    schedule = order.schedule
    ends = {"gracefulStop": f"{math.ceil(order.timeout_s)}s"}
    if schedule.unit == "users":
        stages = _stages(schedule, 1.0)
        start = round(schedule.stages[0].first)
        down = {"gracefulRampDown": ends["gracefulStop"]}
        return {"executor": "ramping-vus", "startVUs": start, "stages": stages, **ends, **down}
    loads = [load / requests for stage in schedule.stages for load in (stage.first, stage.last)]
    scale = next((s for s in _SCALES if all(_is_whole(load * s) for load in loads)), max(_SCALES))
    return {
        "executor": "ramping-arrival-rate",
        "startRate": round(schedule.stages[0].first / requests * scale),
        "timeUnit": _SCALES[scale],
        "stages": _stages(schedule, scale / requests),
        **_reserve(order),
        **ends,
    }


def _reserve(order: Order) -> dict[str, int]:
    """Return the users in reserve, made at the start as far as a runner's memory allows."""
    first = min(order.in_flight_limit, _READY_USERS * max(order.processes, 1))
    if first == order.in_flight_limit:
        return {"preAllocatedVUs": first}
    return {"preAllocatedVUs": first, "maxVUs": order.in_flight_limit}


def _stages(schedule: Schedule, scale: float) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = schedule.stages[0].first
    for stage in schedule.stages:
        if stage.first != at:
            found.append({"target": round(stage.first * scale), "duration": "0s"})
        found.append({"target": round(stage.last * scale), "duration": f"{stage.length_s:g}s"})
        at = stage.last
    return found


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < _NEARLY_WHOLE


def _think(order: Order, text: str | None) -> dict[str, float] | None:
    if order.plan.think is not None:
        return {"median_s": order.plan.think.median_s, "sigma": order.plan.think.sigma}
    if text is None:
        return None
    low, high = span(text)
    return {"low": low, "high": high}


def _hurry_ms(order: Order) -> int:
    """Return when users stop holding rows back: each is asked again within the timeout (Little's
    law says how many there are, and they take turns), so that what they hold comes before the end.
    """
    left = order.schedule.length_s - order.timeout_s - _SETTLE_S
    return round(max(left, 0.0) * _MS)


def _template(name: str) -> str:
    return (files("slowcoach.load") / "templates" / name).read_text(encoding="utf-8")


def _js(value: Any) -> str:
    """Return a JavaScript literal that cannot end a string, a line or a script element."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c")
