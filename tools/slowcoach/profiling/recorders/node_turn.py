"""Whose turn it is to open an inspector: all Node.js programs open theirs at one port at first."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders.node_recording import pause

_WITHIN_S: Final = 20.0
_AGAIN_S: Final = 0.05


@contextmanager
def in_turn(port: int, cancellation: Cancellation | None) -> Iterator[None]:
    """Wait until no other recording of ours opens an inspector at this port.

    A name in the kernel's memory (unix(7), abstract) stands for it: it leaves no file, and is gone
    with the process that has it. After a while it is tried all the same.
    """
    until = time.monotonic() + _WITHIN_S
    with socket.socket(socket.AF_UNIX) as door:
        while time.monotonic() < until:
            with suppress(OSError):
                door.bind(f"\0slowcoach inspector {port}")
                break
            pause(_AGAIN_S, cancellation)
        yield
