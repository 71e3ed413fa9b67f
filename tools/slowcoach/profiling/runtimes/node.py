"""Node.js, by its own inspector: one recording from request to views."""

from slowcoach.core.job import Job
from slowcoach.profiling.recorders import node, node_function, node_process
from slowcoach.profiling.recorders.node_recording import NodeRecording
from slowcoach.profiling.recorders.node_waits import places
from slowcoach.profiling.runtime import Runtime
from slowcoach.profiling.session import Request, Session, cost_warnings, ticker

_WHAT = {"alloc": "allocations", "lock": "locks"}
_MEASURES = {"lock": "waiting for locks"}


def record(request: Request, job: Job) -> Session:
    """Record the pid, command or function of a request, with the event loop's figures.

    V8 looks at the thread whether it runs or not, so one recording gives both views.
    """
    what = _WHAT.get(request.kind, "on CPU and by the wall clock")
    tick = ticker(job, 0.0, request.duration_s, what)
    if request.target is not None:
        return node_function.record(request, request.target, job.cancellation, tick)
    if request.pid is not None:
        name = f"pid {request.pid}"
        taken = node.attach(
            request.pid,
            request.duration_s,
            kind=request.kind,
            rate=request.rate,
            cancellation=job.cancellation,
            on_tick=tick,
        )
    else:
        name = " ".join(request.command)[:80]
        taken = node.start(
            request.command,
            request.duration_s,
            kind=request.kind,
            rate=request.rate,
            cwd=request.folder,
            cancellation=job.cancellation,
            on_tick=tick,
        )
    return _session(name, request, taken)


def _session(name: str, request: Request, taken: NodeRecording) -> Session:
    """Return the asked view first; what is waited for comes last."""
    views = tuple(reversed(taken)) if request.wall else tuple(taken)
    judged, waits = views[:1], taken.waits
    if waits is not None:
        views = (*views, waits)
    return Session(
        name=name,
        views=views,
        judged=judged,
        on_wall=request.wall,
        cost=taken,
        waiting=places(waits, taken.seconds),
        warnings=(*taken.warnings, *cost_warnings(taken)),
        format="v8",
        measures=_MEASURES.get(request.kind),
        loop=taken.loop,
    )


RUNTIME = Runtime(
    name="node",
    title="Node.js",
    kinds={
        "pid": ("cpu", "wall", "alloc", "lock"),
        "command": ("cpu", "wall", "alloc", "lock"),
        "target": ("cpu", "wall"),
    },
    owns=node_process.is_node,
    starts=node_process.starts_node,
    names=node_function.names,
    record=record,
    rates={"pid": 100, "command": 1000, "target": 1000},
    instead={
        "alloc": "Record the program that calls it: its pid, with kind=alloc",
        "lock": "Record the program that calls it: its pid, with kind=lock",
    },
)
