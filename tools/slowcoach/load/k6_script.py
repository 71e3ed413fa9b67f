"""What k6 is given to run: a plan's script or a user's own, within the bounds of the test."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from slowcoach.core.errors import InputError
from slowcoach.core.job import Cancellation
from slowcoach.core.knowledge import render
from slowcoach.core.process import run
from slowcoach.load.k6_stream import STARTED
from slowcoach.load.outcome import LoadUnit
from slowcoach.load.pinning import all_but
from slowcoach.load.plan import seconds
from slowcoach.load.schedule import Schedule, Stage
from slowcoach.load.targets import Target

WRAPPER, SUMMARY = "slowcoach-run.js", "k6-summary.json"
_TEMPLATE = "k6-run.js.j2"
_INSPECT_S = 60.0
_MADE_BEFORE = 2000  # users; each takes about 0.15 MB and 1 ms to make


def wrapper(
    script: str, target: Target, address: str, *, is_own: bool, in_flight_limit: int = 1
) -> str:
    """Return the module that runs a script against one address alone.

    k6 asks nobody for the target's address and connects to no other; a plan's script follows no
    redirect, a user's own only as far as the target. k6 drops a request for each user that it
    must make in the midst of a test, so that those of a plan are made before it begins.
    """
    return render(
        (files("slowcoach.load") / "templates" / _TEMPLATE).read_text(encoding="utf-8"),
        js=_js,
        script=script,
        started=STARTED,
        hosts={} if target.host == address else {target.host: address},
        blocked=all_but(address),
        redirects=None if is_own else 0,
        reserve=None if is_own else _reserve(in_flight_limit),
        summary=SUMMARY,
    )


def _reserve(most: int) -> tuple[int, int]:
    return min(most, _MADE_BEFORE), most


def _js(value: Any) -> str:
    return json.dumps(value).replace("<", "\\u003c")


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a k6 script will do: its load over time, its longest time, its most users."""

    schedule: Schedule
    longest_s: float
    most_users: int


def requirements(
    program: str,
    script: Path,
    environment: Mapping[str, str],
    cancellation: Cancellation | None = None,
) -> Requirements:
    """Return what a user's script asks for, as k6 itself reads it; its code outside of functions
    is run. Raises InputError for one that k6 refuses.
    """
    done = run(
        [program, "inspect", "--execution-requirements", str(script)],
        deadline_s=_INSPECT_S,
        cancellation=cancellation,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        raise InputError(
            f"{script.name}: k6 refuses it: {done.complaint}", hint="Run k6 inspect on it"
        )
    try:
        options = json.loads(done.stdout)
        longest_s = seconds(options["totalDuration"])
        users = int(options["maxVUs"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{script.name}: k6 inspect said {error!r}", hint="Check it") from None
    scenarios = options.get("scenarios") or {}
    stages: tuple[Stage, ...] = ()
    unit: LoadUnit = "users"
    if len(scenarios) == 1:
        unit, stages = _stages(next(iter(scenarios.values())))
    if not stages:
        unit, stages = "users", (Stage(0.0, longest_s, users, users, held=True),)
    return Requirements(Schedule(script.stem, unit, stages), longest_s, users)


def _stages(scenario: Mapping[str, Any]) -> tuple[LoadUnit, tuple[Stage, ...]]:
    """Return the load over time of a scenario; nothing for an executor without one."""
    kind = scenario.get("executor")
    if kind == "constant-vus":
        length = seconds(scenario["duration"])
        users = float(scenario.get("vus") or 1)
        return "users", (Stage(0.0, length, users, users, held=True),)
    per_s = 1.0 / seconds(scenario.get("timeUnit") or "1s")
    if kind == "constant-arrival-rate":
        rate = float(scenario["rate"]) * per_s
        return "req/s", (Stage(0.0, seconds(scenario["duration"]), rate, rate, held=True),)
    listed = cast(Sequence[Mapping[str, Any]], scenario.get("stages") or ())
    if kind == "ramping-vus":
        return "users", _ramps(float(scenario.get("startVUs") or 1), listed, 1.0)
    if kind == "ramping-arrival-rate":
        return "req/s", _ramps(float(scenario.get("startRate") or 0) * per_s, listed, per_s)
    return "users", ()


def _ramps(load: float, listed: Sequence[Mapping[str, Any]], per: float) -> tuple[Stage, ...]:
    found: list[Stage] = []
    at = 0.0
    for each in listed:
        target, length = float(each["target"]) * per, seconds(each["duration"])
        if length > 0:
            found.append(Stage(at, length, load, target, held=load == target))
        at, load = at + length, target
    return tuple(found)
