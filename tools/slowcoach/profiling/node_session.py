"""One recording of Node.js from request to views."""

from slowcoach.core.errors import InputError, UnsupportedError
from slowcoach.core.job import Job
from slowcoach.profiling.event_loop import EventLoop
from slowcoach.profiling.recorders import node
from slowcoach.profiling.session import Request, Session, cost_warnings, ticker


def record(request: Request, job: Job, *, alloc: bool = False) -> tuple[Session, EventLoop | None]:
    """Record the pid or command of a request; return the session and its event loop's figures.

    V8 looks at the thread whether it runs or not, so one recording gives both views.
    """
    if request.target is not None:
        raise UnsupportedError(
            "target: one function of JavaScript cannot be recorded so far",
            hint="Write a few lines that call it again and again, and give `node FILE` as command",
        )
    if (request.pid is None) == (not request.command):
        raise InputError(
            "expected one of pid and command",
            hint="Give the pid of a running program, or a command to start",
        )
    what = "allocations" if alloc else "on CPU and by the wall clock"
    tick = ticker(job, 0.0, request.duration_s, what)
    if request.pid is not None:
        name = f"pid {request.pid}"
        taken = node.attach(
            request.pid,
            request.duration_s,
            alloc=alloc,
            rate=request.rate,
            cancellation=job.cancellation,
            on_tick=tick,
        )
    else:
        name = " ".join(request.command)[:80]
        taken = node.start(
            request.command,
            request.duration_s,
            alloc=alloc,
            rate=request.rate,
            cwd=request.folder,
            cancellation=job.cancellation,
            on_tick=tick,
        )
    views = tuple(reversed(taken)) if request.wall else tuple(taken)
    session = Session(
        name=name,
        views=views,
        judged=views[:1],
        on_wall=request.wall,
        cost=taken,
        warnings=(*taken.warnings, *cost_warnings(taken)),
    )
    return session, taken.loop
