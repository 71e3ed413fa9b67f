"""How many requests are with a service at a time, counted at the port that it listens at.

A connection has a request in flight while the last data on it came in: the answer has not begun.
Those that wait to be accepted count too. So the share of a latency that is spent in a service
behind others is known without looking into those.

Cost: a netlink dump twenty times a second, or as often as its share of a core allows.
Needs Linux; no privileges. Blind to requests that share a connection (HTTP/2).
"""

import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from slowcoach.diagnosis.evidence.sockets import messages, pause_after

_ESTABLISHED = 1 << 1
_INFO = 2
_HEADER = 72
_SENT_AT, _RECEIVED_AT, _SEGMENTS_AT = 44, 52, 152
_JOIN_S = 2.0


class InFlight:
    """Counts the requests that are with the service at `port` while a block runs."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.means: list[float] = []

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count all the time during the block; its mean is added to `means`."""
        counts: list[int] = []
        stop = threading.Event()

        def look() -> None:
            pause = pause_after(0.0)
            while not stop.wait(pause):
                spent = time.thread_time()
                with suppress(OSError, struct.error):
                    counts.append(in_flight(self._port))
                pause = pause_after(time.thread_time() - spent)

        thread = threading.Thread(target=look, name="slowcoach-in-flight", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(_JOIN_S)
            self.means.append(sum(counts) / len(counts) if counts else 0.0)


def in_flight(port: int) -> int:
    """Return how many connections at a port of this machine have a request without an answer."""
    return sum(
        is_asked(message)
        for message in messages(_ESTABLISHED, 1 << (_INFO - 1))
        if struct.unpack_from(">H", message, 4)[0] == port
    )


def is_asked(message: bytes) -> bool:
    """Tell by the kernel's message about a socket whether data came in after the last went out."""
    at = _HEADER
    while at + 4 <= len(message):
        size, kind = struct.unpack_from("=HH", message, at)
        if size < 4:  # noqa: PLR2004 - an attribute has at least its own header
            return False
        if kind == _INFO and size >= _SEGMENTS_AT + 12:
            begin = at + 4
            (sent,) = struct.unpack_from("=I", message, begin + _SENT_AT)
            (received,) = struct.unpack_from("=I", message, begin + _RECEIVED_AT)
            came, went = struct.unpack_from("=II", message, begin + _SEGMENTS_AT)
            # both are ms since; a socket that never sent counts from its making
            return bool(came) and (received < sent or not went)
        at += (size + 3) & ~3
    return False
