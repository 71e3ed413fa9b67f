"""Size a load test by a goal: the methodology's scenarios, scaled, and what was assumed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slowcoach.core.errors import InputError
from slowcoach.core.knowledge import page
from slowcoach.core.units import duration, number
from slowcoach.load.goal import Goal
from slowcoach.load.measured_design import Measured, measured, scenario_of
from slowcoach.load.plan import PassCriteria, Scenario, span
from slowcoach.load.sizing import LONG_S, length, rounded, users
from slowcoach.load.traffic import Rates

_MS = 1000.0
_HELD = ("p50", "p95", "p99")


@dataclass(frozen=True, slots=True)
class Design:
    """The scenarios and criteria for a goal, with the reasoning said.

    `is_open` tells that requests arrive at a rate; `timeout_s` is when scripts give a request up.
    """

    scenarios: tuple[Scenario, ...]
    criteria: PassCriteria
    assumed: tuple[str, ...]
    is_open: bool
    timeout_s: float
    peak_rps: float


@dataclass(frozen=True, slots=True)
class _Size:
    """The load of the baseline and of the peak: requests per second, or users."""

    base: float
    peak: float
    is_open: bool
    assumed: tuple[str, ...] = ()


def known_scenarios() -> tuple[str, ...]:
    """Return the names of all scenarios, the methodology's four first."""
    extra = page("load_scenarios").data["scenarios"]
    return tuple(entry["name"] for entry in [*_template()["scenarios"], *extra])


def design(goal: Goal, names: Sequence[str] | None = None, rates: Rates | None = None) -> Design:
    """Return the test for a goal; `names` picks scenarios (default: the methodology's four).

    Where the goal gives no load, measured `rates` size the test.

    Users follow from a rate by Little's law: rate x (response time + think time). The response
    time is the p95 that is wanted: a system that just passes has no faster mean to rely on.
    Raises InputError for an unknown scenario.
    """
    traffic = measured(rates, goal)
    size = _size(goal) if traffic is None else _Size(traffic.base, traffic.peak, True, traffic.said)
    criteria, said = _criteria(goal, size)
    response_s = goal.response_s or (criteria.p95_response_ms or 0.0) / _MS
    chosen = _chosen(names)
    scenarios = tuple(_sized(entry, size, traffic, goal, response_s) for entry in chosen)
    assumed = (*goal.assumed, *size.assumed, *said, *_durations_said(goal))
    if not size.is_open and goal.think_s is None:
        assumed += (f"a user pauses {_default_think()} between requests",)
    if size.is_open:
        assumed += (
            f"users are rate x response time, {duration(response_s)} (Little's law); an arrival "
            "is one request, so there is no think time",
        )
    return Design(
        scenarios=scenarios,
        criteria=criteria,
        assumed=assumed,
        is_open=size.is_open,
        timeout_s=_timeout(response_s),
        peak_rps=_peak_rps(scenarios, response_s),
    )


def _template() -> dict[str, Any]:
    template: dict[str, Any] = page("load_test_plan").data["template"]
    return template


def _default_think() -> str:
    return next(str(s["think_time"]) for s in _template()["scenarios"] if "think_time" in s)


def _size(goal: Goal) -> _Size:
    """Tell baseline and peak from the goal; the template's ratio stands between them."""
    base, peak = (int(entry["vus"]) for entry in _template()["scenarios"][:2])
    ratio = peak / base
    is_open = goal.rps is not None
    load = goal.rps if goal.rps is not None else goal.users
    low = goal.low_rps if goal.rps is not None else goal.low_users
    if load is None:
        return _unsized(goal, base, ratio)
    if low is not None:
        return _Size(low, load, is_open, ("the range runs from the Baseline to the Peak",))
    what = f"{number(load)} {'requests per second' if is_open else 'users'}"
    if goal.factor is not None:
        said = f"{what} is today's load and the Baseline; the Peak is {goal.factor:g} times that"
        return _Size(load, load * goal.factor, is_open, (said,))
    if goal.is_normal:
        said = f"{what} is normal load and the Baseline; the Peak is {ratio:g} times that"
        return _Size(load, load * ratio, is_open, (said,))
    said = f"{what} is the load to be held at the Peak; the Baseline is 1/{ratio:g} of it"
    return _Size(load / ratio, load, is_open, (said,))


def _unsized(goal: Goal, base: int, ratio: float) -> _Size:
    factor = goal.factor or ratio
    said = (
        f"the goal gives no load, so the Baseline is the methodology's {base} users and the Peak "
        f"{factor:g} times that: give today's rate for a plan of your size"
    )
    return _Size(base, base * factor, is_open=False, assumed=(said,))


def _criteria(goal: Goal, size: _Size) -> tuple[PassCriteria, tuple[str, ...]]:
    default = _template()["pass_criteria"]
    said: list[str] = []
    held = {f"p{q:g}": s * _MS for q, s in goal.percentiles_s.items()}
    if unknown := [name for name in held if name not in _HELD]:
        said.append(f"{', '.join(unknown)} is not checked: the plan knows p50, p95 and p99")
    if "p95" not in held:
        held["p95"] = _assumed_p95(held, float(default["p95_response_ms"]))
        said.append(f"p95 below {number(held['p95'])} ms")
    error_pct = goal.error_pct
    if error_pct is None:
        error_pct = float(default["error_rate_pct"])
        said.append(f"errors below {error_pct:g} %")
    throughput = size.peak
    if not size.is_open:
        response_s = goal.response_s or held["p95"] / _MS
        throughput = size.peak / (response_s + _mean_think(goal))
    criteria = PassCriteria(
        p50_response_ms=held.get("p50"),
        p95_response_ms=held["p95"],
        p99_response_ms=held.get("p99"),
        error_rate_pct=error_pct,
        throughput_rps=rounded(throughput),
    )
    return criteria, tuple([f"where the goal is silent: {', '.join(said)}"] if said else [])


