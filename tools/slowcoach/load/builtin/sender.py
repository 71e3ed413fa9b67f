"""Sends a plan's requests by its schedule, within one event loop."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slowcoach.core.errors import ToolFailedError
from slowcoach.load.builtin.health import Health, Watcher
from slowcoach.load.builtin.ledger import Ledger
from slowcoach.load.builtin.pauses import Pauses
from slowcoach.load.builtin.record import Record
from slowcoach.load.builtin.requests import Requests
from slowcoach.load.builtin.sessions import Session, Sessions, Users
from slowcoach.load.builtin.values import value_of
from slowcoach.load.builtin.writing import ValueUnfitError
from slowcoach.load.client import Client, Exchange
from slowcoach.load.http1 import Wire
from slowcoach.load.outcome import Moment
from slowcoach.load.pacing import Pacer, due_times
from slowcoach.load.recording import FIRST_ERROR_STATUS
from slowcoach.load.schedule import Schedule
from slowcoach.load.targets import Target

_SECOND = 1.0
_AFTER_SECOND_S = 0.002
_RETRY_AFTER_S = 0.1  # a refusing server is asked again at this pace, not as fast as possible
_GRACE_S = 2.0  # for requests under way when a test is stopped early


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one process sends: the `part`-th of `parts` equal shares of a schedule."""

    requests: Requests
    schedule: Schedule
    target: Target
    pauses: Pauses
    timeout_s: float
    in_flight_limit: int
    seed: int | None = None
    part: int = 0
    parts: int = 1


