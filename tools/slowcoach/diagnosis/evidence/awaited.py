"""How many answers of its peers a process waits for at a time, counted at its sockets.

For programs whose waits no stack shows: callbacks, promises and reactive chains. A connection
awaits an answer while the last data on it went out. How long each has waited when it is looked at
tells how even the waits are: of one long wait among short ones nearly all looks see the long one.

Cost: a netlink dump twenty times a second, or as often as its share of a core allows, and the
links of the process's file descriptors three times a second. Needs Linux; no privileges beyond
those of looking at the process. Requests that share a connection (HTTP/2) are counted once.
"""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from slowcoach.diagnosis.evidence.sockets import (
    messages,
    open_connections,
    pause_after,
    socket_inodes,
)

_INODES_EVERY_S = 0.3
_JOIN_S = 2.0
_ESTABLISHED = 1 << 1
_INFO = 2
_HEADER, _INODE_AT = 72, 68
_UNACKED_AT, _TIMES_AT, _SEGMENTS_AT = 24, 44, 152
_TICK_MS = 10.0  # the longest of a kernel's clock by which it dates what was sent and received


@dataclass(frozen=True, slots=True)
class Link:
    """One connection at one look: whether it awaits an answer, for how long, exchanges so far."""

    inode: int
    local_port: int
    peer_port: int
    awaits: bool
    age_ms: float
    exchanges: int


def link_of(message: bytes) -> Link | None:
    """Return what the kernel's message about an established socket tells; None without its times.

    Within one tick of the kernel's clock an answer and the next request have the same time: then
    it was the request that is not acknowledged yet, or was later, or has had no answer by count.
    """
    info = _info_of(message)
    if info is None:
        return None
    local_port, peer_port = struct.unpack_from(">HH", message, 4)
    (inode,) = struct.unpack_from("=I", message, _INODE_AT)
    (unacked,) = struct.unpack_from("=I", info, _UNACKED_AT)
    sent, _, received, acked = struct.unpack_from("=4I", info, _TIMES_AT)
    came, went = struct.unpack_from("=II", info, _SEGMENTS_AT)
    late = unacked > 0 or acked + _TICK_MS < sent or went == came + 1
    awaits = went > 0 and (sent < received or not came or (sent == received and late))
    return Link(inode, local_port, peer_port, awaits, float(sent), min(came, went))


def _info_of(message: bytes) -> bytes | None:
    at = _HEADER
    while at + 4 <= len(message):
        size, kind = struct.unpack_from("=HH", message, at)
        if size < 4:  # noqa: PLR2004 - an attribute has at least its own header
            return None
        if kind == _INFO and size >= 4 + _SEGMENTS_AT + 8:
            return message[at + 4 : at + size]
        at += (size + 3) & ~3
    return None


@dataclass(slots=True)
class Awaited:
    """The looks at one peer's port: how many connections awaited an answer at each, and how long
    they had waited; `exchanges` that were finished between the looks.
    """

    counts: list[int] = field(default_factory=list[int])
    ages_ms: list[float] = field(default_factory=list[float])
    exchanges: int = 0
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        """Return how many answers were awaited at a time."""
        return sum(self.counts) / len(self.counts) if self.counts else 0.0

    @property
    def together(self) -> float:
        """Return how many were awaited at a time when any was."""
        some = [n for n in self.counts if n]
        return sum(some) / len(some) if some else 1.0

    @property
    def evenness(self) -> float:
        """Return how alike the waits are (1: all alike): of waits d a look sees one that has
        lasted E[d²] / 2 E[d] on average (the inspection paradox), and this is E[d]² / E[d²].
        """
        if not self.exchanges or not self.ages_ms:
            return 1.0
        each_ms = 1000 * self.mean * self.seconds / self.exchanges
        age_ms = max(1.0, sum(self.ages_ms) / len(self.ages_ms))
        return min(1.0, each_ms / (2 * age_ms))


class Answers:
    """Counts the answers that one process awaits, by peer port, while a block runs, and those
    that its own clients got: `served_a_second`, of the last block.
    """

    def __init__(self, pid: int, own_port: int) -> None:
        self._pid = pid
        self._own_port = own_port
        self._listened = {own_port}
        self._inodes: set[int] = set()
        self._next = 0.0
        self.served_a_second = 0.0

    @contextmanager
    def counted(self) -> Iterator[Mapping[int, Awaited]]:
        """Count all the time during the block; what it yields is complete after it."""
        found: dict[int, Awaited] = {}
        known: dict[int, int] = {}
        stop = threading.Event()
        looks = served = 0
        with suppress(OSError, struct.error):
            opened = open_connections(self._pid).values()
            own = socket_inodes(self._pid).values()
            self._listened |= {
                c.local_port for c in opened if c.state == "listen" and c.inode in own
            }

        def run() -> None:
            nonlocal looks, served
            pause = pause_after(0.0)
            while not stop.wait(pause):
                spent = time.thread_time()
                with suppress(OSError, struct.error):
                    served += self._look(found, known, looks)
                    looks += 1
                pause = pause_after(time.thread_time() - spent)

        begun = time.monotonic()
        thread = threading.Thread(target=run, name="slowcoach-awaited", daemon=True)
        thread.start()
        try:
            yield found
        finally:
            stop.set()
            thread.join(_JOIN_S)
            lasted = time.monotonic() - begun
            self.served_a_second = served / lasted
            for each in found.values():
                each.seconds = lasted
                each.counts += [0] * (looks - len(each.counts))

    def _look(self, found: dict[int, Awaited], known: dict[int, int], looks: int) -> int:
        """Look once; return how many requests of its own clients were answered since the last."""
        served = 0
        if time.monotonic() >= self._next:
            self._inodes = set(socket_inodes(self._pid).values())
            self._next = time.monotonic() + _INODES_EVERY_S
        waiting: dict[int, int] = {}
        for link in self._links():
            if link.inode not in self._inodes:
                continue
            came = max(0, link.exchanges - known.get(link.inode, link.exchanges))
            known[link.inode] = link.exchanges
            if link.local_port in self._listened:
                served += came if link.local_port == self._own_port else 0
                continue
            each = found.setdefault(link.peer_port, Awaited(counts=[0] * looks))
            waiting.setdefault(link.peer_port, 0)
            if link.awaits:
                waiting[link.peer_port] += 1
                each.ages_ms.append(link.age_ms)
            each.exchanges += came
        for port, each in found.items():
            each.counts.append(waiting.get(port, 0))
        return served

    def _links(self) -> Iterator[Link]:
        for message in messages(_ESTABLISHED, 1 << (_INFO - 1)):
            link = link_of(message)
            if link is not None:
                yield link
