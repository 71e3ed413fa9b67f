"""How a load generator in processes of its own fares: its processor time, and its wait for one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from slowcoach.profiling.recorders.proc import descendants, thread_times


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    ran: float
    queued: float


_Difference = Callable[[_Look, _Look], float]


class GeneratorProcess:
    """Looks at a process and its children; `cores` are those that one of them can keep busy."""

    def __init__(self, pid: int, cores: int = 1) -> None:
        self._pid, self._cores = pid, cores
        self._first: dict[int, _Look] = {}
        self._last: dict[int, _Look] = {}
        self._threads: dict[int, dict[int, tuple[float, float]]] = {}

    def look(self) -> None:
        """Note what the processes have used until now."""
        for pid in descendants(self._pid):
            times = self._threads.setdefault(pid, {})
            times.update(thread_times(pid))  # those of threads that have ended stay counted
            if times:
                ran, queued = (sum(column) for column in zip(*times.values(), strict=True))
                self._last[pid] = _Look(time.monotonic(), ran, queued)
                self._first.setdefault(pid, self._last[pid])

    def begin(self) -> None:
        """Count from now: the load begins."""
        self._first.clear()
        self.look()

    @property
    def cpu_share(self) -> float | None:
        """Return the busiest process's processor time, as a share of the cores it can use."""
        return self._most(lambda first, last: (last.ran - first.ran) / self._cores)

    @property
    def ready_share(self) -> float | None:
        """Return how long a process's threads stood ready without a processor, counted alike."""
        return self._most(lambda first, last: (last.queued - first.queued) / self._cores)

    def _most(self, of: _Difference) -> float | None:
        shares = [
            max(of(first, last), 0.0) / (last.at - first.at)
            for pid, first in self._first.items()
            if (last := self._last[pid]).at > first.at
        ]
        return max(shares, default=None)
