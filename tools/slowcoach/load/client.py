"""The HTTP client of one load test: callbacks, no task per request, so that it stays cheap."""

from __future__ import annotations

import asyncio
import errno
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import takewhile
from typing import Any

from slowcoach.load.connection import Connection
from slowcoach.load.http1 import Wire

_BUFFER_BYTES = 64 * 1024
_PROBE_S = 5.0
_SWEEP_S = 0.05
_SWEEPS_PER_TIMEOUT = 20
_NO_FILES = frozenset({errno.EMFILE, errno.ENFILE})

OUT_OF_FILES = "out of files"
OUT_OF_PORTS = "out of ports"
Ended = Callable[["Exchange", float, int, int, str | None], None]
"""Hears of each exchange as it ends: when, its status (0: none) and body's size, and the kind of
its failure (None: it was answered).
"""


class Exchange:
    """One request under way: when it was due, when it began, and on what.

    `place` and `session` are the caller's: which request of the plan, and whose.
    """

    __slots__ = (
        "connecting",
        "connection",
        "due",
        "ended",
        "place",
        "retried",
        "session",
        "started",
        "wire",
    )

    def __init__(
        self, wire: Wire, due: float, started: float, place: int = 0, session: Any = None
    ) -> None:
        self.wire = wire
        self.due = due
        self.started = started
        self.place = place
        self.session = session
        self.connection: Connection | None = None
        self.connecting: asyncio.Task[None] | None = None
        self.retried = False
        self.ended = False


class Client:
    """Sends requests to one target. All methods run in the event loop's thread.

    It connects to `addresses` (IP address and port) only, whatever the server's name.
    """

    def __init__(
        self,
        *,
        addresses: Sequence[tuple[str, int]],
        tls: ssl.SSLContext | None,
        server_name: str,
        timeout_s: float,
        on_end: Ended,
    ) -> None:
        self.under_way: dict[Exchange, None] = {}  # in order of their beginning
        self.connections = 0
        self.buffer = bytearray(_BUFFER_BYTES)
        self.view = memoryview(self.buffer)
        self._addresses = list(addresses)
        self._tls, self._name = tls, server_name if tls else None
        self._timeout_s = timeout_s
        self._on_end = on_end
        self._idle: list[Connection] = []  # may hold closed ones: who takes one looks
        self._closing = False

    async def open(self) -> None:
        """Keep the first address that accepts: "localhost" may listen on only one of two."""
        self._loop = asyncio.get_running_loop()
        for address in self._addresses if len(self._addresses) > 1 else ():
            with suppress(OSError, TimeoutError):
                probe = self._loop.create_connection(asyncio.Protocol, *address)
                transport, _ = await asyncio.wait_for(probe, min(_PROBE_S, self._timeout_s))
                transport.abort()
                self._addresses = [address]
                break
        self._sweep()

    def begin(self, exchange: Exchange) -> None:
        """Send a request, on a connection at rest or else on a new one."""
        self.under_way[exchange] = None
        idle = self._idle
        while idle:
            connection = idle.pop()
            if connection.is_open:
                exchange.connection = connection
                connection.send(exchange, exchange.wire)
                return
        self._connect_for(exchange)

    def _connect_for(self, exchange: Exchange) -> None:
        exchange.connecting = self._loop.create_task(self._connect(exchange))

    async def _connect(self, exchange: Exchange) -> None:
        host, port = self._addresses[0]
        try:
            _, connection = await self._loop.create_connection(
                lambda: Connection(self), host, port, ssl=self._tls, server_hostname=self._name
            )
        except OSError as error:  # ssl.SSLError is one
            self._end(exchange, time.perf_counter(), 0, 0, kind_of(error))
            return
        self.connections += 1
        exchange.connecting = None
        if exchange.ended or not connection.is_open:
            connection.abort()
            self._end(exchange, time.perf_counter(), 0, 0, "reset")
            return
        exchange.connection = connection
        connection.send(exchange, exchange.wire)

    # What connections tell (the Owner of connection.py)

    def answered(self, connection: Connection) -> None:
        """Note a whole response and use its connection again."""
        now = time.perf_counter()
        exchange, reader = connection.exchange, connection.reader
        connection.exchange = None
        if exchange is None or exchange.ended:
            return
        if reader.keep_alive and connection.is_open and not self._closing:
            self._idle.append(connection)
        else:
            connection.abort()
        exchange.ended = True
        del self.under_way[exchange]
        self._on_end(exchange, now, reader.status, reader.size, None)
        exchange.connection = None  # only now: who hears of the end may read what was kept

    def failed(self, connection: Connection, kind: str) -> None:
        """Note a failure; a connection closed while idle deserves one honest retry."""
        exchange, connection.exchange = connection.exchange, None
        if exchange is None:
            return
        may_retry = connection.is_stale and exchange.wire.idempotent and kind == "reset"
        if may_retry and not exchange.retried and not self._closing:
            exchange.retried = True
            exchange.connection = None
            self._connect_for(exchange)
            return
        self._end(exchange, time.perf_counter(), 0, 0, kind)

    def _end(
        self, exchange: Exchange, now: float, status: int, size: int, kind: str | None
    ) -> None:
        if exchange.ended:
            return
        exchange.ended = True
        del self.under_way[exchange]
        self._on_end(exchange, now, status, size, kind)
        exchange.connection = None

    # Time limits and the end

    def _sweep(self) -> None:
        """Give up on requests past their time; the oldest stand first."""
        if self._closing:
            return
        now = time.perf_counter()
        late = now - self._timeout_s
        for exchange in list(takewhile(lambda e: e.started <= late, self.under_way)):
            _drop_connection(exchange)
            self._end(exchange, now, 0, 0, "timeout")
        self._loop.call_later(min(self._timeout_s / _SWEEPS_PER_TIMEOUT, _SWEEP_S), self._sweep)

    async def close(self) -> None:
        """Drop what is under way and every connection; nobody hears of it."""
        self._closing = True
        left = list(self.under_way)
        self.under_way.clear()
        for exchange in left:
            exchange.ended = True
            _drop_connection(exchange)
        for connection in self._idle:
            connection.abort()
        tasks = [exchange.connecting for exchange in left if exchange.connecting is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # transports tell their protocols in the loop's next round
        await asyncio.sleep(0)


def _drop_connection(exchange: Exchange) -> None:
    if exchange.connection is not None:
        exchange.connection.abort()
    if exchange.connecting is not None:
        exchange.connecting.cancel()


def kind_of(error: OSError) -> str:
    """Return the word for why no connection came about."""
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, ConnectionError):
        return "reset"
    if error.errno in _NO_FILES:
        return OUT_OF_FILES
    if error.errno == errno.EADDRNOTAVAIL:
        return OUT_OF_PORTS
    return "timeout" if isinstance(error, TimeoutError) else "unreachable"
