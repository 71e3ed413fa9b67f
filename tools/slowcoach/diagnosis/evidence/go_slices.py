"""The processor's profile of a Go program, slice after slice, while a phase lasts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, repeat

from slowcoach.core.errors import SlowcoachError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders.go_endpoint import Client
from slowcoach.profiling.recorders.go_views import going_on
from slowcoach.profiling.recorders.node_recording import Meter

_FIRST_S, _SLICE_S = 1, 2
_PAUSE_S = 0.3
_JOIN_S = 5.0


@contextmanager
def slicing(url: str, pid: int, cancellation: Cancellation) -> Iterator[list[Profile]]:
    """Yield a list that fills with profiles while the block runs.

    The last slice is given up when the block ends: its connection is closed, and Go stops.
    """
    from slowcoach.profiling.readers import pprof

    found: list[Profile] = []
    ended = Cancellation()

    def run() -> None:
        client = Client(url, Meter(pid), ended, None)
        with suppress(SlowcoachError):  # among them: the end of the block, or of the program
            for seconds in chain([_FIRST_S], repeat(_SLICE_S)):
                ended.sleep(_PAUSE_S)
                with suppress(ToolFailedError):  # another profile is being taken: later, then
                    data = client.get(f"profile?seconds={seconds}", seconds)
                    found.extend(map(going_on, pprof.READER.read(data, "profile")[:1]))

    thread = threading.Thread(target=run, name="slowcoach-slices", daemon=True)
    with cancellation.on_ask(ended.ask):
        thread.start()
        try:
            yield found
        finally:
            ended.ask()
            thread.join(_JOIN_S)
