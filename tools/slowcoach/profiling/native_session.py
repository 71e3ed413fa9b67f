"""One recording of any program of Linux by perf, from request to views."""

from dataclasses import replace
from typing import Final

from slowcoach.core.job import Job
from slowcoach.profiling.recorders import native, native_allocations
from slowcoach.profiling.recorders.perf import PerfRecording
from slowcoach.profiling.session import Request, Session, cost_warnings, ticker
from slowcoach.profiling.values import one_view

_WHAT: Final = {
    "cpu": "on CPU and what it waits for",
    "wall": "on CPU and what it waits for",
    "lock": "waits for locks",
    "alloc": "allocations",
}
_NAME = 80


def record(request: Request, job: Job) -> Session:
    """Record the pid or command of a request; cpu and wall are two views of the same time.

    Raises the recorder's errors.
    """
    tick = ticker(job, 0.0, request.duration_s, _WHAT[request.kind])
    command = tuple(request.command)
    name = f"pid {request.pid}" if request.pid is not None else " ".join(command)[:_NAME]
    if request.kind == "alloc":
        taken = native_allocations.record(
            request.pid,
            request.duration_s,
            command=command,
            cwd=request.folder,
            cancellation=job.cancellation,
            on_tick=tick,
        )
        return _session(name, request, taken)
    seen = native.record(
        request.pid,
        request.duration_s,
        command=command,
        kind=request.kind,
        rate=request.rate,
        cwd=request.folder,
        cancellation=job.cancellation,
        on_tick=tick,
    )
    return _session(name, request, seen)


def _session(name: str, request: Request, taken: PerfRecording) -> Session:
    views = tuple(taken)
    session = Session(
        name=name,
        views=views,
        judged=tuple(one_view(views)),
        on_wall=request.wall,
        cost=taken,
        warnings=(*taken.warnings, *cost_warnings(taken)),
        format="perf",
        measures={"lock": "waiting for locks", "alloc": "allocations"}.get(request.kind),
    )
    if not isinstance(taken, native.NativeRecording) or request.kind == "lock":
        return session
    return replace(
        session,
        cpu=taken.on if taken.wall is not None else None,
        wall=taken.wall,
        waiting=taken.waiting,
    )
