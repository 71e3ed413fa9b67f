"""What eyes on goroutines have in common, however they see them: looks become activities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from slowcoach.diagnosis.evidence.go_fillers import takers
from slowcoach.diagnosis.evidence.go_foreign import abroad
from slowcoach.diagnosis.evidence.go_lends import lending, lent
from slowcoach.diagnosis.evidence.go_memory import Population, population, remaining
from slowcoach.diagnosis.evidence.go_pools import FullPool, full_pools, packages_at_work, still_full
from slowcoach.diagnosis.evidence.go_profiles import Allocating, Computed, forcing, recounted
from slowcoach.diagnosis.evidence.go_waits import (
    OPEN,
    Place,
    Queues,
    for_workers,
    knotted,
    on_database,
    queued,
    queues_at,
    settled,
    waits_alone,
)
from slowcoach.diagnosis.evidence.goroutines import units_of
from slowcoach.diagnosis.evidence.sockets import open_connections, socket_inodes
from slowcoach.diagnosis.evidence.units import Unit, UnitSight, UnitSorter
from slowcoach.diagnosis.evidence.waits import WaitReader
from slowcoach.diagnosis.eyes import Eyes, Sight, StackFrame, Where
from slowcoach.diagnosis.goroutines_memory.reader import GoroutineReader
from slowcoach.diagnosis.models import Activity, Growth, Stuck
from slowcoach.profiling.recorders.go_goroutines import Goroutine

_SETTLED_S = 0.4


class GoroutineEyes(Eyes):
    """Looks at the goroutines of one process; how, is left to others."""

    one_core_each = False
    tasks_seen = True

    def __init__(self, where: Where) -> None:
        self._where = where
        self._reader: GoroutineReader | None = None
        self._waits = WaitReader(where.pids[0], None, where.port, None)
        self._sorter = UnitSorter()
        self._alone: dict[Place, float] = {}
        self._queues = Queues()
        self._pools: tuple[FullPool, ...] = ()
        self._for_jobs: frozenset[Place] = frozenset()
        self._loaded = False
        self._lone = Computed()
        self._spent = Computed()
        self._allocating: Allocating = {}
        self._people: tuple[Population, Population] = (Counter(), Counter())

    def _units(self, dump: Sequence[Goroutine], turn: int, interval_s: float) -> list[Unit]:
        """Return one look's units, and keep how many goroutines stand where."""
        people = population(dump)
        # the first requests are on their way by then
        settling = turn * interval_s <= _SETTLED_S
        self._people = (people if settling else self._people[0], people)
        away = abroad(dump, self._reader, self._waits) if self._reader is not None else None
        return units_of(dump, turn, away)

    def learn(self, idle: Sight) -> None:
        """Take the idle goroutines as the baseline."""
        self._sorter = UnitSorter(seen_in(idle))
        self._queues = queues_at(seen_in(idle), self._takers)
        self._pools = full_pools(seen_in(idle))

    def _takers(self) -> Collection[str] | None:
        """Return the program's own functions that take from channels; None where not known."""
        if self._reader is None:
            return None
        return takers(self._reader.memory, self._reader.functions)

    def begin_load(self) -> None:
        """Count growth from now."""
        self._loaded = True

    def _told(
        self, sight: Sight, computing: Computed, allocating: Allocating
    ) -> tuple[Activity, ...]:
        """Return what requests did; those of the phase alone are to be asked for first."""
        seen = self._sorter.activities(seen_in(sight))
        if self._loaded:
            self._spent, self._allocating = computing, allocating
        else:
            self._alone, self._lone = waits_alone(seen), computing
        looks = seen_in(sight)
        full = still_full(self._pools, looks)
        self._for_jobs = frozenset[Place]().union(*(pool.places for pool in full if pool.by_jobs))
        queues = self._queues.beside(full, packages_at_work(looks))
        named = lent(self._with_peers(seen), OPEN, lending(looks, OPEN, self._alone))
        found = settled(queued(named, queues), self._alone)
        return recounted(found, computing, allocating, forcing(looks))

    def revised(self, alone: Sequence[Activity]) -> tuple[Activity, ...]:
        """Return what a lone request did: its job may be too short to be seen at work, and it
        itself too short for a profile of what it computes.
        """
        found = for_workers(alone, self._for_jobs)
        return found if self._lone.tells else recounted(found, self._spent, self._allocating)

    def _with_peers(self, seen: tuple[Activity, ...]) -> tuple[Activity, ...]:
        """Return the activities with the database as such where it is the only peer."""
        port = self._where.database_port
        if not port or any(a.state == "db" for a in seen):
            return seen
        pid = self._where.pids[0]
        links = open_connections(pid)
        mine = set(socket_inodes(pid).values())
        peers = {
            link.remote_port
            for inode, link in links.items()
            if inode in mine and link.local_port != self._where.port and link.remote_port
        }
        return on_database(seen, port) if peers == {port} else seen

    def growth(self) -> tuple[Growth, ...]:
        """Return the goroutines that remain."""
        return remaining(*self._people)

    def stuck(self, sight: Sight, idle: Sight, least_s: float) -> tuple[Stuck, ...]:
        """Return the goroutines that did not move."""
        last, first = seen_in(sight), seen_in(idle)
        return knotted(self._sorter.stuck(last, first, least_s), last, first)

    def stacks(self, sight: Sight) -> Iterable[tuple[tuple[StackFrame, ...], float]]:
        """Return the goroutines' stacks."""
        for unit, count in seen_in(sight).seen.items():
            yield tuple(reversed(unit.frames)), float(count)


def seen_in(sight: Sight) -> UnitSight:
    """Return a sight of goroutines; an empty one for any other."""
    return sight if isinstance(sight, UnitSight) else UnitSight()
