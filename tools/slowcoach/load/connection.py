"""One keep-alive connection of the load generator."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, cast

from slowcoach.load.http1 import ProtocolError, ResponseReader, Wire

if TYPE_CHECKING:
    from slowcoach.load.client import Exchange


class Owner(Protocol):
    """Who is told what became of a connection's exchange. `buffer` is where bytes arrive: one for
    all connections, since each reads to the end of what came before another has its turn.
    """

    buffer: bytearray
    view: memoryview

    def answered(self, connection: Connection) -> None:
        """The response is whole."""
        ...

    def failed(self, connection: Connection, kind: str) -> None:
        """There will be none: `kind` is reset or protocol."""
        ...


class Connection(asyncio.BufferedProtocol):
    """One connection with at most one request (`exchange`) under way."""

    __slots__ = ("_owner", "_transport", "exchange", "is_open", "reader", "sent")

    def __init__(self, owner: Owner) -> None:
        self.exchange: Exchange | None = None
        self.is_open = False
        self.reader = ResponseReader()
        self.sent = 0
        self._owner = owner
        self._transport: asyncio.Transport | None = None

    @property
    def is_stale(self) -> bool:
        """Tell whether a failure may be the server's closing of an idle connection."""
        return self.sent > 1 and not self.reader.begun

    def send(self, exchange: Exchange, wire: Wire) -> None:
        """Send a request; the owner hears of the answer."""
        self.sent += 1
        self.exchange = exchange
        self.reader.expect(bodiless=wire.bodiless, keep=wire.keep)
        if self._transport is not None:
            self._transport.write(wire.data)

    def abort(self) -> None:
        """Close at once; the owner hears nothing more of the request under way."""
        self.exchange = None
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport (asyncio calls this)."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it
        self.is_open = True

    def get_buffer(self, sizehint: int) -> bytearray:
        """Return where bytes are to be put (asyncio calls this)."""
        return self._owner.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Read on (asyncio calls this)."""
        if self.exchange is None:
            self.abort()  # bytes that nobody asked for: what follows could not be trusted
            return
        try:
            whole = self.reader.feed(bytes(self._owner.view[:nbytes]))
        except ProtocolError:
            self._fail("protocol")
            return
        if whole:
            self._owner.answered(self)

    def eof_received(self) -> None:
        """Take no further request (asyncio calls this, and closes)."""
        self.is_open = False

    def connection_lost(self, exc: Exception | None) -> None:
        """End the exchange under way (asyncio calls this)."""
        self.is_open = False
        if self.exchange is None:
            return
        if exc is None and self.reader.end():
            self._owner.answered(self)
        else:
            self._fail("reset")

    def _fail(self, kind: str) -> None:
        self._owner.failed(self, kind)
        self.abort()
