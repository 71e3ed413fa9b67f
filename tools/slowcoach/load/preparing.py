"""From a call's arguments, or an earlier run, to the test that is to be run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from slowcoach.core.errors import InputError
from slowcoach.load import asked, k6_script, outcome_file, running
from slowcoach.load.asked import Asked
from slowcoach.load.engine_kind import engine_named
from slowcoach.load.outcome import Outcome
from slowcoach.load.pinning import environment
from slowcoach.load.plan import Scenario
from slowcoach.load.schedule import Schedule, Stage
from slowcoach.load.scripts import PLAN_FILE
from slowcoach.load.targets import target_of
from slowcoach.load.validation import k6_program

if TYPE_CHECKING:
    from slowcoach.core.job import Job

_TOOL = "run_load_test"
_DURATION_S = 30.0
_OUTCOME, _JSON = "outcome-", ".json"
_BUILTIN = "builtin"


@dataclass(frozen=True, kw_only=True)
class Call:
    """The arguments of run_load_test, as its caller gave them."""

    plan: str | Mapping[str, Any] | None = None
    url: str | None = None
    rate: float | None = None
    vus: int | None = None
    duration_s: float | None = None
    engine: str = _BUILTIN
    scenario: Sequence[str] | None = None
    pid: int | None = None
    processes: int | None = None
    resume: str | None = None


def prepared(job: Job, call: Call) -> running.Wish:
    """Return the test to run; raises InputError and its kin before anything is sent."""
    earlier: dict[str, Outcome] = {}
    if call.resume is not None:
        call, earlier = _resumed(job, call, call.resume)
    if call.plan is None:
        found, schedules = _of_url(call)
    else:
        given = asked.plan_of(call.plan, job)
        if isinstance(given, Path):
            found, schedules = _of_script(job, call, given)
        else:
            _refuse(call, ("url", "rate", "vus"), "the plan has its own")
            chosen = asked.chosen(given, call.scenario)
            if call.duration_s is not None:
                chosen = tuple(asked.shortened(each, call.duration_s) for each in chosen)
                given = given.model_copy(update={"scenarios": _replaced(given.scenarios, chosen)})
            found = Asked(given, chosen)
            schedules = running.schedules_of(found)
    return running.Wish(
        asked=found,
        engine=engine_named(_engine(call, found)),
        schedules=schedules,
        pid=call.pid,
        processes=call.processes,
        earlier=earlier,
    )


def _replaced(all_of: Sequence[Scenario], chosen: Sequence[Scenario]) -> tuple[Scenario, ...]:
    by_name = {each.name: each for each in chosen}
    return tuple(by_name.get(each.name, each) for each in all_of)


def _refuse(call: Call, names: Sequence[str], why: str) -> None:
    given = [name for name in names if getattr(call, name) is not None]
    if given:
        raise InputError(f"{' and '.join(given)}: {why}", hint="Leave it out")


# who runs a script on other machines
_ELSEWHERE = {"k6": "kubernetes", "locust": "locust_workers"}


def _engine(call: Call, found: Asked) -> str:
    needed = found.engine
    if needed is None or call.engine == _ELSEWHERE[needed]:
        return call.engine
    if call.engine not in {needed, _BUILTIN}:
        raise InputError(f"engine: this script is {needed}'s, got {call.engine}", hint=needed)
    return needed


def _of_url(call: Call) -> tuple[Asked, dict[str, Schedule]]:
    if call.url is None:
        raise InputError(
            "run_load_test needs to know what to load",
            hint="Give `plan` (design_load_test writes one), or `url` with `rate` or `vus`",
        )
    _refuse(call, ("scenario",), "a URL alone has no scenarios")
    duration_s = call.duration_s or _DURATION_S
    found = asked.of_url(call.url, rate=call.rate, users=call.vus, duration_s=duration_s)
    return found, running.schedules_of(found)


def _of_script(job: Job, call: Call, script: Path) -> tuple[Asked, dict[str, Schedule]]:
    """Return a user's own script as a plan of one scenario, whose load is the script's."""
    job.permissions.require_execute(f"the script {script.name}")
    if call.url is None:
        raise InputError(
            "a script needs `url`: the host that it loads, and the only one it may reach",
            hint="Give it as http://127.0.0.1:8000",
        )
    _refuse(call, ("scenario",), "a script has no scenarios of a plan")
    name = Scenario(name=script.stem).key
    stub = asked.of_url(call.url, rate=None, users=1, duration_s=_DURATION_S, name=name)
    found = replace(stub, script=script)
    schedule = _k6(job, call, script) if found.engine == "k6" else _locust(call)
    return found, {name: replace(schedule, scenario=name)}


def _k6(job: Job, call: Call, script: Path) -> Schedule:
    _refuse(call, ("rate", "vus", "duration_s"), "a k6 script has its own load")
    program = k6_program()
    if program is None:
        raise InputError(f"{script.name}: k6 is not on the PATH", hint="Install k6")
    target = target_of(cast(str, call.url), job.permissions)
    home = str(script.parent)
    settings = environment(target, {"BASE_URL": target.origin}, home=home, whole=True)
    found = k6_script.requirements(program, script, settings, job.cancellation)
    schedule = found.schedule
    if found.longest_s <= schedule.length_s:
        return schedule
    # k6 gives requests under way time to end; bounds are of the whole
    rest = Stage(schedule.length_s, found.longest_s - schedule.length_s, 0.0, 0.0, held=False)
    return replace(schedule, stages=(*schedule.stages, rest))


def _locust(call: Call) -> Schedule:
    _refuse(call, ("rate",), "a Locust script has users")
    if call.vus is None or call.duration_s is None:
        raise InputError(
            "a Locust script needs `vus` and `duration_s`",
            hint="A script with a shape of its own needs them too, as bounds",
        )
    users = float(call.vus)
    return Schedule("script", "users", (Stage(0.0, call.duration_s, users, users, held=True),))


def _resumed(job: Job, call: Call, run_id: str) -> tuple[Call, dict[str, Outcome]]:
    """Return the call of an earlier run, and the outcomes of the scenarios that it finished."""
    stored = job.runs.get(run_id)
    if stored.tool != _TOOL:
        raise InputError(f"{run_id} is a run of {stored.tool}, not {_TOOL}", hint="list_runs")
    if stored.status == "running":
        raise InputError(f"{run_id} is still running", hint="Wait with get_run, or cancel_run")
    _refuse(call, ("plan", "url", "rate", "vus", "duration_s", "scenario"), "`resume` has them")
    names = [artefact.name for artefact in job.runs.store.artefacts(run_id)]
    earlier: dict[str, Outcome] = {}
    for name in names:
        if name.startswith(_OUTCOME) and name.endswith(_JSON):
            data, _ = job.runs.store.artefact(run_id, name)
            key = name.removeprefix(_OUTCOME).removesuffix(_JSON)
            earlier[key] = outcome_file.decoded(data)
    before = stored.arguments
    again = Call(
        plan=before.get("plan"),
        url=before.get("url"),
        rate=before.get("rate"),
        vus=before.get("vus"),
        duration_s=before.get("duration_s"),
        engine=before.get("engine") or _BUILTIN,
        scenario=before.get("scenario"),
        pid=call.pid if call.pid is not None else before.get("pid"),
        processes=call.processes or before.get("processes"),
    )
    if before.get("plan") is not None and PLAN_FILE in names:  # as it was then
        again = replace(again, plan=f"{run_id}/{PLAN_FILE}", duration_s=None)
    return again, earlier
