"""One keep-alive connection of the load generator."""

import asyncio
from typing import Protocol

from slowcoach.load.http1 import ProtocolError, Response, ResponseReader, Wire


class Owner(Protocol):
    """Who is told what became of a connection's exchange."""

    def answered(self, connection: "Connection", response: Response) -> None:
        """The response is whole."""
        ...

    def failed(self, connection: "Connection", kind: str) -> None:
        """There will be none: `kind` is reset or protocol."""
        ...

    def lost(self, connection: "Connection") -> None:
        """The connection ended while nothing was under way."""
        ...


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request under way."""

    def __init__(self, owner: Owner) -> None:
        self.sent = 0
        self.busy = False
        self._owner = owner
        self._reader = ResponseReader()
        self._transport: asyncio.Transport | None = None

    @property
    def is_stale(self) -> bool:
        """Tell whether a failure may be the server's closing of an idle connection."""
        return self.sent > 1 and not self._reader.begun

    @property
    def is_open(self) -> bool:
        """Tell whether a request may be sent on it."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, wire: Wire) -> None:
        """Send a request; the owner hears of the answer."""
        self.sent += 1
        self.busy = True
        self._reader.expect(bodiless=wire.bodiless)
        if self._transport is not None:
            self._transport.write(wire.data)

    def abort(self) -> None:
        """Close at once; the owner hears nothing more of the request under way."""
        self.busy = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport (asyncio calls this)."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Read on (asyncio calls this)."""
        if not self.busy:
            self.abort()  # bytes that nobody asked for: what follows could not be trusted
            return
        try:
            response = self._reader.feed(data)
        except ProtocolError:
            self.abort()
            self._owner.failed(self, "protocol")
            return
        if response is not None:
            self.busy = False
            self._owner.answered(self, response)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the exchange under way (asyncio calls this)."""
        if not self.busy:
            self._owner.lost(self)
            return
        self.busy = False
        response = self._reader.end() if exc is None else None
        if response is None:
            self._owner.failed(self, "reset")
        else:
            self._owner.answered(self, response)
