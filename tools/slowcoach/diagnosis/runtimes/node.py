"""Node.js services: what the loop computes and what operations wait for, by the inspector.

The inspector of a running process is opened by SIGUSR1 and closed again; of a cluster, those of
its workers. Cost: V8's profiler at 125 Hz; notes of what is begun during two seconds of ten, less
in a program of many promises; a file of /proc per thread, ten times a second; two brief searches
for caches that lose entries.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Any, Final

from slowcoach.core.errors import SlowcoachError, UnreachableError
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.node_cpu import kept_stacks
from slowcoach.diagnosis.evidence.node_crew import RATE, Crew, Watched, begin
from slowcoach.diagnosis.evidence.node_drivers import drivers_share
from slowcoach.diagnosis.evidence.node_facts import Facts
from slowcoach.diagnosis.evidence.node_kept import Kept
from slowcoach.diagnosis.evidence.node_memory import live_memory
from slowcoach.diagnosis.evidence.node_pending import unseen, waiting
from slowcoach.diagnosis.evidence.node_reactions import reactions
from slowcoach.diagnosis.evidence.node_sight import (
    WORKS,
    NodeSight,
    at_files,
    beyond,
    computed_in,
    in_worker,
    take,
)
from slowcoach.diagnosis.evidence.node_stuck import stuck_in
from slowcoach.diagnosis.evidence.node_told import Told
from slowcoach.diagnosis.evidence.sockets import open_connections, socket_inodes
from slowcoach.diagnosis.eyes import Eyes, Runtime, Sight, StackFrame, Where
from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.models import Activity, Growth, MemoryPoint, Stuck
from slowcoach.profiling.recorders import node_target, proc
from slowcoach.profiling.recorders.inspector import Inspector
from slowcoach.profiling.recorders.node_inspector import ENDS

_MOST: Final = 4  # processes of a cluster that are looked at
_PATIENCE_S, _AGAIN_S = 8.0, 0.4
_TICK_S, _CONNECTIONS_S = 0.1, 0.3
_POOL_SIZE: Final = 4  # https://docs.libuv.org/en/v1.x/threadpool.html
_NOTHING: Final = Told([], [], [], [])


class NodeEyes(Eyes):
    """Looks at the processes' event loops."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._stack = ExitStack()
        self._idle = self._idle_workers = _NOTHING
        self._calm: Told | None = None
        self._drivers_alone: float | None = None
        self._said: list[dict[str, Any]] = []  # of the last phase
        self._inspectors: list[Inspector] = []
        self._standing: tuple[Activity, ...] = ()
        self._taken = 0.0  # threads of libuv's that the idle service's own waits hold
        try:
            self._inspectors = _opened(self._stack, where.pids[:_MOST])
            self._crew = Crew(self._inspectors)
            self.version = str(self._main.evaluate("process.version")["value"])
        except SlowcoachError as error:
            self._stack.close()
            self._inspectors = []
            self.why_not = error.message
        self.tasks_seen = bool(self._inspectors)
        self._kept = Kept(self._inspectors)

    @property
    def _main(self) -> Inspector:
        return self._inspectors[0]

    def close(self) -> None:
        """End the heap's sampling and close the inspectors."""
        self._kept.end()
        self._stack.close()

    @contextmanager
    def watch(
        self, cancellation: Cancellation, each: Callable[[], None] | None = None
    ) -> Iterator[Callable[[], Sight]]:
        """Record while the block runs; connections are counted in a thread of its own."""
        if not self._inspectors:
            with super().watch(cancellation, each) as nothing:
                yield nothing
            return
        sight = NodeSight()
        self._kept.forced_s = 0.0
        with ExitStack() as stack:
            made = [(one, begin(stack, one, [])) for one in self._inspectors]
            watched = Watched(stack)
            self._crew.join(watched)

            def tick() -> None:
                self._crew.join(watched)
                if each is not None:
                    each()

            with self._ticking(sight, tick):
                yield lambda: sight
            self._kept.mark()
            sight.forced_s = self._kept.forced_s
            for inspector, notes in made:
                with suppress(SlowcoachError):
                    take(sight, inspector, notes)
            self._crew.take(watched, sight)

    @contextmanager
    def _ticking(self, sight: NodeSight, each: Callable[[], None]) -> Iterator[None]:
        stop = threading.Event()

        def run() -> None:
            due = 0.0
            while not stop.wait(_TICK_S):
                self._let_go()
                sight.threads.look(self._where.pids[:_MOST])
                each()
                if time.monotonic() >= due:
                    sight.connections.update(self._outgoing())
                    sight.counted += 1
                    due = time.monotonic() + _CONNECTIONS_S

        thread = threading.Thread(target=run, name="slowcoach-looks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _let_go(self) -> None:
        """A program that is at its end waits until nobody has its inspector."""
        for one in self._inspectors:
            with suppress(SlowcoachError):
                if one.told(ENDS):
                    one.close()

    def _outgoing(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for pid in self._where.pids:
            own = set(socket_inodes(pid).values())
            for inode, each in open_connections(pid).items():
                if inode in own and each.local_port != self._where.port:
                    found[each.remote_port] += 1
        return found

    def learn(self, idle: Sight) -> None:
        """Take what the idle service waits for as the baseline."""
        if isinstance(idle, NodeSight):
            self._idle, self._idle_workers = idle.told, idle.worker_told
            self._standing = computed_in(idle)
            self._taken = idle.threads.mean_held

    def begin_load(self) -> None:
        """Note what lives, and what caches lose, from now on."""
        if self._inspectors:
            self._kept.begin()

    def look_at_heap(self) -> None:
        """Note now and then what is used."""
        self._kept.look()

    def growth(self) -> tuple[Growth, ...]:
        """Return the own functions whose objects live on, and the caches that lose entries."""
        grown = self._kept.growth()
        return (*grown, *reactions(self._said, self._kept.load_s))

    def memory(self, points: Sequence[MemoryPoint]) -> tuple[MemoryPoint, ...]:
        """Return what lived after collections, by the answers until then."""
        return live_memory(self._kept.heap, points, evenly=self._kept.evenly)

    def activities(self, sight: Sight) -> tuple[Activity, ...]:
        """Return what requests did; those of the phase alone show how long waits take in calm."""
        if not isinstance(sight, NodeSight):
            return ()
        computed = beyond(computed_in(sight), self._standing)
        computed = at_files(computed, sight.threads)
        apart = replace(self._facts(sight, 0.0), requests=0.0)
        inner = waiting(sight.worker_told, self._idle_workers, None, apart)
        inner = tuple(in_worker(each) for each in inner if each.state in WORKS)
        working = sum(a.mean for a in (*computed, *inner) if a.carrier == "worker")
        facts = self._facts(sight, working)
        self._said = sight.said
        found = [*waiting(sight.told, self._idle, self._calm, facts), *inner]
        if self._calm is None:
            self._calm = sight.told
            self._drivers_alone = drivers_share(found, facts.requests)
        found += computed
        working = deciding("working")
        if any(a.carrier == "worker" and a.mean > working for a in found):
            self.one_core_each = False
        found += unseen(found, sight.requests, facts)
        return tuple(sorted(found, key=lambda a: -a.mean))

    def _facts(self, sight: NodeSight, working: float) -> Facts:
        looks = max(1, sight.counted)
        return Facts(
            busy=sight.busy,
            connections={port: n / looks for port, n in sight.connections.items()},
            pool_size=_pool_size(self._main) * len(self._inspectors),
            database_port=self._where.database_port,
            workers=working,
            requests=sight.requests,
            held=sight.threads.mean_held,
            taken=min(self._taken, sight.threads.mean_held),
            held_at=sight.threads.where,
            at_work=sight.threads.mean_at_work,
            at_files=sight.threads.mean_at_files,
            files_open=sight.threads.share_with_files,
            in_kernel=sight.threads.in_kernel,
            drivers_alone=self._drivers_alone,
        )

    def stuck(self, sight: Sight, idle: Sight, least_s: float) -> tuple[Stuck, ...]:
        """Return the awaits that stand since the last answer."""
        del idle
        return stuck_in(sight.said, least_s) if isinstance(sight, NodeSight) else ()

    def loop_busy(self, sight: Sight) -> float | None:
        """Return the share of time of the busiest event loop."""
        return sight.busy if isinstance(sight, NodeSight) and sight.loops else None

    def stacks(self, sight: Sight) -> Iterable[tuple[tuple[StackFrame, ...], float]]:
        """Return the stacks of the loops while they computed."""
        for wall, _ in sight.loops if isinstance(sight, NodeSight) else ():
            yield from kept_stacks(wall)


def _opened(stack: ExitStack, pids: Sequence[int]) -> list[Inspector]:
    """Open the inspectors; while their port is another process's, wait a little."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            found = node_target.opened(stack, pids, "cpu", RATE, None, [])
            return [each.inspector for each in found]
        except UnreachableError:
            if time.monotonic() > until or not all(map(proc.exists, pids)):
                raise
            time.sleep(_AGAIN_S)


def _pool_size(inspector: Inspector) -> int:
    """Return the number of threads of libuv's pool: the program may have set another."""
    with suppress(SlowcoachError, ValueError):
        given = inspector.evaluate("process.env.UV_THREADPOOL_SIZE ?? ''")["value"]
        return max(1, int(given))
    return _POOL_SIZE


RUNTIME = Runtime(name="node", open=NodeEyes)
