"""The plan of a test from traffic and a design, and all that is written of it."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from slowcoach.core.errors import InputError
from slowcoach.load.choosing import is_plain, target_of
from slowcoach.load.design import Design
from slowcoach.load.plan import LoadPlan
from slowcoach.load.scripts import TESTRUN_FILE, write_scripts, write_testrun
from slowcoach.load.traffic import Traffic


def plan_of(seen: Traffic, designed: Design) -> LoadPlan:
    """Return the plan that sends this traffic in the scenarios of a design."""
    target = target_of(seen)
    return LoadPlan(
        test_name=_name(target),
        target=target,
        date=datetime.now(UTC).date().isoformat(),
        scenarios=designed.scenarios,
        pass_criteria=designed.criteria,
        endpoints=() if is_plain(seen) or seen.journeys else seen.endpoints,
        journeys=seen.journeys,
        think=seen.think,
        data=dict(seen.data),
        timeout_s=designed.timeout_s,
    )


def scripts_of(plan: LoadPlan, designed: Design) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return all scripts, and what is said of one that cannot be written."""
    scripts = write_scripts(plan, designed)
    try:
        return {**scripts, TESTRUN_FILE: write_testrun(plan, designed)}, ()
    except InputError as error:
        return scripts, (f"no {TESTRUN_FILE}: {error.message}",)


def assumed_of(plan: LoadPlan, designed: Design) -> tuple[str, ...]:
    """Return what the design assumed; with journeys an arrival is a session, not one request."""
    if not (plan.journeys and designed.is_open):
        return designed.assumed
    said = "a rate counts requests: sessions begin at the rate by the requests of a journey"
    return (*(t for t in designed.assumed if "an arrival is one request" not in t), said)


def _name(target: str) -> str:
    parts = urlsplit(target)
    return f"Load test of {parts.hostname}{parts.path}"[:200]
