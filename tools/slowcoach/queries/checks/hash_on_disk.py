"""A hash table that did not fit into memory and was split into batches on disk."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.memory import work_mem
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.hash_on_disk"
_KB = 1024


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("Hash", "Aggregate"):
        batches = _batches(step)
        if batches <= limits.limit("batches"):
            continue
        peak = step.node.number("peak_memory_usage") or 0.0
        disk = step.node.number("disk_usage") or 0.0
        needed = max(peak * batches, peak + disk) / limits.limit("memory_multiplier")
        finding = limits.finding(
            _evidence(step, batches, disk),
            where=where(_named(subject, step), step.node.conditions("group_key")),
            severity=_severity(subject, step),
        )
        yield Problem(finding, work_mem(step, needed, limits.limit("most_memory")))


def _batches(step: Step) -> float:
    if step.node.kind == "Hash":
        return step.node.number("hash_batches") or 0.0
    return step.node.number("hashagg_batches") or 0.0


def _evidence(step: Step, batches: float, disk: float) -> Iterator[Evidence]:
    planned = step.node.number("original_hash_batches")
    note = f"planned: {planned:.0f}" if planned is not None and planned != batches else None
    yield Evidence(
        metric="batches that the hash table was split into",
        value=batches,
        unit="count",
        limit=rule(_RULE).limit("batches"),
        where=place(step),
        note=note,
    )
    if disk:
        yield Evidence(metric="written to disk", value=disk * _KB, unit="bytes")


def _severity(subject: Subject, step: Step) -> Severity | None:
    """The batches are written by the hash and read by the join above it."""
    join = subject.steps[step.parent].weight if step.parent is not None else 0.0
    small = step.weight + join < rule(_RULE).limit("min_share")
    return Severity.INFO if small else None


def _named(subject: Subject, step: Step) -> Step:
    """Return a step that names a table: the hash itself names none."""
    below = subject.figures.below(step.index)
    return below[0] if len(below) == 1 and below[0].node.relation else step


CHECK = Check(rule=_RULE, run=_run)
