"""One recording of Python from request to views: on the processor, by the wall clock, at locks.

py-spy gives what runs; beside it the interpreters' memory is read, which tells what each thread
and asyncio task waits for, who holds the lock, and what the interpreter does for itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from slowcoach.core.errors import ToolFailedError
from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.job import Job
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.profiling.calltree import merged
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders import function, proc, python
from slowcoach.profiling.recorders.python_process import owns, version
from slowcoach.profiling.recorders.recording import Recording
from slowcoach.profiling.recorders.watched import Watched, Worker, watched
from slowcoach.profiling.recorders.watching import Watcher
from slowcoach.profiling.session import FIRST_PART, Request, Session, cost_warnings, ticker
from slowcoach.profiling.values import ON_CPU, WALL

_READABLE = ((3, 11), (3, 13))
_WORKERS = 6
_WHAT = {"cpu": ON_CPU, "wall": WALL, "lock": "locks"}
_PLACES = 2


def record(request: Request, job: Job) -> Session:
    """Record what the request names; raises errors of core.errors."""
    if request.kind == "alloc":
        from slowcoach.profiling import python_allocations

        return python_allocations.record(request, job)
    if request.target is not None:
        return _function(request, request.target, job)
    if request.pid is not None and request.kind != "lock" and not _readable(request.pid):
        return _one_after_the_other(request, request.pid, job)
    return _together(request, job)


def _readable(pid: int) -> bool:
    known = version(pid)
    return known is not None and _READABLE[0] <= known <= _READABLE[1]


def _together(request: Request, job: Job) -> Session:
    """Let py-spy look at what runs, and read beside it what everything waits for."""
    roots = [request.pid] if request.pid is not None else []

    def pids() -> Iterable[int]:
        started = [pid for root in roots for pid in proc.descendants(root) if owns(pid)]
        return dict.fromkeys(started)

    slowly = request.pid is None or request.kind == "lock"
    warnings: list[str] = []
    cpu: Recording | None = None
    with Watcher(pids, job.cancellation, slowly=slowly) as watcher:
        try:
            cpu = _on_cpu(request, job, roots)
        except ToolFailedError as error:
            if request.pid is None:
                raise
            warnings.append(f"No {ON_CPU} view: {error.message}")
    seen = watched(watcher.watch)
    if seen is None and cpu is None:
        raise ToolFailedError(warnings[0], hint="Put the program under load and record again")
    if seen is None:
        why = watcher.watch.why_not or "it ended too soon"
        warnings.append(f"What threads wait for is not known: {why}")
    return _session(request, cpu, seen, warnings)


def _on_cpu(request: Request, job: Job, roots: list[int]) -> Recording:
    return python.record(
        request.pid,
        request.duration_s,
        command=request.command or None,
        rate=request.rate,
        native=request.native,
        threads=True,
        subprocesses=True,
        cwd=request.folder,
        cancellation=job.cancellation,
        on_tick=ticker(job, 0.0, request.duration_s, _WHAT[request.kind]),
        on_start=None if request.pid is not None else roots.append,
    )


def _session(
    request: Request, cpu: Recording | None, seen: Watched | None, warnings: list[str]
) -> Session:
    views = _views(request, cpu, seen)
    asked = {"cpu": ON_CPU, "wall": WALL, "lock": "locks"}[request.kind]
    first = views[0].name
    if request.kind == "lock" and first != asked:
        warnings.append("No thread or task stood at a lock in any look")
    if cpu is not None:
        warnings += cost_warnings(cpu)
    cost = cpu or (None if seen is None else _as_recording(seen, seen.wall))
    return Session(
        name=_name(request),
        views=tuple(views),
        judged=tuple(cpu) if first == ON_CPU and cpu is not None else (views[0],),
        on_wall=first == WALL,
        cpu=None if seen is None else _as_recording(seen, seen.running),
        wall=None if seen is None else _as_recording(seen, seen.wall),
        cost=cost if seen is None or cost is None else _with_cost(cost, seen),
        warnings=tuple(warnings),
        measures="waiting for locks" if first == asked == "locks" else None,
        runtime_figures={} if seen is None else figures(seen),
        waiting=None if seen is None else seen.waits,
        findings=() if seen is None else tuple(findings(seen)),
    )


def _name(request: Request) -> str:
    if request.pid is not None:
        return f"pid {request.pid}"
    return " ".join(request.command)[:80]


def _views(request: Request, cpu: Recording | None, seen: Watched | None) -> list[Profile]:
    """Return the views, the asked one first; those that have nothing are left out."""
    by_kind: dict[str, list[Profile]] = {
        "cpu": [] if cpu is None else [merged(cpu, ON_CPU)],
        "wall": [] if seen is None else [seen.wall],
        "lock": [] if seen is None or seen.locks is None else [seen.locks],
        "gil": [] if seen is None or seen.gil is None else [seen.gil],
    }
    order = sorted(by_kind, key=lambda kind: kind != request.kind)
    if request.kind == "lock":
        order = ["lock", "wall", "cpu", "gil"]
    return [view for kind in order for view in by_kind[kind]]


def _as_recording(seen: Watched, profile: Profile) -> Recording:
    return Recording(
        profiles=(profile,),
        samples=seen.looks,
        lost=seen.lost,
        seconds=seen.seconds,
        rate=round(seen.rate),
        blocking=False,
        threads=sum(worker.threads for worker in seen.workers),
        behind=False,
        target_cpu_before=None,
        target_cpu_while=None,
        profiler_cpu=seen.cost,
        cpu_pressure=proc.cpu_pressure(),
        together=True,
    )


def _with_cost(cost: Recording, seen: Watched) -> Recording:
    own = cost.profiler_cpu
    return replace(cost, profiler_cpu=None if own is None else own + seen.cost)


def figures(seen: Watched) -> dict[str, str]:
    """Return what the interpreter and the kernel say of the processes, in words."""
    waited = max(seen.wall.total / seen.seconds - seen.tasks - seen.ran - seen.ready, 0.0)
    found = {
        "threads": f"{number(seen.ran)} ran, {number(seen.ready)} were ready and had no "
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


def _uneven(workers: Sequence[Worker]) -> list[Finding]:
    """Return the worker that uses many times the processor of the others."""
    uneven = rule("profile.uneven_workers")
    busy = sorted((worker.cores for worker in workers), reverse=True)
    if len(busy) < uneven.limit("workers") or busy[0] < uneven.limit("cores"):
        return []
    middle = busy[1:][(len(busy) - 1) // 2]
    if busy[0] < uneven.limit("times") * middle:
        return []
    worst = workers[0]
    evidence = Evidence(
        metric="processor time of one process beside that of the others",
        value=worst.cores,
        unit="ratio",
        limit=uneven.limit("times") * middle,
        note=f"pid {worst.pid}; the others use {number(middle)} cores in the middle",
    )
    return [uneven.finding([evidence], where=[worst.place] if worst.place else [])]


def _one_after_the_other(request: Request, pid: int, job: Job) -> Session:
    """Take both views with py-spy, the asked one first: this interpreter's memory is not known."""
    order = (True, False) if request.wall else (False, True)
    spans = (request.duration_s * FIRST_PART, request.duration_s * (1 - FIRST_PART))
    taken: dict[bool, Recording] = {}
    warnings: list[str] = []
    done = 0.0
    for idle, span in zip(order, spans, strict=True):
        tick = ticker(job, done, request.duration_s, WALL if idle else ON_CPU)
        try:
            taken[idle] = python.record(
                pid,
                span,
                rate=request.rate,
                idle=idle,
                native=request.native,
                threads=True,
                subprocesses=True,
                cancellation=job.cancellation,
                look_before=done == 0,
                on_tick=tick,
            )
        except ToolFailedError as error:
            warnings.append(f"No {WALL if idle else ON_CPU} view: {error.message}")
        done += span
    if not taken:
        raise ToolFailedError(warnings[0], hint="Put the program under load and record again")
    kept = sorted(taken, key=lambda idle: idle != request.wall)
    asked = taken[kept[0]]
    return Session(
        name=f"pid {pid}",
        views=tuple(merged(taken[idle], WALL if idle else ON_CPU) for idle in kept),
        judged=tuple(asked),
        on_wall=kept[0],
        cpu=taken.get(False),
        wall=taken.get(True),
        cost=asked,
        warnings=(*warnings, *cost_warnings(asked)),
    )


def _function(request: Request, target: str, job: Job) -> Session:
    taken = function.record(
        target,
        request.duration_s,
        arguments=request.arguments,
        folder=request.folder,
        interpreter_path=request.interpreter,
        rate=request.rate,
        idle=request.wall,
        native=request.native,
        cancellation=job.cancellation,
        on_tick=ticker(job, 0.0, request.duration_s, target),
    )
    warnings = list(taken.warnings)
    busy = taken.timing.cpu_share
    if taken.wall and not request.wall and busy is not None:
        warnings.append(
            f"{target} uses the processor only {share(busy)} of its time: this is its wall-clock "
            "profile, which shows where it waits"
        )
    if taken.recording is not None:
        warnings += cost_warnings(taken.recording)
    profiles = taken.profiles
    if len(profiles) > 1:
        profiles = (merged(profiles, target),)
    named = tuple(replace(profile, name=target) for profile in profiles)
    return Session(
        name=target,
        views=named,
        judged=taken.profiles,
        on_wall=taken.wall,
        cost=taken.recording,
        timing=taken.timing,
        warnings=tuple(warnings),
        format="pstats" if taken.recording is None else "py-spy",
    )
