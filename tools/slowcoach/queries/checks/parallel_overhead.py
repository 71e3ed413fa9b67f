"""Starting parallel workers took longer than they saved."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.parallel_overhead"
_GATHERS = frozenset({"Gather", "Gather Merge"})


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of(*_GATHERS):
        below = subject.figures.below(step.index)
        if step.node.kind not in _GATHERS or not below or not step.executed:
            continue
        worker = below[0]
        whole, busy = step.total_ms or 0.0, worker.total_ms or 0.0
        work, lost = busy * worker.processes, whole - busy
        # what all processes did in sum would have been done by one in less time
        if (
            worker.processes > 1
            and work <= whole
            and lost >= limits.limit("min_time") * step.loops
            and step.weight >= limits.limit("min_share")
        ):
            evidence = [
                Evidence(
                    metric="time to start and gather the workers",
                    value=lost,
                    unit="ms",
                    limit=limits.limit("min_time"),
                    where=place(step),
                    note=f"the work itself took {work:,.1f} ms in sum over "
                    f"{worker.processes:.0f} processes",
                ),
                Evidence(metric=subject.share_named, value=step.weight, unit="share"),
            ]
            setting = Recommendation(
                kind="setting",
                statement="SET LOCAL max_parallel_workers_per_gather = 0",
                why="one process is done before the workers have started",
                step=step.index,
            )
            yield Problem(limits.finding(evidence, where=[place(step)]), (setting,))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"analyze", "timing"}))
