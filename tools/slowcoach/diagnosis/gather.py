"""Measure once, in order: what it is, idle, alone, together. The only module that waits."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from slowcoach.core.errors import InputError, UnreachableError
from slowcoach.core.job import Job
from slowcoach.diagnosis.evidence.control import ControlPath
from slowcoach.diagnosis.evidence.counters import cpu_of, rss_of
from slowcoach.diagnosis.evidence.database import (
    DatabaseWatch,
    with_plans,
)
from slowcoach.diagnosis.evidence.latency import Sent, phase_of, send
from slowcoach.diagnosis.evidence.sockets import less_idle
from slowcoach.diagnosis.eyes import Eyes, Sight, StackFrame
from slowcoach.diagnosis.limits import looking, shape
from slowcoach.diagnosis.load_shape import Control
from slowcoach.diagnosis.models import Database, MemoryPoint, Observed, Phase
from slowcoach.diagnosis.shaping import shaped
from slowcoach.diagnosis.target import Asked, Target
from slowcoach.diagnosis.watchman import Watchman
from slowcoach.load.driver import LoadResult, Tick

_REDIRECT, _CLIENT_ERROR, _SERVER_ERROR = 300, 400, 500
_STEPS = 7


@dataclass(slots=True)
class Measured:
    """The evidence, and the raw material that is kept with the run beside it."""

    observed: Observed
    unloaded_ms: tuple[float, ...]
    windows_ms: list[list[float]]
    stacks: tuple[tuple[tuple[StackFrame, ...], float], ...] = ()
    plan: dict[str, Any] | None = None
    warnings: list[str] = field(default_factory=list[str])


class Gatherer:
    """One investigation's measuring; `run` returns what was measured."""

    def __init__(self, asked: Asked, job: Job) -> None:
        self._asked = asked
        self._job = job
        self._warnings: list[str] = []
        self._plan: dict[str, Any] | None = None
        self._target = Target(asked, job.cancellation)
        self._peers = self._target.peers()
        self._background: dict[int, float] = {}
        self._control = ControlPath(asked.request, asked.addresses)
        self._quiet: list[Control] = []
        self._watchman = Watchman(self._target)

    def run(self) -> Measured:
        """Measure; raises the core's errors for what cannot be measured at all."""
        with ExitStack() as stack:
            self._say(0, "looking at the process")
            database = self._target.database(stack)
            with self._target.eyes() as eyes:
                measured = self._measure(eyes, database)
            if self._watchman.why:
                return measured
            self._say(6, "a few steps of concurrency, and a steady rate")
            return replace(
                measured,
                observed=shaped(measured.observed, self._asked.duration_s, self._send),
            )

    def _say(self, step: int, text: str) -> None:
        self._job.progress(step, _STEPS, text)

    def _measure(self, eyes: Eyes, database: DatabaseWatch | None) -> Measured:
        idle = self._idle(eyes)
        self._watchman.must_serve()
        eyes.learn(idle)
        first = self._first_request()
        alone = self._alone(eyes, first)
        if database:
            database.start()
        eyes.begin_load()
        loaded, sent, sight, memory, seen = self._loaded(eyes, database, first)
        alone = alone.model_copy(update={"activities": eyes.revised(alone.activities)})
        observed = self._observed(alone, loaded, first, memory, seen)
        observed = observed.model_copy(
            update={
                "growth": eyes.growth(),
                "memory": eyes.memory(observed.memory),
                "caches": eyes.caches(),
                "contended": eyes.contended(),
                "stuck": eyes.stuck(sight, idle, shape("stuck_s")),
                "stacks_seen": not sight.is_empty,
                "tasks_seen": eyes.tasks_seen,
                "hidden_tasks": eyes.hidden_tasks,
                "version": eyes.version,
                "one_core_each": eyes.one_core_each,
            }
        )
        return Measured(
            observed=observed,
            unloaded_ms=alone.latencies_ms,
            windows_ms=sent.windows(),
            stacks=tuple(eyes.stacks(sight)),
            plan=self._plan,
            warnings=self._warnings,
        )

    def _idle(self, eyes: Eyes) -> Sight:
        self._say(1, "looking at the idle service")
        with self._peers.counted() as traffic_of, eyes.watch(self._job.cancellation) as seen:
            self._job.cancellation.sleep(shape("idle_s"))
        self._background = {port: n / self._peers.seconds for port, n in traffic_of().items()}
        self._control.learn()
        return seen()

    def _first_request(self) -> float | None:
        """Send one request: does it answer at all? Returns its time in ms, None if it hangs."""
        self._say(2, "one request")
        result = self._send(1, 0.001, shape("first_timeout_s")).result
        self._watchman.must_serve()
        if not result.samples or (result.completed == 0 and "timeout" not in result.errors):
            said = ", ".join(result.errors) or "no answer"
            raise UnreachableError(
                f"{self._asked.request.url}: {said}", hint="Is the service up? Check URL and port"
            )
        status = result.samples[0].status
        if status is None:
            self._warnings.append(
                f"The first request had no answer within {shape('first_timeout_s'):g} s."
            )
            return None
        self._judge_status(status)
        self._control.compare(status, result.samples[0].latency_ms)
        return result.samples[0].latency_ms

    def _judge_status(self, status: int) -> None:
        method, url = self._asked.request.method, self._asked.request.url
        if _CLIENT_ERROR <= status < _SERVER_ERROR:
            raise InputError(
                f"{method} {url} answers {status}: that is not the slow endpoint's work",
                hint="Give the method, headers and body with which it answers 200",
            )
        if _REDIRECT <= status < _CLIENT_ERROR:
            self._warnings.append(
                f"The endpoint answers {status}: redirects are not followed, and what they lead "
                "to is not measured."
            )
        if status >= _SERVER_ERROR:
            self._watchman.fails_alone()
            self._warnings.append(f"The endpoint answers {status}: it fails before it is slow.")

    def _send(
        self,
        concurrency: int,
        duration_s: float,
        timeout_s: float,
        on_tick: Callable[[Tick], None] | None = None,
        rate: float | None = None,
    ) -> Sent:
        self._watchman.begin()

        def tick(now: Tick) -> None:
            if on_tick is not None:
                on_tick(now)
            self._watchman.look(now)

        return send(
            self._asked.request,
            self._target.counters,
            duration_s=duration_s,
            concurrency=concurrency,
            timeout_s=timeout_s,
            cancellation=self._job.cancellation,
            on_tick=tick,
            addresses=self._asked.addresses,
            rate=rate,
        )

    def _alone(self, eyes: Eyes, first: float | None) -> Phase:
        """Send requests one at a time."""
        self._say(3, "requests one at a time")
        if first is None:
            return Phase(concurrency=1, seconds=0.0, completed=0)
        seconds = min(shape("alone_s"), max(1.0, self._asked.duration_s * shape("alone_share")))
        with self._peers.counted() as traffic_of, eyes.watch(self._job.cancellation) as seen:
            sent = self._send(1, seconds, shape("first_timeout_s"))
        phase = phase_of(sent, 1)
        # of few requests beside many calls of the service's own only what is sure
        errors = looking("standard_errors")
        sure = less_idle(traffic_of(), self._background, self._peers.seconds, errors)
        return _with_sight(phase, eyes, seen(), sure)

    def _loaded(
        self, eyes: Eyes, database: DatabaseWatch | None, first: float | None
    ) -> tuple[Phase, LoadResult, Sight, list[MemoryPoint], Database | None]:
        """Send requests together, and look at everything meanwhile."""
        asked = self._asked
        self._say(4, f"{asked.concurrency} requests at a time for {asked.duration_s:g} s")
        memory: list[MemoryPoint] = []
        self._watchman.begin_load()

        def tick(now: Tick) -> None:
            rss = rss_of(self._target.workers)
            cpu, answers = cpu_of(self._target.workers), now.completed
            point = MemoryPoint(at_s=now.elapsed_s, completed=answers, rss=rss, cpu_s=cpu)
            memory.append(point)
            self._say(
                4, f"{asked.concurrency} at a time: {now.elapsed_s:.0f} of {asked.duration_s:g} s"
            )

        def look_more() -> None:
            eyes.look_at_heap()
            self._peers.look()

        timeout_s = max(shape("least_timeout_s"), 3 * (first or 0) / 1000)
        with (
            self._peers.counted() as traffic_of,
            eyes.watch(self._job.cancellation, look_more) as watched,
            self._control.asked() as self._quiet,
        ):
            sent = self._send(asked.concurrency, asked.duration_s, timeout_s, tick)
        self._watchman.must_serve()
        if self._watchman.why:
            self._warnings.append(f"The load ended early: {self._watchman.why}.")
        self._say(5, "reading the counters")
        eyes.look_at_heap()
        seen, sight = self._finish(database), watched()
        phase = phase_of(sent, asked.concurrency)
        exchanged = less_idle(traffic_of(), self._background, self._peers.seconds)
        phase = _with_sight(phase, eyes, sight, exchanged)
        phase = phase.model_copy(update={"collections": eyes.collections()})
        return phase, sent.result, sight, memory, seen

    def _finish(self, database: DatabaseWatch | None) -> Database | None:
        if database is None:
            return None
        seen = database.finish()
        if why := database.why_lost or database.why_no_statements:
            self._target.missing["statements"] = why
        seen, plan = with_plans(seen, database.connection)
        self._plan = plan
        return seen

    def _observed(
        self,
        alone: Phase,
        loaded: Phase,
        first: float | None,
        memory: list[MemoryPoint],
        database: Database | None,
    ) -> Observed:
        service = self._target.service
        return Observed(
            url=self._asked.request.url,
            port=self._target.port,
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
            course=tuple(memory),
            database=database,
            peers=self._target.names_of(loaded.exchanges, self._peers),
            addresses={port: self._peers.address(port) for port in loaded.exchanges},
            in_flight=self._peers.in_flight(),
            budget=self._asked.budget,
            control=self._quiet[0] if self._quiet else None,
            missing=self._target.missing,
        )


def _with_sight(phase: Phase, eyes: Eyes, sight: Sight, exchanges: dict[int, int]) -> Phase:
    seen = eyes.activities(sight)
    return phase.model_copy(
        update={
            "activities": (*seen, *eyes.unseen(sight, phase.concurrency, seen)),
            "standing": eyes.standing(sight),
            "looks": sight.looks,
            "loop_busy": eyes.loop_busy(sight),
            "exchanges": exchanges,
        }
    )


__all__ = ["Asked", "Gatherer", "Measured"]
