"""What a caller asks to run: a plan, a script of the user's own, or one URL at one load."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml
from pydantic import ValidationError

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.files import read_bytes
from slowcoach.load.order_scripts import requests_of
from slowcoach.load.plan import LoadPlan, PassCriteria, Scenario, duration_text
from slowcoach.load.schedule import ladder_of
from slowcoach.load.scripts import PLAN_FILE

if TYPE_CHECKING:
    from slowcoach.core.job import Job

_LARGEST = 4 * 1024 * 1024
_ADDRESS = re.compile(r"(?:slowcoach://runs/)?([a-z][a-z0-9-]{0,79})(?:/([\w.-]+))?")
_SCRIPTS = {".js": "k6", ".ts": "k6", ".mjs": "k6", ".py": "locust"}
_SECRET = re.compile(r"\$\{env:([A-Za-z_]\w*)\}")
_SHOWN = 300
_DEEPEST = 40
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan and the scenarios of it to run. With `script`, a user's own script is run instead,
    by the engine that its name tells.
    """

    plan: LoadPlan
    scenarios: tuple[Scenario, ...]
    script: Path | None = None

    @property
    def engine(self) -> str | None:
        """Return the engine that a script needs; None for a plan, which any can run."""
        return None if self.script is None else _SCRIPTS[self.script.suffix]


def plan_of(given: str | Mapping[str, Any], job: Job) -> LoadPlan | Path:
    """Return a plan, or the path of a script.

    `given` is a plan as data or YAML, the path of either, a script's path, or the address of a
    plan that a run keeps. Raises UnreadableError.
    """
    if not isinstance(given, str):
        return _checked(given, "plan")
    if "\n" in given or given.lstrip().startswith("{"):
        return _parsed(given.encode(), "plan")
    path = Path(given).expanduser()
    if path.suffix in _SCRIPTS and path.is_file():
        return path.resolve()
    if not path.exists() and (match := _ADDRESS.fullmatch(given)) is not None:
        data, _ = job.runs.store.artefact(match[1], match[2] or PLAN_FILE)
        return _parsed(data, given)
    return _parsed(
        read_bytes(path, what="a plan", limit=_LARGEST, smaller="design_load_test writes one"),
        given,
    )


def _parsed(data: bytes, where: str) -> LoadPlan:
    if len(data) > _LARGEST:
        raise UnreadableError(f"{where[:80]}: larger than a plan can be", hint="Check the file")
    try:
        text = data.decode("utf-8")
        _check_yaml(text)
        found = yaml.load(text, _LOADER)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:_SHOWN]
        raise UnreadableError(
            f"{where[:80]}: expected a plan as YAML: {said}", hint="design_load_test writes one"
        ) from None
    return _checked(found, where)


def _check_yaml(text: str) -> None:
    """Refuse references, by which a small text becomes an endless one, and depth without end."""
    depth = 0
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("references (*name) are not read")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise yaml.YAMLError(f"more than {_DEEPEST} levels deep")


def _checked(data: object, where: str) -> LoadPlan:
    try:
        plan = LoadPlan.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "plan"
        raise UnreadableError(
            f"{where[:80]}: `{place}`: {first['msg']}", hint="design_load_test writes a plan"
        ) from None
    if not plan.scenarios:
        raise UnreadableError(f"{where[:80]}: the plan has no scenario", hint="Add one")
    return plan


def of_url(
    url: str, *, rate: float | None, users: int | None, duration_s: float, name: str = "Steady"
) -> Asked:
    """Return a plan of one URL at one load; raises InputError unless it is a rate or users."""
    if (rate is None) == (users is None):
        raise InputError(
            "run_load_test needs either `rate` or `vus`",
            hint="Give `rate` (requests a second, whatever the server does) or `vus` (users that "
            "wait for answers)",
        )
    scenario = Scenario(name=name, rate=rate, vus=users, duration=_text(duration_s))
    plan = LoadPlan(
        test_name=f"Load test of {urlsplit(url).hostname}"[:200],
        target=url,
        date=datetime.now(UTC).date().isoformat(),
        scenarios=(scenario,),
        pass_criteria=PassCriteria(),
    )
    return Asked(plan, plan.scenarios)


def chosen(plan: LoadPlan, names: Sequence[str] | None) -> tuple[Scenario, ...]:
    """Return the scenarios asked for in the plan's order; the first when none is named, so that a
    soak of hours never starts unasked. Raises InputError for one that the plan has not.
    """
    if not names:
        return plan.scenarios[:1]
    wanted = {Scenario(name=name).key for name in names}
    found = tuple(s for s in plan.scenarios if s.key in wanted)
    missing = wanted - {s.key for s in found}
    if missing:
        raise InputError(
            f"the plan has no scenario {', '.join(sorted(missing))[:80]}",
            hint=f"It has: {', '.join(s.name for s in plan.scenarios)[:_SHOWN]}",
        )
    return found


def shortened(scenario: Scenario, length_s: float) -> Scenario:
    """Return a scenario whose steps and ramps are scaled so that all of it takes `length_s`."""
    ladder = ladder_of(scenario)
    factor = length_s / ladder.length_s if ladder.length_s else 1.0
    changes: dict[str, str] = {"ramp_up": _text(ladder.ramp_s * factor)}
    if scenario.step_duration is not None:
        changes["step_duration"] = _text(ladder.hold_s * factor)
    else:
        changes["duration"] = _text((ladder.hold_s or ladder.ramp_s) * factor)
    if scenario.recovery is not None:
        changes["recovery"] = _text(ladder.recovery_s * factor)
    if not ladder.hold_s:
        del changes["ramp_up"]
    return scenario.model_copy(update=changes)


def _text(seconds: float) -> str:
    """Return a duration in whole seconds, as results are by the second."""
    return duration_text(float(round(seconds)) if seconds >= 1 else round(seconds, 3))


def secrets_of(plan: LoadPlan) -> dict[str, str]:
    """Return the values from the environment that a plan asks for; raises InputError for those
    that are not there.
    """
    asked = {
        name
        for each in requests_of(plan)
        for text in (each.url, each.body or "", *each.headers.values())
        for name in _SECRET.findall(text)
    }
    missing = sorted(name for name in asked if name not in os.environ)
    if missing:
        raise InputError(
            f"the plan needs {', '.join(missing)[:_SHOWN]} from the environment",
            hint="Set them where Slowcoach runs; they are never written anywhere",
        )
    return {name: os.environ[name] for name in sorted(asked)}
