"""Scenarios sized by measured traffic: its minutes' median and peak instead of assumed users."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slowcoach.core.knowledge import page
from slowcoach.core.units import number
from slowcoach.load.goal import Goal
from slowcoach.load.plan import Scenario, duration_text
from slowcoach.load.sizing import length, rounded, users
from slowcoach.load.traffic import Rates


@dataclass(frozen=True, slots=True)
class Measured:
    """The load of a normal minute and of the peak in requests per second, and how they came."""

    base: float
    peak: float
    said: tuple[str, ...]


def measured(rates: Rates | None, goal: Goal) -> Measured | None:
    """Return the sizes that traffic gives, None where the goal gives its own or none is told."""
    if rates is None or not rates.p999 or goal.rps is not None or goal.users is not None:
        return None
    known = _known()
    base = rates.median or rates.p999
    peak = max(rates.p999 * (goal.factor or 1.0), base)
    step = known["peak_step"]["value"]
    said = [
        f"the median minute had {number(base)} requests per second (Baseline), the 99.9 % minute "
        f"{number(rates.p999)} ({_times(goal)}Peak, then {step:g} times that)"
    ]
    if rates.burstiness is not None and rates.burstiness > known["bursty"]["value"]:
        busiest = f", up to {number(rates.peak_second)} in one" if rates.peak_second else ""
        said.append(
            f"arrivals are bursty: a second's count varies by {rates.burstiness:.1f} times its mean"
            f"{busiest}; a steady rate is kinder than that"
        )
    return Measured(base, peak, tuple(said))


def _times(goal: Goal) -> str:
    return f"{goal.factor:g} times that is the " if goal.factor else ""


def scenario_of(
    entry: Mapping[str, Any], size: Measured, goal: Goal, response_s: float
) -> Scenario:
    """Return one scenario of the template at the size of the traffic."""
    known = _known()
    name = str(entry["name"])
    if (special := _SPECIAL.get(name)) is not None:
        return special(entry, size, goal, response_s)
    common = {key: entry[key] for key in ("description", "ramp_up") if key in entry}
    load = {
        "Baseline": size.base,
        "Soak": size.peak * known["soak_share"]["value"],
        "Smoke": float(entry.get("vus", 1)),
    }.get(name, max(size.base * float(entry.get("factor", 1.0)), size.peak))
    if name == "Soak":
        share = known["soak_share"]["value"]
        common["description"] += f"; {share:.0%} of the Peak, later of the knee that Stress finds"
    held = length(entry, goal)
    if name == "Baseline" and goal.duration_s is None:
        held = duration_text(float(known["baseline_s"]["value"]))
    rate = rounded(load)
    return Scenario(name=name, rate=rate, vus=users(rate, response_s), duration=held, **common)


def _peak(entry: Mapping[str, Any], size: Measured, goal: Goal, response_s: float) -> Scenario:
    """The measured peak, then some more: growth until the next test."""
    known = _known()
    first, last = rounded(size.peak), rounded(size.peak * known["peak_step"]["value"])
    held = length(entry, goal)
    if goal.duration_s is None:
        held = duration_text(float(known["peak_s"]["value"]))
    return Scenario(
        name="Peak",
        description=f"The busiest minutes of the traffic, {size.peak / size.base:.3g}x normal; "
        f"then {known['peak_step']['value']:g} times that",
        ramp_up=entry.get("ramp_up"),
        vus_start=users(first, response_s),
        vus_end=users(last, response_s),
        step_duration=held,
        rate_start=first,
        rate_end=last,
        rate_step=round(last - first, 6),
    )


def _stress(entry: Mapping[str, Any], size: Measured, goal: Goal, response_s: float) -> Scenario:
    """Steps past the peak, each long enough to tell a p99, and then back to see it recover."""
    known = _known()
    factor = float(known["stress_factor"]["value"])
    first = rounded(size.peak)
    count = math.ceil(math.log(known["stress_top"]["value"]) / math.log(factor))
    wanted_s = known["step_samples"]["value"] / first
    least, most = known["least_step_s"]["value"], known["most_step_s"]["value"]
    held = duration_text(float(math.ceil(min(max(wanted_s, least), most))))
    last = rounded(first * factor**count)
    return Scenario(
        name="Stress",
        description=f"{entry['description']}: steps of +{factor - 1:.0%} until the criteria break, "
        "then back to the first to see it recover",
        vus_start=users(first, response_s),
        vus_end=users(last, response_s),
        step_duration=held,
        step_factor=factor,
        rate_start=first,
        rate_end=last,
        recovery=held,
    )


_Sized = Callable[[Mapping[str, Any], Measured, Goal, float], Scenario]
_SPECIAL: dict[str, _Sized] = {"Peak": _peak, "Stress": _stress}


def _known() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = page("load_scenarios").data["measured"]
    return found
