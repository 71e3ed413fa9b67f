"""Go services: goroutines by the program's own net/http/pprof handlers.

Cost: a dump stops the program for well under a millisecond, a few times a second; a profile of
its processors at Go's own 100 Hz for some seconds. Programs without the handlers are not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.core.permission import is_loopback
from slowcoach.diagnosis.evidence.goroutines import units_of
from slowcoach.diagnosis.evidence.unit_watch import looking
from slowcoach.diagnosis.evidence.units import Unit, UnitSight, UnitSorter
from slowcoach.diagnosis.eyes import Eyes, Runtime, Sight, StackFrame, Where
from slowcoach.diagnosis.models import Activity, Stuck
from slowcoach.profiling.recorders.go_endpoint import Client, endpoint
from slowcoach.profiling.recorders.go_goroutines import goroutines
from slowcoach.profiling.recorders.node_recording import Meter

_INTERVAL_S = 0.1
_SHARE = 0.05
_DUMP = "goroutine?debug=2"


class GoEyes(Eyes):
    """Asks one process for its goroutines again and again."""

    one_core_each = False

    def __init__(self, where: Where) -> None:
        self._client: Client | None = None
        self._sorter = UnitSorter()
        try:
            url = _given(where) or endpoint(where.pids[0])
            self._client = Client(url, Meter(where.pids[0]), None, None)
            self._client.get("cmdline")
        except SlowcoachError as error:
            self._client = None
            self.why_not = f"goroutines are told by net/http/pprof only: {error.message}"
        self.tasks_seen = self._client is not None

    @contextmanager
    def watch(
        self, cancellation: Cancellation, each: Callable[[], None] | None = None
    ) -> Iterator[Callable[[], Sight]]:
        """Look at the goroutines in a thread of its own while the block runs."""
        client = self._client
        if client is None:
            with super().watch(cancellation, each) as nothing:
                yield nothing
            return

        def look() -> Iterable[Unit]:
            return units_of(goroutines(client.text(_DUMP)))

        with looking(look, cancellation, each, interval_s=_INTERVAL_S, share=_SHARE) as sight:
            yield lambda: sight

    def learn(self, idle: Sight) -> None:
        """Take the idle goroutines as the baseline."""
        self._sorter = UnitSorter(_seen(idle))

    def activities(self, sight: Sight) -> tuple[Activity, ...]:
        """Return what requests did."""
        return self._sorter.activities(_seen(sight))

    def stuck(self, sight: Sight, idle: Sight, least_s: float) -> tuple[Stuck, ...]:
        """Return the goroutines that did not move."""
        return self._sorter.stuck(_seen(sight), _seen(idle), least_s)

    def stacks(self, sight: Sight) -> Iterable[tuple[tuple[StackFrame, ...], float]]:
        """Return the goroutines' stacks."""
        for unit, count in _seen(sight).seen.items():
            yield tuple(reversed(unit.frames)), float(count)


def _seen(sight: Sight) -> UnitSight:
    return sight if isinstance(sight, UnitSight) else UnitSight()


def _given(where: Where) -> str | None:
    """Return the handlers' URL that the caller gave, if any: on this machine, or the service's."""
    path = where.diagnostics.get("pprof", "")
    if not path:
        return None
    parts = urlsplit(path)
    near = parts.scheme == "http" and parts.hostname is not None and is_loopback(parts.hostname)
    return (path if near else f"{where.origin}{parts.path}").rstrip("/")


RUNTIME = Runtime(name="go", open=GoEyes)
