"""Record Node.js programs: a running one by its pid (`attach`), or a command (`start`).

A running one is attached to by its own inspector, which is closed again on every way out; the
Node.js processes below it (a cluster's workers) are recorded with it, at the same time.

A lock in Node.js is `Atomics.wait`, at which a thread stands, and a promise that a function named
after a lock made (`acquire`, `runExclusive`, ...), on which code goes on later.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from slowcoach.core.job import Cancellation
from slowcoach.core.units import duration
from slowcoach.profiling.event_loop import EventLoop
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders import node_process, proc
from slowcoach.profiling.recorders.node_command import start
from slowcoach.profiling.recorders.node_recording import (
    Meter,
    NodeRecording,
    Taken,
    busiest,
    locked,
    loop_figures,
    pause,
    views,
    wait,
    waiting,
)
from slowcoach.profiling.recorders.node_target import Target, cores, opened, threads

__all__ = ["NodeRecording", "attach", "start"]
_BEFORE_S = 0.5
_SHOWN, _MOST = 5, 32


def attach(
    pid: int,
    duration_s: float,
    *,
    kind: str = "cpu",
    rate: int = 100,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> NodeRecording:
    """Record a running Node.js process and those below it, and leave them as they were.

    Raises InputError and its kin when it is none, cannot be reached or is not ours; CancelledError.
    """
    node_process.must_be_reachable(pid)
    warnings: list[str] = []
    pids = _with_those_below(pid, warnings)
    with ExitStack() as stack:
        targets = opened(stack, pids, kind, rate, cancellation, warnings)
        before = [Meter(each.pid) for each in targets]
        pause(_BEFORE_S, cancellation)
        cpu_before = cores(before)
        with ExitStack() as recording:
            for target in targets:
                target.begin(recording)
            meter = Meter(pid)
            wait(duration_s, meter, lambda: _ended(targets), cancellation, on_tick)
            meters = [each.meter for each in targets if each.meter is not None]
            seconds, cpu_while, queued = meter.seconds, cores(meters), meter.queued()
            taken = targets[0].taken()
            taken += [each for target in targets[1:] for each in target.taken_if_there()]
        own = before[0].recorder()
    if seconds < duration_s:
        warnings.append(f"The program ended after {duration(seconds)}: the profile is of these")
    who = f"pid {pid}"
    seen, samples = _views(taken, kind, who)
    return NodeRecording(
        profiles=seen,
        loop=_loop(targets, queued, warnings),
        waits=waiting(taken, locks=False) if kind == "wall" else None,
        seconds=seconds,
        samples=samples,
        lost=0,
        blocking=False,
        behind=False,
        rate=round(samples / seconds),
        threads=threads([each.pid for each in targets]),
        target_cpu_before=cpu_before,
        target_cpu_while=cpu_while,
        profiler_cpu=own,
        cpu_pressure=proc.cpu_pressure(),
        warnings=tuple(warnings),
    )


def _with_those_below(pid: int, warnings: list[str]) -> list[int]:
    below = node_process.node_children(pid)
    if len(below) > _MOST:
        warnings.append(f"Of {len(below)} Node.js processes below it, {_MOST} are in this profile")
    return [pid, *below[:_MOST]]


def _ended(targets: Sequence[Target]) -> bool:
    """Tell whether the asked program has ended; the others may, and are let go."""
    for each in targets[1:]:
        each.let_go()
    return targets[0].ended()


def _views(taken: Sequence[Taken], kind: str, who: str) -> tuple[tuple[Profile, ...], int]:
    if kind == "lock":
        return locked(taken, who)
    return views(taken, alloc=kind == "alloc", who=who)


def _loop(targets: Sequence[Target], queued: float | None, warnings: list[str]) -> EventLoop | None:
    """Return the figures of the busiest loop; of one that stood still, where it stood."""
    for target in targets:
        if target.standing:
            innermost = " < ".join(target.standing[:_SHOWN])
            warnings.append(
                f"The loop never came round: it was in {innermost}. V8 cannot name code that ran "
                "on from before the recording, and blames its caller"
            )
    known = [loop_figures(each.figures, queued, each.standing) for each in targets]
    return busiest(known)
