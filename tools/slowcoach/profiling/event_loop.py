"""How long a program's event loop was held up while it was recorded, and what to say of it."""

from dataclasses import dataclass
from typing import Any

from slowcoach.core.finding import Evidence, Finding, NotChecked, Severity
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, share
from slowcoach.profiling.judged import Judged

_RULE = "profile.event_loop_delay"
_PLACES = 2
_KINDS = 6


@dataclass(frozen=True, slots=True)
class EventLoop:
    """Figures of one loop over `seconds`.

    A delay is how much later than due a timer ran, by percentile of its runs; `chance_ms` is the
    mean delay of what comes in at any moment. `queued_share` is the share of the time in which
    the loop's thread was ready and had no processor (None: not known). `active` counts what the
    loop waits for, by kind of resource; `standing` is the stack, innermost first, of a turn that
    went on all the time.
    """

    seconds: float
    delay_p50_ms: float
    delay_p99_ms: float
    delay_max_ms: float
    chance_ms: float | None
    utilization: float | None
    gc_ms: float
    gc_count: int
    active: tuple[tuple[str, int], ...] = ()
    version: str = ""
    queued_share: float | None = None
    standing: tuple[str, ...] = ()


def judge(
    loop: EventLoop, recording: Judged | None = None
) -> tuple[list[Finding], list[NotChecked]]:
    """Return the finding that the loop is held up, at the own functions that hold most time; or
    that it cannot be told, for the machine was late and not the loop.
    """
    held = rule(_RULE)
    often = loop.delay_p99_ms >= held.limit("p99_ms")
    if not often and loop.delay_max_ms < held.limit("max_ms"):
        return [], []
    if loop.queued_share is not None and loop.queued_share > held.limit("queued"):
        why = (
            f"it was late by {duration(loop.delay_max_ms / 1000)} at most, but its thread stood "
            f"{share(loop.queued_share)} of the time in the queue for a processor"
        )
        return [], [NotChecked(rule=_RULE, why=why)]
    finding = held.finding(
        _evidence(loop, often=often),
        where=loop.standing[:_PLACES] or _places(recording),
        severity=Severity.WARNING if often else Severity.INFO,
    )
    return [finding], []


def fields(loop: EventLoop) -> dict[str, Any]:
    """Return the figures as the answer's fields."""
    return {
        "delay_p50_ms": _figure(loop.delay_p50_ms),
        "delay_p99_ms": _figure(loop.delay_p99_ms),
        "delay_max_ms": _figure(loop.delay_max_ms),
        "mean_wait_ms": None if loop.chance_ms is None else _figure(loop.chance_ms),
        "utilization": None if loop.utilization is None else _figure(loop.utilization),
        "gc_ms": _figure(loop.gc_ms),
        "gc_count": loop.gc_count,
        "active": dict(loop.active[:_KINDS]),
        "queued_share": None if loop.queued_share is None else _figure(loop.queued_share),
        "runtime": f"Node.js {loop.version}",
    }


def _figure(value: float) -> float:
    return float(f"{value:.4g}")


def _evidence(loop: EventLoop, *, often: bool) -> list[Evidence]:
    held = rule(_RULE)
    name, value = ("p99", loop.delay_p99_ms) if often else ("max", loop.delay_max_ms)
    found = [
        Evidence(
            metric=f"event-loop delay, {name}",
            value=value,
            unit="ms",
            limit=held.limit(f"{name}_ms"),
            note=f"longest {duration(loop.delay_max_ms / 1000)}" if often else "seen once or twice",
        )
    ]
    if loop.chance_ms is not None:
        found.append(
            Evidence(metric="mean delay of what comes in", value=loop.chance_ms, unit="ms")
        )
    if loop.utilization is not None:
        found.append(
            Evidence(metric="event-loop utilization", value=loop.utilization, unit="share")
        )
    return found


def _places(recording: Judged | None) -> list[str]:
    if recording is None:
        return []
    weights = recording.with_libraries
    order = sorted(range(len(weights)), key=lambda index: -float(weights[index]))
    return [recording.place(index) for index in order[:_PLACES] if weights[index] > 0]
