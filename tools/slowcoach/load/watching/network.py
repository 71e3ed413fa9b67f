"""A process's sockets: how many, to whom, how full its accept queue; and what the kernel dropped.

Cost: two small files and one netlink dump of the listening sockets alone (some 50 µs). The peers
are read rarely: their cost grows with the machine's connections.
"""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from slowcoach.diagnosis.evidence.sockets import (
    SERVICES,
    messages,
    open_connections,
    socket_inodes,
)

_COUNTERS = {
    "ListenOverflows": "listen overflows",
    "ListenDrops": "listen drops",
    "TCPBacklogDrop": "backlog drops",
    "TCPReqQFullDrop": "SYN queue drops",
}
_LISTEN_MASK = 1 << 10
_ESTABLISHED_MASK = 1 << 1
_LISTEN = 10
_MOST_SOCKETS = 2_000  # more are not looked through again
_INFO = 2
_MESSAGE = 72  # size of struct inet_diag_msg
_UNSENT_AT = 144  # tcpi_notsent_bytes of struct tcp_info
_QUEUES_AT, _INODE_AT = 56, 68  # idiag_rqueue and idiag_inode of struct inet_diag_msg


@dataclass(frozen=True, slots=True)
class Listening:
    """A listening socket: connections that wait to be accepted, and how many may."""

    port: int
    inode: int
    waiting: int
    most: int


def counters(pid: int) -> dict[str, int]:
    """Return what the network of a process dropped so far, by kind."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/net/netstat").read_text(encoding="ascii").splitlines()
        for names, values in zip(lines[::2], lines[1::2], strict=False):
            if names.startswith("TcpExt:"):
                row = dict(zip(names.split(), values.split(), strict=False))
                return {told: int(row[name]) for name, told in _COUNTERS.items() if name in row}
    return {}


def states(pid: int) -> dict[str, int]:
    """Return how many TCP sockets the network of a process holds: in use, orphans, TIME_WAIT."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/net/sockstat").read_text(encoding="ascii").splitlines():
            if line.startswith("TCP:"):
                words = line.split()[1:]
                row = dict(zip(words[::2], map(int, words[1::2]), strict=False))
                names = {"inuse": "in use", "tw": "time_wait", "orphan": "orphan"}
                return {told: row[name] for name, told in names.items() if name in row}
    return {}


def listening() -> dict[int, Listening]:
    """Return the listening sockets of this network namespace by inode, by sock_diag(7)."""
    with suppress(OSError, struct.error, AttributeError):
        return {each.inode: each for each in map(_parsed, messages(_LISTEN_MASK, 0))}
    return {}


def _parsed(message: bytes) -> Listening:
    (port,) = struct.unpack_from(">H", message, 4)
    waiting, most = struct.unpack_from("=II", message, _QUEUES_AT)
    (inode,) = struct.unpack_from("=I", message, _INODE_AT)
    return Listening(port, inode, waiting, most)


@dataclass(frozen=True, slots=True)
class Glance:
    """A listener's fullest queue and its size, and how many connections to its ports hold bytes
    that were not sent yet (None: too many sockets to look through).

    An answer written in two pieces waits so for the client's acknowledgement of the first, which
    may take 40 ms (Nagle's algorithm with delayed acknowledgements).
    """

    waiting: int = 0
    most: int = 0
    unsent: int | None = None


def glance(ports: frozenset[int], *, answers: bool) -> Glance:
    """Look at the sockets of some ports, in one question to the kernel."""
    waiting = most = unsent = seen = 0
    mask = _LISTEN_MASK | (_ESTABLISHED_MASK if answers else 0)
    with suppress(OSError, struct.error, AttributeError):
        for message in messages(mask, 1 << (_INFO - 1)):
            seen += 1
            (port,) = struct.unpack_from(">H", message, 4)
            if port not in ports:
                continue
            if message[1] == _LISTEN:
                each = _parsed(message)
                waiting, most = max(waiting, each.waiting), max(most, each.most)
            else:
                unsent += _holds_unsent(message)
    return Glance(waiting, most, unsent if answers and seen <= _MOST_SOCKETS else None)


def _holds_unsent(message: bytes) -> bool:
    at = _MESSAGE
    while at + 4 <= len(message):
        size, kind = struct.unpack_from("=HH", message, at)
        if size < 4:  # noqa: PLR2004 - an attribute has at least its own header
            return False
        if kind == _INFO and size >= _UNSENT_AT + 8:
            (count,) = struct.unpack_from("=I", message, at + 4 + _UNSENT_AT)
            return bool(count)
        at += (size + 3) & ~3
    return False


def same_network(pid: int) -> bool:
    """Tell whether a process lives in this one's network namespace."""
    with suppress(OSError):
        return os.readlink("/proc/self/ns/net") == os.readlink(f"/proc/{pid}/ns/net")  # noqa: PTH115
    return False


def inodes(pids: Iterable[int]) -> set[int]:
    """Return the sockets that some processes hold."""
    return {inode for pid in pids for inode in socket_inodes(pid).values()}


def peers(pids: Iterable[int], own: frozenset[int]) -> dict[str, int]:
    """Return the open connections of processes to others, by the peer ("PostgreSQL, port 5432").

    `own` are the ports at which they listen: connections of their clients are left out.
    """
    found: Counter[str] = Counter()
    pids = list(pids)
    held = inodes(pids)
    for inode, each in (open_connections(pids[0]) if pids else {}).items():
        if inode in held and each.local_port not in own and each.state == "established":
            name = SERVICES.get(each.remote_port)
            port = f"port {each.remote_port}"
            found[f"{name}, {port}" if name else port] += 1
    return dict(found)
