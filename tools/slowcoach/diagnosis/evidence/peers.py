"""Which servers the service asks, and how often, while requests are sent.

Cost: a netlink dump and the links of its file descriptors, three times a second. No privileges
beyond those of looking at the process.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from slowcoach.diagnosis.evidence.sockets import (
    Traffic,
    exchanges,
    open_connections,
    socket_inodes,
    traffic,
)

_EVERY_S = 0.3


class Peers:
    """The peers of one service's processes; `own_port` is where its clients come in."""

    def __init__(self, pids: tuple[int, ...], own_port: int) -> None:
        self._pids = pids
        self._own_port = own_port
        self._ports: set[int] = set()
        self._next = 0.0

    @contextmanager
    def counted(self) -> Iterator[Callable[[], dict[int, int]]]:
        """Yield a function that tells, after the block, the exchanges by peer port."""
        self._ports = self._outgoing()
        before = self._traffic()
        after: list[Traffic] = []
        yield lambda: self._own(exchanges(before, after[0]))
        self._ports |= self._outgoing()
        after.append(self._traffic())

    def look(self) -> None:
        """Note the peers of now, if it is time for it: connections may be short."""
        if time.monotonic() >= self._next:
            self._ports |= self._outgoing()
            self._next = time.monotonic() + _EVERY_S

    def _outgoing(self) -> set[int]:
        open_ones = open_connections(self._pids[0]) if self._pids else {}
        found: set[int] = set()
        for inode in self._inodes():
            known = open_ones.get(inode)
            if known and known.local_port != self._own_port:
                found.add(known.remote_port)
        return found

    def _inodes(self) -> set[int]:
        return {inode for pid in self._pids for inode in socket_inodes(pid).values()}

    def _traffic(self) -> Traffic:
        return traffic(self._inodes())

    def _own(self, counts: dict[int, int]) -> dict[int, int]:
        """Leave out the service's clients, and what others on the machine exchanged."""
        return {p: n for p, n in counts.items() if n > 0 and p in self._ports}
