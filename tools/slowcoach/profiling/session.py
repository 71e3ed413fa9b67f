"""One recording from request to views: which recorder, in what order, and what it cost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from slowcoach.core.errors import ToolFailedError
from slowcoach.core.job import Job
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.profiling.calltree import merged
from slowcoach.profiling.event_loop import EventLoop
from slowcoach.profiling.judged import judged
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders import function, python
from slowcoach.profiling.values import ON_CPU, WALL

FIRST_PART = 0.6  # of the time goes to the view that was asked for
_WAITS = 5
_MOSTLY = 0.5  # of the time at a place is waiting, or it is work that one view saw more of
_LEAST_WAIT = 0.05  # threads on average; less is noise of two looks at different times


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to record: exactly one of pid, command and target."""

    pid: int | None = None
    command: Sequence[str] = ()
    target: str | None = None
    duration_s: float = 10.0
    kind: str = "cpu"
    arguments: Sequence[Any] | Mapping[str, Any] | None = None
    folder: Path | None = None
    interpreter: str | None = None
    rate: int = 100
    native: bool = False

    @property
    def wall(self) -> bool:
        """Tell whether waiting threads are asked for."""
        return self.kind == "wall"


@dataclass(frozen=True, kw_only=True)
class Session:
    """What was recorded: `views` to show and keep, `judged` the threads of the asked view."""

    name: str
    views: tuple[Profile, ...]
    judged: tuple[Profile, ...]
    on_wall: bool
    cpu: python.Recording | None = None
    wall: python.Recording | None = None
    cost: python.Recording | None = None
    timing: function.Timing | None = None
    warnings: tuple[str, ...] = ()
    format: str = "py-spy"
    measures: str | None = None  # in words; None: wall or processor time
    loop: EventLoop | None = None
    runtime_figures: Mapping[str, str] = field(default_factory=dict[str, str])


def record(request: Request, job: Job) -> Session:
    """Record what the request names by py-spy; raises errors of core.errors."""
    if request.target is not None:
        return _function(request, request.target, job)
    if request.pid is not None:
        return _process(request, request.pid, job)
    return _command(request, job)


def _process(request: Request, pid: int, job: Job) -> Session:
    """Take both views, the asked one first."""
    order = (True, False) if request.wall else (False, True)
    spans = (request.duration_s * FIRST_PART, request.duration_s * (1 - FIRST_PART))
    taken: dict[bool, python.Recording] = {}
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
    return _session(f"pid {pid}", taken, request, warnings)


def _command(request: Request, job: Job) -> Session:
    """A program is started once, so there is one view of it."""
    taken = python.record(
        duration_s=request.duration_s,
        command=request.command,
        rate=request.rate,
        idle=request.wall,
        native=request.native,
        threads=True,
        subprocesses=True,
        cwd=request.folder,
        cancellation=job.cancellation,
        on_tick=ticker(job, 0.0, request.duration_s, WALL if request.wall else ON_CPU),
    )
    name = " ".join(request.command)[:80]
    return _session(name, {request.wall: taken}, request, [])


def _session(
    name: str, taken: dict[bool, python.Recording], request: Request, warnings: list[str]
) -> Session:
    order = sorted(taken, key=lambda idle: idle != request.wall)
    views = tuple(merged(taken[idle], WALL if idle else ON_CPU) for idle in order)
    asked = taken[order[0]]
    noted = [*warnings, *cost_warnings(asked)]
    return Session(
        name=name,
        views=views,
        judged=tuple(asked),
        on_wall=order[0],
        cpu=taken.get(False),
        wall=taken.get(True),
        cost=asked,
        warnings=tuple(noted),
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


def ticker(job: Job, done: float, total: float, what: str) -> Callable[[float], None]:
    """Return a callback that reports progress once a second; `done` seconds are behind."""
    told = -1

    def tick(elapsed: float) -> None:
        nonlocal told
        if int(elapsed) > told:
            told = int(elapsed)
            job.progress(min(done + elapsed, total), total, f"Recording {what}")

    return tick


def cost_warnings(taken: python.Recording) -> list[str]:
    """Return what to doubt of a recording, or of its effect on the program."""
    cost = rule("profile.recording_cost")
    found: list[str] = []
    if taken.lost_share > cost.limit("lost_share"):
        found.append(
            f"{share(taken.lost_share)} of the looks failed (threads were not stopped for them): "
            "shares lean towards code that holds still"
        )
    if taken.behind:
        found.append("py-spy fell behind its rate: record at a lower rate")
    pressure = taken.cpu_pressure
    if pressure is not None and pressure > cost.limit("cpu_pressure"):
        found.append(
            f"The machine is contended: in {share(pressure)} of the last seconds something waited "
            "for a processor; times are longer than the program's own"
        )
        return found
    before, meanwhile = taken.target_cpu_before, taken.target_cpu_while
    if before and meanwhile is not None:
        change = meanwhile / before - 1
        if abs(change) > cost.limit("slowdown"):
            found.append(
                f"The program used {number(before)} cores before and {number(meanwhile)} while "
                "it was recorded: its load changed, or the recording disturbed it"
            )
    return found


def waits(taken: Session, most: int | None = _WAITS) -> list[tuple[float, str, str]]:
    """Return where threads wait: (threads on average, own place, leaf), the most first.

    It is the wall-clock view less the on-CPU view, in threads; needs both.
    """
    if taken.cpu is None or taken.wall is None:
        return []
    waiting: dict[tuple[str, str], float] = {}
    seen: dict[tuple[str, str], float] = {}
    for view, sign in ((taken.wall, 1.0), (taken.cpu, -1.0)):
        recording = judged(list(view))
        seconds = max((profile.total for profile in view), default=0.0)
        if view.together:
            seconds = view.seconds
        elif sign < 0:
            seconds = max(view.seconds, seconds)
        for owner, leaf, weight in recording.pairs():
            key = (owner, leaf)
            threads = weight / max(seconds, 1e-9)
            waiting[key] = waiting.get(key, 0.0) + sign * threads
            if sign > 0:
                seen[key] = threads
    found = [
        (round(threads, 3), *key)
        for key, threads in waiting.items()
        if threads >= max(_LEAST_WAIT, _MOSTLY * seen.get(key, 0.0))
    ]
    return sorted(found, reverse=True)[:most]


def idle_functions(taken: Session) -> frozenset[str]:
    """Return the functions (as `pairs` names leaves) that only wait, by the two views."""
    return frozenset(leaf for _, _, leaf in waits(taken, most=None))


def timing_fields(timing: function.Timing) -> dict[str, Any]:
    """Return a timing as the answer's fields."""
    return {
        "mean_ms": _figure(timing.mean_ms),
        "ci_low_ms": _figure(timing.low_ms),
        "ci_high_ms": _figure(timing.high_ms),
        "first_call_ms": _figure(timing.first_ms),
        "repeats": timing.repeats,
        "calls": timing.calls,
        "cpu_share": _figure(timing.cpu_share),
    }


def cost_fields(taken: python.Recording) -> dict[str, Any]:
    """Return a recording's cost as the answer's fields."""
    return {
        "samples": taken.samples,
        "lost_share": _figure(taken.lost_share),
        "rate": taken.rate,
        "threads": taken.threads,
        "stops_threads": taken.blocking,
        "target_cpu_before": _figure(taken.target_cpu_before),
        "target_cpu_while": _figure(taken.target_cpu_while),
        "profiler_cpu": _figure(taken.profiler_cpu),
    }


def _figure(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
