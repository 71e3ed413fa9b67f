"""A sort that did not fit into work_mem and went over the disk."""

from collections.abc import Iterator, Mapping
from typing import Any

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.memory import work_mem
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.sort_on_disk"
_KB = 1024


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("Sort", "Incremental Sort"):
        spilled = _spilled_kb(step)
        if not spilled:
            continue
        needed = spilled * limits.limit("memory_per_disk")
        evidence = [
            Evidence(
                metric="sorted on disk",
                value=spilled * _KB,
                unit="bytes",
                where=place(step),
                note=step.node.text("sort_method") or None,
            )
        ]
        if step.share is not None:
            share = Evidence(metric="share of the query's time", value=step.share, unit="share")
            evidence.append(share)
        small = step.weight < limits.limit("min_share")
        finding = limits.finding(
            evidence,
            where=where(step, step.node.conditions("sort_key")),
            severity=Severity.INFO if small else None,
        )
        yield Problem(finding, work_mem(step, needed, limits.limit("most_memory")))


def _spilled_kb(step: Step) -> float:
    """Return the disk space of the sort; workers sort apart, the largest counts."""
    fields = step.node.fields
    found = [_of(fields), *map(_of, _workers(fields))]
    for key in ("full_sort_groups", "pre_sorted_groups"):
        group = fields.get(key)
        disk = group.get("sort_space_disk") if isinstance(group, Mapping) else None
        if isinstance(disk, Mapping):
            found.append(float(disk.get("peak_sort_space_used") or 0))
    return max(found)


def _workers(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = fields.get("workers")
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _of(fields: Mapping[str, Any]) -> float:
    if fields.get("sort_space_type") != "Disk":
        return 0.0
    return float(fields.get("sort_space_used") or 0)


CHECK = Check(rule=_RULE, run=_run)
