"""One load test in one asyncio loop: callbacks, no task per request, so that it stays cheap."""

import asyncio
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from slowcoach.core.errors import CancelledError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.load.connection import Connection
from slowcoach.load.http1 import Response, Wire
from slowcoach.load.model import LoadResult, Tick
from slowcoach.load.recording import Exchange, Recording, kind_of

_TICK_S = 1.0
_EARLY_S = 0.001  # a selector wakes up to 1 ms late: aim that much early, and send what is due then
_RETRY_AFTER_S = 0.1  # a refusing server is asked again at this pace, not as fast as possible
_PROBE_S = 5.0
_STOP_GRACE_S = 2.0
_SWEEP_S = 0.05
_SWEEPS_PER_TIMEOUT = 20


class Engine:
    """One test. All methods run in the event loop's thread."""

    def __init__(
        self,
        *,
        wire: Wire,
        addresses: list[tuple[str, int]],
        tls: ssl.SSLContext | None,
        duration_s: float,
        concurrency: int,
        rate: float | None,
        timeout_s: float,
    ) -> None:
        self._wire, self._addresses, self._tls = wire, addresses, tls
        self._duration_s, self._timeout_s = duration_s, timeout_s
        self._concurrency, self._rate = concurrency, rate
        self._by_connection: dict[Connection, Exchange] = {}
        self._under_way: dict[Exchange, None] = {}  # in order of their beginning
        self._idle: list[Connection] = []
        self._recording = Recording(duration_s)
        self._arrived = 0
        self._stopping = self._called_off = False
        self._failure: BaseException | None = None

    async def run(
        self, cancellation: Cancellation, on_tick: Callable[[Tick], None] | None
    ) -> LoadResult:
        """Run the test to its end; leaves no connection and no task."""
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._on_exception)
        self._over = asyncio.Event()
        await self._choose_address()
        with cancellation.on_ask(self._call_off_from_thread):
            cpu = time.process_time()
            self._start()
            try:
                await self._watch(on_tick)
            finally:
                wall = max(time.perf_counter() - self._begun, 1e-9)
                share = (time.process_time() - cpu) / wall
                await self._close()
        if self._called_off:
            raise CancelledError
        if self._failure is not None:
            raise ToolFailedError(
                f"the load generator failed: {self._failure!r}", hint="This is a bug; report it"
            ) from self._failure
        return self._recording.result(share)

    async def _choose_address(self) -> None:
        """Keep the first address that accepts: "localhost" may listen on only one of two."""
        for address in self._addresses if len(self._addresses) > 1 else ():
            with suppress(OSError, TimeoutError):
                probe = self._loop.create_connection(asyncio.Protocol, *address)
                transport, _ = await asyncio.wait_for(probe, min(_PROBE_S, self._timeout_s))
                transport.abort()
                self._addresses = [address]
                return

    def _start(self) -> None:
        self._begun = self._recording.begin()
        self._loop.call_later(self._duration_s + self._timeout_s + _STOP_GRACE_S, self._over.set)
        self._sweep()
        if self._rate is not None:
            self._arrive(self._rate)
            return
        self._loop.call_later(self._duration_s, self._stop)
        for _ in range(self._concurrency):
            self._begin(self._begun)

    async def _watch(self, on_tick: Callable[[Tick], None] | None) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _TICK_S)
            if on_tick is not None and not self._called_off:
                on_tick(self._recording.tick(len(self._under_way)))

    # Sending

    def _arrive(self, rate: float) -> None:
        """Send what is due in the open model, and come back for the next."""
        if self._over.is_set():
            return
        now = time.perf_counter()
        while (due := self._begun + self._arrived / rate) <= now + _EARLY_S:
            if due - self._begun >= self._duration_s:
                self._stop()  # only now: what was due while the loop was late is sent or dropped
                return
            self._arrived += 1
            if len(self._under_way) >= self._concurrency:
                self._recording.dropped += 1
                continue
            now = time.perf_counter()
            self._recording.slips.append(max(now - due, 0.0))
            self._begin(min(due, now))
        self._loop.call_later(max(due - _EARLY_S - now, 0.0), self._arrive, rate)

    def _begin(self, due: float) -> None:
        exchange = Exchange(due, time.perf_counter())
        self._under_way[exchange] = None
        self._recording.sent += 1
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                self._send(exchange, connection)
                return
        self._connect_for(exchange)

    def _begin_next(self) -> None:
        """Let a worker of the closed model go on."""
        if self._rate is None and not self._stopping:
            self._begin(time.perf_counter())

    def _send(self, exchange: Exchange, connection: Connection) -> None:
        exchange.connection = connection
        self._by_connection[connection] = exchange
        connection.send(self._wire)

    def _connect_for(self, exchange: Exchange) -> None:
        exchange.connecting = self._loop.create_task(self._connect(exchange))

    async def _connect(self, exchange: Exchange) -> None:
        address = self._addresses[0]
        name = self._wire.host if self._tls else None
        try:
            _, connection = await self._loop.create_connection(
                lambda: Connection(self), *address, ssl=self._tls, server_hostname=name
            )
        except OSError as error:  # ssl.SSLError is one
            self._fail(exchange, kind_of(error))
            return
        self._recording.connections += 1
        if exchange.ended or not connection.is_open:
            connection.abort()
            self._fail(exchange, "reset")
            return
        exchange.connecting = None
        self._send(exchange, connection)

    # What connections tell (the Owner of http1)

    def answered(self, connection: Connection, response: Response) -> None:
        """Note a whole response and use its connection again."""
        now = time.perf_counter()
        exchange = self._by_connection.pop(connection)
        self._recording.answer(exchange, now, response)
        self._end(exchange)
        if response.keep_alive and not self._stopping:
            self._idle.append(connection)
        else:
            connection.abort()
        self._begin_next()

    def failed(self, connection: Connection, kind: str) -> None:
        """Note a failure; a connection closed while idle deserves one honest retry."""
        exchange = self._by_connection.pop(connection, None)
        if exchange is None:
            return
        if connection.is_stale and self._wire.idempotent and not exchange.retried:
            exchange.retried = True
            exchange.connection = None
            self._connect_for(exchange)
            return
        self._fail(exchange, kind)

    def lost(self, connection: Connection) -> None:
        """Forget a connection that the server closed while it was idle."""
        if connection in self._idle:
            self._idle.remove(connection)

    def _fail(self, exchange: Exchange, kind: str) -> None:
        if exchange.ended:
            return
        self._recording.failure(exchange, time.perf_counter(), kind)
        self._end(exchange)
        if self._rate is None and not self._stopping:
            self._loop.call_later(_RETRY_AFTER_S, self._begin_next)

    def _end(self, exchange: Exchange) -> None:
        exchange.ended = True
        del self._under_way[exchange]
        if self._stopping and not self._under_way:
            self._over.set()

    # Time limits and the end

    def _sweep(self) -> None:
        """Give up on requests past their time; the oldest stand first."""
        late = time.perf_counter() - self._timeout_s
        for exchange in list(self._under_way):
            if exchange.started > late:
                break
            self._drop_connection(exchange)
            self._fail(exchange, "timeout")
        self._loop.call_later(min(self._timeout_s / _SWEEPS_PER_TIMEOUT, _SWEEP_S), self._sweep)

    def _drop_connection(self, exchange: Exchange) -> None:
        if exchange.connection is not None:
            self._by_connection.pop(exchange.connection, None)
            exchange.connection.abort()
        if exchange.connecting is not None:
            exchange.connecting.cancel()

    def _stop(self) -> None:
        self._stopping = True
        if not self._under_way:
            self._over.set()

    def _call_off_from_thread(self) -> None:
        with suppress(RuntimeError):  # the loop has ended in the meantime
            self._loop.call_soon_threadsafe(self._call_off)

    def _call_off(self) -> None:
        self._called_off = self._stopping = True
        self._over.set()

    def _on_exception(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End the test for an error of ours; what sockets report is counted where it occurs."""
        error = context.get("exception")
        if error is not None and not isinstance(error, OSError):
            self._failure = error
            self._over.set()

    async def _close(self) -> None:
        self._stopping = True
        for exchange in list(self._under_way):
            self._drop_connection(exchange)
        tasks = [e.connecting for e in self._under_way if e.connecting is not None]
        for connection in self._idle:
            connection.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # transports tell their protocols in the loop's next round
        await asyncio.sleep(0)
