"""Does the whole process queue, or only the endpoint? A quiet path that costs nothing tells.

Cost: a few requests a second, one at a time, each on a connection of its own, to a path that
does not exist. Needs nothing but the endpoint's request: all but the path is as there, since a
service that sends every path to one function may not bear a request without what that reads.
"""

import secrets
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from statistics import median
from urllib.parse import urlsplit

from slowcoach.diagnosis.limits import shape
from slowcoach.diagnosis.load_shape import Control
from slowcoach.load.driver import Request
from slowcoach.load.http1 import encode

_BLOCK = 65536
_MOST_BYTES = 1 << 20
_MS = 1000.0
_STATUS_WORDS = 2
_FIRST_LOOKS = 5
_REPEATED = frozenset({"GET", "HEAD", "OPTIONS", "POST", "QUERY"})


class ControlPath:
    """Asks the quiet path: `learn` while the service idles, `asked` beside a load."""

    def __init__(self, request: Request, addresses: Sequence[str]) -> None:
        parts = urlsplit(request.url)
        self._path = f"/slowcoach-control-{secrets.token_hex(4)}"
        url = parts._replace(path=self._path, fragment="").geturl()
        headers = {**request.headers, "Connection": "close"}
        self._wire = encode(replace(request, url=url, headers=headers))
        self._address = addresses[0] if addresses else self._wire.host
        self._idle: list[float] = []
        self._status = 0
        self._why_not = ""
        if request.method.upper() not in _REPEATED:  # it may make, or take away, what has this name
            self._why_not = f"{request.method} is sent to the endpoint only"

    def learn(self) -> None:
        """Learn how long it takes while nothing else is asked."""
        if self._why_not:
            return
        for _ in range(_FIRST_LOOKS):
            took, status = self._ask()
            if took is None:
                self._why_not = "the quiet path is not answered"
                return
            self._idle.append(took)
            self._status = status
        if self._idle_ms > shape("control_idle_ms"):
            self._why_not = f"the quiet path itself takes {self._idle_ms:.0f} ms"

    @property
    def _idle_ms(self) -> float:
        return median(self._idle) if self._idle else 0.0

    def compare(self, status: int | None, latency_ms: float | None) -> None:
        """Leave it when it answers as the endpoint does: then it may be the endpoint."""
        if status is not None and status == self._status:
            self._why_not = self._why_not or f"a path that does not exist answers {status} too"
        cheap = shape("control_share") * (latency_ms or 0.0)
        small = shape("control_small_ms")
        if latency_ms is not None and self._idle_ms > max(cheap, small):
            self._why_not = self._why_not or "the quiet path costs about as much as the endpoint"

    @contextmanager
    def asked(self) -> Iterator[list[Control]]:
        """Ask it now and then beside the block; the list holds what came of it afterwards."""
        found: list[Control] = []
        over = threading.Event()
        times: list[float | None] = []
        thread = threading.Thread(
            target=self._ask_until, args=(over, times), name="control path", daemon=True
        )
        if not self._why_not:
            thread.start()
        try:
            yield found
        finally:
            over.set()
            if not self._why_not:
                thread.join(shape("control_timeout_s") + 1)
            found.append(self._told(list(times)))

    def _told(self, times: list[float | None]) -> Control:
        return Control(
            path=self._path,
            status=self._status,
            idle_ms=round(self._idle_ms, 3),
            loaded_ms=tuple(round(t, 3) for t in times if t is not None),
            unanswered=sum(t is None for t in times),
            why_not=self._why_not,
        )

    def _ask_until(self, over: threading.Event, times: list[float | None]) -> None:
        pause_s = 1 / shape("control_per_s")
        while not over.wait(pause_s):
            took, _ = self._ask()
            if took is None and over.is_set():
                return
            times.append(took)

    def _ask(self) -> tuple[float | None, int]:
        """Ask once; return the ms to the first byte (None: no answer) and the status."""
        timeout_s = shape("control_timeout_s")
        begun = time.perf_counter()
        with suppress(OSError, ValueError):
            raw = socket.create_connection((self._address, self._wire.port), timeout_s)
            with self._secured(raw) as connection:
                connection.sendall(self._wire.data)
                first = connection.recv(_BLOCK)
                took = (time.perf_counter() - begun) * _MS
                words = first.split(b" ", _STATUS_WORDS)
                if len(words) < _STATUS_WORDS:
                    return None, 0
                self._read_rest(connection, len(first))
                return took, int(words[1][:3])
        return None, 0

    def _secured(self, raw: socket.socket) -> socket.socket:
        if not self._wire.tls:
            return raw
        return ssl.create_default_context().wrap_socket(raw, server_hostname=self._wire.host)

    @staticmethod
    def _read_rest(connection: socket.socket, size: int) -> None:
        """Read to the end, so that the server is not cut off in its answer."""
        connection.settimeout(0.2)
        with suppress(OSError):
            while size < _MOST_BYTES and (block := connection.recv(_BLOCK)):
                size += len(block)
