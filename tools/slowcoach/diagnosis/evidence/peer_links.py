"""How many connections to peers a process holds, beside the tasks that seem to wait there.

A task that awaits a library's future may wait for data, or in a queue that the library keeps
inside: a limit of calls a second, a batch, a turn. The former needs a connection for each.

Cost: a netlink dump and the links of the processes' file descriptors four times a second. Needs
Linux; no privileges beyond those of looking at the process. Calls that share a connection count
once, those by datagrams and by sockets in the file system not at all.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from slowcoach.diagnosis.evidence.sockets import open_connections, socket_inodes
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity

_EVERY_S = 0.25
_AWAITING = frozenset({"net", "future"})
_NOBODY_KNOWS = "other"


class PeerLinks:
    """Counts the connections of some processes that are neither their clients' nor in `apart`
    (ports of peers whose waits are told otherwise).
    """

    def __init__(self, pids: Sequence[int], port: int, apart: Sequence[int]) -> None:
        self._pids = pids
        self._port = port
        self._apart = frozenset(apart)
        self._next = 0.0
        self.counts: list[int] = []

    def look(self) -> None:
        """Count them, if the last time is long enough ago."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_S
        self.counts.append(sum(map(self._of, self._pids)))

    def _of(self, pid: int) -> int:
        opened = open_connections(pid)
        own = {inode for inode in socket_inodes(pid).values() if inode in opened}
        listened = {opened[i].local_port for i in own if opened[i].state == "listen"} | {self._port}
        return sum(
            opened[i].state != "listen"
            and opened[i].local_port not in listened
            and opened[i].remote_port not in self._apart
            for i in own
        )

    @property
    def mean(self) -> float | None:
        """Return how many there were at a time; None without a look."""
        return sum(self.counts) / len(self.counts) if self.counts else None


def waiting_inside(activities: Sequence[Activity], links: float | None) -> tuple[Activity, ...]:
    """Return the activities; where far more tasks than there are connections to peers seem to
    wait for them, those tasks wait for something inside the program.
    """
    awaiting = sum(a.mean for a in activities if _awaits(a))
    if links is None or links >= looking("links_of_waits") * awaiting:
        return tuple(activities)
    return tuple(
        a.model_copy(update={"state": _NOBODY_KNOWS}) if _awaits(a) else a for a in activities
    )


def _awaits(a: Activity) -> bool:
    return a.carrier == "task" and a.state in _AWAITING and not a.port
