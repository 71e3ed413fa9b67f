"""Node.js, by its own inspector: one recording from request to views."""

from slowcoach.core.job import Job
from slowcoach.profiling.recorders import node, node_process
from slowcoach.profiling.runtime import Runtime
from slowcoach.profiling.session import Request, Session, cost_warnings, ticker


def record(request: Request, job: Job) -> Session:
    """Record the pid or command of a request, with the event loop's figures.

    V8 looks at the thread whether it runs or not, so one recording gives both views.
    """
    alloc = request.kind == "alloc"
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
    return Session(
        name=name,
        views=views,
        judged=views[:1],
        on_wall=request.wall,
        cost=taken,
        warnings=(*taken.warnings, *cost_warnings(taken)),
        format="v8",
        loop=taken.loop,
    )


RUNTIME = Runtime(
    name="node",
    title="Node.js",
    kinds={"pid": ("cpu", "wall", "alloc"), "command": ("cpu", "wall", "alloc")},
    owns=node_process.is_node,
    starts=node_process.starts_node,
    record=record,
    rates={"pid": 200, "command": 1000},  # 1,000 cost a busy service 5 to 8 % of its thread
    instead={"lock": "kind=wall shows what the event loop waits for"},
)
