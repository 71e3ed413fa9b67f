"""Look at all units of a service again and again in a thread of its own, at a bounded cost."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.units import Unit, UnitSight

_JOIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is looked: looks begin at least `interval_s` apart, and so rarely that they take
    at most `share` of the time, for each stops the target for a moment; `later` of it when there
    are `enough`. No pause is longer than `longest_s`: what takes long on a machine that others
    load is mostly the wait for a processor.
    """

    interval_s: float
    share: float
    later: float = 0.0
    enough: float = math.inf
    longest_s: float = math.inf

    def pause(self, took: float, looks: int) -> float:
        """Return how many seconds to wait after a look that took so long."""
        share = self.share if looks < self.enough else self.later
        return max(self.interval_s - took, min(took / share - took, self.longest_s), 0.0)


@contextmanager
def watched(
    look: Callable[[], Iterable[Unit]],
    cancellation: Cancellation,
    each: Callable[[], None] | None,
    pace: Pace,
) -> Iterator[UnitSight]:
    """Call `look` all the time while the block runs, and gather what it tells.

    A look that fails is left out. `each` is called after every look.
    """
    sight, stop = UnitSight(), threading.Event()

    def run() -> None:
        while not stop.is_set() and not cancellation.asked:
            begun = time.monotonic()
            with suppress(SlowcoachError, OSError):  # the next one may succeed
                sight.add(look(), begun)
            took = time.monotonic() - begun
            if each is not None:
                each()
            stop.wait(pace.pause(took, sight.looks))

    thread = threading.Thread(target=run, name="slowcoach-looks", daemon=True)
    thread.start()
    try:
        yield sight
    finally:
        stop.set()
        thread.join(_JOIN_S)
