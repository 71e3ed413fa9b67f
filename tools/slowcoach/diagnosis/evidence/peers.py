"""Which servers the service asks, and how often, while requests are sent.

Cost: a netlink dump and the links of its file descriptors, three times a second. No privileges
beyond those of looking at the process.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from slowcoach.core.permission import is_loopback
from slowcoach.diagnosis.evidence.in_flight import InFlight
from slowcoach.diagnosis.evidence.sockets import (
    Traffic,
    exchanges,
    open_connections,
    socket_inodes,
    traffic,
)

_EVERY_S = 0.3


class Peers:
    """The peers of one service's processes; `own_port` is where its clients come in.

    `in_flight` counts the requests that are with it, for a service behind others.
    """

    def __init__(
        self, pids: tuple[int, ...], own_port: int, in_flight: InFlight | None = None
    ) -> None:
        self._pids = pids
        self._listened = {own_port}
        self._in_flight = in_flight
        self.seconds = 0.0
        self._ports: set[int] = set()
        self._away: set[int] = set()
        self._hosts: dict[int, str] = {}
        self._next = 0.0

    @contextmanager
    def counted(self) -> Iterator[Callable[[], dict[int, int]]]:
        """Yield a function that tells, after the block, the exchanges by peer port; `seconds` is
        then how long was counted.
        """
        self._ports = self._outgoing()
        before, begun = self._traffic(), time.monotonic()
        after: list[Traffic] = []
        with self._in_flight.counted() if self._in_flight else nullcontext():
            yield lambda: self._own(exchanges(before, after[0]))
        self._ports |= self._outgoing()
        after.append(self._traffic())
        self.seconds = time.monotonic() - begun

    def look(self) -> None:
        """Note the peers of now, if it is time for it: connections may be short."""
        if time.monotonic() >= self._next:
            self._ports |= self._outgoing()
            self._next = time.monotonic() + _EVERY_S

    def in_flight(self) -> tuple[float, float] | None:
        """Return how many requests were with the service alone and under load, less what the idle
        service had; None where it is asked by the URL itself. The blocks are those three.
        """
        means = self._in_flight.means if self._in_flight else []
        if len(means) < 3:  # noqa: PLR2004 - idle, alone, under load
            return None
        idle, alone, loaded = means[0], means[-2], means[-1]
        return max(0.0, alone - idle), max(0.0, loaded - idle)

    def address(self, port: int) -> str:
        """Return the first address that was seen of a peer's port, "" for none."""
        host = self._hosts.get(port, "")
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}" if host else ""

    def is_here(self, port: int) -> bool:
        """Tell whether all connections to a peer's port stayed on this machine."""
        return port in self._ports and port not in self._away

    def _outgoing(self) -> set[int]:
        open_ones = open_connections(self._pids[0]) if self._pids else {}
        found: set[int] = set()
        held = [open_ones[inode] for inode in self._inodes() if inode in open_ones]
        # who comes in at another port, such as a debugger's, is no peer either
        self._listened |= {known.local_port for known in held if known.state == "listen"}
        for known in held:
            if known.local_port not in self._listened:
                found.add(known.remote_port)
                self._hosts.setdefault(known.remote_port, known.remote_host)
                if not is_loopback(known.remote_host):
                    self._away.add(known.remote_port)
        return found

    def _inodes(self) -> set[int]:
        return {inode for pid in self._pids for inode in socket_inodes(pid).values()}

    def _traffic(self) -> Traffic:
        return traffic(self._inodes())

    def _own(self, counts: dict[int, int]) -> dict[int, int]:
        """Leave out the service's clients, and what others on the machine exchanged."""
        return {p: n for p, n in counts.items() if n > 0 and p in self._ports}
