"""One recording from request to views: which recorder, in what order, and what it cost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slowcoach.core.finding import Finding
from slowcoach.core.job import Job
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.profiling.event_loop import EventLoop
from slowcoach.profiling.judged import judged
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders import function, python
from slowcoach.profiling.recorders.recording import Waiting

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
    waiting: tuple[Waiting, ...] | None = None  # None: told by the two views
    findings: tuple[Finding, ...] = ()


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


def waiting(taken: Session) -> tuple[Waiting, ...]:
    """Return where threads wait, as the recorder saw it or as the two views tell."""
    if taken.waiting is not None:
        return taken.waiting[:_WAITS]
    return tuple(Waiting(threads, where, at) for threads, where, at in waits(taken))


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