def _assumed_p95(held: Mapping[str, float], default: float) -> float:
    """Return the template's p95 unless a stated p99 is lower or a stated p50 higher."""
    return max(min(default, held.get("p99", default)), held.get("p50", 0.0))


def _mean_think(goal: Goal) -> float:
    low, high = goal.think_s or span(_default_think())
    return (low + high) / 2


def _chosen(names: Sequence[str] | None) -> list[dict[str, Any]]:
    four: list[dict[str, Any]] = _template()["scenarios"]
    if not names:
        return four
    known = {str(e["name"]).lower(): e for e in [*four, *page("load_scenarios").data["scenarios"]]}
    if unknown := [name for name in names if name.strip().lower() not in known]:
        raise InputError(
            f"scenarios: {unknown[0]!r} is not known", hint=f"Known: {', '.join(known_scenarios())}"
        )
    return [known[name] for name in dict.fromkeys(name.strip().lower() for name in names)]


def _sized(
    entry: Mapping[str, Any], size: _Size, traffic: Measured | None, goal: Goal, response_s: float
) -> Scenario:
    if traffic is not None:
        return scenario_of(entry, traffic, goal, response_s)
    return _scaled(entry, size, goal, response_s)


def _scaled(entry: Mapping[str, Any], size: _Size, goal: Goal, response_s: float) -> Scenario:
    """Return one scenario of the template at the size of the goal."""
    common = {key: entry[key] for key in ("name", "description", "ramp_up") if key in entry}
    if entry["name"] == "Peak":
        common["description"] = f"{size.peak / size.base:.3g}x normal traffic (expected peak)"
    think = None if size.is_open else _think_text(goal)
    if "step_size" in entry:
        steps = _steps(entry, size, response_s)
        step_duration = entry["step_duration"]
        return Scenario(**common, **steps, step_duration=step_duration, think_time=think)
    held = length(entry, goal)
    load = _load(entry, size)
    if size.is_open:
        vus = users(load, response_s)
        return Scenario(**common, vus=vus, rate=rounded(load), duration=held)
    return Scenario(**common, vus=max(math.ceil(load), 1), duration=held, think_time=think)


def _load(entry: Mapping[str, Any], size: _Size) -> float:
    """Return a scenario's load in the unit of `size`."""
    if entry["name"] == "Peak":
        return size.peak
    if "factor" in entry:
        return max(size.base * float(entry["factor"]), size.peak)
    if entry["name"] == "Smoke":
        return float(entry["vus"])  # one user, or one request a second
    return size.base * float(entry["vus"]) / float(_template()["scenarios"][0]["vus"])


def _think_text(goal: Goal) -> str:
    if goal.think_s is None:
        return _default_think()
    low, high = goal.think_s
    return f"{low:g}-{high:g}s" if high > low else f"{low:g}s"


def _steps(entry: Mapping[str, Any], size: _Size, response_s: float) -> dict[str, Any]:
    """Return the stress steps: the template's number of them, past the peak by its own measure."""
    template_base = float(_template()["scenarios"][0]["vus"])
    count = round((entry["vus_end"] - entry["vus_start"]) / entry["step_size"])
    start = size.base * entry["vus_start"] / template_base
    end = max(size.base * entry["vus_end"] / template_base, size.peak * 2)
    step = (end - start) / count
    if size.is_open:
        start, step = rounded(start), rounded(step)
        end = rounded(start + count * step)
        return {
            "vus_start": users(start, response_s),
            "vus_end": users(end, response_s),
            "step_size": users(step, response_s),
            "rate_start": start,
            "rate_end": end,
            "rate_step": step,
        }
    first, size_of_step = max(math.ceil(start), 1), max(math.ceil(step), 1)
    last = first + count * size_of_step
    return {"vus_start": first, "vus_end": last, "step_size": size_of_step}


def _durations_said(goal: Goal) -> tuple[str, ...]:
    if goal.duration_s is None:
        return ()
    which = "the Soak" if goal.duration_s >= LONG_S else "Baseline and Peak"
    return (f"{duration(goal.duration_s)} is the length of {which}",)


def _timeout(response_s: float) -> float:
    sizing = page("load_scenarios").data["sizing"]
    wanted = response_s * sizing["timeout_per_p95"]
    return float(min(max(wanted, sizing["least_timeout_s"]), sizing["most_timeout_s"]))


def _peak_rps(scenarios: Sequence[Scenario], response_s: float) -> float:
    """Return the highest rate that any scenario may reach."""
    rates = [s.rate_end or s.rate for s in scenarios]
    open_rates = [rate for rate in rates if rate is not None]
    if open_rates:
        return max(open_rates)
    users = [(s.vus_end or s.vus or 1, span(s.think_time or _default_think())) for s in scenarios]
    return max((n / (response_s + sum(think) / 2) for n, think in users), default=0.0)
