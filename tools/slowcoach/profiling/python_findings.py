"""What looks at Python processes show: the interpreter's own figures, and what is wrong. Pure."""

from collections.abc import Sequence

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.profiling.recorders.recording import Waiting
from slowcoach.profiling.recorders.watched import Watched, Worker

THREADS = "threads"
_WORKERS = 6
_PLACES = 2
_OWNED = ("a lock", "a semaphore", "a free place")


def figures(seen: Watched) -> dict[str, str]:
    """Return what the interpreter and the kernel say of the processes, in words."""
    waited = max(seen.wall.total / seen.seconds - seen.tasks - seen.ran - seen.ready, 0.0)
    found = {
        THREADS: f"{number(seen.ran)} ran, {number(seen.ready)} were ready and had no "
        f"processor, {number(waited)} waited (on average)",
        "GIL": f"held in {share(seen.gil_held)} of the looks; {number(seen.gil_waiting)} threads "
        "waited for it",
        "garbage collection": f"{seen.collections} runs, {share(seen.collecting)} of the looks",
        "looks": f"{seen.looks} at {number(seen.rate)} a second, for {number(seen.cost)} cores",
    }
    if seen.locks is not None:
        found["locks"] = f"{number(seen.contended)} threads or tasks stood at locks on average"
    if seen.tasks:
        found["asyncio"] = f"{number(seen.tasks)} tasks were suspended on average"
    if len(seen.workers) > 1:
        for worker in seen.workers[:_WORKERS]:
            found[f"process {worker.pid}"] = _worker(worker)
    if not seen.version:
        del found["GIL"], found["garbage collection"]
    return found


def _worker(worker: Worker) -> str:
    at = f", mostly at {worker.place}" if worker.place else ""
    return f"{number(worker.cores)} cores, {worker.threads} threads{at}"


def findings(seen: Watched) -> list[Finding]:
    """Return what the looks show: waiting at locks, and one worker unlike the others."""
    return [*_lock_findings(seen), *_uneven(seen.workers)]


def _lock_findings(seen: Watched) -> list[Finding]:
    blocked = rule("profile.lock_wait")
    if seen.contended < blocked.limit("threads"):
        return []
    if seen.waits and not any(map(_for_others, seen.waits)):
        return []  # conditions alone: threads of a pool without work
    at = [wait for wait in seen.waits if wait.held_by or wait.what.startswith("a lock")]
    where = [place for wait in at[:_PLACES] for place in (wait.where, wait.held_by) if place]
    held = at[0].held_by if at else ""
    return [
        blocked.finding(
            [
                Evidence(
                    metric="threads and tasks that wait for a lock, on average",
                    value=seen.contended,
                    unit="count",
                    limit=blocked.limit("threads"),
                    note=f"held meanwhile at {held}" if held else "",
                )
            ],
            where=list(dict.fromkeys(where)),
        )
    ]


def _for_others(wait: Waiting) -> bool:
    """Tell whether somebody else has what is waited for."""
    return bool(wait.held_by) or wait.what.startswith(_OWNED)


def _uneven(workers: Sequence[Worker]) -> list[Finding]:
    """Return the worker that uses many times the processor of the others."""
    uneven = rule("profile.uneven_workers")
    busy = [worker.wanted for worker in workers]  # the most comes first
    if len(busy) < uneven.limit("workers") or busy[0] < uneven.limit("cores"):
        return []
    middle = busy[1:][(len(busy) - 1) // 2]
    if busy[0] < uneven.limit("times") * middle:
        return []
    worst = workers[0]
    evidence = Evidence(
        metric="one process beside the others",
        value=worst.wanted,
        unit="count",
        limit=uneven.limit("times") * middle,
        note=f"cores of pid {worst.pid}, run or ready; the others: {number(middle)} in the middle",
    )
    return [uneven.finding([evidence], where=[worst.place] if worst.place else [])]
