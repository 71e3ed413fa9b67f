"""Go services: goroutines by the program's own net/http/pprof handlers.

Cost: a dump stops the program for well under a millisecond, a few times a second; a profile of
its processors at Go's own 100 Hz; one collection before and one after the load. Goroutines of
programs without the handlers are read from memory, and perf tells where they compute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.core.permission import is_loopback
from slowcoach.diagnosis.evidence.go_caches import evicting
from slowcoach.diagnosis.evidence.go_eyes import GoroutineEyes
from slowcoach.diagnosis.evidence.go_inside import InsideEyes
from slowcoach.diagnosis.evidence.go_maps import MapWatch
from slowcoach.diagnosis.evidence.go_memory import Heap, heap_of, living
from slowcoach.diagnosis.evidence.go_perf import PerfEyes
from slowcoach.diagnosis.evidence.go_profiles import allocated, computed, grown
from slowcoach.diagnosis.evidence.go_slices import slicing
from slowcoach.diagnosis.evidence.unit_watch import Pace, watched
from slowcoach.diagnosis.evidence.units import Unit
from slowcoach.diagnosis.eyes import Eyes, Runtime, Sight, Where
from slowcoach.diagnosis.goroutines_memory.reader import GoroutineReader
from slowcoach.diagnosis.limits import harm
from slowcoach.diagnosis.models import Activity, Growth, MemoryPoint
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders.go_endpoint import Client, endpoint
from slowcoach.profiling.recorders.go_goroutines import goroutines
from slowcoach.profiling.recorders.go_program import version
from slowcoach.profiling.recorders.node_recording import Meter

_INTERVAL_S = 0.1
_DUMP = "goroutine?debug=2"


class GoEyes(GoroutineEyes):
    """Asks one process for its goroutines again and again."""

    def __init__(self, client: Client, where: Where) -> None:
        super().__init__(where)
        self._client = client
        self.version = version(where.pids[0]).removeprefix("go")
        self._slices: list[Profile] = []
        self._heap: Heap | None = None
        self._heap_after: Heap | None = None
        self._seen: tuple[Activity, ...] = ()
        self._maps: MapWatch | None = None
        with suppress(SlowcoachError):  # among them: no right to read the memory
            self._reader = GoroutineReader(where.pids[0], self.version)
            self._maps = MapWatch(self._reader, self.version)

    def close(self) -> None:
        """Give the process's memory back."""
        if self._reader is not None:
            self._reader.close()

    @contextmanager
    def watch(
        self, cancellation: Cancellation, each: Callable[[], None] | None = None
    ) -> Iterator[Callable[[], Sight]]:
        """Look at the goroutines in a thread of its own while the block runs."""
        turn = 0

        def look() -> Iterable[Unit]:
            nonlocal turn
            turn += 1
            return self._units(goroutines(self._client.text(_DUMP)), turn, _INTERVAL_S)

        with ExitStack() as stack:
            pid, share = self._where.pids[0], harm("goroutines_share")
            self._slices = stack.enter_context(slicing(self._client.url, pid, cancellation))
            sight = stack.enter_context(watched(look, cancellation, each, Pace(_INTERVAL_S, share)))
            yield lambda: sight

    def begin_load(self) -> None:
        """Note what lives on the heap now."""
        super().begin_load()
        with suppress(SlowcoachError):
            self._heap = heap_of(self._client)
        if self._maps is not None:
            self._maps.begin()

    def look_at_heap(self) -> None:
        """Look at the maps of caches amid the load."""
        if self._loaded and self._maps is not None:
            self._maps.look()

    def activities(self, sight: Sight) -> tuple[Activity, ...]:
        """Return what requests did; those of the phase alone first."""
        if self._loaded:
            self._look_again()
        before, after = self._heap, self._heap_after
        allocating = allocated(before.by_spot, after.by_spot) if before and after else {}
        self._seen = self._told(sight, computed(self._slices), allocating)
        return self._seen

    def _look_again(self) -> None:
        with suppress(SlowcoachError):
            self._heap_after = heap_of(self._client)

    def growth(self) -> tuple[Growth, ...]:
        """Return the goroutines that remain, what lives on by function, and lists that evict."""
        before, after = self._heap, self._heap_after
        turning = self._maps.evicting(self._seen) if self._maps is not None else ()
        if before is None or after is None:
            return (*super().growth(), *turning)
        kept = grown(before.by_spot, after.by_spot)
        return (*super().growth(), *kept, *evicting(before.entries, after.entries), *turning)

    def memory(self, points: Sequence[MemoryPoint]) -> tuple[MemoryPoint, ...]:
        """Return the memory that lives on, which Go tells."""
        return living(points, self._heap, self._heap_after)


def _given(where: Where) -> str | None:
    """Return the handlers' URL that the caller gave, if any: on this machine, or the service's."""
    path = where.diagnostics.get("pprof", "")
    if not path:
        return None
    parts = urlsplit(path)
    near = parts.scheme == "http" and parts.hostname is not None and is_loopback(parts.hostname)
    return (path if near else f"{where.origin}{parts.path}").rstrip("/")


def open_eyes(where: Where) -> Eyes:
    """Return eyes by the program's handlers; without any those on its memory, or perf's."""
    pid = where.pids[0]
    try:
        client = Client(_given(where) or endpoint(pid), Meter(pid), None, None)
        _must_answer(client)
    except SlowcoachError as error:
        return _without_handlers(where, error.message)
    return GoEyes(client, where)


def _must_answer(client: Client) -> None:
    """Ask for something cheap; handlers that a program mounts itself need not have all."""
    try:
        client.get("cmdline")
    except SlowcoachError:
        client.get("threadcreate")


def _without_handlers(where: Where, why: str) -> Eyes:
    pid = where.pids[0]
    try:
        return InsideEyes(where, why, version(pid))
    except SlowcoachError as error:
        return PerfEyes(pid, f"{why}; {error.message}")


RUNTIME = Runtime(name="go", open=open_eyes)
