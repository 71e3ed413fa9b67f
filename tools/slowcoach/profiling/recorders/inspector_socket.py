"""A WebSocket to a program's inspector, by the standard library alone (RFC 6455, client side)."""

import base64
import contextlib
import hashlib
import os
import select
import socket
import struct
import time
from typing import Final
from urllib.parse import urlsplit

from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders import proc

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
_CONTINUED, _TEXT, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x8, 0x9, 0xA
_FINAL, _MASKED, _OPCODE, _LENGTH = 0x80, 0x80, 0x0F, 0x7F
_SHORT, _TWO_BYTES, _EIGHT_BYTES = 126, 126, 127
_LARGEST = 1 << 30
_HEADER_LIMIT = 16_384
_SLICE_S = 0.25  # how often a wait looks whether it is called off
_CHUNK = 1 << 16


class InspectorClosedError(Exception):
    """The other side closed the connection, or does not speak the protocol."""


class WebSocket:
    """One connection of text messages; `deadline` is a moment of time.monotonic(). Nothing is
    waited for while the process behind it (`pid`) is stopped.
    """

    def __init__(self, url: str, deadline: float, pid: int | None = None) -> None:
        self._pid, self._stopped = pid, False
        parts = urlsplit(url)
        host, port = parts.hostname or "127.0.0.1", parts.port or 80
        self._socket = socket.create_connection((host, port), max(deadline - time.monotonic(), 1))
        self._received = bytearray()
        try:
            self._socket.settimeout(_SLICE_S)
            self._shake_hands(f"{host}:{port}", parts.path or "/", deadline)
        except BaseException:
            self._socket.close()
            raise

    def _shake_hands(self, host: str, path: str, deadline: float) -> None:
        key = base64.b64encode(os.urandom(16))
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key.decode()}\r\n\r\n"
        )
        self._socket.sendall(request.encode("ascii"))
        while b"\r\n\r\n" not in self._received:
            if len(self._received) > _HEADER_LIMIT:
                raise InspectorClosedError("an endless answer to the handshake")
            self._more(deadline, None)
        head, _, rest = bytes(self._received).partition(b"\r\n\r\n")
        self._received = bytearray(rest)
        # SHA-1 is what the protocol proves the handshake with; nothing is kept secret by it
        digest = hashlib.sha1(key + _GUID, usedforsecurity=False).digest()
        if b"101" not in head.split(b"\r\n", 1)[0] or base64.b64encode(digest) not in head:
            raise InspectorClosedError("the answer to the handshake is not a WebSocket's")

    def send(self, text: str) -> None:
        """Send one message."""
        self._send(_TEXT, text.encode())

    def _send(self, opcode: int, data: bytes) -> None:
        size = len(data)
        head = bytes([_FINAL | opcode])
        if size < _SHORT:
            head += bytes([_MASKED | size])
        elif size < 1 << 16:
            head += struct.pack(">BH", _MASKED | _TWO_BYTES, size)
        else:
            head += struct.pack(">BQ", _MASKED | _EIGHT_BYTES, size)
        mask = os.urandom(4)
        stretched = (mask * (size // 4 + 1))[:size]
        masked = int.from_bytes(data, "big") ^ int.from_bytes(stretched, "big")
        self._socket.sendall(head + mask + masked.to_bytes(size, "big"))

    def receive(self, deadline: float, cancellation: Cancellation | None = None) -> bytes:
        """Return the next message, whole; raises InspectorClosedError at the end of all."""
        parts: list[bytes] = []
        while True:
            final, opcode, data = self._frame(deadline, cancellation)
            if opcode == _CLOSE:
                raise InspectorClosedError("the connection was closed")
            if opcode == _PING:
                self._send(_PONG, data)
            elif opcode in {_CONTINUED, _TEXT}:
                parts.append(data)
                if final:
                    return b"".join(parts)

    def _frame(self, deadline: float, cancellation: Cancellation | None) -> tuple[bool, int, bytes]:
        first, second = self._take(2, deadline, cancellation)
        size = second & _LENGTH
        if size == _TWO_BYTES:
            size = int.from_bytes(self._take(2, deadline, cancellation), "big")
        elif size == _EIGHT_BYTES:
            size = int.from_bytes(self._take(8, deadline, cancellation), "big")
        if second & _MASKED or size > _LARGEST:
            raise InspectorClosedError("a frame that no server sends")
        data = self._take(size, deadline, cancellation)
        return bool(first & _FINAL), first & _OPCODE, data

    def _take(self, count: int, deadline: float, cancellation: Cancellation | None) -> bytes:
        while len(self._received) < count:
            self._more(deadline, cancellation)
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken

    def _more(self, deadline: float, cancellation: Cancellation | None) -> None:
        if cancellation is not None:
            cancellation.check()
        if time.monotonic() > deadline:
            raise TimeoutError
        try:
            chunk = self._socket.recv(_CHUNK)
        except TimeoutError:
            was, self._stopped = self._stopped, bool(self._pid and proc.is_stopped(self._pid))
            if was and self._stopped:
                raise InspectorClosedError("the process is stopped") from None
            return
        if not chunk:
            raise InspectorClosedError("the connection ended")
        self._received += chunk

    def waiting(self) -> bool:
        """Tell whether a message, or the end, is there to be received."""
        return bool(self._received or select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        """Say good-bye and close."""
        with contextlib.suppress(OSError):
            self._send(_CLOSE, b"")
        self._socket.close()
