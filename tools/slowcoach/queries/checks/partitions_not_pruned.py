"""Many partitions are read and most of them hold nothing that is wanted."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.partitions_not_pruned"
_APPENDS = frozenset({"Append", "Merge Append", "MergeAppend"})


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of(*_APPENDS):
        if step.node.kind not in _APPENDS:
            continue
        parts = [below for below in subject.figures.below(step.index) if below.executed]
        empty = [below for below in parts if below.rows == 0]
        share = sum(subject.total_share(below) for below in empty)
        if (
            len(parts) >= limits.limit("partitions")
            and len(empty) >= len(parts) * limits.limit("empty_share")
            and share >= limits.limit("min_share")
        ):
            yield _problem(subject, step, parts, empty, share)


def _problem(
    subject: Subject, step: Step, parts: list[Step], empty: list[Step], share: float
) -> Problem:
    limits = rule(_RULE)
    scans = [s for below in empty for s in subject.figures.subtree(below) if s.node.relation]
    first = scans[0] if scans else empty[0]
    condition = first.node.conditions("filter", "index_cond")
    evidence = [
        Evidence(
            metric="partitions read for nothing",
            value=len(empty),
            unit="count",
            limit=limits.limit("partitions"),
            where=place(step),
            note=f"of {len(parts)}",
        ),
        Evidence(metric=subject.share_named, value=share, unit="share"),
    ]
    rewrite = Recommendation(
        kind="rewrite",
        statement="Add a condition on the partition key itself, without a function or cast "
        "around it",
        why="the planner then leaves out the partitions that cannot hold the rows",
        step=step.index,
    )
    places = [place(step), place(first), *([condition] if condition else [])]
    return Problem(limits.finding(evidence, where=places), (rewrite,))


CHECK = Check(rule=_RULE, run=_run)
