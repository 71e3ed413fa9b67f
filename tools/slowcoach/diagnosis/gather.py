"""Measure once, in order: what it is, idle, alone, together. The only module that waits."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from slowcoach.core.errors import InputError, SlowcoachError, UnreachableError
from slowcoach.core.job import Job
from slowcoach.core.permission import host_of, is_loopback
from slowcoach.diagnosis.evidence.activities import Baseline, Sorter, baseline_of
from slowcoach.diagnosis.evidence.counters import Counters, read_counters, rss_of
from slowcoach.diagnosis.evidence.database import (
    DatabaseWatch,
    port_of,
    watching,
    with_plans,
)
from slowcoach.diagnosis.evidence.heap import HeapWatch
from slowcoach.diagnosis.evidence.latency import Sent, phase_of, send
from slowcoach.diagnosis.evidence.process import (
    Service,
    descendants,
    find_service,
    listeners,
    process_start,
)
from slowcoach.diagnosis.evidence.sockets import (
    SERVICES,
    Traffic,
    exchanges,
    open_connections,
    socket_inodes,
    traffic,
)
from slowcoach.diagnosis.evidence.stacks import Looks, Sampler
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.models import Database, MemoryPoint, Observed, Phase
from slowcoach.load.driver import LoadResult, Request

IDLE_S = 1.2
ALONE_S = 4.0
_ALONE_SHARE = 0.2
_FIRST_TIMEOUT_S = 15.0
_LEAST_TIMEOUT_S = 10.0
_STUCK_S = 3.0
_HTTPS_PORT, _HTTP_PORT = 443, 80
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_STEPS = 6
_PEERS_EVERY_S = 0.3
_UNSEEN_TASKS = {"gevent.hub", "eventlet.hubs", "trio", "twisted.internet.reactor", "curio"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller asked for."""

    request: Request
    pid: int | None
    database_url: str | None
    duration_s: float
    concurrency: int


@dataclass(slots=True)
class Measured:
    """The evidence, and the raw material that is kept with the run beside it."""

    observed: Observed
    unloaded_ms: tuple[float, ...]
    windows_ms: list[list[float]]
    looks: Looks
    plan: dict[str, Any] | None = None
    warnings: list[str] = field(default_factory=list[str])


def port_of_url(url: str) -> int:
    """Return the port that a URL means."""
    parts = urlsplit(url)
    return parts.port or (_HTTPS_PORT if parts.scheme == "https" else _HTTP_PORT)


