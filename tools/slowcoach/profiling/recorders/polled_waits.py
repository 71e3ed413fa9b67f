"""The wall clock of any process by looking at its threads again and again, where perf may not.

It shows how many threads run and what the others wait for, by the threads' names; no code.
"""

import time
from collections import defaultdict
from collections.abc import Callable

import numpy as np

from slowcoach.core.errors import ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.calltree import tree_of_stacks
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.recorders import perf_run, proc
from slowcoach.profiling.recorders.off_cpu import ASLEEP, WAITS, kind_of
from slowcoach.profiling.recorders.perf import PerfRecording
from slowcoach.profiling.recorders.wait_looks import STEP_S, Looks, told
from slowcoach.profiling.values import WALL

_RUNS = "runs"


def record(
    pid: int,
    duration_s: float,
    *,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> PerfRecording:
    """Look at the threads of a process and its children a few times a second.

    Raises ToolFailedError when it ended before the first look, CancelledError.
    """
    looks, begun, own = Looks(pid), time.monotonic(), time.thread_time()
    count, cpu = proc.threads(pid), proc.cpu_seconds(pid)
    while (elapsed := time.monotonic() - begun) < duration_s and proc.exists(pid):
        looks.look(0)
        if on_tick is not None:
            on_tick(elapsed)
        perf_run.pause(STEP_S, cancellation)
    seconds, after = time.monotonic() - begun, proc.cpu_seconds(pid)
    if not looks.looks:
        raise ToolFailedError(
            f"{proc.name(pid)}: ended before it was looked at", hint="Start it again"
        )
    used = None if cpu is None or after is None else (after - cpu) / seconds
    return PerfRecording(
        profiles=(_view(looks, seconds),),
        samples=len(looks.looks),
        lost=0,
        seconds=seconds,
        rate=round(1 / STEP_S),
        blocking=False,
        threads=count,
        behind=False,
        target_cpu_before=None,
        target_cpu_while=used,
        profiler_cpu=(time.thread_time() - own) / seconds,
        cpu_pressure=proc.cpu_pressure(),
        together=True,
        warnings=(
            "Threads were looked at from outside: waits and names of threads, no code. With perf "
            "(linux-perf) as root there are stacks",
        ),
    )


def _view(looks: Looks, seconds: float) -> Profile:
    """Return the looks as a profile: thread's name, then what it does."""
    frames: dict[Frame, int] = {}
    weights: dict[tuple[int, int], float] = defaultdict(float)
    rounds = max(looks.rounds, 1)
    for look in looks.looks:
        name = Frame(f"thread {looks.names.get(look.tid, '?')}", ASLEEP)
        kind = _RUNS if look.wait.kind == "run" else kind_of(look.wait)
        target = told(look.wait)
        leaf = Frame(f"{kind} ({target})" if target else kind, "" if kind == _RUNS else WAITS)
        stack = tuple(frames.setdefault(frame, len(frames)) for frame in (name, leaf))
        weights[stack[0], stack[1]] += seconds / rounds
    tree = tree_of_stacks(
        [list(stack) for stack in weights], np.fromiter(weights.values(), np.float64, len(weights))
    )
    return Profile(WALL, "seconds", tuple(frames), tree, len(looks.looks))
