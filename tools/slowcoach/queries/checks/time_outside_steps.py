"""Time of the execution that no step of the plan accounts for."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.checks.jit_time import jit_ms
from slowcoach.queries.checks.trigger_time import triggers
from slowcoach.queries.subject import Check, Problem, Subject, place

_RULE = "db.time_outside_steps"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    outside, whole = subject.figures.outside_ms, subject.figures.total_ms
    if outside is None or not whole:
        return
    named = jit_ms(subject) + sum(float(t.get("time") or 0.0) for t in triggers(subject))
    unknown = outside - named
    if unknown < limits.limit("min_time") or unknown / whole < limits.limit("time_share"):
        return
    evidence = [
        Evidence(
            metric="time outside of the plan's steps",
            value=unknown,
            unit="ms",
            limit=limits.limit("min_time"),
        ),
        Evidence(
            metric="share of the query's time",
            value=unknown / whole,
            unit="share",
            limit=limits.limit("time_share"),
        ),
    ]
    yield Problem(limits.finding(evidence, where=[place(subject.figures.root)]))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"analyze", "timing"}))
