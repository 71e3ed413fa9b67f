"""Record Node.js programs: a running one by its pid (`attach`), or a command (`start`).

A running one is attached to by its own inspector, which is closed again on every way out.
"""

from collections.abc import Callable

from slowcoach.core.job import Cancellation
from slowcoach.core.units import duration
from slowcoach.profiling.recorders import node_process, proc
from slowcoach.profiling.recorders.node_command import start
from slowcoach.profiling.recorders.node_inspector import (
    ENDS,
    method,
    opened_inspector,
    sampled_workers,
    sampling,
    stack_of_now,
    stopped,
    watched,
)
from slowcoach.profiling.recorders.node_recording import (
    Meter,
    NodeRecording,
    Taken,
    loop_figures,
    pause,
    views,
    wait,
)

__all__ = ["NodeRecording", "attach", "start"]
_BEFORE_S = 0.5
_SHOWN = 5


def attach(
    pid: int,
    duration_s: float,
    *,
    alloc: bool = False,
    rate: int = 200,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> NodeRecording:
    """Record a running Node.js process, and leave it as it was.

    Raises InputError and its kin when it is none, cannot be reached or is not ours; CancelledError.
    """
    node_process.must_be_reachable(pid)
    warnings: list[str] = []
    children = node_process.node_children(pid)
    if children:
        shown = ", ".join(map(str, children[:_SHOWN]))
        warnings.append(
            f"pid {pid} has {len(children)} Node.js processes below it ({shown}), which are not in "
            "this profile: record them one by one"
        )
    with opened_inspector(pid, cancellation, warnings) as inspector:
        before = Meter(pid)
        pause(_BEFORE_S, cancellation)
        cpu_before = before.cores()
        with (
            sampling(inspector, alloc=alloc, rate=rate),
            sampled_workers(inspector, warnings, alloc=alloc, rate=rate) as workers,
            watched(inspector, warnings) as watch,
        ):
            meter = Meter(pid)
            wait(duration_s, meter, lambda: inspector.told(ENDS), cancellation, on_tick)
            figures = None if watch is None else inspector.ask(watch, method("read"))
            seconds, cores, queued = meter.seconds, meter.cores(), meter.queued()
            profiles = stopped([inspector, *workers], warnings, alloc=alloc)
            standing = stack_of_now(inspector) if figures and figures["ticks"] == 0 else []
        own = before.recorder()
    if standing:
        innermost = " < ".join(each.place for each in standing[:_SHOWN])
        warnings.append(
            f"The loop never came round: it was in {innermost}. V8 cannot name code that ran on "
            "from before the recording, and blames its caller"
        )
    if seconds < duration_s:
        warnings.append(f"The program ended after {duration(seconds)}: the profile is of these")
    seen, samples = views(
        [Taken(each, figures) for each in profiles], alloc=alloc, who=f"pid {pid}"
    )
    return NodeRecording(
        profiles=seen,
        loop=loop_figures(figures, queued, tuple(each.place for each in standing)),
        seconds=seconds,
        samples=samples,
        lost=0,
        blocking=False,
        behind=False,
        rate=round(samples / seconds),
        threads=proc.threads(pid),
        target_cpu_before=cpu_before,
        target_cpu_while=cores,
        profiler_cpu=own,
        cpu_pressure=proc.cpu_pressure(),
        warnings=tuple(warnings),
    )