class Gatherer:
    """One investigation's measuring; `run` returns what was measured."""

    def __init__(self, asked: Asked, job: Job) -> None:
        self._asked = asked
        self._job = job
        self._port = port_of_url(asked.request.url)
        self._missing: dict[str, str] = {}
        self._warnings: list[str] = []
        self._plan: dict[str, Any] | None = None
        self._peers: set[int] = set()
        self._next_peers = 0.0
        self._service: Service | None = None
        self._started = 0
        self._database_pids: tuple[int, ...] = ()

    def run(self) -> Measured:
        """Measure; raises the core's errors for what cannot be measured at all."""
        with ExitStack() as stack:
            self._say(0, "finding the process")
            self._service = self._find()
            database = self._open_database(stack)
            sampler = stack.enter_context(self._sampler())
            heap = HeapWatch(sampler.interpreters)
            return self._measure(sampler, heap, database)

    def _say(self, step: int, text: str) -> None:
        self._job.progress(step, _STEPS, text)

    def _find(self) -> Service | None:
        asked = self._asked
        if asked.pid is None and not is_loopback(host_of(asked.request.url)):
            self._missing["process"] = "the service runs on another machine"
            return None
        try:
            service = find_service(self._port, asked.pid)
        except UnreachableError:
            if asked.pid is not None:
                raise
            self._missing["process"] = "no process that this user may see listens on the port"
            return None
        self._started = process_start(service.pid)
        return service

    def _sampler(self) -> Sampler:
        service = self._service
        python = service is not None and service.runtime == "python"
        sampler = Sampler(service.workers if service else (), self._port, python)
        if service and not python:
            self._missing["stacks"] = f"stacks of {service.runtime} programs are not read yet"
        elif sampler.why_not:
            self._missing["interpreter"] = sampler.why_not
        return sampler

    def _open_database(self, stack: ExitStack) -> DatabaseWatch | None:
        url = self._asked.database_url
        if not url:
            self._missing["database"] = "no database_url was given"
            return None
        try:
            watch = stack.enter_context(watching(url, self._job.cancellation))
        except SlowcoachError as error:
            self._missing["database"] = str(error)
            return None
        for pid in listeners(port_of(url))[:1]:
            self._database_pids = (pid,)
        return watch

    def _counters(self) -> Counters:
        database = [p for root in self._database_pids for p in descendants(root)]
        pid = self._service.pid if self._service else 0
        return read_counters(pid, time.monotonic(), tuple(database))

    def _measure(
        self, sampler: Sampler, heap: HeapWatch, database: DatabaseWatch | None
    ) -> Measured:
        idle = self._idle(sampler)
        baseline = baseline_of(idle)
        sorter = Sorter(baseline, self._database_port())
        first = self._first_request(sampler)
        alone, _ = self._alone(sampler, sorter, first)
        if database:
            database.start()
        heap.reset()
        loaded, sent, looks, memory, seen = self._loaded(sampler, sorter, heap, database, first)
        observed = self._observed(alone, loaded, first, memory, seen)
        observed = observed.model_copy(
            update={
                "growth": heap.growth(),
                "caches": heap.caches(),
                "stuck": sorter.stuck(looks, idle, _STUCK_S),
                "stacks_seen": bool(looks.seen),
                "tasks_seen": bool(sampler.interpreters),
                "hidden_tasks": _hidden_tasks(sampler),
                "version": _version(sampler),
            }
        )
        unloaded = alone.latencies_ms
        return Measured(observed, unloaded, sent.windows(), looks, self._plan, self._warnings)

    def _database_port(self) -> int:
        return port_of(self._asked.database_url) if self._asked.database_url else 0

    def _idle(self, sampler: Sampler) -> Looks:
        self._say(1, "looking at the idle service")
        with sampler.watch(self._job.cancellation) as watch:
            self._job.cancellation.sleep(IDLE_S)
        return watch.looks

    def _first_request(self, sampler: Sampler) -> float | None:
        """Send one request: does it answer at all? Returns its time in ms, None if it hangs."""
        del sampler
        self._say(2, "one request")
        result = self._send(1, 0.001, _FIRST_TIMEOUT_S).result
        if not result.samples or (result.completed == 0 and "timeout" not in result.errors):
            said = ", ".join(result.errors) or "no answer"
            raise UnreachableError(
                f"{self._asked.request.url}: {said}", hint="Is the service up? Check URL and port"
            )
        status = result.samples[0].status
        if status is None:
            self._warnings.append(f"The first request had no answer within {_FIRST_TIMEOUT_S:g} s.")
            return None
        self._judge_status(status)
        return result.samples[0].latency_ms

    def _judge_status(self, status: int) -> None:
        method, url = self._asked.request.method, self._asked.request.url
        if _CLIENT_ERROR <= status < _SERVER_ERROR:
            raise InputError(
                f"{method} {url} answers {status}: that is not the slow endpoint's work",
                hint="Give the method, headers and body with which it answers 200",
            )
        if status >= _SERVER_ERROR:
            self._warnings.append(f"The endpoint answers {status}: it fails before it is slow.")

    def _send(
        self,
        concurrency: int,
        duration_s: float,
        timeout_s: float,
        on_tick: Callable[[float, int], None] | None = None,
    ) -> Sent:
        return send(
            self._asked.request,
            self._counters,
            duration_s=duration_s,
            concurrency=concurrency,
            timeout_s=timeout_s,
            cancellation=self._job.cancellation,
            on_tick=on_tick,
        )

    def _alone(
        self, sampler: Sampler, sorter: Sorter, first: float | None
    ) -> tuple[Phase, LoadResult | None]:
        """Send requests one at a time."""
        self._say(3, "requests one at a time")
        if first is None:
            return Phase(concurrency=1, seconds=0.0, completed=0), None
        seconds = min(ALONE_S, max(1.0, self._asked.duration_s * _ALONE_SHARE))
        with self._watched_traffic() as traffic_of, sampler.watch(self._job.cancellation) as watch:
            sent = self._send(1, seconds, _FIRST_TIMEOUT_S)
        phase = phase_of(sent, 1)
        return phase.model_copy(
            update={
                "activities": sorter.activities(watch.looks),
                "looks": watch.looks.looks,
                "loop_busy": sorter.loop_busy(watch.looks),
                "exchanges": traffic_of(),
            }
        ), sent.result

    def _loaded(
        self,
        sampler: Sampler,
        sorter: Sorter,
        heap: HeapWatch,
        database: DatabaseWatch | None,
        first: float | None,
    ) -> tuple[Phase, LoadResult, Looks, list[MemoryPoint], Database | None]:
        """Send requests together, and look at everything meanwhile."""
        asked = self._asked
        self._say(4, f"{asked.concurrency} requests at a time for {asked.duration_s:g} s")
        memory: list[MemoryPoint] = []
        gone = False

        def tick(elapsed_s: float, completed: int) -> None:
            nonlocal gone
            gone = gone or not self._alive()
            pids = self._service.workers if self._service else ()
            memory.append(MemoryPoint(at_s=elapsed_s, completed=completed, rss=rss_of(pids)))
            self._say(
                4, f"{asked.concurrency} at a time: {elapsed_s:.0f} of {asked.duration_s:g} s"
            )
            if gone:
                raise UnreachableError(
                    "the service ended under the load", hint="Read its log, then start it again"
                )

        timeout_s = max(_LEAST_TIMEOUT_S, 3 * (first or 0) / 1000)
        collected = _collections(sampler)
        with (
            self._watched_traffic() as traffic_of,
            sampler.watch(self._job.cancellation, lambda: self._watch_more(heap)) as watch,
        ):
            sent = self._send(asked.concurrency, asked.duration_s, timeout_s, tick)
        self._say(5, "reading the counters")
        heap.look()
        seen = self._finish(database)
        phase = phase_of(sent, asked.concurrency).model_copy(
            update={
                "activities": sorter.activities(watch.looks),
                "looks": watch.looks.looks,
                "loop_busy": sorter.loop_busy(watch.looks),
                "exchanges": traffic_of(),
                "collections": _difference(collected, _collections(sampler)),
            }
        )
        return phase, sent.result, watch.looks, memory, seen

    def _finish(self, database: DatabaseWatch | None) -> Database | None:
        if database is None:
            return None
        seen = database.finish()
        if database.why_no_statements:
            self._missing["statements"] = database.why_no_statements
        seen, plan = with_plans(seen, database.connection)
        self._plan = plan
        return seen

    def _alive(self) -> bool:
        if self._service is None:
            return True
        with suppress(OSError, ValueError, IndexError):
            return process_start(self._service.pid) == self._started
        return False

    @contextmanager
    def _watched_traffic(self) -> Iterator[Callable[[], dict[int, int]]]:
        """Yield a function that tells, after the block, the exchanges by peer port."""
        self._peers = set(self._outgoing())
        before = self._traffic()
        after: list[Traffic] = []
        yield lambda: self._peers_only(exchanges(before, after[0]))
        self._peers |= self._outgoing()
        after.append(self._traffic())

    def _outgoing(self) -> set[int]:
        """Return the ports that the service has connections to now."""
        open_ones = open_connections(self._service.pid) if self._service else {}
        found: set[int] = set()
        for pid in self._workers():
            for inode in socket_inodes(pid).values():
                known = open_ones.get(inode)
                if known and known.local_port != self._port:
                    found.add(known.remote_port)
        return found

    def _traffic(self) -> Traffic:
        inodes = {i for p in self._workers() for i in socket_inodes(p).values()}
        return traffic(inodes)

    def _workers(self) -> tuple[int, ...]:
        return self._service.workers if self._service else ()

    def _peers_only(self, counts: dict[int, int]) -> dict[int, int]:
        """Leave out the service's own clients, and what others on the machine exchanged."""
        return {p: n for p, n in counts.items() if n > 0 and p != self._port and p in self._peers}

    def _watch_more(self, heap: HeapWatch) -> None:
        """Look at what changes slowly: containers, and which peers there are."""
        heap.look()
        if time.monotonic() >= self._next_peers:
            self._peers |= self._outgoing()
            self._next_peers = time.monotonic() + _PEERS_EVERY_S

    def _observed(
        self,
        alone: Phase,
        loaded: Phase,
        first: float | None,
        memory: list[MemoryPoint],
        database: Database | None,
    ) -> Observed:
        service = self._service
        peers = {port: SERVICES.get(port, "") for port in loaded.exchanges}
        if port := self._database_port():
            peers[port] = "PostgreSQL"
        return Observed(
            url=self._asked.request.url,
            port=self._port,
            pid=service.pid if service else 0,
            runtime=service.runtime if service else "unknown",
            command=service.command if service else "",
            workers=len(service.workers) if service else 1,
            threads=service.threads if service else 0,
            cores=service.cores if service else 1,
            alone=alone,
            loaded=loaded,
            first_ms=first,
            memory=tuple(memory),
            database=database,
            peers=peers,
            missing=self._missing,
        )


def _version(sampler: Sampler) -> str:
    for interpreter in sampler.interpreters:
        return ".".join(map(str, interpreter.version))
    return ""


def _hidden_tasks(sampler: Sampler) -> bool:
    """Tell whether the program runs tasks of a kind that is not read: greenlets and the like."""
    for interpreter in sampler.interpreters:
        with suppress(UnreadableMemoryError):
            return bool(_UNSEEN_TASKS & set(interpreter.modules()))
    return False


def _collections(sampler: Sampler) -> tuple[int, int, int] | None:
    for interpreter in sampler.interpreters:
        with suppress(UnreadableMemoryError):
            return interpreter.collections()
    return None


def _difference(
    before: tuple[int, int, int] | None, after: tuple[int, int, int] | None
) -> tuple[int, int, int] | None:
    if before is None or after is None:
        return None
    return (after[0] - before[0], after[1] - before[1], after[2] - before[2])


__all__ = ["Asked", "Baseline", "Gatherer", "Measured"]