class Sender:
    """One process's share of a test. `emit` hears of each second from the loop's thread."""

    def __init__(self, load: Load, emit: Callable[[Moment], None]) -> None:
        self._load, self._emit = load, emit
        self._is_open = load.schedule.unit == "req/s"
        self._stopping = False
        self._failure: BaseException | None = None
        self._users: Users | None = None
        self._pacer: Pacer | None = None
        self._random = random.Random(load.part)  # noqa: S311 - spreads users, no secret

    async def run(self, begun: float) -> tuple[Record, Health]:
        """Send all of it, beginning at `begun` (of perf_counter); leaves no connection."""
        load = self._load
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._on_exception)
        self._over = asyncio.Event()
        self._begun = begun
        self._ledger = Ledger(load.schedule, len(load.requests.labels), begun)
        self._client = Client(
            addresses=[(address, load.target.port) for address in load.target.addresses],
            tls=ssl.create_default_context() if load.target.tls else None,
            server_name=load.target.host,
            timeout_s=load.timeout_s,
            on_end=self._ended,
        )
        self._sessions = Sessions(load.requests, load.pauses, load.part, load.parts)
        only = self._sessions.only
        self._is_steady = only is not None and only.is_plain and not load.pauses.any
        await self._client.open()
        watcher = Watcher()
        if not self._over.is_set():
            self._start()
        try:
            await self._over.wait()
            health = watcher.health()
            self._ledger.record.unfinished = len(self._client.under_way)
        finally:
            self._stopping = True
            await self._client.close()
        if self._failure is not None:
            raise ToolFailedError(
                f"the load generator failed: {self._failure!r}", hint="This is a bug; report it"
            ) from self._failure
        self._tell_rest()
        return self._ledger.record, health

    def stop(self) -> None:
        """Send nothing more, and end soon with what was measured (from the loop's thread)."""
        self._stop()
        self._loop.call_later(min(self._load.timeout_s, _GRACE_S), self._over.set)

    def end(self) -> None:
        """End at once (from the loop's thread)."""
        self._stop()
        self._over.set()

    def _start(self) -> None:
        load = self._load
        length_s = load.schedule.length_s
        self._second = 0
        self._loop.call_later(self._until(_SECOND), self._tick)
        last = length_s + load.timeout_s + _GRACE_S
        self._loop.call_later(self._until(last), self._over.set)
        if self._is_open:
            times = due_times(
                load.schedule,
                per_arrival=load.requests.per_path,
                part=load.part,
                parts=load.parts,
                seed=load.seed,
            )
            self._pacer = Pacer(self._begun, times, self._arrive, self._all_due)
            self._pacer.start()
            return
        self._users = Users(load.schedule, load.part, load.parts, self._begun, self._arrive_user)
        self._loop.call_later(self._until(0.0), self._users.start)
        self._loop.call_later(self._until(length_s), self._stop)

    def _until(self, at_s: float) -> float:
        return max(self._begun + at_s - time.perf_counter(), 0.0)

    def _tick(self) -> None:
        """Tell of each second that has passed."""
        if self._over.is_set():
            return
        passed = int(time.perf_counter() - self._begun)
        while self._second < passed:
            self._tell()
        self._loop.call_later(self._until(self._second + _SECOND + _AFTER_SECOND_S), self._tick)

    def _tell(self) -> None:
        users = self._users.most() if self._users is not None else None
        self._emit(self._ledger.close_second(self._second, users))
        self._second += 1

    def _tell_rest(self) -> None:
        while self._second <= self._ledger.last_second:
            self._tell()

    # Who sends what

    def _arrive(self, due: float, now: float) -> None:
        """Begin a session of the open model, or count it as dropped."""
        sessions = self._sessions
        path = sessions.only or sessions.path()
        if len(self._client.under_way) >= self._load.in_flight_limit:
            self._ledger.drop(due, len(path.steps))
            return
        if path.is_plain:
            self._begin(path.steps[0].wire, due, now, path.steps[0].place, None)
        else:
            self._send(sessions.start(Session(is_user=False), path), due, now)

    def _arrive_user(self) -> None:
        """Begin a user of the closed model, at some point within the first pause."""
        session = self._sessions.start(Session(is_user=True), self._sessions.path())
        pause = next(self._sessions.pauses)
        self._go_on_after(session, pause * self._random.random() if pause else 0.0)

    def _begin(self, wire: Wire, due: float, now: float, place: int, session: Any) -> None:
        self._ledger.sent += 1
        self._client.begin(Exchange(wire, due, now, place, session))

    def _send(self, session: Session, due: float, now: float) -> None:
        try:
            wire = session.wire()
        except ValueUnfitError:
            self._break(session)
            return
        self._begin(wire, due, now, session.step.place, session)

    def _ended(
        self, exchange: Exchange, now: float, status: int, size: int, kind: str | None
    ) -> None:
        """Note a request's end, and let its session go on."""
        session = exchange.session
        if session is None:
            self._ledger.note(exchange, now, status, size, kind)
        elif self._is_steady and kind is None:
            self._ledger.note(exchange, now, status, size, None)
            self._repeat(exchange, session)
        else:
            missing = self._missing(exchange, session, status) if kind is None else None
            self._ledger.note(exchange, now, status, size, kind or missing)
            self._next(session, has_failed=kind is not None, is_broken=missing is not None)
        if self._stopping and not self._client.under_way:
            self._over.set()

    def _repeat(self, exchange: Exchange, session: Session) -> None:
        """Let a user send the same again: what `_next` comes to where nothing varies, cheaper."""
        if not self._stopping and (self._users is None or not self._users.leaves()):
            now = time.perf_counter()
            self._begin(exchange.wire, now, now, exchange.place, session)

    def _missing(self, exchange: Exchange, session: Session, status: int) -> str | None:
        """Take values from an answer; return what is wrong when one is not there."""
        for extract in session.step.extract:
            reader = exchange.connection.reader if exchange.connection is not None else None
            value = value_of(extract, reader.head, reader.body) if reader is not None else None
            if value is None:
                failed = status >= FIRST_ERROR_STATUS
                return f"status {status}" if failed else f"no value {extract.name}"
            session.values[extract.name] = value
        return None

    def _next(self, session: Session, *, has_failed: bool, is_broken: bool) -> None:
        if self._stopping:
            return
        if (is_broken or has_failed) and session.step.extract and session.left > 1:
            self._break(session)
            return
        session.at += 1
        if not session.left and not self._renew(session):
            return
        pause = 0.0
        if self._load.pauses.any and not (session.at and session.step.together):
            pause = next(self._sessions.pauses)
        if has_failed and session.is_user:
            pause = max(pause, _RETRY_AFTER_S)
        self._go_on_after(session, pause)

    def _renew(self, session: Session) -> bool:
        """Let a user begin anew; tell whether there is one who does."""
        if not session.is_user or (self._users is not None and self._users.leaves()):
            return False
        self._sessions.start(session, self._sessions.path())
        return True

    def _break(self, session: Session) -> None:
        """End a session that lacks a value for its next request."""
        self._ledger.record.broken += 1
        if self._renew(session):
            self._go_on_after(session, max(next(self._sessions.pauses), _RETRY_AFTER_S))

    def _go_on_after(self, session: Session, pause_s: float) -> None:
        now = time.perf_counter()
        if pause_s > 0:
            self._loop.call_later(pause_s, self._go_on, session, now + pause_s)
        else:
            self._send(session, now, now)

    def _go_on(self, session: Session, due: float) -> None:
        """Send a session's next request after a pause."""
        if self._stopping:
            return
        now = time.perf_counter()
        due = min(due, now)
        if self._is_open and len(self._client.under_way) >= self._load.in_flight_limit:
            self._ledger.drop(due, session.left)
            return
        self._send(session, due, now)

    # The end

    def _all_due(self) -> None:
        """Stop when the schedule is at its end, so that journeys may go on until then."""
        self._loop.call_later(self._until(self._load.schedule.length_s), self._stop)

    def _stop(self) -> None:
        self._stopping = True
        if self._pacer is not None:
            self._pacer.stop()
        if not self._client.under_way:
            self._over.set()

    def _on_exception(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End the test for an error of ours; what sockets report is counted where it occurs."""
        error = context.get("exception")
        if error is not None and not isinstance(error, OSError):
            self._failure = error
            self._over.set()
