"""Fewer parallel workers started than were planned."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.workers_missing"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("Gather", "Gather Merge"):
        planned = step.node.number("workers_planned")
        launched = step.node.number("workers_launched")
        if planned is None or launched is None or not step.executed:
            continue
        expected = planned * step.loops
        if not expected or launched / expected > limits.limit("launched_share"):
            continue
        evidence = [
            Evidence(
                metric="workers started",
                value=launched,
                unit="count",
                where=place(step),
                note=f"{expected:,.0f} were planned",
            )
        ]
        setting = Recommendation(
            kind="setting",
            statement="ALTER SYSTEM SET max_parallel_workers = <more than now>; "
            "SELECT pg_reload_conf()",
            why="the plan counted on workers that were not free; "
            "max_worker_processes caps it and needs a restart",
            step=step.index,
        )
        yield Problem(limits.finding(evidence, where=[place(step)]), (setting,))


CHECK = Check(rule=_RULE, run=_run)
