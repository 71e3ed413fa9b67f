"""A client of V8's inspector protocol, over a WebSocket of its own (RFC 6455, client side).

The protocol: https://chromedevtools.github.io/devtools-protocol/v8/. Node.js serves it on one
local port; each call here waits for its own answer, and events in between are dropped.
"""

import base64
import contextlib
import hashlib
import json
import os
import select
import socket
import struct
import time
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from slowcoach.core.errors import ToolFailedError, UnreachableError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders import proc

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
_CONTINUED, _TEXT, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x8, 0x9, 0xA
_FINAL, _MASKED, _OPCODE, _LENGTH = 0x80, 0x80, 0x0F, 0x7F
_SHORT, _TWO_BYTES, _EIGHT_BYTES = 126, 126, 127
_LARGEST = 1 << 30
_HEADER_LIMIT = 16_384
_SLICE_S = 0.25  # how often a wait looks whether it is called off
_CALL_S = 30.0
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


class Calls:
    """Calls of the protocol to one thread of a program. `who` is it in words, for errors."""

    who: str

    def call(self, method: str, deadline_s: float = _CALL_S, **parameters: Any) -> dict[str, Any]:
        """Return the result of one call; raises ToolFailedError when there is none in time."""
        raise NotImplementedError

    def leave_alone(self) -> None:
        """Calls from now on tidy up: they go on though the work is called off."""
        raise NotImplementedError

    def evaluate(self, expression: str, *, by_value: bool = True) -> dict[str, Any]:
        """Return the remote object that an expression gives; `require` is known in it."""
        answer = self.call(
            "Runtime.evaluate",
            expression=expression,
            includeCommandLineAPI=True,
            returnByValue=by_value,
            silent=True,
        )
        return self._value(answer)

    def ask(self, object_id: str, function: str) -> Any:
        """Call a method of a remote object, given as a function declaration; return its value."""
        answer = self.call(
            "Runtime.callFunctionOn",
            functionDeclaration=function,
            objectId=object_id,
            returnByValue=True,
            silent=True,
        )
        return self._value(answer).get("value")

    def _value(self, answer: dict[str, Any]) -> dict[str, Any]:
        if "exceptionDetails" in answer:
            said = answer["exceptionDetails"].get("exception", {}).get("description", "an error")
            raise ToolFailedError(
                f"{self.who}: it cannot be asked about itself: {said[:200]}",
                hint="Node.js 18 and newer can",
            )
        result: dict[str, Any] = answer["result"]
        return result


class Inspector(Calls):
    """Calls of the protocol to one program. `who` is it in words, for errors."""

    def __init__(
        self, url: str, who: str, cancellation: Cancellation | None = None, pid: int | None = None
    ) -> None:
        self.who, self._cancellation, self._last = who, cancellation, 0
        self._passed: set[str] = set()  # events that came before an answer
        self._kept: dict[str, list[dict[str, Any]]] = {}  # parameters of those that are asked for
        try:
            self._socket = WebSocket(url, time.monotonic() + _CALL_S, pid)
        except (OSError, InspectorClosedError) as error:
            raise UnreachableError(
                f"{who}: its inspector does not answer: {error}", hint="Try again"
            ) from None

    def call(
        self,
        method: str,
        deadline_s: float = _CALL_S,
        *,
        events: list[dict[str, Any]] | None = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Return the result of one call; what comes before it is added to `events`.

        Raises ToolFailedError when the program refuses or does not answer in time, and
        CancelledError when the work is called off meanwhile.
        """
        self._last += 1
        asked = {"id": self._last, "method": method, "params": parameters}
        deadline = time.monotonic() + deadline_s
        try:
            self._socket.send(json.dumps(asked))
            while True:
                answer = json.loads(self._socket.receive(deadline, self._cancellation))
                if answer.get("id") == self._last:
                    break
                self._passed.add(str(answer.get("method")))
                self._keep(answer)
                if events is not None:
                    events.append(answer)
        except (OSError, ValueError, InspectorClosedError) as error:
            raise ToolFailedError(
                f"{self.who}: no answer to {method}: {error or 'it took too long'}",
                hint="The program ended, or someone else closed its inspector: record again",
            ) from None
        if "error" in answer:
            raise ToolFailedError(
                f"{self.who}: {method} was refused: {str(answer['error'].get('message'))[:200]}",
                hint="Node.js 18 and newer know this call",
            )
        result: dict[str, Any] = answer["result"]
        return result

    def keep(self, event: str) -> None:
        """Keep the parameters of such events from now on, until they are asked for."""
        self._kept.setdefault(event, [])

    def kept(self, event: str) -> list[dict[str, Any]]:
        """Return the parameters of the events that have come; does not wait for any."""
        found = self._kept.get(event, [])
        self._kept[event] = []
        return found

    def _keep(self, said: dict[str, Any]) -> None:
        if (event := said.get("method")) in self._kept:
            self._kept[event].append(said["params"])

    def awaited(self, event: str, within_s: float) -> dict[str, Any] | None:
        """Return the parameters of the next such event, None when it does not come in time."""
        deadline = time.monotonic() + within_s
        try:
            while True:
                said = json.loads(self._socket.receive(deadline, self._cancellation))
                self._keep(said)
                if said.get("method") == event:
                    found: dict[str, Any] = said["params"]
                    return found
        except (OSError, ValueError, InspectorClosedError):
            return None

    def told(self, event: str) -> bool:
        """Tell whether such an event has come since this was asked last; does not wait for one."""
        found = event in self._passed
        self._passed.clear()
        try:
            while self._socket.waiting():
                said = json.loads(self._socket.receive(time.monotonic() + _CALL_S))
                self._keep(said)
                found = found or said.get("method") == event
        except (OSError, ValueError, InspectorClosedError) as error:
            raise ToolFailedError(
                f"{self.who}: it ended while it was recorded: {error}",
                hint="Record for less time, or give the command that starts it",
            ) from None
        return found

    def leave_alone(self) -> None:
        """Calls from now on tidy up: they go on though the work is called off."""
        self._cancellation = None

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def debugger_url(port: int) -> str | None:
    """Return the address of the program's debugger behind a port, None when there is none."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/json/list", timeout=_CALL_S, trust_env=False)
        targets = answer.json()
    except (httpx.HTTPError, ValueError):
        return None
    if not isinstance(targets, list) or not targets or not isinstance(targets[0], dict):
        return None
    path = urlsplit(str(targets[0].get("webSocketDebuggerUrl", ""))).path
    return f"ws://127.0.0.1:{port}{path}" if path else None
