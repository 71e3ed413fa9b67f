"""One recording of Python from request to views: on the processor, by the wall clock, at locks.

py-spy gives what runs; beside it the interpreters' memory is read, which tells what each thread
and asyncio task waits for, who holds the lock, and what the interpreter does for itself.
"""

from collections.abc import Iterable
from dataclasses import replace

from slowcoach.core.errors import InputError, ToolFailedError
from slowcoach.core.job import Job
from slowcoach.core.units import number, share
from slowcoach.profiling.calltree import merged
from slowcoach.profiling.model import Profile
from slowcoach.profiling.python_findings import THREADS, figures, findings
from slowcoach.profiling.recorders import function, proc, python, sampling
from slowcoach.profiling.recorders.python_process import owns, version, version_of
from slowcoach.profiling.recorders.recording import Recording
from slowcoach.profiling.recorders.watched import Watched, watched
from slowcoach.profiling.recorders.watching import Watcher
from slowcoach.profiling.session import FIRST_PART, Request, Session, cost_warnings, ticker
from slowcoach.profiling.values import ON_CPU, WALL

_READABLE = ((3, 11), (3, 13))
_SAMPLES_ITSELF = (3, 15)
_WHAT = {"cpu": ON_CPU, "wall": WALL, "lock": "locks"}


def record(request: Request, job: Job) -> Session:
    """Record what the request names; raises errors of core.errors."""
    if request.kind == "alloc":
        from slowcoach.profiling import python_allocations

        return python_allocations.record(request, job)
    if request.target is not None:
        return _function(request, request.target, job)
    if request.pid is None or request.kind == "lock":
        return _together(request, job)
    known = version(request.pid)
    if known is None or not _READABLE[0] <= known <= _READABLE[1]:
        return _unreadable(request, request.pid, known, job)
    return _together(request, job)


def _unreadable(request: Request, pid: int, known: tuple[int, int] | None, job: Job) -> Session:
    """Record an interpreter whose memory is not known: by its own profiler, or twice by py-spy."""
    if known is None or known < _SAMPLES_ITSELF:
        return _one_after_the_other(request, pid, job)
    try:
        return _by_itself(request, pid, job)
    except (ToolFailedError, InputError) as error:
        taken = _one_after_the_other(request, pid, job)
        why = f"Its own sampling profiler did not work, so py-spy was used: {error.message}"
        return replace(taken, warnings=(why, *taken.warnings))


def _by_itself(request: Request, pid: int, job: Job) -> Session:
    """Record Python 3.15 and later with the profiler of its standard library."""
    tick = ticker(job, 0.0, request.duration_s, _WHAT[request.kind])
    taken = sampling.attach(
        pid, request.duration_s, rate=request.rate, cancellation=job.cancellation, on_tick=tick
    )
    recordings = {"wall": taken.wall, "cpu": taken.cpu}
    order = sorted(recordings, key=lambda kind: kind != request.kind)
    views = {kind: recording for kind in order if (recording := recordings[kind])}
    first = next(iter(views))
    return Session(
        name=f"pid {pid}",
        views=tuple(merged(recording, _WHAT[kind]) for kind, recording in views.items()),
        judged=tuple(views[first]),
        on_wall=first == "wall",
        cpu=taken.cpu,
        wall=taken.wall,
        cost=views[first],
        warnings=tuple(cost_warnings(views[first])),
        format="profiling.sampling",
        runtime_figures={
            "GIL": f"held for {number(taken.lasted[sampling.GIL_HELD])} s; threads waited "
            f"{number(taken.lasted[sampling.GIL_WAIT])} s for it",
            "garbage collection": f"{number(taken.lasted[sampling.COLLECTING])} s",
        },
    )


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


def _stopping(request: Request) -> bool | None:
    """Tell whether the program is stopped for each look; None: while it has few threads.

    Stopping costs. But py-spy reads native frames only of stopped threads, and before 3.11 it
    takes waiting threads for running ones unless it stops them.
    """
    if request.native:
        return True
    pid = request.pid
    known = version_of(request.command) if pid is None else version(pid)
    return None if known is None or known < _READABLE[0] else False


def _on_cpu(request: Request, job: Job, roots: list[int]) -> Recording:
    return python.record(
        request.pid,
        request.duration_s,
        command=request.command or None,
        rate=request.rate,
        native=request.native,
        threads=True,
        subprocesses=True,
        blocking=_stopping(request),
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
        runtime_figures={} if seen is None else _figures(request, seen),
        waiting=None if seen is None else seen.waits,
        findings=() if seen is None else tuple(findings(seen)),
    )


def _figures(request: Request, seen: Watched) -> dict[str, str]:
    """Return the figures; of a pid the kernel's account of its threads is told by others."""
    found = figures(seen)
    if request.pid is not None:
        del found[THREADS]
    return found


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
                blocking=_stopping(request),
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
