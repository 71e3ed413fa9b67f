"""Triggers (foreign keys are some) took much of the statement's time."""

from collections.abc import Iterator, Mapping
from typing import Any

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.subject import Check, Problem, Subject

_RULE = "db.trigger_time"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    whole = subject.figures.total_ms
    for trigger in triggers(subject):
        spent = float(trigger.get("time") or 0.0)
        if not whole or spent < limits.limit("min_time"):
            continue
        if spent / whole < limits.limit("time_share"):
            continue
        name = str(trigger.get("constraint_name") or trigger.get("trigger_name") or "a trigger")
        calls = float(trigger.get("calls") or 0.0)
        relation = str(trigger.get("relation") or "")
        evidence = [
            Evidence(
                metric=f"time spent in {name}",
                value=spent,
                unit="ms",
                note=f"{calls:,.0f} calls",
            ),
            Evidence(
                metric="share of the statement's time",
                value=spent / whole,
                unit="share",
                limit=limits.limit("time_share"),
            ),
        ]
        places = [f"trigger {name}", *([f"table {relation}"] if relation else [])]
        yield Problem(limits.finding(evidence, where=places))


def triggers(subject: Subject) -> list[Mapping[str, Any]]:
    """Return the triggers that the plan lists."""
    found = subject.figures.plan.fields.get("triggers")
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


CHECK = Check(rule=_RULE, run=_run)
