"""What a recording of Node.js is, and how it comes from what the profilers say."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from slowcoach.core.errors import ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.calltree import merged
from slowcoach.profiling.event_loop import EventLoop
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.node_profiles import allocated, cpu_views
from slowcoach.profiling.recorders.node_waits import waits_profile
from slowcoach.profiling.recorders.recording import Recording

ALLOC_STEP: Final = 32_768  # bytes between two samples, the default of V8's heap profiler
MICROSECONDS: Final = 1_000_000
POLL_S: Final = 0.1
_HALF, _PER_CENT = 1, 100  # with fewer turns, one more is at that percentile


@dataclass(frozen=True, eq=False)
class NodeRecording(Recording):
    """The views of one recording, on CPU before wall clock (or the one of allocations).

    `rate` is how often a second V8 looked in truth.
    """

    loop: EventLoop | None = None
    waits: Profile | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What one thread said: the profiler's JSON, the loop's figures, what is waited for."""

    profile: dict[str, Any] | None
    loop: dict[str, Any] | None
    waits: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


class Meter:
    """The CPU time of a process from now on, and of the thread that records it."""

    def __init__(self, pid: int) -> None:
        self.pid, self._begun = pid, time.monotonic()
        self._cpu, self._own = proc.cpu_seconds(pid), time.thread_time()
        self._queued = self._wait()

    def _wait(self) -> float | None:
        times = proc.thread_times(self.pid).get(self.pid)
        return None if times is None else times[1]

    @property
    def seconds(self) -> float:
        return max(time.monotonic() - self._begun, 1e-3)

    def cores(self) -> float | None:
        now = proc.cpu_seconds(self.pid)
        if now is None or self._cpu is None:
            return None
        return (now - self._cpu) / self.seconds

    def queued(self) -> float | None:
        now = self._wait()
        if now is None or self._queued is None:
            return None
        return (now - self._queued) / self.seconds

    def recorder(self) -> float:
        return (time.thread_time() - self._own) / self.seconds


def wait(
    duration_s: float,
    meter: Meter,
    ended: Callable[[], bool],
    cancellation: Cancellation | None,
    on_tick: Callable[[float], None] | None,
) -> None:
    """Wait for the time to be up or the program's end, looked at ten times a second."""
    while (left := duration_s - meter.seconds) > 0:
        if ended():
            return
        if on_tick is not None:
            on_tick(meter.seconds)
        pause(min(POLL_S, left), cancellation)


def pause(seconds: float, cancellation: Cancellation | None) -> None:
    if cancellation is None:
        time.sleep(seconds)
    else:
        cancellation.sleep(seconds)


def views(taken: Sequence[Taken], *, alloc: bool, who: str) -> tuple[tuple[Profile, ...], int]:
    """Return the views over all threads, and the number of samples behind them.

    Raises ToolFailedError when there is nothing in them.
    """
    said = [each.profile for each in taken if each.profile is not None]
    parts: list[tuple[Profile, ...]] = [
        (allocated(each, who),) if alloc else cpu_views(each, who) for each in said
    ]
    by_view = list(zip(*parts, strict=True))
    found = tuple(_together(view) for view in by_view)
    if all(view.total <= 0 for view in found):
        raise ToolFailedError(f"{who}: no sample succeeded", hint="Record for longer")
    return found, sum(view.samples or 0 for view in by_view[-1])


def waiting(taken: Sequence[Taken], *, locks: bool) -> Profile | None:
    """Return what all threads waited for, None when that was not asked or is nothing."""
    said = [each for one in taken for each in one.waits]
    return waits_profile(said, "waiting for locks" if locks else "waiting for", locks=locks)


def locked(taken: Sequence[Taken], who: str) -> tuple[tuple[Profile, ...], int]:
    """Return the one view of waits at locks; raises ToolFailedError when nothing waited."""
    found = waiting(taken, locks=True)
    if found is None:
        raise ToolFailedError(
            f"{who}: nothing waited at a lock: neither at Atomics.wait nor at a promise of a "
            "function named after one (acquire, lock, mutex, semaphore)",
            hint="Record kind=wall, which shows what its event loop waits for",
        )
    return (found,), found.samples or 0


def _together(parts: Sequence[Profile]) -> Profile:
    if len(parts) == 1:
        return parts[0]
    return replace(merged(parts, parts[0].name), value=parts[0].value)


def loop_figures(
    said: dict[str, Any] | None, queued: float | None, standing: tuple[str, ...] = ()
) -> EventLoop | None:
    """Return the figures of a loop, with the turn that it was still in at the end."""
    if said is None:
        return None
    count, mean, spread = said["ticks"] or 0, said["mean_ms"] or 0.0, said["spread_ms"] or 0.0
    step = said["resolution_ms"]
    still = (
        max(1000 * said["seconds"] - count * mean - step, 0.0) if said["ticks"] is not None else 0.0
    )
    usage = said["utilization"]
    return EventLoop(
        seconds=said["seconds"],
        delay_p50_ms=max(said["delay_p50_ms"], still) if count < _HALF else said["delay_p50_ms"],
        delay_p99_ms=max(said["delay_p99_ms"], still)
        if count < _PER_CENT
        else said["delay_p99_ms"],
        delay_max_ms=max(said["delay_max_ms"], still),
        chance_ms=_by_chance(count, mean, spread, still, step),
        utilization=usage if usage is not None and math.isfinite(usage) else None,
        gc_ms=said["gc_ms"],
        gc_count=said["gc_count"],
        active=tuple(sorted(said["active"].items(), key=lambda item: -item[1])),
        version=said["version"],
        queued_share=queued,
        standing=standing,
    )


def busiest(loops: Sequence[EventLoop | None]) -> EventLoop | None:
    """Return the loop that was used most, None without any."""
    known = [each for each in loops if each is not None]
    return max(known, key=lambda loop: loop.utilization or 0.0, default=None)


def _by_chance(count: int, mean: float, spread: float, still: float, step: float) -> float | None:
    """Return how long what comes in at any moment waits on average, by the turns of the loop.

    It is the residual life of a renewal process: the sum of squares over twice the sum.
    """
    whole = count * mean + still
    if whole <= 0:
        return None
    squares = count * (mean**2 + spread**2) + still**2
    return max(squares / (2 * whole) - step / 2, 0.0)
