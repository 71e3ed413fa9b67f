"""Record running Go programs through their own net/http/pprof endpoints, which are found by pid.

CPU, allocations and locks are what the runtime itself samples; the wall clock is the stacks of
all goroutines, looked at again and again (a millisecond each, no setting needed), and so are the
locks of a program that has not switched their recording on. Without an endpoint perf is asked.
"""

from collections.abc import Callable, Mapping
from typing import Final

from slowcoach.core.errors import ToolFailedError, UnreachableError, UnsupportedError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders import go_figures, go_views, proc
from slowcoach.profiling.recorders.go_endpoint import Client, NoEndpointError, endpoint
from slowcoach.profiling.recorders.go_java_recording import (
    RuntimeRecording,
    lives,
    placed,
)
from slowcoach.profiling.recorders.go_program import is_go, starts_go, version
from slowcoach.profiling.recorders.node_recording import Meter, pause

__all__ = ["attach", "endpoint", "is_go", "starts_go"]

_BEFORE_S = 0.5
_RATE = 100  # of the runtime's CPU profiler


def attach(
    pid: int,
    duration_s: float,
    *,
    kind: str = "cpu",
    sliced: bool = False,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> RuntimeRecording:
    """Record a running Go program: kind cpu, wall, alloc or lock.

    `sliced` takes the processor's profile in parts, so that of a program that ends early what
    was seen is kept. Raises UnreachableError, ToolFailedError when another CPU profile is being
    taken, UnsupportedError for what needs an endpoint where there is none, CancelledError.
    """
    try:
        url = endpoint(pid)
    except NoEndpointError as error:
        return without_endpoint(
            pid, duration_s, kind=kind, why=error, cancellation=cancellation, on_tick=on_tick
        )
    before = Meter(pid)
    pause(_BEFORE_S, cancellation)
    cpu_before = before.cores()
    meter = Meter(pid)
    client = Client(url, meter, cancellation, on_tick)
    memory = go_figures.memory(client)
    seen = go_views.KINDS[kind](client, pid, duration_s, sliced=sliced)
    seconds, cores = meter.seconds, meter.cores()
    figures = {
        "runtime": version(pid),
        **seen.figures,
        **go_figures.collected(memory, go_figures.memory(client), seconds),
    }
    if not any(profile.total > 0 for profile in seen.profiles):
        raise _nothing(pid, kind, figures)
    return RuntimeRecording(
        profiles=tuple(map(placed, seen.profiles)),
        samples=seen.profiles[0].samples or 0,
        lost=0,
        seconds=seconds,
        rate=go_views.LOOKS_A_SECOND if kind == "wall" else _RATE,
        blocking=kind == "wall",  # the runtime stops all goroutines for a look at them
        threads=proc.threads(pid),
        behind=False,
        target_cpu_before=cpu_before,
        target_cpu_while=cores if lives(pid) else None,
        profiler_cpu=meter.recorder(),
        cpu_pressure=proc.cpu_pressure(),
        together=kind == "wall",
        running=seen.running,
        blocked=seen.blocked,
        figures=figures,
        warnings=seen.warnings,
    )


def without_endpoint(
    pid: int,
    duration_s: float,
    *,
    kind: str,
    why: UnreachableError,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> RuntimeRecording:
    """Record by perf what it can tell of a program without endpoint: where it runs.

    Raises the error `why` for other programs than Go's, UnsupportedError for other kinds.
    """
    if not is_go(pid):
        raise why
    if kind != "cpu":
        raise UnsupportedError(f"{why.message}: it cannot be asked for {kind}", hint=why.hint or "")
    from slowcoach.profiling.recorders import perf

    taken = perf.record(pid, duration_s, cancellation=cancellation, on_tick=on_tick)
    doubt = (
        "The program serves no net/http/pprof: perf saw where it runs; what its goroutines wait "
        "for and allocate is not known"
    )
    return RuntimeRecording(
        **{name: getattr(taken, name) for name in _COST},
        warnings=(doubt, *taken.warnings),
        figures={"runtime": version(pid)},
        format="perf",
    )


_COST: Final = (
    *("profiles", "samples", "lost", "seconds", "rate", "blocking", "threads", "behind"),
    *("target_cpu_before", "target_cpu_while", "profiler_cpu", "cpu_pressure", "together"),
)


def _nothing(pid: int, kind: str, figures: Mapping[str, str]) -> ToolFailedError:
    who = proc.name(pid)
    if kind == "lock":
        off = go_views.OFF in figures.get("mutex profile", "")
        short = (
            f"; it records none itself (it calls neither {go_views.SETTINGS}), so waits that "
            "are short or rare are missed"
        )
        return ToolFailedError(
            f"{who}: no goroutine stood at a lock when looked at{short if off else ''}",
            hint="Put it under load while you record; kind=wall shows what goroutines wait for",
        )
    return ToolFailedError(
        f"{who}: nothing was recorded: it did not use the processor or allocate",
        hint="Put it under load while you record, or record kind=wall to see what it waits for",
    )
