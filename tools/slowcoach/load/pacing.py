"""When requests of the open model are due, and a timer that keeps to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.schedule import Schedule, Stage

_EARLY_S = 0.001  # a selector wakes up to 1 ms late: aim that much early, and send what is due then
_CHUNK = 4096
# when late, read answers between so many requests: they free connections, and new ones cost more
_AT_ONCE = 16
_SLACK = 1e-9


def due_times(
    schedule: Schedule,
    *,
    per_arrival: float = 1.0,
    part: int = 0,
    parts: int = 1,
    seed: int | None = None,
) -> Iterator[float]:
    """Yield the seconds at which arrivals of an open schedule are due, in order.

    The n-th is due when the rate's integral reaches n, so that they are evenly spaced at a
    constant rate; with `seed` the integral's steps are exponential instead, which makes a Poisson
    process of that rate. An arrival makes `per_arrival` requests. Of `parts` that share the load
    each takes every so many-th arrival: together they make all of them, none twice.
    """
    stages = [stage for stage in schedule.stages if stage.length_s > 0]
    counts = np.cumsum([_count(stage) for stage in stages]) / per_arrival
    total = float(counts[-1]) if stages else 0.0
    for targets in _targets(part, parts, seed):
        inside = targets[targets < total - _SLACK]
        yield from _times(inside, stages, counts, per_arrival).tolist()
        if len(inside) < len(targets):
            return


def _count(stage: Stage) -> float:
    return stage.length_s * (stage.first + stage.last) / 2


def _targets(part: int, parts: int, seed: int | None) -> Iterator[NDArray[np.float64]]:
    """Yield the values of the rate's integral at which arrivals are due, without end."""
    at = float(part)
    random = None if seed is None else np.random.default_rng([seed, part])
    at = at if random is None else 0.0
    while True:
        if random is None:
            yield at + parts * np.arange(_CHUNK, dtype=np.float64)
            at += parts * _CHUNK
        else:
            chunk = at + np.cumsum(random.exponential(parts, _CHUNK))
            yield chunk
            at = float(chunk[-1])


def _times(
    targets: NDArray[np.float64],
    stages: list[Stage],
    counts: NDArray[np.float64],
    per_arrival: float,
) -> NDArray[np.float64]:
    """Return when the integral of the rate reaches each target: v = b t + a t^2, solved for t."""
    index = np.searchsorted(counts, targets, side="right")
    before = np.concatenate(([0.0], counts[:-1]))
    slope = np.array([(s.last - s.first) / (2 * s.length_s) for s in stages]) / per_arrival
    first = np.array([s.first for s in stages]) / per_arrival
    start = np.array([s.start_s for s in stages])
    v, a, b = targets - before[index], slope[index], first[index]
    root = b + np.sqrt(np.maximum(b * b + 4 * a * v, 0.0))
    within = np.divide(2 * v, root, out=np.zeros_like(v), where=root > 0)
    return start[index] + within


class Pacer:
    """Calls `send(due, now)` for each of the times (seconds from `begun`) when it has come, and
    `over` after the last. It is never late by choice: what was due while the loop was busy is sent
    at once, with the time at which it was due.
    """

    def __init__(
        self,
        begun: float,
        times: Iterator[float],
        send: Callable[[float, float], None],
        over: Callable[[], None],
    ) -> None:
        self._begun, self._times = begun, times
        self._send, self._over = send, over
        self._loop = asyncio.get_running_loop()
        self._next: float | None = None
        self._stopped = False

    def start(self) -> None:
        """Send what is due now, and go on by itself."""
        self._next = next(self._times, None)
        self._turn()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True

    def _turn(self) -> None:
        now = time.perf_counter()
        begun, send, times = self._begun, self._send, self._times
        until = now - begun + _EARLY_S
        at = self._next
        room = _AT_ONCE
        while at is not None and at <= until and room:
            if self._stopped:
                return
            due = begun + at
            now = time.perf_counter()
            send(min(now, due), now)
            at = next(times, None)
            room -= 1
        self._next = at
        if self._stopped:
            return
        if at is None:
            self._over()
        elif not room:
            self._loop.call_soon(self._turn)
        else:
            self._loop.call_later(max(begun + at - _EARLY_S - now, 0.0), self._turn)
