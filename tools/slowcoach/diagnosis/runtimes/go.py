"""Go services: goroutines by the program's own net/http/pprof handlers.

Cost: a dump stops the program for well under a millisecond, a few times a second; a profile of
its processors at Go's own 100 Hz; one collection before and one after the load. Of programs
without the handlers perf tells where they compute, and no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.core.permission import is_loopback
from slowcoach.diagnosis.evidence.go_memory import (
    Heap,
    Population,
    heap_of,
    living,
    population,
    remaining,
)
from slowcoach.diagnosis.evidence.go_perf import PerfEyes
from slowcoach.diagnosis.evidence.go_profiles import allocated, computed, grown, recounted
from slowcoach.diagnosis.evidence.go_slices import slicing
from slowcoach.diagnosis.evidence.go_waits import Place, on_database, settled, waits_alone
from slowcoach.diagnosis.evidence.goroutines import units_of
from slowcoach.diagnosis.evidence.sockets import open_connections, socket_inodes
from slowcoach.diagnosis.evidence.unit_watch import looking
from slowcoach.diagnosis.evidence.units import Unit, UnitSight, UnitSorter
from slowcoach.diagnosis.eyes import Eyes, Runtime, Sight, StackFrame, Where
from slowcoach.diagnosis.models import Activity, Growth, MemoryPoint, Stuck
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders.go_endpoint import Client, endpoint
from slowcoach.profiling.recorders.go_goroutines import goroutines
from slowcoach.profiling.recorders.go_program import version
from slowcoach.profiling.recorders.node_recording import Meter

_INTERVAL_S = 0.1
_SHARE = 0.15  # of which most is making and sending the text: goroutines run meanwhile
_SETTLED = 4
_DUMP = "goroutine?debug=2"


class GoEyes(Eyes):
    """Asks one process for its goroutines again and again."""

    one_core_each = False
    tasks_seen = True

    def __init__(self, client: Client, where: Where) -> None:
        self._client = client
        self._where = where
        self._pid = pid = where.pids[0]
        self.version = version(pid).removeprefix("go")
        self._sorter = UnitSorter()
        self._alone: dict[Place, float] = {}
        self._loaded = False
        self._slices: list[Profile] = []
        self._heap: Heap | None = None
        self._heap_after: Heap | None = None
        self._people: tuple[Population, Population] = (Counter(), Counter())

    @contextmanager
    def watch(
        self, cancellation: Cancellation, each: Callable[[], None] | None = None
    ) -> Iterator[Callable[[], Sight]]:
        """Look at the goroutines in a thread of its own while the block runs."""
        turn = 0

        def look() -> Iterable[Unit]:
            nonlocal turn
            turn += 1
            dump = goroutines(self._client.text(_DUMP))
            people = population(dump)
            # the first requests are on their way by then
            self._people = (people if turn <= _SETTLED else self._people[0], people)
            return units_of(dump, turn)

        with ExitStack() as stack:
            self._slices = stack.enter_context(slicing(self._client.url, self._pid, cancellation))
            sight = stack.enter_context(
                looking(look, cancellation, each, interval_s=_INTERVAL_S, share=_SHARE)
            )
            yield lambda: sight

    def learn(self, idle: Sight) -> None:
        """Take the idle goroutines as the baseline."""
        self._sorter = UnitSorter(_seen(idle))

    def begin_load(self) -> None:
        """Note what lives on the heap now."""
        self._loaded = True
        with suppress(SlowcoachError):
            self._heap = heap_of(self._client)

    def activities(self, sight: Sight) -> tuple[Activity, ...]:
        """Return what requests did; those of the phase alone first."""
        seen = self._sorter.activities(_seen(sight))
        if not self._loaded:
            self._alone = waits_alone(seen)
        else:
            self._look_again()
        before, after = self._heap, self._heap_after
        allocating = allocated(before.by_spot, after.by_spot) if before and after else {}
        found = settled(self._with_peers(seen), self._alone)
        return recounted(found, computed(self._slices), allocating)

    def _with_peers(self, seen: tuple[Activity, ...]) -> tuple[Activity, ...]:
        """Return the activities with the database as such where it is the only peer."""
        port = self._where.database_port
        if not port or any(a.state == "db" for a in seen):
            return seen
        links = open_connections(self._pid)
        mine = set(socket_inodes(self._pid).values())
        peers = {
            link.remote_port
            for inode, link in links.items()
            if inode in mine and link.local_port != self._where.port and link.remote_port
        }
        return on_database(seen, port) if peers == {port} else seen

    def _look_again(self) -> None:
        with suppress(SlowcoachError):
            self._heap_after = heap_of(self._client)

    def growth(self) -> tuple[Growth, ...]:
        """Return the goroutines that remain, and the functions whose memory lives on."""
        before, after = self._heap, self._heap_after
        kept = grown(before.by_spot, after.by_spot) if before and after else ()
        return (*remaining(*self._people), *kept)

    def memory(self, points: Sequence[MemoryPoint]) -> tuple[MemoryPoint, ...]:
        """Return the memory that lives on, which Go tells."""
        return living(points, self._heap, self._heap_after)

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


def open_eyes(where: Where) -> Eyes:
    """Return eyes by the program's handlers; without any, those of perf."""
    pid = where.pids[0]
    try:
        client = Client(_given(where) or endpoint(pid), Meter(pid), None, None)
        client.get("cmdline")
    except SlowcoachError as error:
        return PerfEyes(pid, error.message)
    return GoEyes(client, where)


RUNTIME = Runtime(name="go", open=open_eyes)
