"""How the generator's own thread fared: its processor time, and its wait for a processor."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

_NS = 1e-9
_SCHEDSTAT = Path("/proc/thread-self/schedstat")  # Linux: ns on a processor, ns ready to run


@dataclass(frozen=True, slots=True)
class Health:
    """Shares of the wall time (0..1). `ready_share`: ready to run, without a processor; None
    where the system does not tell.
    """

    cpu_share: float
    ready_share: float | None


class Watcher:
    """Watches the thread that made it, from then on."""

    def __init__(self) -> None:
        self._wall, self._cpu, self._ready = time.perf_counter(), time.thread_time(), _ready_s()

    def health(self) -> Health:
        """Return how it was until now; to be called by the same thread."""
        wall = max(time.perf_counter() - self._wall, 1e-9)
        ready = _ready_s()
        return Health(
            cpu_share=(time.thread_time() - self._cpu) / wall,
            ready_share=None
            if ready is None or self._ready is None
            else (ready - self._ready) / wall,
        )


def _ready_s() -> float | None:
    try:
        return int(_SCHEDSTAT.read_text().split()[1]) * _NS
    except (OSError, ValueError, IndexError):
        return None
