"""Look at all units of a service again and again in a thread of its own, at a bounded cost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.units import Unit, UnitSight

_JOIN_S = 10.0


@contextmanager
def watched(
    look: Callable[[], Iterable[Unit]],
    cancellation: Cancellation,
    each: Callable[[], None] | None,
    *,
    interval_s: float,
    share: float,
) -> Iterator[UnitSight]:
    """Call `look` all the time while the block runs, and gather what it tells.

    Looks begin at least `interval_s` apart, and so rarely that they take at most `share` of the
    time: each stops the target for a moment. A look that fails is left out. `each` is called
    after every look.
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
            stop.wait(max(interval_s - took, took / share - took, 0.0))

    thread = threading.Thread(target=run, name="slowcoach-looks", daemon=True)
    thread.start()
    try:
        yield sight
    finally:
        stop.set()
        thread.join(_JOIN_S)
